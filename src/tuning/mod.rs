//! What operators change while the gateway runs: limits, breakers, and who is asked.
//!
//! A **knob** is named `<insurer> <lane> <name>` or `<insurer> <name>`. What it says is found in three layers, each
//! over the one before:
//!
//! 1. the **configuration**: `veer.toml` and the manifests, read at the start;
//! 2. what was **set**, by command, over HTTP or by a line of the watched file;
//! 3. an **override**, which ends by itself, after seven days at most.
//!
//! Whatever happens in the second and the third is a **revision**: numbered, with who, when, why, through what, from and
//! to; the end of an override is one too. A revision is durable before it holds, and it holds at once: the engines are
//! told through [`Tunable`]. At a start everything is put together again from the store, and overrides that ended
//! meanwhile are ended then.
//!
//! Several gateways may work on one store: they number their revisions as one (see
//! `store`), and each takes in what the others wrote.
//!
//! | module | what is in it |
//! |---|---|
//! | `knob`, `value`, `lane_limit` | which knobs there are, and how their values are written |
//! | `known` | whose knobs, with what the configuration says |
//! | `layers`, `book` | what holds, and the revisions that make it so; pure |
//! | `revision`, `refused` | what happened, and what is not done |
//! | [`turn`], `insurer` | how the engines are told |
//! | `file` | the watched file |
//! | `service`, `keep`, `shown` | all of it put together, what goes on by itself, and what operators see |

mod book;
mod file;
mod insurer;
mod keep;
mod knob;
mod known;
mod lane_limit;
mod layers;
mod refused;
mod revision;
mod service;
mod shown;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;
pub mod turn;
mod value;

pub use self::{
    file::check_file,
    knob::{KnobName, KnobPath},
    known::Known,
    lane_limit::LaneLimit,
    refused::Refused,
    revision::{Revision, Through, Who},
    service::{Changed, LONGEST_OVERRIDE, Tuning},
    shown::{DryRun, FileShown, ForecastOf, KnobShown, OverrideShown, SaidShown, Shown, StandingShown},
    turn::{Tunable, Turn},
    value::{Hand, Value},
};
