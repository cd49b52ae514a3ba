//! АльфаСтрахование, the REST service `wapi`: see `README.md`.

mod quote;
mod reply;
mod request;

use std::sync::LazyLock;

use veer_contract::{Adapter, Erased, ErasedFlow, Manifest, Once, operation::Quote};

/// The adapter.
pub(crate) struct Alfastrah;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Once<quote::Calculation>, Quote> = Erased::new(Once(quote::Calculation));

impl Adapter for Alfastrah {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    fn quote(&self) -> &dyn ErasedFlow<Quote> {
        &QUOTE
    }
}
