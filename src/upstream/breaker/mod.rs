//! The breaker of one insurer's lane: a lane whose calls fail is left alone for a while.
//!
//! **Why.** Calls to an insurer that is down cost everybody: users wait for nothing, permits are held, and the insurer
//! is asked most when it can least answer. So calls are refused at once, with verdict 301, and one call at a
//! time finds out whether the insurer is well again.
//!
//! **When it acts.** After [`in_a_row`](BreakerConfig::in_a_row) failures in a row, or where
//! [`percent`](BreakerConfig::percent) of the calls of a window failed and there were enough of them. What counts
//! stands in [`Word`].
//!
//! **How it recovers.** `blocked` for a pause; then `probing`: one call may try at a time. A good one is followed by the next
//! until there were [`tries`](BreakerConfig::tries); then calls pass and everything is counted anew. A bad one blocks again, for twice
//! as long. A lane that blocks again right after it was let pass goes on where its pauses were.
//!
//! **On a cold start** calls pass and nothing is counted.
//!
//! ```text
//!             failures                    the pause is over
//! passing ───────────────► blocked ───────────────────────────► probing
//!    ▲                        ▲       a try failed                │  │
//!    │                        └───────────────────────────────────┘  │
//!    └───────────────────────────────────────────────────────────────┘
//!                          enough tries were good
//! ```
//!
//! A person may block or let pass by hand ([`Breaker::hold`]), whatever the mode; when the hand is taken away, counting
//! begins anew. In dry-run the machine turns in the same way, but every call goes.
//!
//! | file | what is in it |
//! |---|---|
//! | `machine` | the states and their transitions, without clock, lock or metrics |
//! | `recent`, `pauses` | the calls of the last window; how long a lane is blocked |
//! | `shell`, `meter` | the machine with its lock and its lines in the log; its metrics |
//! | `pass` | leave for one try of a call, and what is told of it |
//! | `word` | what counts, and as what |
//! | `blocked`, `standing` | what a refused call and an operator are told |

mod blocked;
mod machine;
mod meter;
mod pass;
mod pauses;
mod recent;
mod shell;
mod standing;
#[cfg(test)]
mod tests;
mod word;

pub use self::{
    blocked::{Blocked, Why},
    machine::Hand,
    pass::{Answered, Pass, judge},
    shell::Breaker,
    standing::{BreakerStanding, State},
    word::Word,
};
pub use crate::config::BreakerConfig;
