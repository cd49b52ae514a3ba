//! Insurers without code: a `manifest.toml` and an `insurer.toml`, compiled at load into an adapter.
//!
//! The language is described in `docs/INSURERS.md`; [`Spec`] is its only door.
//!
//! | module | what is in it |
//! |---|---|
//! | [`spec`] | one insurer, compiled: [`Spec`] |
//! | [`problem`] | what is wrong with a spec, where, and what to write instead |
//! | `sheet`, `table` | the files: places of everything, and tables read key by key |
//! | `compile` | from two texts to a checked spec |
//! | `check`, `shape` | expressions and templates, looked through at load |
//! | `filters` | the closed set of filters and tests |
//! | `engine` | the template engine, closed on all sides |
//! | `value`, `tree`, `view` | values: what is absent, replies, the request |
//! | `machine`, `state` | runs the steps: the main line, and companies side by side |
//! | `scene`, `calls`, `outcome` | what a step sees, sends and gives |
//! | `flow` | the contract's erased flow |
//!
//! Nothing here does I/O, reads a clock or draws a random number. What a spec or a reply says cannot make
//! it panic, run away, or reach anything but its input.

mod calls;
mod check;
mod compile;
mod engine;
mod filters;
mod flow;
mod machine;
mod model;
mod outcome;
pub mod problem;
#[cfg(test)]
mod reference;
mod scene;
mod shape;
mod sheet;
pub mod spec;
mod state;
mod table;
mod tree;
mod value;
mod view;

pub use problem::{Problem, Problems};
pub use spec::Spec;

/// The examples in Rust of the page for authors, adapters and specs alike; compiled as tests of documentation.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/INSURERS.md")]
struct Page;

// What Rust adapters share, they share with specs: one reading of money, files and registries.
use veer_wire::{
    cross_sales, dictionary, loose, payment_page, pdf, plain_id, policy_number, registry, written, xml,
};
