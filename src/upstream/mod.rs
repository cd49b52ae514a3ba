//! How one call leaves the house, and how a conversation is driven.
//!
//! ```text
//! driver ── step ──► isolate ──► the adapter's pure function
//!    │
//!    └─ call ──► budget ─► breaker ─► permits ─► session ─► limit ─► request ─► exchange ─► repeat?
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`driver`] | carries a conversation from its first step to its end |
//! | [`aside`] | a conversation that belongs to no calculation |
//! | [`point`] | where a conversation can be taken up again |
//! | [`call`] | carries one call out, in the order above |
//! | [`budget`] | the calculation's time, on which every wait draws |
//! | [`limit`] | how many at once, how many in a while, and who goes first |
//! | [`breaker`] | a lane whose calls fail is left alone for a while |
//! | [`outage`] | insurers that fail together for the registry's reason are one incident |
//! | [`session`], [`login`], [`digest`], `signature` | who we are to the insurer |
//! | [`insurer`] | one insurer: its account, its lanes, its adapter, what operators say of it |
//! | [`standing`] | whether an insurer is asked now, in this calculation |
//! | [`speaker`] | the adapter, which may be exchanged while conversations go on |
//! | [`front_gate`] | where insurers reach the gateway |
//! | [`request`], [`exchange`], [`charset`] | the bytes |
//! | [`repeat`] | what may go again |
//! | [`isolate`] | one adapter's panic or endless loop stays its own |
//! | [`callbacks`], [`kept_calls`] | conversations that wait for the insurer's own call |
//! | [`timeline`], [`verdict`], [`error`] | what is told about it |

pub mod aside;
pub mod breaker;
pub mod budget;
pub mod call;
pub mod callbacks;
pub mod charset;
pub mod digest;
pub mod driver;
pub mod error;
pub mod exchange;
pub mod front_gate;
pub mod insurer;
pub mod isolate;
pub mod kept_calls;
pub mod limit;
pub mod login;
pub mod outage;
pub mod point;
pub mod repeat;
pub mod request;
pub mod session;
mod signature;
pub mod speaker;
pub mod standing;
pub mod timeline;
pub mod verdict;

pub use budget::{Budget, Class};
pub use insurer::{Insurer, InsurerIdentity, NoCompany};
pub use timeline::Timeline;
pub use verdict::Verdict;
