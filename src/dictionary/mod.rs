//! The unified vehicle dictionary, and what each insurer calls its entries.
//!
//! ```text
//! catalogue/*.csv ─► draft ─ publish ─► version ─► answers      what the partner is shown
//!                      ▲                   │
//!      operator's sheets              matcher
//!                                          │
//! insurers' dictionaries ─ import ─► books: name ─► entry      what insurers are sent
//!                                          ▲
//!                          operator: confirm, refuse
//! ```
//!
//! | module | what is in it |
//! |---|---|
//! | [`catalogue`] | entries with ids that never change: records, sheets, the tree |
//! | [`draft`], [`publishing`](Dictionary::publish), [`difference`], [`packed`] | what the next version will say, the report about it, how it is kept |
//! | [`published`], [`answers`] | the version that is served, from memory |
//! | [`names`], [`matching`] | how names are compared, and what an insurer's name stands for |
//! | [`mapping`], [`import`] | what each insurer calls each vehicle, and reading that from it |
//! | `refreshing` | taking in what other replicas wrote |
//! | [`resolve`] | a request's vehicle: its ids, else its names |
//! | [`info`] | a vehicle by its VIN or plate, asked of those who know |
//! | `origin` | the catalogue to begin with |
//! | [`service`] | all of it in one handle |
//!
//! The catalogue has versions, because the partner copies it and asks to be told before it changes. Mappings
//! have none: they hold from the moment that they are found or confirmed, each with its time, so it can
//! always be said what was sent when. What only computes stands in the crate `veer-vehicles`.

pub mod answers;
mod deciding;
mod error;
pub mod import;
mod importing;
pub mod info;
pub mod mapping;
mod origin;
pub mod published;
mod publishing;
mod refreshing;
pub mod resolve;
pub mod service;
#[cfg(test)]
mod tests;
mod work;

pub use veer_vehicles::{catalogue, difference, draft, matching, names, packed};

pub use deciding::{Decision, NameEntry, Shown, Unmapped};
pub use error::DictionaryError;
pub use importing::Reading;
pub use info::VehicleLookUp;
pub use origin::check_catalogue;
pub use published::{Published, Version};
pub use publishing::{Named, Of};
pub use resolve::{By, Resolved};
pub use service::{Dictionary, Status};
