//! All that is around a gateway in a run, and what is noted of it.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{
    company::{Answer, Company, Mood},
    dice::Dice,
    fault::Fault,
    ledger::{Departure, Ledger},
    partner::Partner,
    plan::Happening,
    style::Applies,
};
use crate::store::disk::Fate;

/// Insurers, partner and disk of a run.
pub(super) struct World {
    start: Timestamp,
    dice: Dice,
    companies: BTreeMap<String, Company>,
    pub ledger: Ledger,
    pub partner: Partner,
    disk: DiskMood,
    trace: Vec<String>,
    problems: Vec<String>,
}

/// How the disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DiskMood {
    /// Every commit succeeds, within milliseconds.
    Well,
    /// They succeed, within seconds.
    Slow,
    /// Nothing is written.
    Full,
    /// Some are written and some not, and some that are look as if they were not.
    Shaky,
}

/// What becomes of a call that has left.
pub(super) struct Sent {
    pub fault: Fault,
    pub answer: Answer,
    /// Until the insurer says something.
    pub pause: Duration,
}

// === impl World ===

impl World {
    pub(super) fn new(
        seed: u64,
        start: Timestamp,
        companies: BTreeMap<String, Company>,
        partner: Partner,
    ) -> Self {
        Self {
            start,
            dice: Dice::new(seed, 2),
            companies,
            ledger: Ledger::default(),
            partner,
            disk: DiskMood::Well,
            trace: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Writes a line of what happens.
    pub(super) fn note(&mut self, now: Timestamp, line: impl AsRef<str>) {
        let since = now.duration_since(self.start);
        self.trace.push(format!("{:>10.3} {}", since.as_secs_f64(), line.as_ref()));
    }

    /// Something does not hold.
    pub(super) fn broken(&mut self, now: Timestamp, what: impl AsRef<str>) {
        self.note(now, format!("BROKEN {}", what.as_ref()));
        self.problems.push(what.as_ref().to_owned());
    }

    /// What did not hold, and what happened.
    pub(super) fn take(&mut self) -> (Vec<String>, Vec<String>) {
        (std::mem::take(&mut self.problems), std::mem::take(&mut self.trace))
    }

    /// A call leaves.
    pub(super) fn send(&mut self, departure: &Departure, session: Option<&str>, now: Timestamp) -> Sent {
        let company = self.companies.get_mut(&departure.insurer).unwrap();
        let fault = Fault::draw(company.mood, &self.dice);
        let style = company.style;
        let answer = match fault.arrives() {
            true => company.hear(&departure.path, &departure.body, session, now, &self.dice),
            false => Answer { status: 0, body: serde_json::Value::Null },
        };
        let pause = match fault {
            Fault::Late => Duration::from_secs(5),
            Fault::Connect | Fault::Tls => self.dice.millis(1..2_500),
            _ => self.dice.millis(5..1_200),
        };
        let (times, deadline) = self.partner.asked_for(departure.text("risk"));
        let keyed = style.applies == Applies::Keyed;
        let mut problems = self.ledger.depart(departure, fault, now, times, keyed);
        let is_quoting = matches!(&*departure.path, "price" | "apply" | "look" | "extra");
        if is_quoting && !departure.text("risk").is_empty() && deadline.is_some_and(|deadline| now > deadline)
        {
            problems.push(format!("{departure:?} left after the time of its calculation"));
        }
        let Departure { insurer, path, body } = departure;
        self.note(now, format!("{insurer} ◄ {path} {body} {fault:?}"));
        problems.into_iter().for_each(|problem| self.broken(now, problem));
        Sent { fault, answer, pause }
    }

    /// The gateway is told the whole answer to a call.
    pub(super) fn told(
        &mut self,
        departure: &Departure,
        status: u16,
        retry: Option<Duration>,
        body: &serde_json::Value,
        now: Timestamp,
    ) {
        self.ledger.told(departure, status, retry, body, now);
    }

    /// A call is over.
    pub(super) fn over(&mut self, departure: &Departure, told: &str, now: Timestamp) {
        self.ledger.over(departure);
        self.note(now, format!("{} ► {} {told}", departure.insurer, departure.path));
    }

    /// A commit begins.
    pub(super) fn commit(&mut self, now: Timestamp) -> Fate {
        let dice = &self.dice;
        let fate = |before, after, is_written, is_told| Fate { before, is_written, after, is_told };
        let fate = match self.disk {
            DiskMood::Well => fate(dice.millis(0..4), Duration::ZERO, true, true),
            DiskMood::Slow => fate(dice.millis(50..3_000), dice.millis(0..300), true, true),
            DiskMood::Full => fate(dice.millis(0..20), Duration::ZERO, false, false),
            DiskMood::Shaky => {
                let is_written = dice.happens(650);
                let is_told = is_written && dice.happens(750);
                fate(dice.millis(0..60), dice.millis(0..60), is_written, is_told)
            }
        };
        if fate.before + fate.after > Duration::from_millis(4) || !fate.is_told {
            self.note(now, format!("disk {fate:?}"));
        }
        fate
    }

    /// It was carried out.
    pub(super) fn committed(&mut self, now: Timestamp, is_written: bool) {
        if !is_written {
            self.broken(now, "the database refused a commit that it should take");
        }
    }

    /// The user comes to the page of a payment.
    pub(super) fn pay(&mut self, insurer: &str, payment: &str, now: Timestamp) -> bool {
        let state = *self.dice.one(&["paid", "paid", "paid", "cancelled", "pending"]);
        if let Some(company) = self.companies.get_mut(insurer) {
            company.pay(payment, state, now, &self.dice);
        }
        self.note(now, format!("user: {insurer} {payment} {state}"));
        state == "paid"
    }

    /// A mood of an insurer's or of the disk's changes.
    pub(super) fn happens(&mut self, happening: &Happening) {
        match happening {
            Happening::Mood(insurer, mood) => {
                self.companies.entry((*insurer).to_owned()).and_modify(|company| company.mood = *mood);
            }
            Happening::Disk(mood) => self.disk = *mood,
            _ => {}
        }
    }

    /// Everybody is well from now on.
    pub(super) fn heal(&mut self) {
        self.disk = DiskMood::Well;
        self.companies.values_mut().for_each(|company| company.mood = Mood::Well);
    }

    /// So much later than the run began.
    pub(super) fn since_start(&self, now: Timestamp) -> SignedDuration {
        now.duration_since(self.start)
    }
}
