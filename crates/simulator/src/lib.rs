//! Simulated insurers, and a source of vehicle data: real HTTP servers, the OSAGO tariff behind them.
//!
//! They speak real wire formats as far as these are publicly known, so the gateway's adapters can
//! be run against sockets instead of promises. Everything they answer follows from a seed; everything
//! that can go wrong at an insurer can be made to go wrong by a knob.
//!
//! ```no_run
//! # async fn example() -> Result<(), veer_simulator::SimulatorError> {
//! use veer_simulator::{Plan, Simulation};
//!
//! let simulation = Simulation::start(Plan::demo(1, 5)).await?;
//! for insurer in simulation.insurers() {
//!     println!("{} speaks {} at {}", insurer.code, insurer.wire.name(), insurer.base_url);
//! }
//! simulation.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! | module | what is in it |
//! |---|---|
//! | `plan`, `knobs`, `latency` | what to simulate; also read from TOML, see `simulation.toml` |
//! | `server` | one server on a thread of its own |
//! | `tls` | certificates for an insurer that wants one of its callers |
//! | `simulation` | starting, watching and stopping the servers |
//! | `journal` | what the insurers received |
//! | `wires` | one folder a wire format: parse the call, price the risk, write the answer |
//! | `exchange`, `spoil` | one call's way through an insurer, and the ways to spoil its answer |
//! | `company`, `risk`, `names` | an insurer's decisions, whichever wire the risk came over; its names |
//! | `sale` | what comes after the price: applications, bills, payment pages, files, callbacks |
//! | `tariff` | the OSAGO tariff; its figures are in `data/` |
//! | `draws` | chance without randomness |
//! | `arrivals` | what a limit makes of the moments in which calls arrived |
//! | `busy`, `recent` | calls under way; a memory that forgets its oldest entries |
//! | `dictionary` | the vehicles that the insurers know |
//! | `player` | an insurer without a wire of its own, played from its adapter's fixtures |
//! | `yandex` | the other side: a Yandex that counts the sales it is told of |

mod arrivals;
mod busy;
mod company;
mod dictionary;
mod draws;
mod duration;
mod exchange;
mod journal;
mod knobs;
mod latency;
mod names;
mod plan;
mod player;
mod recent;
mod risk;
mod sale;
mod server;
mod simulation;
mod spoil;
mod tariff;
mod tls;
mod wires;
mod yandex;

pub use arrivals::{Stretch, allowed};
pub use dictionary::{vehicles, vehicles_at};
pub use journal::{Outcome, Received};
pub use knobs::{Callbacks, Drift, Drip, Fault, Faults, Hold, Knobs, Polls, Replies};
pub use latency::Latency;
pub use plan::{InsurerPlan, Plan};
pub use player::Player;
pub use sale::Sale;
pub use simulation::{Running, Simulation, SimulatorError};
pub use tls::ClientTls;
pub use wires::{Wire, avtocod::REPORT_TYPE};
pub use yandex::{Confirmation, ConfirmedBy, Contradiction, Refusal, Yandex, YandexKnobs, YandexPlan};
