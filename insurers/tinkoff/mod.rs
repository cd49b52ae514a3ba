//! Т-Страхование, the partners' SOAP service with quote sets: see `README.md`.

mod address;
mod callback;
mod confirm;
mod draft;
mod finalise;
mod payment;
mod policy;
mod priced;
mod print;
mod quote;
mod quote_set;
mod reply;
mod request;
mod status;
mod subjects;
mod vehicle;
mod vehicles;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Callback, Erased, ErasedFlow, Fault, Manifest, Once, Reply,
    operation::{Confirm, Draft, Finalise, PaymentStatus, Policies, Quote, Vehicles},
};

use crate::issue::Issued;

struct Tinkoff;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Once<quote::FirstQuote>, Quote> = Erased::new(Once(quote::FirstQuote));
static FINALISE: Erased<Once<finalise::Recalculation>, Finalise> = Erased::new(Once(finalise::Recalculation));
static CONFIRM: Erased<confirm::Purchase, Confirm> = Erased::new(confirm::Purchase);
static PAYMENT_STATUS: Erased<payment::SetStatus, PaymentStatus> = Erased::new(payment::SetStatus);
static DRAFT: Erased<Once<draft::DraftFile>, Draft> = Erased::new(Once(draft::DraftFile));
static POLICY: Erased<Issued<policy::IssuedPolicy>, Policies> = Erased::new(Issued(policy::IssuedPolicy));
static VEHICLES: Erased<vehicles::Dictionary, Vehicles> = Erased::new(vehicles::Dictionary);

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &Tinkoff
}

impl Adapter for Tinkoff {
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
