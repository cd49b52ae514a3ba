//! Ингосстрах, the SOAP service `SalesService.svc`: see `README.md`.

mod agreement;
mod callback;
mod confirm;
mod draft;
mod finalise;
mod fragment;
mod login;
mod payment;
mod policy;
mod print;
mod products;
mod quote;
mod reply;
mod request;
mod vehicles;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Callback, Erased, ErasedFlow, Fault, Manifest, Once, Reply,
    operation::{Confirm, Draft, Finalise, Login, PaymentStatus, Policies, Quote, Vehicles},
};

use crate::issue::Issued;

struct Ingosstrakh;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static QUOTE: Erased<Once<quote::Tariff>, Quote> = Erased::new(Once(quote::Tariff));
static LOGIN: Erased<Once<login::OpenSession>, Login> = Erased::new(Once(login::OpenSession));
static FINALISE: Erased<finalise::Application, Finalise> = Erased::new(finalise::Application);
static CONFIRM: Erased<confirm::Purchase, Confirm> = Erased::new(confirm::Purchase);
static PAYMENT_STATUS: Erased<Once<payment::BillStatus>, PaymentStatus> =
    Erased::new(Once(payment::BillStatus));
static DRAFT: Erased<Once<draft::DraftFile>, Draft> = Erased::new(Once(draft::DraftFile));
static POLICY: Erased<Issued<policy::IssuedPolicy>, Policies> = Erased::new(Issued(policy::IssuedPolicy));
static VEHICLES: Erased<Once<vehicles::Dictionary>, Vehicles> = Erased::new(Once(vehicles::Dictionary));

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &Ingosstrakh
}

impl Adapter for Ingosstrakh {
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

    fn vehicles(&self) -> Option<&dyn ErasedFlow<Vehicles>> {
        Some(&VEHICLES)
    }

    fn session_expired(&self, reply: &Reply) -> bool {
        reply::session_expired(reply)
    }

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        callback::read(received)
    }
}
