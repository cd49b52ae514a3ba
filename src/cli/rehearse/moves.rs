//! Statuses move forward and never back.
//!
//! A partner sees a status once a second, so several moves may lie between two looks; what it must never see
//! is one taken back, an offer that is gone, or a price that is gone from an offer that can still be bought.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    check::{list, text},
    fault::Fault,
    money::price,
};

/// What a calculation has shown so far.
#[derive(Debug, Default)]
pub(super) struct Progress {
    status: Option<String>,
    offers: BTreeMap<String, Seen>,
}

#[derive(Debug)]
struct Seen {
    status: String,
    priced: bool,
}

// === impl Progress ===

impl Progress {
    /// Takes the next look at `GET /osago/calculate`; what went back.
    pub fn see(&mut self, calculation: &Value) -> Vec<Fault> {
        let offers = list(calculation, "offers");
        let looks = offers
            .iter()
            .map(|offer| (text(offer, "offer_id"), text(offer, "status"), Some(price(offer).is_some())));
        self.take(text(calculation, "status"), looks.collect())
    }

    /// The same of `GET /osago/calculate/status`, which has no prices.
    pub fn see_statuses(&mut self, answer: &Value) -> Vec<Fault> {
        let offers = list(answer, "offers");
        let looks = offers.iter().map(|offer| (text(offer, "offer_id"), text(offer, "offer_status"), None));
        self.take(text(answer, "status"), looks.collect())
    }

    fn take(&mut self, status: &str, looks: Vec<(&str, &str, Option<bool>)>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(before) = &self.status
            && !calculation_may_go(before, status)
        {
            faults.push(Fault::of("status", format!("went back from {before} to {status}")));
        }
        self.status = Some(status.to_owned());
        for id in self.offers.keys().filter(|id| looks.iter().all(|(seen, ..)| *seen != id.as_str())) {
            faults.push(Fault::of("offers", format!("offer {id} was there and is gone")));
        }
        for (index, (id, status, priced)) in looks.into_iter().enumerate() {
            let Some(seen) = self.offers.get_mut(id) else {
                let seen = Seen { status: status.to_owned(), priced: priced.unwrap_or(false) };
                self.offers.insert(id.to_owned(), seen);
                continue;
            };
            if !offer_may_go(&seen.status, status) {
                let reason = format!("offer {id} went back from {} to {status}", seen.status);
                faults.push(Fault::of(format!("offers[{index}].status"), reason));
            }
            if seen.priced && priced == Some(false) && !is_over(status) {
                let reason = format!("offer {id} had a price and has none any more");
                faults.push(Fault::of(format!("offers[{index}].price"), reason));
            }
            seen.status = status.to_owned();
            seen.priced = priced.unwrap_or(seen.priced);
        }
        faults
    }
}

/// Whether polling for offers stops here.
pub(super) fn is_finished(calculation: &str) -> bool {
    calculation_rank(calculation) >= 2
}

/// Whether nothing comes of an offer any more.
pub(super) fn is_over(offer: &str) -> bool {
    offer_rank(offer).is_none()
}

/// Whether the money has been taken.
pub(super) fn is_paid(offer: &str) -> bool {
    matches!(offer, "PAYMENT_COMPLETED" | "CLOSED_PAID")
}

fn calculation_may_go(from: &str, to: &str) -> bool {
    // An insurer that answers late makes an offer where there was none.
    let late = calculation_rank(from) == 2 && to == "CALCULATION_READY";
    from == to || late || calculation_rank(from) < calculation_rank(to)
}

fn calculation_rank(status: &str) -> u8 {
    match status {
        "DRAFT" => 0,
        "PARTNER_CALCULATION_IN_PROGRESS" => 1,
        "CALCULATION_READY" | "NO_CALCULATION_AVAILABLE" | "CALCULATION_ERROR" => 2,
        "PAID" => 3,
        "CLOSED" => 4,
        _ => 0,
    }
}

/// Whether an offer may be seen in these statuses one after the other.
pub(super) fn offer_may_go(from: &str, to: &str) -> bool {
    match (offer_rank(from), offer_rank(to)) {
        _ if from == to => true,
        (None, _) => false,
        // What is paid is neither refused nor forgotten.
        (Some(from), None) => from < PAID || to == "CLOSED_PAID",
        (Some(from), Some(to)) => from < to || from == to && from == LINK,
    }
}

