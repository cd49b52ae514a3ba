//! АльфаСтрахование, the REST service `wapi`: see `README.md`.

mod callback;
mod confirm;
mod draft;
mod errors;
mod finalise;
mod payment;
mod policy;
mod print;
mod quote;
mod reply;
mod request;
mod status;
mod vehicles;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Callback, Erased, ErasedFlow, Fault, Manifest, Once, Reply,
    create_then_poll::Poller,
    operation::{Confirm, Draft, Finalise, PaymentStatus, Policies, Quote, Vehicles},
};

use crate::issue::Issued;

struct Alfastrah;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Once<quote::Calculation>, Quote> = Erased::new(Once(quote::Calculation));
static FINALISE: Erased<Poller<finalise::Application>, Finalise> = Erased::new(Poller(finalise::Application));
static CONFIRM: Erased<Once<confirm::Payment>, Confirm> = Erased::new(Once(confirm::Payment));
static PAYMENT_STATUS: Erased<Once<payment::Order>, PaymentStatus> = Erased::new(Once(payment::Order));
static DRAFT: Erased<Once<draft::DraftFile>, Draft> = Erased::new(Once(draft::DraftFile));
static POLICY: Erased<Issued<policy::IssuedPolicy>, Policies> = Erased::new(Issued(policy::IssuedPolicy));
static VEHICLES: Erased<vehicles::Dictionary, Vehicles> = Erased::new(vehicles::Dictionary);

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &Alfastrah
}

impl Adapter for Alfastrah {
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
