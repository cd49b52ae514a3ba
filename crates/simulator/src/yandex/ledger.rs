//! What was received, credited and refused.
//!
//! A sale is known by its `request_id` and `offer_id`. The first time that it is told it is credited; told
//! again it is taken and not credited again; told again with another amount or insurer it contradicts, and
//! then nothing of that call counts. Everything of a call is written in one go, before it is answered, so
//! whoever misses the answer still finds here what became of the sale.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use veer_contract::domain::Kopecks;

use super::fields::{Problem, Sale};

/// A sale as Yandex was told of it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The calculation, in small letters.
    pub request_id: String,
    /// The offer that was sold.
    pub offer_id: String,
    /// The insurer's partner code.
    pub counterparty_id: i64,
    /// The whole premium, cross-sales included.
    pub amount: Kopecks,
    /// Whether a cross-sale was sold too, where that was said.
    pub is_upsaled: Option<bool>,
    /// How it was told.
    pub method: ConfirmedBy,
    /// Which call it came with, counted from 1.
    pub call: u64,
    /// When, since the start of this Yandex.
    pub at: Duration,
    /// Whether this very time credited it.
    pub counted: bool,
    /// The status of the answer; `None` where it was kept back.
    pub answer: Option<u16>,
}

/// How a sale was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConfirmedBy {
    /// Alone.
    Get,
    /// In bulk.
    Post,
}

/// A sale that was told in two ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// As it was told first.
    pub first: Confirmation,
    /// As it was told again, and refused.
    pub again: Confirmation,
}

/// A call that was refused for what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// How it came.
    pub method: ConfirmedBy,
    /// Which call it was, counted from 1.
    pub call: u64,
    /// When, since the start of this Yandex.
    pub at: Duration,
    /// The status of the answer.
    pub status: u16,
    /// What was wrong: `data[1].amount: must be …`.
    pub problems: Vec<String>,
}

/// A call that has arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    method: ConfirmedBy,
    call: u64,
    at: Duration,
}

/// Everything that this Yandex knows. Credited sales are never forgotten; of the rest the newest are kept.
pub(super) struct Ledger {
    started: Instant,
    calls: u64,
    received: VecDeque<Confirmation>,
    credited: Vec<Confirmation>,
    /// Where in `credited` a sale stands.
    places: HashMap<(String, String), usize>,
    contradictions: VecDeque<Contradiction>,
    refusals: VecDeque<Refusal>,
}

const KEPT: usize = 1_000_000;

// === impl Ledger ===

impl Ledger {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            calls: 0,
            received: VecDeque::new(),
            credited: Vec::new(),
            places: HashMap::new(),
            contradictions: VecDeque::new(),
            refusals: VecDeque::new(),
        }
    }

    pub(super) fn arrive(&mut self, method: ConfirmedBy) -> Arrival {
        self.calls += 1;
        Arrival { method, call: self.calls, at: self.started.elapsed() }
    }

    /// Writes down a call that is refused for what it is, with the sales in it that could be read.
    pub(super) fn refuse(&mut self, arrival: Arrival, sales: &[Sale], status: u16, problems: &[Problem]) {
        self.pass(arrival, sales, Some(status));
        let Arrival { method, call, at } = arrival;
        let problems = problems.iter().map(Problem::to_string).collect();
        keep(&mut self.refusals, Refusal { method, call, at, status, problems });
    }

    /// Writes down sales that do not count.
    pub(super) fn pass(&mut self, arrival: Arrival, sales: &[Sale], answer: Option<u16>) {
        for sale in sales {
            keep(&mut self.received, arrival.with(sale, false, answer));
        }
    }

    /// Credits the sales of a call, all or, where one of them contradicts, none.
    pub(super) fn count(
        &mut self,
        arrival: Arrival,
        sales: &[Sale],
        answer: Option<u16>,
    ) -> Result<(), Vec<Problem>> {
        let before = self.credited.len();
        let mut rows = Vec::new();
        let mut contradicted = Vec::new();
        let mut problems = Vec::new();
        for sale in sales {
            let mut row = arrival.with(sale, false, answer);
            match self.places.get(&row.key()).map(|place| &self.credited[*place]) {
                None => {
                    row.counted = true;
                    self.places.insert(row.key(), self.credited.len());
                    self.credited.push(row.clone());
                }
                Some(first) => {
                    let wrong = first.against(sale);
                    if !wrong.is_empty() {
                        contradicted.push((first.clone(), row.clone()));
                        problems.extend(wrong);
                    }
                }
            }
            rows.push(row);
        }
        if problems.is_empty() {
            rows.into_iter().for_each(|row| keep(&mut self.received, row));
            return Ok(());
        }
        for undone in self.credited.drain(before..) {
            self.places.remove(&undone.key());
        }
        // Where the answer is kept back, so is the refusal.
        let answer = answer.map(|_| 409);
        for (mut first, mut again) in contradicted {
            if first.call == arrival.call {
                (first.counted, first.answer) = (false, answer);
            }
            again.answer = answer;
            keep(&mut self.contradictions, Contradiction { first, again });
        }
        match answer {
            Some(status) => self.refuse(arrival, sales, status, &problems),
            None => self.pass(arrival, sales, None),
        }
        Err(problems)
    }

    pub(super) fn received(&self) -> Vec<Confirmation> {
        self.received.iter().cloned().collect()
    }

    pub(super) fn credited(&self) -> Vec<Confirmation> {
        self.credited.clone()
    }

    pub(super) fn contradictions(&self) -> Vec<Contradiction> {
        self.contradictions.iter().cloned().collect()
    }

    pub(super) fn refusals(&self) -> Vec<Refusal> {
        self.refusals.iter().cloned().collect()
    }
}

