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
//! | [`draft`], [`publishing`](Dictionary::publish), [`difference`] | what the next version will say, and the report about it |
//! | [`published`], [`answers`] | the version that is served, from memory |
//! | [`names`], [`matching`] | how names are compared, and what an insurer's name stands for |
//! | [`mapping`], [`import`] | what each insurer calls each vehicle, and reading that from it |
//! | [`resolve`] | a request's vehicle: its ids, else its names |
//! | [`info`] | a vehicle by its VIN or plate, asked of those who know |
//! | [`service`] | all of it in one handle |
//!
//! The catalogue has versions, because the partner copies it and asks to be told before it changes. Mappings
//! have none: they hold from the moment that they are found or confirmed, each with its time, so it can
//! always be said what was sent when.

pub mod answers;
pub mod catalogue;
mod deciding;
pub mod difference;
pub mod draft;
mod error;
pub mod import;
mod importing;
pub mod info;
pub mod mapping;
pub mod matching;
pub mod names;
mod packed;
pub mod published;
mod publishing;
pub mod resolve;
pub mod service;
#[cfg(test)]
mod tests;

pub use deciding::{Decision, NameEntry, Shown, Unmapped};
pub use error::DictionaryError;
pub use importing::Reading;
pub use info::VehicleLookUp;
pub use published::{Published, Version};
pub use publishing::{Named, Of};
pub use resolve::{By, Resolved};
pub use service::{Dictionary, Status};
