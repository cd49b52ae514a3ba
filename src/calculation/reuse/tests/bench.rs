//! Two insurers that allow it, one question, and those who ask it.

use std::{
    cell::Cell,
    sync::{Arc, LazyLock},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, civil::date};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use veer_contract::{
    Lane, VehicleCodes,
    domain::{Kopecks, Offer, OfferRef, Premium, QuoteRequest},
};

use super::super::{Ear, Follow, Lead, Part, Question, Reuse};
use crate::{
    calculation::{conversation::Events, event::Event},
    telemetry::Metrics,
    upstream::{
        Budget, Timeline,
        driver::{End, Journal},
        timeline::What,
    },
};

static REQUEST: LazyLock<QuoteRequest> = LazyLock::new(veer_kit::requests::standard);
static ANOTHER_REQUEST: LazyLock<QuoteRequest> = LazyLock::new(veer_kit::requests::documented);
static CODES: LazyLock<VehicleCodes> = LazyLock::new(VehicleCodes::default);
static OTHER_CODES: LazyLock<VehicleCodes> =
    LazyLock::new(|| VehicleCodes { code: Some("1".into()), ..VehicleCodes::default() });

/// Makes it another question.
pub(super) type Change = fn(&mut Question<'static>);

/// Everything that can differ.
pub(super) const OTHERS: [Change; 6] = [
    |question| question.insurer = "southern",
    |question| question.request = &ANOTHER_REQUEST,
    |question| question.vehicle = &OTHER_CODES,
    |question| question.revision = Some(2),
    |question| question.switched_off = 1,
    |question| question.today = date(2026, 11, 21),
];

/// What is tried.
pub(super) struct Bench {
    pub reuse: Reuse,
    /// What the clock on the wall says.
    pub now: Cell<Timestamp>,
    metrics: Arc<Metrics>,
    window: Duration,
    valid: SignedDuration,
}

/// A leader.
pub(super) struct Leading {
    lead: Lead,
    events: Events,
}

/// A follower.
pub(super) struct Listener {
    pub timeline: Timeline,
    pub stop: CancellationToken,
    budget: Budget,
    events: Events,
    told: mpsc::UnboundedReceiver<(usize, Event)>,
}

// === impl Bench ===

impl Bench {
    pub fn new(window: Duration) -> Self {
        let metrics = Arc::new(Metrics::new(std::iter::empty(), &[], &[]).unwrap());
        let insurers = ["northern", "southern"].map(|code| (code, window));
        let reuse = Reuse::new(insurers.into_iter(), Duration::from_secs(30), &metrics);
        let (now, valid) = (Cell::new(Timestamp::UNIX_EPOCH), SignedDuration::from_hours(24));
        Self { reuse, now, metrics, window, valid }
    }

    pub fn with_offers_valid(self, valid: SignedDuration) -> Self {
        Self { valid, ..self }
    }

    pub fn with_room(self, bytes: u64) -> Self {
        let insurers = [("northern", self.window)].into_iter();
        let reuse = Reuse::with_room(bytes, insurers, Duration::from_secs(30), &self.metrics);
        Self { reuse, ..self }
    }

    /// So many seconds pass on the wall.
    pub fn later(&self, seconds: i64) {
        self.now.set(self.now.get() + SignedDuration::from_secs(seconds));
    }

    pub fn part(&self) -> Part {
        self.part_of(|_| {})
    }

    pub fn part_of(&self, change: impl FnOnce(&mut Question<'static>)) -> Part {
        let mut question = Question {
            insurer: "northern",
            request: &REQUEST,
            vehicle: &CODES,
            revision: None,
            switched_off: 0,
            today: date(2026, 11, 20),
        };
        change(&mut question);
        self.reuse.part(&question, self.now.get(), self.now.get() + self.valid)
    }

    #[track_caller]
    pub fn lead(&self) -> Leading {
        self.lead_of(|_| {})
    }

    #[track_caller]
    pub fn lead_of(&self, change: impl FnOnce(&mut Question<'static>)) -> Leading {
        let Part::Lead(lead) = self.part_of(change) else { panic!("it does not lead") };
        self.leading(lead)
    }

    pub fn leading(&self, lead: Lead) -> Leading {
        Leading { lead, events: events().0 }
    }

    #[track_caller]
    pub fn follow(&self) -> Follow {
        let Part::Follow(follow) = self.part() else { panic!("it does not follow") };
        follow
    }

    /// Somebody whose time is over in so many seconds.
    pub fn listener(&self, seconds: u64) -> Listener {
        let (events, told) = events();
        Listener {
            timeline: Timeline::new(),
            stop: CancellationToken::new(),
            budget: Budget::of(Duration::from_secs(seconds)),
            events,
            told,
        }
    }

    /// How many were counted as joined and as reused.
    pub fn shared(&self) -> (u64, u64) {
        let text = self.metrics.render();
        let count = |how: &str| {
            let series = format!("veer_quotes_shared_total{{insurer=\"northern\",how=\"{how}\"}} ");
            let line = text.lines().find_map(|line| line.strip_prefix(&series));
            line.unwrap_or_else(|| panic!("{series}is not in\n{text}")).parse().unwrap()
        };
        (count("joined"), count("reused"))
    }
}

// === impl Leading ===

impl Leading {
    pub fn ask(&self, lane: Lane) {
        self.lead.overheard(&self.events).asking(lane);
    }

    pub fn offer(&self, offers: &[Offer]) {
        self.lead.overheard(&self.events).emitted(offers.to_vec());
    }

    /// An offer that costs something holds.
    pub fn end(self, end: &End) {
        self.lead.end(end, |offer| offer.premium.amount() > Kopecks::ZERO);
    }
}

// === impl Listener ===

impl Listener {
    pub async fn follow(&mut self, follow: Follow) -> Option<End> {
        let Self { timeline, stop, budget, events, .. } = self;
        follow.hear(&Ear { budget, timeline, stop, events }).await
    }

    /// What its calculation was told since the last look.
    pub fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.told.try_recv().ok()).map(|(_, event)| event).collect()
    }

    /// The same in words.
    pub fn heard(&mut self) -> Vec<String> {
        let words = |event: Event| match event {
            Event::Asking(lane) => format!("asking {lane}"),
            Event::HandedOn { offers, .. } => {
                let offer = |offer: &Offer| format!("{} {}", offer.key, offer.premium.amount());
                offers.iter().map(offer).collect::<Vec<_>>().join(" ")
            }
            other => panic!("{other:?}"),
        };
        self.events().into_iter().map(words).collect()
    }
}

/// A price in roubles.
pub(super) fn offer(key: &str, roubles: i64) -> Offer {
    let premium = Premium::Preliminary(Kopecks::from_roubles(roubles));
    Offer::priced(key, OfferRef::default(), premium)
}

/// So long.
pub(super) async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// The lines of a timeline, in words.
pub(super) fn what(timeline: &Timeline) -> Vec<String> {
    let words = |entry: crate::upstream::timeline::Entry| match entry.what {
        What::Joined { age_ms } => format!("joined {age_ms}"),
        What::JoinedInVain => "joined_in_vain".to_owned(),
        What::Reused { age_ms } => format!("reused {age_ms}"),
        What::Waited { cause, .. } => format!("waited {cause:?} {}", entry.took_ms),
        other => panic!("{other:?}"),
    };
    timeline.entries().into_iter().map(words).collect()
}

fn events() -> (Events, mpsc::UnboundedReceiver<(usize, Event)>) {
    let (sender, told) = mpsc::unbounded_channel();
    (Events { party: 0, sender }, told)
}