/// A link comes, fails, is cancelled and comes again.
const LINK: u8 = 5;
const PAID: u8 = 6;

/// How far an offer is; none where it is over.
fn offer_rank(status: &str) -> Option<u8> {
    match status {
        "CREATED" => Some(0),
        "PRE_CALC_SENT" => Some(1),
        "PRE_CALC_IN_PROGRESS" => Some(2),
        "PRE_CALC_READY" => Some(3),
        "APPROVED" => Some(4),
        "PAYMENT_READY" | "PAYMENT_LINK_FAILED" | "PAYMENT_CANCELLED" => Some(LINK),
        "PAYMENT_COMPLETED" => Some(PAID),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::rehearse::contract::OFFER_STATUSES;

    fn calculation(status: &str, offers: &[(&str, &str, Option<f64>)]) -> Value {
        let offers: Vec<Value> = offers
            .iter()
            .map(|(id, status, price)| match price {
                Some(price) => json!({ "offer_id": id, "status": status, "price": price }),
                None => json!({ "offer_id": id, "status": status }),
            })
            .collect();
        json!({ "status": status, "offers": offers })
    }

    const RUNNING: &str = "PARTNER_CALCULATION_IN_PROGRESS";

    #[test]
    fn a_calculation_that_moves_on_is_fine() {
        let mut progress = Progress::default();
        let looks = [
            calculation("DRAFT", &[]),
            calculation(RUNNING, &[("a", "PRE_CALC_SENT", None)]),
            calculation(RUNNING, &[("b", "CREATED", None), ("a", "PRE_CALC_READY", Some(1.0))]),
            calculation("CALCULATION_READY", &[("a", "APPROVED", Some(2.0)), ("b", "REJECTED", None)]),
            calculation("CLOSED", &[("a", "CLOSED_PAID", Some(2.0)), ("b", "REJECTED", None)]),
        ];
        for look in looks {
            assert_eq!(progress.see(&look), []);
        }
        let statuses = json!({ "status": "CLOSED", "offers": [
            { "offer_id": "a", "offer_status": "CLOSED_PAID" },
            { "offer_id": "b", "offer_status": "REJECTED" },
        ]});
        assert_eq!(progress.see_statuses(&statuses), []);
    }

    #[test]
    fn whatever_goes_back_is_told() {
        let first = calculation(
            "CALCULATION_READY",
            &[("a", "PRE_CALC_READY", Some(1.0)), ("b", "APPROVED", Some(2.0)), ("c", "REJECTED", None)],
        );
        let second =
            calculation(RUNNING, &[("b", "PRE_CALC_READY", Some(2.0)), ("a", "PRE_CALC_READY", None)]);
        let mut progress = Progress::default();
        assert_eq!(progress.see(&first), []);
        let told: Vec<String> = progress.see(&second).iter().map(Fault::to_string).collect();
        assert_eq!(
            told,
            [
                "status: went back from CALCULATION_READY to PARTNER_CALCULATION_IN_PROGRESS",
                "offers: offer c was there and is gone",
                "offers[0].status: offer b went back from APPROVED to PRE_CALC_READY",
                "offers[1].price: offer a had a price and has none any more",
            ]
        );
    }

    #[test]
    fn what_is_over_stays_so_and_what_is_paid_is_not_given_up() {
        for status in OFFER_STATUSES {
            for end in ["REJECTED", "OFFER_ERROR", "CLOSED_TIMEOUT", "CLOSED_OTHER_OFFER", "CLOSED_PAID"] {
                assert_eq!(offer_may_go(end, status), *status == end, "{end} to {status}");
            }
            assert_eq!(
                offer_may_go("PAYMENT_COMPLETED", status),
                matches!(*status, "PAYMENT_COMPLETED" | "CLOSED_PAID"),
                "{status}"
            );
        }
        assert!(offer_may_go("PAYMENT_CANCELLED", "PAYMENT_READY"));
        assert!(!offer_may_go("PAYMENT_READY", "APPROVED"));
        assert!(is_finished("CALCULATION_ERROR") && !is_finished("DRAFT"));
    }
}
