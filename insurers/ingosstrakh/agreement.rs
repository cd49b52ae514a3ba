//! `GetAgreement`: how an agreement stands at the insurer.
//!
//! It is asked for the agreement's number (ISN) after the application, for whether the policy is made
//! while `MakeEOsago` stands in the insurer's queue, and for the policy's series and number at the end.

use std::time::Duration;

use serde::Deserialize;
use veer_contract::{
    Call, Context, Decline, Effect, Fault, FaultKind, Lane, Reply, create_then_poll::Refusal,
    domain::OfferRef,
};

use super::{reply::Answer, request};
use crate::policy_number::PolicyNumber;

/// How long the insurer is left alone between two questions.
pub(super) const PAUSE: Duration = Duration::from_secs(3);
/// In an offer's reference, the agreement's id (`CL00…`).
pub(super) const AGR_ID: &str = "agr_id";
/// In an offer's reference, the agreement's number (ISN).
pub(super) const AGR_ISN: &str = "agr_isn";

/// What a state begins with that no policy comes after.
const ENDED: [&str; 3] = ["аннулирован", "прекращен", "прекращён"];

/// How an agreement stands.
#[derive(Deserialize)]
pub(super) struct Standing {
    #[serde(rename = "@State")]
    state: Option<String>,
    #[serde(rename = "General")]
    general: General,
}

#[derive(Deserialize)]
struct General {
    #[serde(rename = "ISN")]
    isn: Option<String>,
    #[serde(rename = "Policy")]
    policy: Option<Number>,
    #[serde(rename = "IsEOsago")]
    is_eosago: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Number {
    serial: Option<String>,
    no: Option<String>,
}

/// Asks how the agreement stands.
pub(super) fn ask(agr_id: &str, cx: &Context<'_>) -> Call {
    request::in_session("GetAgreement", Lane::Poll, Effect::Read, cx, |xml| xml.leaf("PolicyNumber", agr_id))
}

/// What the insurer calls the offer under `name`; operations after the final price cannot do without.
pub(super) fn known<'a>(reference: &'a OfferRef, name: &str) -> Result<&'a str, Fault> {
    Some(reference.get(name)).filter(|value| !value.is_empty()).ok_or_else(|| {
        let detail = format!("the offer's reference has no {name}: the operation before gives it");
        Fault::new(FaultKind::NotUnderstood, detail)
    })
}

// === impl Standing ===

impl Standing {
    /// Reads the reply; an agreement that was given up is a no.
    pub(super) fn of(reply: &Reply) -> Result<Self, Refusal> {
        let answer = Answer::told(reply)?;
        let standing: Option<Self> =
            answer.fragment("Agreement").and_then(|agreement| quick_xml::de::from_str(agreement).ok());
        let standing = standing.ok_or_else(|| {
            Fault::not_understood("a successful GetAgreement has no Agreement with a General part")
        })?;
        let state = text(standing.state.as_ref());
        if ENDED.iter().any(|ended| state.to_lowercase().starts_with(ended)) {
            return Err(Decline::declined(format!("Договор у страховщика: {state}")).into());
        }
        Ok(standing)
    }

    /// The agreement's number (ISN), once it has one.
    pub(super) fn isn(&self) -> Option<&str> {
        Some(text(self.general.isn.as_ref())).filter(|isn| !isn.is_empty())
    }

    /// Whether the electronic policy is made; it need not be paid yet.
    pub(super) fn is_made(&self) -> bool {
        let (serial, number) = self.serial_and_number();
        text(self.general.is_eosago.as_ref()) == "Y" || !(serial.is_empty() || number.is_empty())
    }

    /// The policy's series and number, once it has both.
    pub(super) fn number(&self) -> Result<Option<PolicyNumber>, Fault> {
        let (serial, number) = self.serial_and_number();
        PolicyNumber::of(serial, number)
    }

    fn serial_and_number(&self) -> (&str, &str) {
        let policy = self.general.policy.as_ref();
        policy.map_or(("", ""), |policy| (text(policy.serial.as_ref()), text(policy.no.as_ref())))
    }
}

fn text(value: Option<&String>) -> &str {
    value.map_or("", |text| text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(agreement: &str) -> Result<Standing, Refusal> {
        let body = format!(
            "<a:R xmlns:a='x'><ResponseStatus><ErrorCode>0</ErrorCode></ResponseStatus>\
             <a:ResponseData>{agreement}</a:ResponseData></a:R>"
        );
        let tag = "GetAgreement".into();
        Standing::of(&Reply { tag, status: 200, headers: Vec::new(), body: body.into_bytes() })
    }

    #[test]
    fn prefixes_and_more_elements_make_no_difference() {
        let read = standing(
            "<a:Agreement a:State='&#x417;АЯВЛЕНИЕ'><a:General><a:Product>1</a:Product><a:ISN> 7 </a:ISN><a:Policy>\
             <a:Serial>ХХХ</a:Serial></a:Policy><Policy2><No>1</No></Policy2></a:General><a:Vehicle><ISN>8</ISN></a:Vehicle>\
             </a:Agreement>",
        );
        let read = read.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        assert_eq!((read.isn(), read.state.as_deref()), (Some("7"), Some("ЗАЯВЛЕНИЕ")));
        assert!(!read.is_made());
    }

    #[test]
    fn an_agreement_without_a_general_part_is_not_understood() {
        assert!(matches!(standing("<Agreement/>"), Err(Refusal::Fault(_))));
        assert!(matches!(standing(""), Err(Refusal::Fault(_))));
    }
}
