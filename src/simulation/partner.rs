//! What the partner asked for and was shown, and whether it may be shown what it is shown next.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::calculation::{
    CalculationStatus::{self, Closed, InProgress, Paid},
    OfferStatus,
    moves::MOVES,
};

/// A calculation is cut off so long after its time, and seen a moment later.
const GRACE: SignedDuration = SignedDuration::from_millis(400);

/// The partner.
pub(super) struct Partner {
    budget: Duration,
    /// Since when the present gateway works.
    ready: Timestamp,
    /// It is being stopped: what is under way is the next one's.
    pub is_stopping: bool,
    pub asked: Vec<Asked>,
}

/// One calculation.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub id: Uuid,
    /// Equal numbers are equal risks.
    pub risk: usize,
    /// Somebody wants to buy.
    pub buys: bool,
    /// When it was posted last, until it was accepted.
    pub posted: Option<Timestamp>,
    /// When it was accepted: what the gateway says, and when it said so.
    pub accepted: Option<(Timestamp, Timestamp)>,
    /// What was shown last.
    pub shown: Shown,
    /// The same as it was written.
    answer: Bytes,
    /// What was shown and is known to be durable.
    firm: Shown,
    /// The insurers' verdicts that were durable when they were looked at.
    pub verdicts: BTreeMap<String, u16>,
    /// The user has come to a payment page.
    pub has_come: bool,
    /// The user has paid.
    pub has_paid: bool,
}

/// What is shown of a calculation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Shown {
    pub status: Option<CalculationStatus>,
    pub offers: BTreeMap<String, OfferShown>,
}

/// What is shown of an offer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OfferShown {
    pub insurer: i64,
    pub status: OfferStatus,
    pub price: Option<String>,
    pub payment_url: Option<String>,
}

// === impl Partner ===

impl Partner {
    pub(super) fn new(budget: Duration, asked: Vec<Asked>) -> Self {
        Self { budget, ready: Timestamp::MIN, is_stopping: false, asked }
    }

    /// A gateway is ready: what was shown and is not durable may be gone.
    pub(super) fn begin(&mut self, now: Timestamp) {
        (self.ready, self.is_stopping) = (now, false);
        for asked in &mut self.asked {
            asked.shown = asked.firm.clone();
            asked.answer.clear();
        }
    }

    /// How many ask for the same risk, and when the time of the last of them is over.
    pub(super) fn asked_for(&self, risk: &str) -> (usize, Option<Timestamp>) {
        let these = self.asked.iter().filter(|it| it.risk.to_string() == risk);
        let posted: Vec<Timestamp> = these.filter_map(|it| it.posted).collect();
        let budget = SignedDuration::try_from(self.budget).unwrap();
        (posted.len().max(1), posted.into_iter().max().map(|last| last + budget))
    }

    /// As it is known to be shown now: kept until it is known to be durable.
    pub(super) fn snapshot(&self) -> Vec<Shown> {
        self.asked.iter().map(|asked| asked.shown.clone()).collect()
    }

    /// What stood in `snapshot` is durable.
    pub(super) fn is_durable(&mut self, snapshot: Vec<Shown>) {
        for (asked, mut shown) in self.asked.iter_mut().zip(snapshot) {
            // Who was asked and has not answered is asked or given up again after a crash: its place is not kept.
            shown.offers.retain(|_, offer| offer.price.is_some() || offer.status.is_final());
            asked.firm = shown;
        }
    }