fn keep<T>(entries: &mut VecDeque<T>, entry: T) {
    if entries.len() == KEPT {
        entries.pop_front();
    }
    entries.push_back(entry);
}

// === impl Arrival ===

impl Arrival {
    fn with(self, sale: &Sale, counted: bool, answer: Option<u16>) -> Confirmation {
        Confirmation {
            request_id: sale.request_id.clone(),
            offer_id: sale.offer_id.clone(),
            counterparty_id: sale.counterparty_id,
            amount: sale.amount,
            is_upsaled: sale.is_upsaled,
            method: self.method,
            call: self.call,
            at: self.at,
            counted,
            answer,
        }
    }
}

// === impl Confirmation ===

impl Confirmation {
    fn key(&self) -> (String, String) {
        (self.request_id.clone(), self.offer_id.clone())
    }

    /// What `sale`, which is the same one, says otherwise.
    fn against(&self, sale: &Sale) -> Vec<Problem> {
        let amount = (sale.amount != self.amount).then(|| sale.contradiction("amount", self.amount));
        let insurer = (sale.counterparty_id != self.counterparty_id)
            .then(|| sale.contradiction("counterparty_id", self.counterparty_id));
        amount.into_iter().chain(insurer).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sale(offer: u8, amount: i64) -> Sale {
        Sale {
            path: String::new(),
            request_id: "r".into(),
            offer_id: offer.to_string(),
            counterparty_id: 7,
            amount: Kopecks::new(amount),
            is_upsaled: None,
        }
    }

    proptest! {
        #[test]
        fn whatever_is_told_a_sale_is_credited_once_as_it_was_first_taken(
            calls in prop::collection::vec(prop::collection::vec((0..4_u8, 1..3_i64), 1..4), 0..30),
        ) {
            let mut ledger = Ledger::new();
            let mut expected: HashMap<u8, i64> = HashMap::new();
            for call in calls {
                let mut wanted = expected.clone();
                let sound = call.iter().all(|(offer, amount)| wanted.entry(*offer).or_insert(*amount) == amount);
                let sales: Vec<_> = call.iter().map(|(offer, amount)| sale(*offer, *amount)).collect();
                let arrival = ledger.arrive(ConfirmedBy::Post);
                prop_assert_eq!(ledger.count(arrival, &sales, Some(200)).is_ok(), sound);
                if sound {
                    expected = wanted;
                }
                let mut credited = HashMap::new();
                for row in ledger.credited() {
                    prop_assert!(row.counted);
                    let offer = row.offer_id.parse().unwrap();
                    prop_assert!(credited.insert(offer, row.amount.get()).is_none(), "credited twice");
                }
                prop_assert_eq!(&credited, &expected);
                let counted: Vec<_> = ledger.received().into_iter().filter(|row| row.counted).collect();
                prop_assert_eq!(counted, ledger.credited());
            }
        }
    }
}
