//! An insurer's memory of applications and bills. It forgets nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{
    Knobs,
    sale::{
        Application, Order,
        order::{Payment, State},
    },
};

/// The book of one insurer.
#[derive(Default)]
pub(crate) struct Book(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    applications: HashMap<String, Application>,
    orders: HashMap<String, Order>,
}

/// What the user does on the payment page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Pay,
    Cancel,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It happened now.
    Now,
    /// It had happened before.
    Before,
    /// The other thing had happened before.
    Refused,
}

/// What came of giving an application up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Withdrawal {
    /// It is given up, now or before.
    Done,
    /// It was paid: it stays.
    Paid,
}

// === impl Book ===

impl Book {
    /// Writes an application down under a key, unless there is one: then that one stays.
    pub(crate) fn apply(&self, key: &str, application: Application) {
        self.lock().applications.entry(key.to_owned()).or_insert(application);
    }

    /// Writes an application down under a key in place of the one that is there; one whose policy was asked for
    /// stays. Whether it was written down.
    pub(crate) fn apply_anew(&self, key: &str, application: Application) -> bool {
        let mut pages = self.lock();
        let free = pages.applications.get(key).is_none_or(|earlier| !earlier.asked_for);
        if free {
            pages.applications.insert(key.to_owned(), application);
        }
        free
    }

    /// Writes an application down under the first number from `from` on whose key is free.
    pub(crate) fn apply_under(
        &self,
        from: u64,
        key: impl Fn(u64) -> String,
        application: Application,
    ) -> String {
        let mut pages = self.lock();
        let key = free(from, key, |key| pages.applications.contains_key(key));
        pages.applications.insert(key.clone(), application);
        key
    }

    /// The application under that key.
    pub(crate) fn application(&self, key: &str) -> Option<Application> {
        self.lock().applications.get(key).cloned()
    }

    /// The application under that key, after `change`.
    pub(crate) fn with<R>(
        &self,
        key: &str,
        change: impl FnOnce(&mut Application) -> R,
    ) -> Option<(Application, R)> {
        let mut pages = self.lock();
        let application = pages.applications.get_mut(key)?;
        let result = change(application);
        Some((application.clone(), result))
    }

    /// Whether any application fits.
    pub(crate) fn any(&self, fits: impl Fn(&Application) -> bool) -> bool {
        self.lock().applications.values().any(fits)
    }

    /// Bills an application, and gives the bill's key: that of the first number from `from` on that is
    /// free. None where it was paid already. An open bill is over then.
    pub(crate) fn bill(&self, order: Order, from: u64, key: impl Fn(u64) -> String) -> Option<String> {
        let mut pages = self.lock();
        let Pages { applications, orders } = &mut *pages;
        let application = applications.get_mut(&order.application)?;
        let earlier = application.order.as_ref().and_then(|key| orders.get_mut(key));
        if let Some(earlier) = earlier {
            match earlier.state {
                State::Paid { .. } => return None,
                State::Open => earlier.state = State::Cancelled,
                State::Cancelled => {}
            }
        }
        let key = free(from, key, |key| orders.contains_key(key));
        application.order = Some(key.clone());
        orders.insert(key.clone(), order);
        Some(key)
    }

    /// The bill under that key.
    pub(crate) fn order(&self, key: &str) -> Option<Order> {
        self.lock().orders.get(key).cloned()
    }

    /// The newest bill of an application, with its key.
    pub(crate) fn order_of(&self, application: &Application) -> Option<(String, Order)> {
        let key = application.order.clone()?;
        let order = self.order(&key)?;
        Some((key, order))
    }

    /// How the payment of an application stands.
    pub(crate) fn payment(&self, application: &Application, knobs: &Knobs) -> Payment {
        self.order_of(application).map_or(Payment::Nothing, |(_, order)| order.payment(knobs))
    }

    /// Whether the policy of an application is issued.
    pub(crate) fn is_issued(&self, application: &Application, knobs: &Knobs) -> bool {
        self.order_of(application).is_some_and(|(_, order)| order.is_issued(knobs))
    }

    /// Pays or cancels a bill.
    pub(crate) fn settle(&self, key: &str, act: Act) -> Option<(Order, Done)> {
        let mut pages = self.lock();
        let order = pages.orders.get_mut(key)?;
        let done = match (act, order.state) {
            (Act::Pay, State::Open) => {
                order.state = State::Paid { at: Instant::now() };
                Done::Now
            }
            (Act::Cancel, State::Open) => {
                order.state = State::Cancelled;
                Done::Now
            }
            (Act::Pay, State::Paid { .. }) | (Act::Cancel, State::Cancelled) => Done::Before,
            (Act::Pay, State::Cancelled) | (Act::Cancel, State::Paid { .. }) => Done::Refused,
        };
        Some((order.clone(), done))
    }

    /// Gives an application up; an open bill is over then.
    pub(crate) fn withdraw(&self, key: &str) -> Option<Withdrawal> {
        let mut pages = self.lock();
        let Pages { applications, orders } = &mut *pages;
        let application = applications.get_mut(key)?;
        if let Some(order) = application.order.as_ref().and_then(|key| orders.get_mut(key)) {
            match order.state {
                State::Paid { .. } => return Some(Withdrawal::Paid),
                State::Open => order.state = State::Cancelled,
                State::Cancelled => {}
            }
        }
        application.withdrawn = true;
        Some(Withdrawal::Done)
    }

    /// Reads every application with its bills.
    pub(super) fn read<R>(&self, read: impl Fn(&str, &Application, &[&Order]) -> R) -> Vec<R> {
        let pages = self.lock();
        let one = |(key, application): (&String, &Application)| {
            let bills: Vec<&Order> =
                pages.orders.values().filter(|order| order.application == *key).collect();
            read(key, application, &bills)
        };
        pages.applications.iter().map(one).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn free(from: u64, key: impl Fn(u64) -> String, taken: impl Fn(&str) -> bool) -> String {
    let mut number = from;
    loop {
        let candidate = key(number);
        if !taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}
