//! Doing something with every operation that an adapter has.

use veer_contract::{
    Adapter, Operation, OperationKind,
    operation::{
        Cancel, Confirm, Draft, Finalise, Login, PaymentStatus, Policies, Quote, VehicleInfo, Vehicles,
    },
};

use crate::given::FixtureInput;

/// What is done with each.
pub(crate) trait Each {
    /// The adapter has this one.
    fn operation<O: Operation>(&mut self, adapter: &dyn Adapter)
    where
        O::Input: FixtureInput;
}

/// Does it with each, in the list's order.
pub(crate) fn each(adapter: &dyn Adapter, each: &mut impl Each) {
    for kind in veer_contract::adapter::operations(adapter) {
        match kind {
            OperationKind::Quote => each.operation::<Quote>(adapter),
            OperationKind::Login => each.operation::<Login>(adapter),
            OperationKind::Finalise => each.operation::<Finalise>(adapter),
            OperationKind::Confirm => each.operation::<Confirm>(adapter),
            OperationKind::PaymentStatus => each.operation::<PaymentStatus>(adapter),
            OperationKind::Draft => each.operation::<Draft>(adapter),
            OperationKind::Policies => each.operation::<Policies>(adapter),
            OperationKind::Cancel => each.operation::<Cancel>(adapter),
            OperationKind::Vehicles => each.operation::<Vehicles>(adapter),
            OperationKind::VehicleInfo => each.operation::<VehicleInfo>(adapter),
        }
    }
}
