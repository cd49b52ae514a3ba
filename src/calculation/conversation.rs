//! One insurer's conversation in a calculation: the checks that cost no call, then the drive.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use veer_contract::{
    Decline, DeclineKind, Lane,
    domain::{Offer, QuoteRequest},
    operation::Quote,
    scope::Risk,
};

use super::{Services, event::Event};
use crate::{
    dictionary::mapping::Mapped,
    upstream::{
        Budget, Insurer, Timeline, Verdict,
        driver::{self, Conversation, End, Journal},
        point::{Beginning, Point},
        timeline::What,
    },
};

/// Asks one insurer for its price.
pub struct Quoting {
    pub(super) services: Arc<Services>,
    pub(super) insurer: Arc<Insurer>,
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
        let end = self.end(beginning).await;
        self.events.tell(Event::Ended(end));
    }

    async fn end(&self, beginning: Beginning) -> End {
        if !self.insurer.config.enabled {
            let detail = "the configuration says `enabled = false`".to_owned();
            return End::Failed { verdict: Verdict::Disabled, detail };
        }
        if let Some(decline) = self.outside_scope() {
            return End::Declined(decline);
        }
        let Some(flow) = self.insurer.adapter.quote() else {
            let nothing = "Источник знает автомобили, но не продаёт полисы";
            return End::Declined(Decline::new(DeclineKind::OutsideScope, nothing));
        };
        let manifest = self.insurer.adapter.manifest();
        let vehicle = &self.request.vehicle;
        let codes = match self.services.dictionary.codes(&self.insurer.config, manifest.vehicles, vehicle) {
            Mapped::Codes(codes) => codes,
            Mapped::Other(codes) => {
                if matches!(beginning, Beginning::Start) {
                    self.services.dictionary.sent_as_other(self.insurer.code());
                }
                codes
            }
            Mapped::Nothing => {
                let detail = format!(
                    "this insurer's dictionary has no {} {} of category {}; `veer dictionary unmapped` shows what \
                     waits for a decision",
                    vehicle.brand.name,
                    vehicle.model.name,
                    vehicle.category().letter()
                );
                return End::Failed { verdict: Verdict::VehicleNotMapped, detail };
            }
        };
        if matches!(beginning, Beginning::Start) {
            self.timeline.note(What::Started);
        }
        let conversation = Conversation::<Quote> {
            insurer: self.insurer.clone(),
            flow,
            input: self.request.clone(),
            vehicle: Arc::new(codes),
            budget: self.budget,
            timeline: self.timeline.clone(),
            callbacks: self.services.callbacks.clone(),
            stop: self.services.park.clone(),
            patient: false,
        };
        driver::drive(conversation, beginning, &self.events).await
    }

    fn outside_scope(&self) -> Option<Decline> {
        let why = self.insurer.adapter.manifest().scope.refuses(&Risk::of(&self.request))?;
        Some(Decline::new(DeclineKind::OutsideScope, why))
    }
}

// === impl Events ===

impl Events {
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
}
