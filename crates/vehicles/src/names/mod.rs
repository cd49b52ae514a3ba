//! How names of vehicles are compared.
//!
//! A name is cut into tokens, each kept in four forms, from the strictest to the loosest: as
//! written in small letters, with look-alike letters made one, in Latin letters, and as it sounds. What the
//! `senses` of its words are says which of them may be left out.

mod fold;
mod latin;
mod lookalike;
mod other;
mod senses;
mod words;

pub use fold::fold;
pub(crate) use latin::sound;
pub(crate) use lookalike::shape as shape_of;
pub use other::is_other;
pub(crate) use other::says_other;
pub(crate) use senses::{Body, Sense, senses};
pub(crate) use words::{Token, tokens};
