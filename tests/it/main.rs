//! What the gateway does, held against simulated insurers over real sockets: one file a behaviour.
//!
//! Everything here talks to a gateway as a partner does, over HTTP, and every answer is held against the
//! OpenAPI document that the same gateway serves. `harness` opens the gateways: in this process, or the
//! real binary where a process must die.

mod harness;

mod adapters_at_fault;
mod any_replica;
mod auto_info;
mod awaited_calls;
mod breakers;
mod called_back;
mod companies;
mod concurrent_sessions;
mod configuration_check;
mod crash;
mod demo;
mod dictionaries;
mod dictionary_desk;
mod early_finish;
mod equal_risks;
mod every_insurer;
mod final_status;
mod front_door;
mod graceful_stop;
mod idempotency;
mod insurer_calls;
mod insurer_faults;
mod journey;
mod late_news;
mod limits;
mod limits_under_load;
mod main_job;
mod offer_errors;
mod on_the_wire;
mod one_by_one;
mod operations;
mod privacy;
mod recordings;
mod refused_credentials;
mod registry_outage;
mod rehearse;
mod repeats;
mod replicas;
mod required_cross_sale;
mod sale_crash;
mod sale_faults;
mod scope_rules;
mod scripted;
mod shadow;
mod skipped;
mod specs;
mod standing;
mod told_insurers;
mod told_once;
mod transport;
mod tuning;
mod who_sees_what;
