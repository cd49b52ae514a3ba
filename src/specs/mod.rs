//! Insurers described by a spec instead of code, and how a spec is exchanged while the gateway runs.
//!
//! ```text
//! folder ── two texts ──► compiler ──► adapters ──► speaker ◄── conversations
//!    ▲                                    ▲            ▲
//!    └────────── watch ── a new text ─────┴── store ───┘
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`adapters`] | every adapter that there is: built in, shipped as a spec, or in the operator's folder |
//! | [`folder`] | reads that folder: one folder an insurer, `manifest.toml` and `insurer.toml` |
//! | [`watch`] | sees that a text changed, has it compiled, and exchanges the revision or tells why not |
//!
//! **When a spec changes** (its `insurer.toml`, in the folder that `upstream.specs` names), it is compiled with the
//! manifest that is running. If it is in order, new conversations begin with it, and those under way finish on the
//! revision that they began with, also after a restart: every revision's text is kept in the store. If it is
//! broken, its mistakes are told (log, `GET /specs`, `veer_specs_refused`) and the old revision keeps running. A
//! changed `manifest.toml` needs a restart, because limits, settings and figures hang on it.
//!
//! **At the start** a broken spec is a mistake of the configuration like any other: nothing starts.

pub mod adapters;
pub mod folder;
pub mod watch;

use std::sync::Arc;

use veer_contract::Adapter;

pub use adapters::Adapters;
pub use watch::Specs;

/// Makes an adapter of the texts of a manifest and a spec. Every mistake at once, each with file, line and column
/// in front: `insurer.toml:12:5: there is no …`.
pub type Compile = fn(manifest: &str, spec: &str) -> Result<Compiled, Vec<String>>;

/// A spec that is in order.
#[derive(Clone)]
pub struct Compiled {
    /// The adapter.
    pub adapter: Arc<dyn Adapter>,
    /// Its revision: the version under which its flows save their states.
    pub revision: u32,
}

/// The two texts of an insurer's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// `manifest.toml`.
    pub manifest: String,
    /// `insurer.toml`.
    pub spec: String,
}
