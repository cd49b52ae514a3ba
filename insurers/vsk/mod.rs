//! ВСК, the REST platform `sales/v2`: see `README.md`.

mod confirm;
mod draft;
mod finalise;
mod login;
mod operation;
mod payment;
mod people;
mod platform;
mod policy;
mod print;
mod quote;
mod reply;
mod request;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Erased, ErasedFlow, Manifest, Once,
    operation::{Confirm, Draft, Finalise, Login, PaymentStatus, Policies, Quote},
};

use operation::Operated;

struct Vsk;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Operated<quote::Calculation>, Quote> = Erased::new(Operated(quote::Calculation));
static LOGIN: Erased<Once<login::Token>, Login> = Erased::new(Once(login::Token));
static FINALISE: Erased<Operated<finalise::Application>, Finalise> =
    Erased::new(Operated(finalise::Application));
static CONFIRM: Erased<Operated<confirm::Payment>, Confirm> = Erased::new(Operated(confirm::Payment));
static PAYMENT_STATUS: Erased<payment::Paid, PaymentStatus> = Erased::new(payment::Paid);
static DRAFT: Erased<Once<draft::DraftFile>, Draft> = Erased::new(Once(draft::DraftFile));
static POLICY: Erased<policy::IssuedPolicy, Policies> = Erased::new(policy::IssuedPolicy);

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &Vsk
}

impl Adapter for Vsk {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        Some(&QUOTE)
    }

    fn login(&self) -> Option<&dyn ErasedFlow<Login>> {
        Some(&LOGIN)
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
}
