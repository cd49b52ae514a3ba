//! The front door: the one API that the partner sees.
//!
//! | module | what is in it |
//! |---|---|
//! | [`routes`] | which address does what; the 404 and 405 of everything else |
//! | `calculate` | accepting a calculation, and the poll path |
//! | `offer`, `refusal` | one offer and its confirmation; what it does not allow, in the wire's words |
//! | `offer_files`, `files`, `pdf` | draft and policy: for the partner, for a browser, and how a file is sent |
//! | `dictionaries`, `page`, `coding` | the dictionary's pages, how a page is sent, and in which coding |
//! | `auto_info` | a vehicle by its VIN or plate |
//! | `insurer_calls` | what insurers tell by themselves |
//! | [`credentials`] | who is asking |
//! | [`correlation`] | the `X-Request-Id` of every exchange |
//! | [`body`] | a request's body, bounded in size and time |
//! | [`relay`] | what another replica works on is asked of that replica |
//! | [`fields`] | reading it so that every wrong field is named at once |
//! | [`wire`] | the contract's own shapes |
//! | [`translate`], [`fingerprint`] | from them to the field's types, and whether two say the same |
//! | [`render`] | from what is known of a calculation to the bytes of its answers |
//! | [`error`] | what a partner is told when there is no answer |
//! | [`openapi`] | all of it described for machines |

mod auto_info;
pub mod body;
mod calculate;
mod coding;
pub mod correlation;
pub mod credentials;
mod dictionaries;
pub mod error;
pub mod fields;
mod files;
pub mod fingerprint;
mod insurer_calls;
mod offer;
mod offer_files;
pub mod openapi;
mod page;
mod pdf;
mod query;
mod refusal;
pub mod relay;
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
