//! Calculations that were created and are polled for.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use crate::{
    company::{Price, Refusal},
    risk::RiskId,
};

/// One calculation.
#[derive(Clone, Copy)]
pub(super) struct Calculation {
    pub(super) risk: RiskId,
    /// What it will come to.
    pub(super) result: Result<Price, Refusal>,
    /// Whether КБМ was asked for.
    pub(super) full: bool,
    /// Not before this moment,
    pub(super) ready_at: Instant,
    /// and not before this many polls.
    pub(super) polls_left: u32,
}

/// The calculations of one insurer; the oldest are forgotten when there are very many.
#[derive(Default)]
pub(super) struct Calculations(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_id: HashMap<u64, Calculation>,
    order: VecDeque<u64>,
}

const KEPT: usize = 200_000;

// === impl Calculations ===

impl Calculations {
    pub(super) fn put(&self, id: u64, calculation: Calculation) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.by_id.insert(id, calculation).is_none() {
            kept.order.push_back(id);
        }
        if kept.order.len() > KEPT {
            let oldest = kept.order.pop_front();
            oldest.map(|id| kept.by_id.remove(&id));
        }
    }

    /// The calculation of a poll, which counts; whether it is ready is told beside it.
    pub(super) fn poll(&self, id: u64) -> Option<(Calculation, bool)> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let calculation = kept.by_id.get_mut(&id)?;
        calculation.polls_left = calculation.polls_left.saturating_sub(1);
        let ready = calculation.polls_left == 0 && calculation.ready_at <= Instant::now();
        Some((*calculation, ready))
    }
}
