//! What an insurer's adapter may see and say.
//!
//! An adapter is a small pure state machine. It says what to call, is given the replies, and says what
//! comes next; the host does all the doing. So limits, retries, sessions, deadlines, masking, metrics,
//! crash recovery and tests are built once, in the host, for all insurers.
//!
//! | module | what is in it |
//! |---|---|
//! | [`adapter`] | the whole of one insurer: its manifest and the operations that it has |
//! | [`flow`] | one operation as a state machine: [`Flow`], [`Step`], [`Next`], [`Event`] |
//! | [`erased`] | the same without its types, so the host's driver is compiled once |
//! | [`call`], [`reply`] | one exchange with the insurer: what to send, what came back |
//! | [`scope`] | what an insurer takes at all, so that a hopeless call is not made |
//! | [`outcome`] | the two ways to end without an offer: [`Decline`] (they say no) and [`Fault`] (it broke) |
//! | [`operation`] | the closed list of operations and what each takes and gives |
//! | [`domain`] | the field's own types: vehicle, people, money, coefficients, cross-sales, offer, policy |
//! | [`create_then_poll`], [`ask_once`] | the two commonest conversations, as a few small functions |
//!
//! Nothing here does I/O, reads a clock or draws a random number, and a test holds the crate's list of
//! dependencies to that.

pub mod adapter;
pub mod ask_once;
pub mod call;
pub mod context;
pub mod create_then_poll;
pub mod domain;
pub mod erased;
pub mod flow;
pub mod manifest;
pub mod operation;
pub mod outcome;
pub mod reply;
pub mod scope;
pub mod slot;

pub use adapter::{Adapter, Callback};
pub use ask_once::{AskOnce, Once};
pub use call::{Auth, Body, Call, Effect, Lane, Method, Statuses};
pub use context::{Context, Settings, VehicleCodes};
pub use create_then_poll::{CreateThenPoll, Polled};
pub use erased::{Erased, ErasedFlow, SavedState};
pub use flow::{Event, Flow, Next, Step};
pub use manifest::{CallbackProof, Manifest};
pub use operation::{Operation, OperationKind};
pub use outcome::{Decline, DeclineKind, Fault, FaultKind};
pub use reply::Reply;
pub use scope::Scope;
