//! Ингосстрах, the SOAP service `SalesService.svc`: see `README.md`.

mod login;
mod quote;
mod reply;
mod request;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Erased, ErasedFlow, Manifest, Once, Reply,
    operation::{Login, Quote},
};

/// The adapter.
pub(crate) struct Ingosstrakh;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Once<quote::Tariff>, Quote> = Erased::new(Once(quote::Tariff));
static LOGIN: Erased<Once<login::OpenSession>, Login> = Erased::new(Once(login::OpenSession));

impl Adapter for Ingosstrakh {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    fn quote(&self) -> &dyn ErasedFlow<Quote> {
        &QUOTE
    }

    fn login(&self) -> Option<&dyn ErasedFlow<Login>> {
        Some(&LOGIN)
    }

    fn session_expired(&self, reply: &Reply) -> bool {
        reply::session_expired(reply)
    }
}
