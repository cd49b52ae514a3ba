//! Согласие: JSON for КБМ and applications, SOAP for prices; see `README.md`.

mod application;
mod calculation;
mod cancel;
mod confirm;
mod draft;
mod errors;
mod finalise;
mod kbm;
mod payment;
mod person;
mod policy;
mod print;
mod quote;
mod reply;
mod request;
mod status;
mod vehicles;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Erased, ErasedFlow, Manifest, Once,
    operation::{Cancel, Confirm, Draft, Finalise, PaymentStatus, Policies, Quote, Vehicles},
};

use crate::issue::Issued;

struct Soglasie;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<quote::Calculation, Quote> = Erased::new(quote::Calculation);
static FINALISE: Erased<finalise::Application, Finalise> = Erased::new(finalise::Application);
static CONFIRM: Erased<Once<confirm::PayLink>, Confirm> = Erased::new(Once(confirm::PayLink));
static PAYMENT_STATUS: Erased<Once<payment::Paid>, PaymentStatus> = Erased::new(Once(payment::Paid));
static DRAFT: Erased<Once<draft::Notice>, Draft> = Erased::new(Once(draft::Notice));
static POLICY: Erased<Issued<policy::IssuedPolicy>, Policies> = Erased::new(Issued(policy::IssuedPolicy));
static CANCEL: Erased<Once<cancel::Suspend>, Cancel> = Erased::new(Once(cancel::Suspend));
static VEHICLES: Erased<vehicles::Dictionary, Vehicles> = Erased::new(vehicles::Dictionary);

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &Soglasie
}

impl Adapter for Soglasie {
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

    fn cancel(&self) -> Option<&dyn ErasedFlow<Cancel>> {
        Some(&CANCEL)
    }

    fn vehicles(&self) -> Option<&dyn ErasedFlow<Vehicles>> {
        Some(&VEHICLES)
    }
}
