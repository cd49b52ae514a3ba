//! Новая: see `README.md`.

mod answer;
mod confirm;
mod payment;
mod policy;
mod quote;
mod request;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Erased, ErasedFlow, Manifest, Once,
    create_then_poll::Poller,
    operation::{Confirm, PaymentStatus, Policies, Quote},
};

use crate::issue::Issued;

struct Novaya;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Poller<quote::Calculation>, Quote> = Erased::new(Poller(quote::Calculation));
static CONFIRM: Erased<Once<confirm::Payment>, Confirm> = Erased::new(Once(confirm::Payment));
static PAYMENT_STATUS: Erased<Once<payment::Order>, PaymentStatus> = Erased::new(Once(payment::Order));
static POLICY: Erased<Issued<policy::IssuedPolicy>, Policies> = Erased::new(Issued(policy::IssuedPolicy));

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &Novaya
}

impl Adapter for Novaya {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        Some(&QUOTE)
    }

    fn confirm(&self) -> Option<&dyn ErasedFlow<Confirm>> {
        Some(&CONFIRM)
    }

    fn payment_status(&self) -> Option<&dyn ErasedFlow<PaymentStatus>> {
        Some(&PAYMENT_STATUS)
    }

    fn policy(&self) -> Option<&dyn ErasedFlow<Policies>> {
        Some(&POLICY)
    }
}
