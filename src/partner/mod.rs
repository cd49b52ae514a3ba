//! The front door: the one API that the partner sees.
//!
//! | module | what is in it |
//! |---|---|
//! | [`routes`] | which address does what; the 404 and 405 of everything else |
//! | `calculate` | accepting a calculation, and the poll path |
//! | [`credentials`] | who is asking |
//! | [`correlation`] | the `X-Request-Id` of every exchange |
//! | [`body`] | a request's body, bounded in size and time |
//! | [`fields`] | reading it so that every wrong field is named at once |
//! | [`wire`] | the contract's own shapes |
//! | [`translate`], [`fingerprint`] | from them to the field's types, and whether two say the same |
//! | [`render`] | from what is known of a calculation to the bytes of its answers |
//! | [`error`] | what a partner is told when there is no answer |
//! | [`openapi`] | all of it described for machines |

pub mod body;
mod calculate;
pub mod correlation;
pub mod credentials;
pub mod error;
pub mod fields;
pub mod fingerprint;
pub mod openapi;
mod query;
pub mod render;
pub mod routes;
mod state;
pub mod translate;
pub mod wire;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use body::BodyLimits;
pub use credentials::{Account, Accounts};
pub use render::PartnerRender;
pub use routes::configure;
pub use state::PartnerState;
