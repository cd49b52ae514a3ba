//! What an offer does not allow, in the words of the wire: the field that breaks the rule, and what to do.
//!
//! A message is the end of a sentence that begins with the field's name. It quotes nothing that was sent.

use super::{
    error::ApiError,
    fields::{Violation, Violations},
};
use crate::{
    calculation::OfferStatus,
    offers::{
        OfferError, Refusal,
        selection::{Rule, SelectionProblem},
    },
};

const ASK_AGAIN: &str = "The gateway could not look the offer up; ask again in a second.";
const CONFIRM_AGAIN: &str =
    "The gateway could not write the confirmation down; send the same one again in a few seconds.";

/// What is told where an offer was asked for.
pub fn of_question(error: &OfferError) -> ApiError {
    match error {
        OfferError::UnknownCalculation => ApiError::UnknownCalculation,
        OfferError::UnknownOffer => ApiError::UnknownOffer,
        OfferError::NoFile => ApiError::NoFile,
        OfferError::Refused(refusal) => refused(refusal).into(),
        OfferError::Store(_) => ApiError::Internal(ASK_AGAIN),
    }
}

/// What is told where an offer was confirmed: an offer that is not there is a wrong field.
pub fn of_confirmation(error: &OfferError) -> ApiError {
    match error {
        OfferError::UnknownOffer => {
            ApiError::field("offer_id", "is no offer of this calculation; GET /osago/calculate lists them")
        }
        OfferError::Store(_) => ApiError::Internal(CONFIRM_AGAIN),
        other => of_question(other),
    }
}

fn refused(refusal: &Refusal) -> Violations {
    let one =
        |property: &str, message: &'static str| [Violation::new(property, message)].into_iter().collect();
    match refusal {
        Refusal::NoPriceYet => one(
            "offer_id",
            "has no price yet; ask for it with GET /osago/offer until it has one, then confirm it",
        ),
        Refusal::NotForSale(status) => one("offer_id", not_for_sale(*status)),
        Refusal::NotSoldHere => {
            one("offer_id", "is of an insurer that sells nothing through this gateway; choose another offer")
        }
        Refusal::OtherOfferPaid => one(
            "offer_id",
            "cannot be bought: another offer of this calculation is paid; a further policy needs a new calculation",
        ),
        Refusal::Withdrawn => one(
            "offer_id",
            "was cancelled (a mandatory cross-sale was left out, or its insurer declined: its message says which); \
             choose another offer or calculate anew",
        ),
        Refusal::Busy => one(
            "offer_id",
            "is being confirmed with another selection or other return_urls; wait until GET /osago/offer shows \
             how that ended, then confirm it again",
        ),
        Refusal::AppliedOtherwise => one(
            "upsales",
            "must be those of the last confirmation: its insurer has an application with them; confirm those again \
             or choose another offer",
        ),
        Refusal::PaidOtherwise => one(
            "upsales",
            "must be those that the offer was paid with, and return_urls too: a paid offer is not changed; \
             GET /osago/offer shows it",
        ),
        Refusal::Selection(problems) => problems.iter().map(problem).collect(),
    }
}

fn not_for_sale(status: OfferStatus) -> &'static str {
    match status {
        OfferStatus::Rejected => "cannot be bought: its insurer refused it; choose another offer",
        OfferStatus::OfferError => {
            "cannot be bought: its insurer did not answer as it should; choose another offer or calculate anew"
        }
        OfferStatus::ClosedTimeout => "cannot be bought any more: its time is over; calculate anew",
        OfferStatus::ClosedOtherOffer => {
            "cannot be bought any more: another offer of this calculation was bought"
        }
        OfferStatus::PaymentCompleted | OfferStatus::ClosedPaid => {
            "is paid already; GET /osago/offer/policy has its policy"
        }
        OfferStatus::Created
        | OfferStatus::PreCalcSent
        | OfferStatus::PreCalcInProgress
        | OfferStatus::PreCalcReady
        | OfferStatus::Approved
        | OfferStatus::PaymentReady
        | OfferStatus::PaymentLinkFailed
        | OfferStatus::PaymentCancelled => {
            "cannot be bought in its present status; GET /osago/offer shows it"
        }
    }
}

