//! One simulated insurer, whatever it speaks: its knobs, its draws, its prices.

mod price;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use rust_decimal::Decimal;

use crate::{
    InsurerPlan, Knobs, Wire,
    busy::Busy,
    dictionary::Dictionary,
    draws::Draws,
    journal::Journal,
    risk::RiskId,
    sale::{Book, Notices},
    tariff::Tariff,
};

pub(crate) use price::{Price, Refusal};

/// An insurer.
pub(crate) struct Company {
    /// Its name.
    pub(crate) code: Arc<str>,
    /// What it speaks.
    pub(crate) wire: Wire,
    /// Where: `http://127.0.0.1:40123/`.
    pub(crate) base_url: String,
    /// Where its payment pages are: there too, unless only callers with a certificate get in there.
    pub(crate) pages_url: String,
    /// Who may call it.
    pub(crate) credentials: Credentials,
    /// Draws that every insurer of the simulation shares, as the register of drivers.
    pub(crate) world: Draws,
    /// Draws of this insurer.
    pub(crate) own: Draws,
    /// Where received calls are written down.
    pub(crate) journal: Arc<Journal>,
    /// How many calls it has under way.
    pub(crate) busy: Arc<Busy>,
    /// What it sold.
    pub(crate) book: Book,
    /// Its own calls.
    pub(crate) notices: Notices,
    knobs: ArcSwap<Knobs>,
    attempts: Mutex<HashMap<(&'static str, RiskId), u64>>,
}

/// What the insurer checks, each wire what it has. All invented.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) key: String,
    /// What it signs its own calls with: the HMAC key, the form's key or the Basic password.
    pub(crate) callback: String,
}

/// Risks whose askings are counted; beyond that the count starts anew.
const COUNTED: usize = 1_000_000;

// === impl Company ===

impl Company {
    pub(crate) fn new(seed: u64, plan: &InsurerPlan, base_url: String, journal: Arc<Journal>) -> Self {
        let world = Draws::new(seed);
        let own = world.with("insurer").with(&plan.code);
        let credentials = Credentials {
            user: format!("veer-{}", plan.code),
            password: own.hex("password", 20),
            key: own.hex("key", 32),
            callback: own.hex("callback", 32),
        };
        Self {
            code: plan.code.as_str().into(),
            wire: plan.wire,
            pages_url: base_url.clone(),
            base_url,
            credentials,
            world,
            own,
            journal,
            busy: Arc::default(),
            book: Book::default(),
            notices: Notices::default(),
            knobs: ArcSwap::from_pointee(plan.knobs.clone()),
            attempts: Mutex::default(),
        }
    }

    /// The same with its payment pages elsewhere.
    pub(crate) fn with_pages(self, pages_url: Option<String>) -> Self {
        match pages_url {
            Some(pages_url) => Self { pages_url, ..self },
            None => self,
        }
    }

    pub(crate) fn knobs(&self) -> Arc<Knobs> {
        self.knobs.load_full()
    }

    /// The vehicles that it knows at this moment.
    pub(crate) fn dictionary(&self) -> Dictionary {
        Dictionary::new(self.wire, self.knobs().dictionary_revision)
    }

    pub(crate) fn set_knobs(&self, knobs: Knobs) {
        self.knobs.store(Arc::new(knobs));
    }

    /// How many times this was asked of that risk before; counts this time.
    pub(crate) fn attempt(&self, operation: &'static str, risk: RiskId) -> u64 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() >= COUNTED {
            attempts.clear();
        }
        let count = attempts.entry((operation, risk)).or_default();
        *count += 1;
        *count - 1
    }

    /// Draws of this insurer about that risk.
    pub(crate) fn about(&self, risk: RiskId) -> Draws {
        self.own.with("risk").with_number(risk.0)
    }

    /// КБМ of one driver, as the register has it.
    pub(crate) fn bonus_malus(&self, licence: &str) -> Decimal {
        Tariff::embedded().bonus_malus.of_licence(&self.world.with("register"), licence)
    }
}
