//! The simulation: the whole engine, thousands of times, with every fault that we can think of, and the same way again.
//!
//! A run is drawn from its seed: a few insurers with limits and moods, a few calculations, and what happens meanwhile
//! (live changes, crashes, gentle restarts, a disk that fails). The engine is the real one, put together as at every
//! start; what is simulated is what it stands on ([`stage`]): the clock, chance, the network and the disk. It runs on one
//! thread under the runtime's paused clock, so minutes take milliseconds and the order of everything is that of the
//! seed.
//!
//! | module | what it does |
//! |---|---|
//! | [`stage`], `dice` | what the gateway's code stands on instead of the world |
//! | `plan` | a run's script, drawn from its seed |
//! | `run`, `life`, `asking` | gateways one after the other, and what is done with each |
//! | `world`, `company`, `fault`, `wire` | insurers and the way to them |
//! | `style`, `quoting`, `selling` | the adapters that speak with them |
//! | `ledger` | what was sent, held against limits, breakers and earlier applications |
//! | `partner` | what was shown, held against what was shown before |
//! | `looking_back` | what is kept, held against what was promised |
//! | `tests` | which seeds run |

mod asking;
mod company;
mod dice;
mod fault;
mod ledger;
mod life;
mod looking_back;
mod partner;
mod plan;
mod quoting;
mod run;
mod selling;
pub(crate) mod stage;
mod style;
mod tests;
mod wire;
mod world;
