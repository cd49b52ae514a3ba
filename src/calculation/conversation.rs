//! One insurer's conversation in a calculation: the checks that cost no call, then the drive.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;
use veer_contract::{
    Lane,
    domain::{Offer, QuoteRequest},
    operation::Quote,
    scope::Risk,
};

use super::{
    Services,
    event::Event,
    offer_check,
    reuse::{Ear, Part, Question},
};
use crate::{
    dictionary::mapping::Mapped,
    telemetry,
    upstream::{
        Budget, Insurer, Timeline, Verdict,
        callbacks::CallKey,
        driver::{self, Conversation, End, Hearing, Journal},
        point::{Beginning, Point},
        standing::{self, NotAsked},
        timeline::What,
    },
};

/// Asks one insurer for its price.
pub struct Quoting {
    pub(super) services: Arc<Services>,
    pub(super) insurer: Arc<Insurer>,
    pub(super) request_id: Uuid,
    pub(super) request: Arc<QuoteRequest>,
    pub(super) budget: Budget,
    pub(super) timeline: Arc<Timeline>,
    pub(super) events: Events,
}

/// Where the conversation of one party tells what happens.
pub struct Events {
    pub(super) party: usize,
    pub(super) sender: mpsc::UnboundedSender<(usize, Event)>,
}

// === impl Quoting ===

impl Quoting {
    /// Runs to the end, which is the last thing told.
    pub async fn run(self, beginning: Beginning) {
        let (end, told) = self.end(beginning).await;
        self.events.tell(Event::Ended { end, told });
    }

    async fn end(&self, beginning: Beginning) -> (End, Option<CallKey>) {
        loop {
            let (conversation, as_other) = match self.conversation(&beginning) {
                Ok(begun) => begun,
                Err(end) => return (end, None),
            };
            let part = self.part(&conversation, &beginning);
            if as_other && !matches!(part, Part::Follow(_)) {
                self.services.dictionary.sent_as_other(self.insurer.code());
            }
            match part {
                Part::Alone => return driver::drive(conversation, beginning, &self.events).await,
                Part::Lead(lead) => {
                    let journal = lead.overheard(&self.events);
                    let (end, told) = driver::drive(conversation, beginning, &journal).await;
                    lead.end(&end, |offer| self.holds(offer));
                    return (end, told);
                }
                Part::Follow(talk) => {
                    let Conversation { budget, timeline, stop, .. } = &conversation;
                    let ear = Ear { budget, timeline, stop, events: &self.events };
                    if let Some(end) = talk.hear(&ear).await {
                        return (end, None);
                    }
                }
            }
        }
    }

    /// Which part it has among those that ask for the same. What was under way before a restart has its own place.
    fn part(&self, conversation: &Conversation<Quote>, beginning: &Beginning) -> Part {
        if !matches!(beginning, Beginning::Start) {
            return Part::Alone;
        }
        let question = Question {
            insurer: self.insurer.code(),
            request: &self.request,
            vehicle: &conversation.vehicle,
            revision: conversation.adapter.number(),
            switched_off: self.insurer.times_switched_off(),
            today: telemetry::moscow_today(),
        };
        let now = telemetry::now();
        self.services.reuse.part(&question, now, self.services.expiry(now))
    }

    /// Whether the offer would be published.
    fn holds(&self, offer: &Offer) -> bool {
        offer_check::check(offer, &self.services.upstream).is_ok()
            && self.insurer.identity_of(offer.company.as_deref()).is_ok()
    }

    /// The conversation, where it is to be held at all, and whether it begins with another model of the brand.
    fn conversation(&self, beginning: &Beginning) -> Result<(Conversation<Quote>, bool), End> {
        // What was under way before a restart goes on.
        if let (Beginning::Start, Some(NotAsked { verdict, detail })) = (beginning, self.not_asked()) {
            return Err(End::Failed { verdict, detail });
        }
        // The rule saves hopeless calls. One that was under way before a restart is not hopeless, whatever the
        // manifest says by now.
        if let (Beginning::Start, Some(detail)) = (beginning, self.outside_scope()) {
            return Err(End::Failed { verdict: Verdict::OutsideScope, detail });
        }
        let adapter = self.insurer.adapter_for(beginning);
        if adapter.quote().is_none() {
            let detail = "it knows vehicles, and sells no policies".to_owned();
            return Err(End::Failed { verdict: Verdict::OutsideScope, detail });
        }
        let names = self.insurer.manifest.vehicles;
        let vehicle = &self.request.vehicle;
        let (codes, as_other) = match self.services.dictionary.codes(&self.insurer.config, names, vehicle) {
            Mapped::Codes(codes) => (codes, false),
            Mapped::Other(codes) => (codes, matches!(beginning, Beginning::Start)),
            Mapped::Nothing => {
                let detail = format!(
                    "this insurer's dictionary has no {} {} of category {}; `veer dictionary unmapped` shows what \
                     waits for a decision",
                    vehicle.brand.name,
                    vehicle.model.name,
                    vehicle.category().letter()
                );
                return Err(End::Failed { verdict: Verdict::VehicleNotMapped, detail });
            }
        };
        if matches!(beginning, Beginning::Start) {
            self.timeline.note(What::Started);
        }
        let conversation = Conversation {
            insurer: self.insurer.clone(),
            adapter,
            input: self.request.clone(),
            vehicle: Arc::new(codes),
            budget: self.budget,
            timeline: self.timeline.clone(),
            callbacks: self.services.callbacks.clone(),
            stop: self.services.park.clone(),
            patient: false,
            hearing: Hearing::Takes,
        };
        Ok((conversation, as_other))
    }

    fn not_asked(&self) -> Option<NotAsked> {
        // As it stands now: who waited for another's answer may begin minutes later.
        standing::refuses(&self.insurer.standing(), self.insurer.code(), self.request_id, telemetry::now())
    }

    /// Which of the insurer's published rules speaks against asking it, for operators: the manifest's words, with
    /// nobody's name in them.
    fn outside_scope(&self) -> Option<String> {
        let why = self.insurer.manifest.scope.refuses(&Risk::of(&self.request))?;
        Some(format!("{why} (`[scope]` of the manifest)"))
    }
}

// === impl Events ===

impl Events {
    /// Offers that another calculation was told, good until `expires`.
    pub(super) fn handed_on(&self, offers: Arc<[Offer]>, expires: Timestamp) {
        self.tell(Event::HandedOn { offers, expires });
    }

    fn tell(&self, event: Event) {
        // A calculation that is over hears nothing more.
        let _ = self.sender.send((self.party, event));
    }
}

impl Journal<Quote> for Events {
    fn emitted(&self, offers: Vec<Offer>) {
        self.tell(Event::Offered(offers));
    }

    fn asking(&self, lane: Lane) {
        self.tell(Event::Asking(lane));
    }

    fn keep(&self, point: &Point) {
        self.tell(Event::Keep(point.clone()));
    }

    fn keep_durably<'a>(&'a self, point: &'a Point, creating: bool) -> BoxFuture<'a, Result<(), String>> {
        let (done, kept) = oneshot::channel();
        self.tell(Event::KeepDurably { point: point.clone(), creating, done });
        Box::pin(async { kept.await.unwrap_or_else(|_| Err("the calculation is over".into())) })
    }

    fn taken(&self, call: &CallKey) {
        self.tell(Event::Taken(call.clone()));
    }
}