fn problem(problem: &SelectionProblem) -> Violation {
    let at = |name: &str| match problem.at {
        Some(index) => format!("upsales[{index}].{name}"),
        None => "upsales".to_owned(),
    };
    match &problem.rule {
        Rule::UnknownCrossSale => {
            Violation::new(at("upsale_id"), "is no cross-sale of this offer; take the id from its upsales")
        }
        Rule::NotAllowed => Violation::new(
            at("upsale_id"),
            "cannot be taken: the calculation was created with is_cross_allowed false; leave it out",
        ),
        Rule::Twice(earlier) => Violation::new(
            at("upsale_id"),
            format!("is selected in upsales[{earlier}] already; one option of a cross-sale can be taken"),
        ),
        Rule::UnknownOption => {
            Violation::new(at("option_id"), "is no option of this cross-sale; take the id from its options")
        }
        Rule::Incompatible(earlier) => Violation::new(
            at("option_id"),
            format!(
                "does not go with upsales[{earlier}]: their compatibility_id differ; take options where it is the same"
            ),
        ),
        Rule::RequiredLeftOut(id) => Violation::new(
            at("upsale_id"),
            format!("must hold an option of the cross-sale {id}: this offer requires it"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    /// Every field that is named, with what is said of it.
    fn named(error: &ApiError) -> Vec<(&str, &str)> {
        match error {
            ApiError::Fields { wrong, count } => {
                assert_eq!(wrong.len(), *count);
                wrong.iter().map(|wrong| (wrong.property.as_str(), &*wrong.message)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn one(refusal: Refusal) -> (String, String) {
        let error = of_confirmation(&OfferError::Refused(refusal));
        let [(property, message)] = named(&error)[..] else { panic!("{error:?}") };
        (property.to_owned(), message.to_owned())
    }

    #[test]
    fn every_refusal_names_its_field_and_what_to_do() {
        let cases = [
            (Refusal::NoPriceYet, "offer_id", "GET /osago/offer"),
            (Refusal::NotSoldHere, "offer_id", "choose another offer"),
            (Refusal::OtherOfferPaid, "offer_id", "new calculation"),
            (Refusal::Withdrawn, "offer_id", "choose another offer"),
            (Refusal::Busy, "offer_id", "then confirm it again"),
            (Refusal::AppliedOtherwise, "upsales", "confirm those again or choose another offer"),
            (Refusal::PaidOtherwise, "upsales", "must be those that the offer was paid with"),
            (Refusal::NotForSale(OfferStatus::Rejected), "offer_id", "choose another offer"),
            (Refusal::NotForSale(OfferStatus::OfferError), "offer_id", "choose another offer"),
            (Refusal::NotForSale(OfferStatus::ClosedTimeout), "offer_id", "calculate anew"),
            (Refusal::NotForSale(OfferStatus::ClosedOtherOffer), "offer_id", "another offer"),
            (Refusal::NotForSale(OfferStatus::ClosedPaid), "offer_id", "/osago/offer/policy"),
            (Refusal::NotForSale(OfferStatus::PaymentCompleted), "offer_id", "/osago/offer/policy"),
        ];
        for (refusal, field, advice) in cases {
            let (property, message) = one(refusal.clone());
            assert_eq!(property, field, "{refusal:?}");
            assert!(message.contains(advice), "{refusal:?}: {message}");
        }
        for status in OfferStatus::ALL {
            assert_eq!(one(Refusal::NotForSale(*status)).0, "offer_id", "{status}");
        }
    }

    #[test]
    fn every_rule_of_a_selection_names_its_place() {
        let problem = |at, rule| SelectionProblem { at, rule };
        let refusal = Refusal::Selection(vec![
            problem(Some(0), Rule::UnknownCrossSale),
            problem(Some(1), Rule::UnknownOption),
            problem(Some(2), Rule::Twice(1)),
            problem(Some(3), Rule::Incompatible(1)),
            problem(Some(10), Rule::NotAllowed),
            problem(None, Rule::RequiredLeftOut("112234".into())),
        ]);
        let error = of_confirmation(&OfferError::Refused(refusal));
        let expected = [
            ("upsales[0].upsale_id", "its upsales"),
            ("upsales[1].option_id", "its options"),
            ("upsales[2].upsale_id", "upsales[1] already"),
            ("upsales[3].option_id", "upsales[1]"),
            ("upsales[10].upsale_id", "is_cross_allowed"),
            ("upsales", "the cross-sale 112234"),
        ];
        let named = named(&error);
        assert_eq!(named.len(), expected.len());
        for ((property, message), (field, words)) in named.into_iter().zip(expected) {
            assert_eq!(property, field);
            assert!(message.contains(words), "{property}: {message}");
        }
    }

    #[test]
    fn thousands_of_problems_make_a_short_answer() {
        let problem = |at| SelectionProblem { at: Some(at), rule: Rule::UnknownCrossSale };
        let refusal = Refusal::Selection((0..5000).map(problem).collect());
        match of_confirmation(&OfferError::Refused(refusal)) {
            ApiError::Fields { wrong, count } => assert!(wrong.len() < 1000 && count == 5000),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_not_there_is_not_found_but_a_wrong_field_where_it_is_confirmed() {
        assert!(matches!(of_question(&OfferError::UnknownOffer), ApiError::UnknownOffer));
        assert_eq!(named(&of_confirmation(&OfferError::UnknownOffer))[0].0, "offer_id");
        for told in [of_question, of_confirmation] {
            assert!(matches!(told(&OfferError::UnknownCalculation), ApiError::UnknownCalculation));
            assert!(matches!(told(&OfferError::NoFile), ApiError::NoFile));
            assert!(matches!(told(&OfferError::Store(StoreError::Closed)), ApiError::Internal(_)));
        }
    }
}