    /// The partner is shown `answer` at `now`; what may not be so.
    pub(super) fn is_shown(&mut self, number: usize, answer: &Bytes, now: Timestamp) -> Vec<String> {
        let mut problems = Vec::new();
        let budget = SignedDuration::try_from(self.budget).unwrap();
        let (ready, is_stopping) = (self.ready, self.is_stopping);
        let asked = &mut self.asked[number];
        let is_new = asked.answer != *answer;
        let shown = if is_new { Shown::read(answer) } else { asked.shown.clone() };
        if !is_new && shown.status != Some(InProgress) {
            return problems;
        }
        asked.answer.clone_from(answer);
        if let (Some(was), Some(is)) = (asked.shown.status, shown.status)
            && (rank(is) < rank(was) || (rank(is) == 1 && rank(was) == 1 && is != was))
        {
            problems.push(format!("calculation {number}: {was} was shown, and now {is}"));
        }
        for (id, was) in &asked.shown.offers {
            match shown.offers.get(id) {
                None => {
                    problems.push(format!("calculation {number}: offer {id} was shown, and is gone: {was:?}"))
                }
                Some(is) if !is_way(was.status, is.status) => {
                    problems.push(format!(
                        "calculation {number}: offer {id} went from {} to {}",
                        was.status, is.status
                    ));
                }
                Some(is) if was.price.is_some() && is.price.is_none() && !is.status.is_final() => {
                    problems
                        .push(format!("calculation {number}: offer {id} had a price, and has none: {is:?}"));
                }
                Some(_) => {}
            }
        }
        if let Some((created, told)) = asked.accepted {
            let late = (created + budget).max(told).max(ready) + GRACE;
            if now > late && shown.status == Some(InProgress) && !is_stopping {
                problems.push(format!("calculation {number}: its time is over, and it is not"));
            }
        }
        if matches!(shown.status, Some(Paid | Closed)) && !asked.has_paid {
            problems.push(format!("calculation {number}: {:?}, and nobody has paid", shown.status));
        }
        asked.shown = shown;
        problems
    }
}

// === impl Asked ===

impl Asked {
    pub(super) fn new(id: Uuid, risk: usize, buys: bool) -> Self {
        Self {
            id,
            risk,
            buys,
            posted: None,
            accepted: None,
            shown: Shown::default(),
            answer: Bytes::new(),
            firm: Shown::default(),
            verdicts: BTreeMap::new(),
            has_come: false,
            has_paid: false,
        }
    }

    /// What was paid is known to be.
    pub(super) fn is_settled(&self) -> bool {
        !self.has_paid || matches!(self.shown.status, Some(Paid | Closed))
    }

    /// Nothing more is expected of it.
    pub(super) fn is_over(&self) -> bool {
        self.accepted.is_some() && self.shown.status.is_some_and(|status| status != InProgress)
    }
}

// === impl Shown ===

impl Shown {
    fn read(answer: &[u8]) -> Self {
        let answer: Value = serde_json::from_slice(answer).unwrap();
        let offers = answer["offers"].as_array().unwrap().iter().map(|offer| {
            let shown = OfferShown {
                insurer: offer["partner"]["code"].as_i64().unwrap_or(0),
                status: OfferStatus::parse(offer["status"].as_str().unwrap()).unwrap(),
                price: offer["price"].as_number().map(ToString::to_string),
                payment_url: offer["payment_url"].as_str().map(str::to_owned),
            };
            (offer["offer_id"].as_str().unwrap().to_owned(), shown)
        });
        Self {
            status: CalculationStatus::parse(answer["status"].as_str().unwrap()),
            offers: offers.collect(),
        }
    }
}

/// A calculation only goes on.
fn rank(status: CalculationStatus) -> u8 {
    match status {
        CalculationStatus::Draft | InProgress => 0,
        CalculationStatus::Ready | CalculationStatus::NoneAvailable | CalculationStatus::Error => 1,
        Paid => 2,
        Closed => 3,
    }
}

/// Whether moves lead from the one to the other.
fn is_way(from: OfferStatus, to: OfferStatus) -> bool {
    let (mut seen, mut next) = (vec![from], vec![from]);
    while let Some(at) = next.pop() {
        for (_, to) in MOVES.iter().filter(|(from, _)| *from == at) {
            if !seen.contains(to) {
                seen.push(*to);
                next.push(*to);
            }
        }
    }
    seen.contains(&to)
}
