//! Asking one source for one vehicle.

use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use veer_contract::{
    OperationKind,
    domain::FoundVehicle,
    operation::{VehicleInfo, VehicleQuery},
};

use crate::upstream::{Budget, Insurer, Verdict, aside, driver::End};

/// What came of asking.
pub(super) enum Heard {
    /// It knows this.
    Vehicle(Box<FoundVehicle>),
    /// It answered, and knows no such vehicle.
    Unknown,
    /// It did not answer; why was logged.
    Nothing,
}

/// Asks `source`, within its lanes' limits.
pub(super) async fn ask(
    source: &Arc<Insurer>,
    question: Arc<VehicleQuery>,
    budget: Budget,
    stop: CancellationToken,
) -> Heard {
    if !source.can::<VehicleInfo>() {
        return Heard::Nothing;
    }
    let begun = Instant::now();
    let (end, said) = aside::converse::<VehicleInfo>(source, question, budget, stop).await;
    // It knows more with every word.
    let found = said.into_iter().next_back();
    let (verdict, answered) = match end {
        End::Done if found.is_some() => (Verdict::Offered, true),
        End::Done => (Verdict::Declined, true),
        // Its words are for users, and may repeat the number.
        End::Declined(decline) => (decline.kind.into(), true),
        End::Failed { verdict, detail } => {
            let insurer = source.code();
            tracing::warn!(insurer, %verdict, detail, "a source of vehicle data did not answer");
            (verdict, false)
        }
        End::Parked => return Heard::Nothing,
    };
    source.conversation_ended(OperationKind::VehicleInfo, verdict, begun.elapsed());
    match found {
        Some(found) => Heard::Vehicle(Box::new(found)),
        None if answered => Heard::Unknown,
        None => Heard::Nothing,
    }
}
