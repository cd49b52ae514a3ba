//! What was sent, and whether it may have been: limits, breakers, closed lanes, permits, applications.
//!
//! Calls are counted where they leave for the insurer. What holds at that moment is asked of the gateway; how many went
//! is not.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde_json::Value;
use veer_contract::Lane;

use super::fault::Fault;
use crate::{
    config::{Mode, RateLimit},
    telemetry,
    upstream::{Insurer, breaker::State},
};

/// The longest that an insurer's word closes a lane.
const CLOSED_AT_MOST: Duration = Duration::from_secs(300);

/// A call that leaves.
#[derive(Debug, Clone)]
pub(super) struct Departure {
    pub insurer: String,
    pub path: String,
    pub body: Value,
}

/// What was sent since the run began.
#[derive(Default)]
pub(super) struct Ledger {
    /// Which of the run's gateways it is.
    life: u32,
    insurers: BTreeMap<String, Weak<Insurer>>,
    lanes: BTreeMap<(String, Lane), Log>,
    applications: BTreeMap<Key, Vec<Applied>>,
}

/// What one lane was sent.
#[derive(Default)]
struct Log {
    calls: Vec<Called>,
    closed_until: Option<Timestamp>,
    under_way: u32,
    /// The most that were allowed at once since this gateway began.
    most_at_once: u32,
}

struct Called {
    at: Timestamp,
    life: u32,
    day: Date,
    /// A daily limit held.
    is_daily: bool,
}

/// Whose application, which, and of which risk or offer.
type Key = (String, String, String);

struct Applied {
    /// The conversation that sent it; none where it is about an offer.
    conversation: Option<String>,
    /// The gateway was told that nothing was made of it.
    made_nothing: bool,
}

// === impl Departure ===

impl Departure {
    pub(super) fn lane(&self) -> Lane {
        match &*self.path {
            "login" => Lane::Session,
            "price" | "apply" | "finalise" => Lane::Create,
            "look" | "paid" => Lane::Poll,
            "link" => Lane::Payment,
            _ => Lane::Document,
        }
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or("")
    }

    /// What it is the application of, where it is one that may not be sent twice.
    fn application(&self) -> Option<Key> {
        let about = match &*self.path {
            "apply" => self.text("risk"),
            "finalise" => self.text("id"),
            _ => return None,
        };
        Some((self.insurer.clone(), self.path.clone(), about.to_owned()))
    }
}

// === impl Ledger ===

impl Ledger {
    /// A gateway with these insurers begins.
    pub(super) fn begin(&mut self, life: u32, insurers: &[Arc<Insurer>]) {
        self.life = life;
        self.insurers = insurers.iter().map(|it| (it.code().to_owned(), Arc::downgrade(it))).collect();
        for log in self.lanes.values_mut() {
            (log.closed_until, log.most_at_once) = (None, 0);
        }
        self.look_at_permits();
    }

    /// Looks how many calls may be under way at once. A permit that was taken is good for its call, however long that
    /// waits for its session and its moment, so what counts is the most since this gateway began.
    pub(super) fn look_at_permits(&mut self) {
        for (code, insurer) in &self.insurers {
            let Some(insurer) = insurer.upgrade() else { continue };
            for lane in Lane::ALL {
                if let Some(permits) = insurer.permits(lane) {
                    let log = self.lanes.entry((code.clone(), lane)).or_default();
                    log.most_at_once = log.most_at_once.max(permits.allowed());
                }
            }
        }
    }

