//! Ренессанс Страхование, the e-OSAGO service: see `README.md`.

mod application;
mod callback;
mod confirm;
mod draft;
mod finalise;
mod form;
mod info;
mod payment;
mod policy;
mod print;
mod quote;
mod reply;
mod request;
mod vehicles;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Callback, Erased, ErasedFlow, Fault, Manifest, Once, Reply,
    create_then_poll::Poller,
    operation::{Confirm, Draft, Finalise, PaymentStatus, Policies, Quote, Vehicles},
};

use crate::issue::Issued;

struct Renessans;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Poller<quote::Calculation>, Quote> = Erased::new(Poller(quote::Calculation));
static FINALISE: Erased<finalise::FinalPrice, Finalise> = Erased::new(finalise::FinalPrice);
static CONFIRM: Erased<confirm::Payment, Confirm> = Erased::new(confirm::Payment);
static PAYMENT_STATUS: Erased<Once<payment::Paid>, PaymentStatus> = Erased::new(Once(payment::Paid));
static DRAFT: Erased<Once<draft::DraftFile>, Draft> = Erased::new(Once(draft::DraftFile));
static POLICY: Erased<Issued<policy::IssuedPolicy>, Policies> = Erased::new(Issued(policy::IssuedPolicy));
static VEHICLES: Erased<Once<vehicles::Dictionary>, Vehicles> = Erased::new(Once(vehicles::Dictionary));

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &Renessans
}

impl Adapter for Renessans {
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

    fn draft(&self) -> Option<&dyn ErasedFlow<Draft>> {
        Some(&DRAFT)
    }

    fn policy(&self) -> Option<&dyn ErasedFlow<Policies>> {
        Some(&POLICY)
    }

    fn vehicles(&self) -> Option<&dyn ErasedFlow<Vehicles>> {
        Some(&VEHICLES)
    }

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        callback::read(received)
    }
}
