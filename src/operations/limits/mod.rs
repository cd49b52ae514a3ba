//! Limits and other settings that operators change while the gateway runs.
//!
//! | | |
//! |---|---|
//! | `GET /limits?insurer=&lane=` | what holds, what is set and overridden, and how the engines stand |
//! | `GET /limits/history?insurer=&lane=&knob=&before=&limit=` | every change, the newest first |
//! | `POST /limits/dry-run` | `{"insurer", "lane", "limit"}`: what the past hour would have come to |
//! | `PUT /limits/{insurer}[/{lane}]/{knob}` | `{"value", "reason"}`: sets a knob |
//! | `POST /limits/{insurer}[/{lane}]/{knob}/override` | `{"value", "for", "reason"}`: for a while |
//! | `DELETE /limits/{insurer}[/{lane}]/{knob}/override` | `{"reason"}`: ends it before its time |
//!
//! Who looks is asked for nothing. Who changes something is an operator of `[operations.accounts]`, told apart by a
//! bearer token, whose name stands in the history.

mod change;
mod look;
mod operators;
mod refused;
#[cfg(test)]
mod tests;

use actix_web::web::ServiceConfig;

pub(crate) use self::operators::Operators;

/// By this header a command says that it is one; the history tells commands from other programs.
pub(crate) const THROUGH: &str = "x-veer-through";
/// What stands in it.
pub(crate) const COMMAND: &str = "command";

/// Wires the routes; they need a `Data<Tuning>` and a `Data<Operators>`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.configure(look::configure).configure(change::configure);
}