    /// Notes a call that leaves, and what speaks against it. An application may be sent `times` times in all: as
    /// often as somebody asks for the same risk. `keyed` ones may go again with their key.
    pub(super) fn depart(
        &mut self,
        departure: &Departure,
        fault: Fault,
        now: Timestamp,
        times: usize,
        keyed: bool,
    ) -> Vec<String> {
        let mut problems = Vec::new();
        let (insurer, lane) = (&departure.insurer, departure.lane());
        let name = format!("{insurer} {lane}");
        let Some(engine) = self.insurers.get(insurer).and_then(Weak::upgrade) else {
            return vec![format!("{name}: a call left after its gateway had ended")];
        };
        let log = self.lanes.entry((insurer.clone(), lane)).or_default();
        let limits = engine.limiter(lane).unwrap().standing();
        let rates: Vec<RateLimit> = match limits.mode {
            Mode::On => limits.windows.iter().map(|window| window.limit).collect(),
            _ => Vec::new(),
        };
        if fault.arrives() {
            let is_daily = rates.iter().any(RateLimit::is_daily);
            log.calls.push(Called { at: now, life: self.life, day: telemetry::moscow_date(now), is_daily });
        }
        for rate in rates {
            let counted = log.counted(&rate, self.life, now);
            if counted > u64::from(rate.count) {
                problems.push(format!("{name}: over its limit: {counted} calls where {rate:?} holds"));
            }
        }
        if let Some(until) = log.closed_until.filter(|until| *until > now) {
            problems.push(format!("{name}: a call left while the insurer had closed the lane until {until}"));
        }
        log.under_way += 1;
        log.most_at_once = log.most_at_once.max(engine.permits(lane).unwrap().allowed());
        if log.under_way > log.most_at_once {
            let (under_way, most) = (log.under_way, log.most_at_once);
            problems.push(format!("{name}: {under_way} calls are under way where {most} may be"));
        }
        let breaker = engine.breaker(lane).unwrap().standing();
        let is_blocked = match &breaker.hand {
            Some(hand) => hand.hand == "block",
            None => breaker.mode == "on" && breaker.state == State::Blocked,
        };
        if is_blocked {
            problems.push(format!("{name}: a call left while its breaker blocks: {breaker:?}"));
        }
        if fault.arrives()
            && !keyed
            && let Some(key) = departure.application()
        {
            let conversation = departure.body["conversation"].as_str().map(str::to_owned);
            let earlier = self.applications.entry(key).or_default();
            let standing = earlier.iter().filter(|it| !it.made_nothing);
            let again = standing.clone().any(|it| conversation.is_some() && it.conversation == conversation);
            if again || standing.count() >= times {
                problems.push(format!("{name}: an application is sent again: {departure:?}"));
            }
            earlier.push(Applied { conversation, made_nothing: false });
        }
        problems
    }

    /// The gateway is told the whole answer to a call.
    pub(super) fn told(
        &mut self,
        departure: &Departure,
        status: u16,
        retry: Option<Duration>,
        body: &Value,
        now: Timestamp,
    ) {
        let log = self.lanes.entry((departure.insurer.clone(), departure.lane())).or_default();
        let pause = match (status, retry) {
            (429 | 503, Some(pause)) => Some(pause.min(CLOSED_AT_MOST)),
            (429, None) => Some(Duration::from_secs(1)),
            _ => None,
        };
        if let Some(pause) = pause {
            let until = now + SignedDuration::try_from(pause).unwrap();
            log.closed_until = Some(log.closed_until.map_or(until, |known| known.max(until)));
        }
        // It says itself that nothing was made.
        let is_refused = match status {
            400..=499 => !matches!(status, 408 | 409),
            _ => body["state"] == "registry" || body["error"] == "session",
        };
        let conversation = departure.body["conversation"].as_str();
        if is_refused
            && let Some(applied) = departure.application().and_then(|key| {
                let mut all = self.applications.get_mut(&key)?.iter_mut();
                all.rfind(|it| it.conversation.as_deref() == conversation)
            })
        {
            applied.made_nothing = true;
        }
    }

    /// A call is not under way any more.
    pub(super) fn over(&mut self, departure: &Departure) {
        let log = self.lanes.entry((departure.insurer.clone(), departure.lane())).or_default();
        log.under_way -= 1;
    }
}

// === impl Log ===

impl Log {
    /// How many calls the insurer counts in the window that ends now.
    fn counted(&self, rate: &RateLimit, life: u32, now: Timestamp) -> u64 {
        let today = telemetry::moscow_date(now);
        let per = SignedDuration::try_from(rate.per).unwrap();
        let is_counted = |call: &&Called| match rate.is_daily() {
            // What went where no quota of the day held is written down later: a crash may forget some of it.
            true => call.day == today && (call.life == life || call.is_daily),
            // Shorter windows begin empty after a crash, as it is documented.
            false => call.life == life && call.at > now - per,
        };
        self.calls.iter().rev().filter(is_counted).count() as u64
    }
}
