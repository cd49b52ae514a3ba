//! The state of an application, `policy/{id}/info/`: whether it may be paid, is paid, is issued.

use veer_contract::{Call, Fault, Lane, Reply, create_then_poll::Refusal, domain::PaymentState};

use super::{application, reply::Answer};
use crate::policy_number::PolicyNumber;

/// The state as the service words it.
pub(super) struct Info {
    answer: Answer,
    status: String,
}

/// How words begin that end an application. Not public.
const REFUSED: [&str; 4] = ["отказ", "отклон", "аннулир", "отмен"];
/// How words begin that end a payment. Not public.
const PAYMENT_ENDED: [&str; 3] = ["отмен", "отклон", "возвра"];

/// Asks.
pub(super) fn ask(policy_id: &str, lane: Lane) -> Call {
    application::about(policy_id, "info", lane, "info")
}

// === impl Info ===

impl Info {
    /// Reads the answer.
    pub(super) fn of(reply: &Reply) -> Result<Self, Refusal> {
        let answer = Answer::of_application(reply)?;
        let status = answer.data().get("return").get("status").trimmed().to_lowercase();
        if status.is_empty() {
            return Err(Fault::not_understood("data.return has no Status").into());
        }
        Ok(Self { answer, status })
    }

    /// Whether the insurer agrees. Until it does the application is on hold; where it does not, that is
    /// its no.
    pub(super) fn is_agreed(&self) -> Result<bool, Refusal> {
        if begins(&self.status, &REFUSED) {
            return Err(self.answer.refusal());
        }
        Ok(["согласован", "оформлен"].contains(&self.status.as_str()))
    }

    /// How the payment stands. Only the one word means paid.
    pub(super) fn payment(&self) -> PaymentState {
        match self.answer.data().get("return").get("statuspay").trimmed().to_lowercase().as_str() {
            "оплачен" => PaymentState::Paid,
            ended if begins(ended, &PAYMENT_ENDED) => PaymentState::Cancelled,
            _ => PaymentState::Pending,
        }
    }

    /// Series and number of the policy; `None` until it is issued.
    pub(super) fn number(&self) -> Result<Option<PolicyNumber>, Fault> {
        PolicyNumber::joined(&self.answer.data().get("return").get("docnumber").trimmed())
    }
}

fn begins(word: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| word.starts_with(beginning))
}
