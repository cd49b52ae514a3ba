//! Veer: a gateway between one OSAGO partner API and many insurers.
//!
//! The rooms, in the order of a calculation's way through the house:
//!
//! | room | what happens there |
//! |---|---|
//! | [`partner`] | the front door: credentials, validation, polls, OpenAPI |
//! | [`calculation`] | accept, fan out, collect, publish, finish, resume |
//! | [`offers`] | final price, confirmation, payment, draft, policy, the sale confirmed to the partner |
//! | [`dictionary`] | the unified vehicle dictionary, and what each insurer calls its entries |
//! | [`upstream`] | how one call leaves the house: budget, lanes, limits, sessions, HTTP |
//! | [`specs`] | insurers described by a spec, exchanged while the gateway runs |
//! | [`tuning`] | what operators change while the gateway runs, and who did so when and why |
//! | [`store`] | what must outlive the process |
//! | [`cluster`] | several replicas on one store: who is there, who works on what |
//! | [`operations`] | health, metrics, explanations, for the operator |
//! | [`telemetry`] | logs, metrics, the clock |
//! | [`config`] | one struct a concern, read from `config/veer.toml` |
//! | [`elsewhere`] | what other replicas did, and who here is told |
//! | [`gateway`], `house` | all of them put together |
//! | [`cli`] | one file a command |
//!
//! Insurers' adapters live in the crate `veer-insurers` and know only the crate `veer-contract`.

mod blocking;
pub mod calculation;
mod chance;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod dictionary;
pub mod elsewhere;
pub mod gateway;
mod house;
pub mod offers;
pub mod operations;
pub mod partner;
#[cfg(test)]
mod simulation;
pub mod specs;
pub mod store;
pub mod telemetry;
pub mod tuning;
pub mod upstream;

pub use gateway::Gateway;
