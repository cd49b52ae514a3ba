//! Ренессанс Страхование, the e-OSAGO service: see `README.md`.

mod quote;
mod reply;
mod request;

use std::sync::LazyLock;

use veer_contract::{Adapter, Erased, ErasedFlow, Manifest, create_then_poll::Poller, operation::Quote};

/// The adapter.
pub(crate) struct Renessans;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Poller<quote::Calculation>, Quote> = Erased::new(Poller(quote::Calculation));

impl Adapter for Renessans {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    fn quote(&self) -> &dyn ErasedFlow<Quote> {
        &QUOTE
    }
}
