//! What each insurer calls each vehicle.
//!
//! A [`Book`] holds one insurer's dictionary as it was read last, and what its names stand for. A name (the
//! category, the brand and the model, never a code) is mapped to a model of the catalogue: by the matcher,
//! whose sure findings hold at once and whose others wait for a person, or by a person. Insurers may number
//! their dictionaries as they like: codes are looked up by name, at every reading anew.
//!
//! Whether the dictionary has a row of a name at the moment makes no difference to what is known of the
//! name: rows that vanish and come back find their mappings again.

mod book;
mod rematch;
mod state;

pub use book::{Book, Mapped};
pub use rematch::rematch;
pub use state::MappingState;
