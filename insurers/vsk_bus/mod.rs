//! ВСК, the old XML bus that answers by calling back: see `README.md`.

mod bus;
mod callback;
mod confirm;
mod finalise;
mod login;
mod payment;
mod person;
mod policy;
mod quote;
mod reply;
mod request;
mod rsa;
mod sms;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Callback, Erased, ErasedFlow, Fault, Manifest, Reply,
    operation::{Confirm, Finalise, PaymentStatus, Policies, Quote},
};

struct VskBus;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<quote::Calculation, Quote> = Erased::new(quote::Calculation);
static FINALISE: Erased<finalise::Application, Finalise> = Erased::new(finalise::Application);
static CONFIRM: Erased<confirm::Purchase, Confirm> = Erased::new(confirm::Purchase);
static PAYMENT_STATUS: Erased<payment::Notice, PaymentStatus> = Erased::new(payment::Notice);
static POLICY: Erased<policy::SignedPolicy, Policies> = Erased::new(policy::SignedPolicy);

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &VskBus
}

impl Adapter for VskBus {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        Some(&QUOTE)
    }

    fn finalise(&self) -> Option<&dyn ErasedFlow<Finalise>> {
        Some(&FINALISE)
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

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        callback::read(received)
    }
}
