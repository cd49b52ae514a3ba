//! The catalogue of vehicles: what the unified dictionary lists, and what an insurer's name for a vehicle
//! stands for.
//!
//! Everything here is computing: nothing is read, kept or asked. The shipped data is compiled in from the
//! folder `catalogue/`.
//!
//! | module | what is in it |
//! |---|---|
//! | [`catalogue`] | entries with ids that never change: records, sheets, rules, the tree |
//! | [`draft`] | what the next version will say: sheets of an operator and newer shipped data taken in |
//! | [`difference`] | what is different between two versions, and the report about it |
//! | [`packed`] | a catalogue as it is kept |
//! | [`names`] | how names are compared |
//! | [`matching`] | from a name to an entry, and how sure that is |

pub mod catalogue;
pub mod difference;
pub mod draft;
pub mod matching;
pub mod names;
pub mod packed;
