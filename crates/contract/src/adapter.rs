//! The whole of one insurer.

use crate::{
    ErasedFlow, Fault, Manifest, OperationKind, Reply,
    operation::{
        Cancel, Confirm, Draft, Finalise, Login, PaymentStatus, Policies, Quote, VehicleInfo, Vehicles,
    },
};

/// One insurer: a manifest and its operations. An operation that the insurer lacks is absent, not empty.
pub trait Adapter: Send + Sync {
    /// Who it is and what it claims; held against the operations at start.
    fn manifest(&self) -> &Manifest;

    /// Asks for a price. A source that only knows vehicles has none.
    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        None
    }

    /// Opens a session.
    fn login(&self) -> Option<&dyn ErasedFlow<Login>> {
        None
    }

    /// Asks for the final price.
    fn finalise(&self) -> Option<&dyn ErasedFlow<Finalise>> {
        None
    }

    /// Takes an offer.
    fn confirm(&self) -> Option<&dyn ErasedFlow<Confirm>> {
        None
    }

    /// Asks whether it is paid.
    fn payment_status(&self) -> Option<&dyn ErasedFlow<PaymentStatus>> {
        None
    }

    /// Fetches the draft.
    fn draft(&self) -> Option<&dyn ErasedFlow<Draft>> {
        None
    }

    /// Fetches the policy.
    fn policy(&self) -> Option<&dyn ErasedFlow<Policies>> {
        None
    }

    /// Gives an application up.
    fn cancel(&self) -> Option<&dyn ErasedFlow<Cancel>> {
        None
    }

    /// Reads the vehicle dictionary.
    fn vehicles(&self) -> Option<&dyn ErasedFlow<Vehicles>> {
        None
    }

    /// Looks a vehicle up.
    fn vehicle_info(&self) -> Option<&dyn ErasedFlow<VehicleInfo>> {
        None
    }

    /// Whether this reply to a call with a session says that the session is over, where the insurer says
    /// so inside a successful reply. Such a call was not carried out: the host logs in again and repeats
    /// it once. A 401 is understood without this.
    fn session_expired(&self, reply: &Reply) -> bool {
        let _ = reply;
        false
    }

    /// What the insurer's own call is about; only with [`Manifest::callback`], whose proof the host has
    /// checked before. What the call says of a payment is a hint: the host asks the insurer, so a call
    /// that is late, repeated or contradictory does no harm.
    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        let _ = received;
        Err(Fault::not_understood("this insurer is not known to call back"))
    }
}

// An adapter that is built in is a `static`; who holds adapters of all kinds holds a reference to it.
impl<A: Adapter + ?Sized> Adapter for &A {
    fn manifest(&self) -> &Manifest {
        (**self).manifest()
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        (**self).quote()
    }

    fn login(&self) -> Option<&dyn ErasedFlow<Login>> {
        (**self).login()
    }

    fn finalise(&self) -> Option<&dyn ErasedFlow<Finalise>> {
        (**self).finalise()
    }

    fn confirm(&self) -> Option<&dyn ErasedFlow<Confirm>> {
        (**self).confirm()
    }

    fn payment_status(&self) -> Option<&dyn ErasedFlow<PaymentStatus>> {
        (**self).payment_status()
    }

    fn draft(&self) -> Option<&dyn ErasedFlow<Draft>> {
        (**self).draft()
    }

    fn policy(&self) -> Option<&dyn ErasedFlow<Policies>> {
        (**self).policy()
    }

    fn cancel(&self) -> Option<&dyn ErasedFlow<Cancel>> {
        (**self).cancel()
    }

    fn vehicles(&self) -> Option<&dyn ErasedFlow<Vehicles>> {
        (**self).vehicles()
    }

    fn vehicle_info(&self) -> Option<&dyn ErasedFlow<VehicleInfo>> {
        (**self).vehicle_info()
    }

    fn session_expired(&self, reply: &Reply) -> bool {
        (**self).session_expired(reply)
    }

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        (**self).callback(received)
    }
}

/// What an insurer's own call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// The correlation of a [`PaymentLink`](crate::domain::PaymentLink), or the one that a flow
    /// [awaits](crate::Next::Await).
    pub correlation: String,
}

/// The operations that `adapter` really has, for the check against its manifest.
pub fn operations(adapter: &dyn Adapter) -> Vec<OperationKind> {
    let has = |kind: &OperationKind| match kind {
        OperationKind::Quote => adapter.quote().is_some(),
        OperationKind::Login => adapter.login().is_some(),
        OperationKind::Finalise => adapter.finalise().is_some(),
        OperationKind::Confirm => adapter.confirm().is_some(),
        OperationKind::PaymentStatus => adapter.payment_status().is_some(),
        OperationKind::Draft => adapter.draft().is_some(),
        OperationKind::Policies => adapter.policy().is_some(),
        OperationKind::Cancel => adapter.cancel().is_some(),
        OperationKind::Vehicles => adapter.vehicles().is_some(),
        OperationKind::VehicleInfo => adapter.vehicle_info().is_some(),
    };
    OperationKind::ALL.into_iter().filter(has).collect()
}
