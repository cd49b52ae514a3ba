//! Recording: what a real insurer said becomes a fixture in which nobody is named.
//!
//! A [`Recorder`] stands in front of an adapter while the real driver drives it, and notes what the adapter was
//! given. Afterwards the noted replies, [scrubbed](Scrub), are played to the same adapter with the kit's standard request;
//! what it then calls is written down as the fixture. So a recording replays by construction, and no call in it can
//! hold anything of the people or the account that the insurer was really asked with.

mod proof;
mod recorder;
mod scrub;
mod written;

use veer_contract::{OperationKind, Reply, VehicleCodes};

pub use proof::check;
pub use recorder::Recorder;
pub use scrub::Scrub;
pub use written::fixture;

/// What an adapter was given in one conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Which operation.
    pub operation: OperationKind,
    /// Today in Moscow, as the conversation had it.
    pub today: Option<jiff::civil::Date>,
    /// The vehicle in the insurer's words.
    pub vehicle: VehicleCodes,
    /// What the insurer called the offer, where the operation is about one.
    pub offer: Option<std::collections::BTreeMap<String, String>>,
    /// Whether a vehicle was looked up by its plate, where the operation looks vehicles up; else by its VIN.
    pub by_plate: bool,
    /// In order.
    pub events: Vec<Given>,
}

/// What an adapter was given at once.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// Replies that said that the session is over; the same step was asked again.
    Expired(Vec<Reply>),
    /// The replies to the calls of a step.
    Replies(Vec<Reply>),
    /// The insurer's own call.
    Callback(Reply),
}
