//! An application: a price that somebody wants to be insured for.

use std::time::Duration;

use jiff::civil::Date;
use veer_contract::domain::Kopecks;

use crate::{
    company::{Company, Price, Refusal},
    exchange::Exchange,
    risk::RiskId,
    sale::Wait,
};

/// One application.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    pub(crate) risk: RiskId,
    /// First day of the policy.
    pub(crate) start: Date,
    /// The final price.
    pub(crate) price: Price,
    /// What the checks come to,
    pub(crate) verdict: Verdict,
    /// and when.
    pub(crate) checks: Wait,
    /// What an approved one then waits for until it may be paid.
    pub(crate) hold: Wait,
    /// Made for a look at the outcome only; never billed.
    pub(crate) trial: bool,
    /// obrazets: given up by who made it; neither billed nor issued any more.
    pub(crate) withdrawn: bool,
    /// ingosstrakh, tinkoff: whether the policy was asked for.
    pub(crate) asked_for: bool,
    /// renessans: what the cross-sales cost that were selected with it.
    pub(crate) extra: Kopecks,
    /// Ten digits.
    pub(crate) policy: String,
    /// The newest bill.
    pub(crate) order: Option<String>,
}

/// What an insurer makes of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Sold.
    Approved,
    /// Not sold.
    Declined(Refusal),
    /// The registry says that the data are not right.
    NotInRegistry(Refusal),
}

const REASONS: [&str; 3] = [
    "Оформление невозможно: отказ по результатам проверки заявления",
    "Оформление электронного полиса по данному заявлению невозможно, обратитесь в офис",
    "Заявление отклонено андеррайтером",
];

const REGISTRY_REASONS: [&str; 2] = [
    "Не пройдена проверка РСА: сведения о транспортном средстве не подтверждены",
    "Не пройдена проверка РСА: сведения о водительском удостоверении не найдены",
];

// === impl Application ===

impl Application {
    /// The application that arrives with a call, at the price that the insurer now gives.
    pub(crate) fn new(company: &Company, exchange: &Exchange<'_>, quoted: Quoted) -> Self {
        let Quoted { risk, start, price } = quoted;
        let knobs = exchange.knobs();
        let held = company.about(risk).happens("hold", knobs.hold.share);
        Self {
            risk,
            start,
            price,
            verdict: Verdict::of(company, risk),
            checks: Wait::new(exchange.latency(), knobs.application_polls.draw(exchange.draws())),
            hold: Wait::new(Duration::ZERO, if held { knobs.hold.polls.saturating_add(1) } else { 0 }),
            trial: false,
            withdrawn: false,
            asked_for: false,
            extra: Kopecks::ZERO,
            policy: format!("0{:09}", exchange.draws().below("policy", 1_000_000_000)),
            order: None,
        }
    }

    /// The same where the checks are over with the application's own call, and their askings are those of
    /// the queue behind it.
    pub(crate) fn checked_at_once(mut self) -> Self {
        let askings = self.checks.askings_left().saturating_add(self.hold.askings_left().saturating_sub(1));
        self.hold = Wait::new(Duration::ZERO, askings);
        self.checks = Wait::new(Duration::ZERO, 0);
        self
    }

    /// The same where nothing is waited for: neither polls nor a queue.
    pub(crate) fn ready_at_once(self) -> Self {
        let over = Wait::new(Duration::ZERO, 0);
        Self { checks: over, hold: over, ..self }
    }

    /// Whether it is approved and may be paid.
    pub(crate) fn may_be_paid(&self) -> bool {
        self.is_approved() && self.hold.is_over()
    }

    /// Whether its checks are over and well.
    pub(crate) fn is_approved(&self) -> bool {
        !self.trial && self.checks.is_over() && self.verdict == Verdict::Approved
    }
}

/// A price that was given, and for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quoted {
    pub(crate) risk: RiskId,
    pub(crate) start: Date,
    pub(crate) price: Price,
}

// === impl Verdict ===

impl Verdict {
    /// The same at every application for that risk, while the knobs stay.
    fn of(company: &Company, risk: RiskId) -> Self {
        let (about, knobs) = (company.about(risk).with("application"), company.knobs());
        let one =
            |reasons: &[&'static str]| Refusal(reasons[about.below("reason", reasons.len() as u64) as usize]);
        if about.happens("decline", knobs.application_decline) {
            Self::Declined(one(&REASONS))
        } else if about.happens("registry", knobs.registry_failed) {
            Self::NotInRegistry(one(&REGISTRY_REASONS))
        } else {
            Self::Approved
        }
    }

    /// The words of a no.
    pub(crate) fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Approved => None,
            Self::Declined(Refusal(reason)) | Self::NotInRegistry(Refusal(reason)) => Some(reason),
        }
    }
}
