//! One gateway of a run: from its start to its end, gentle or not.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::time::sleep;
use veer_contract::domain::{Personal, QuoteRequest};

use super::{
    plan::{Happening, Plan},
    stage::Stage,
    style::ADAPTERS,
};
use crate::{
    calculation::{AcceptError, Calculations, NewCalculation},
    config::Config,
    gateway::{self, House},
    offers::{Offers, Wish},
    specs::Adapters,
    store::Store,
    tuning::{Through, Tuning, Who},
};

const ACCOUNT: &str = "demo";
/// After everybody is well, so long is waited for what was begun.
const PATIENCE: Duration = Duration::from_secs(240);
/// For calls under way at a gentle stop.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// How a gateway's life ends.
pub(super) enum Ended {
    /// The next one begins after that time.
    After(Duration),
    /// All is over.
    Over,
}

/// What is done with a gateway.
#[derive(Clone)]
struct Hands {
    stage: Arc<Stage>,
    plan: Arc<Plan>,
    calculations: Calculations,
    offers: Offers,
    tuning: Tuning,
}

/// Lives until the plan or the gateway says otherwise. `next` is the next of the plan's events.
pub(super) async fn live(
    stage: &Arc<Stage>,
    plan: &Arc<Plan>,
    config: &Config,
    life: u32,
    next: &mut usize,
) -> Ended {
    stage.begin();
    let ended = begin(stage, plan, config, life, next).await;
    stage.end(Duration::ZERO);
    ended
}

async fn begin(stage: &Arc<Stage>, plan: &Arc<Plan>, config: &Config, life: u32, next: &mut usize) -> Ended {
    catch_up(stage, plan, next);
    let again = |what: &str, error: &dyn std::fmt::Display| {
        stage.world().note(stage.now(), format!("gateway {life} does not start: {what}: {error}"));
        // The supervisor tries again.
        Ended::After(Duration::from_secs(1))
    };
    let house = match gateway::assemble(config, &Adapters::from(&ADAPTERS[..])).await {
        Ok(house) => house,
        Err(error) => return again("it cannot be put together", &error),
    };
    let House { calculations, offers, tuning, .. } = house;
    stage.world().ledger.begin(life, &calculations.services().everyone);
    stage.world().note(stage.now(), format!("gateway {life} begins"));
    let hands = Hands { stage: stage.clone(), plan: plan.clone(), calculations, offers, tuning };
    hands.look_at_verdicts().await;
    let resumed = match hands.calculations.resume().await {
        Ok(resumed) => resumed,
        Err(error) => return again("calculations are not taken up", &error),
    };
    let sales = match hands.offers.resume().await {
        Ok(sales) => sales,
        Err(error) => return again("sales are not taken up", &error),
    };
    let now = stage.now();
    stage.world().partner.begin(now);
    stage.world().note(now, format!("gateway {life} is ready: {resumed} calculations, {sales} sales"));
    tokio::spawn(hands.calculations.clone().keep_house());
    tokio::spawn(hands.offers.clone().keep_house());
    tokio::spawn(hands.tuning.clone().keep());
    tokio::spawn(hands.clone().watch_the_disk());
    for number in 0..plan.asked.len() {
        tokio::spawn(hands.clone().ask(number));
    }
    hands.follow_the_plan(next).await
}

/// What has happened to others while there was no gateway.
fn catch_up(stage: &Arc<Stage>, plan: &Plan, next: &mut usize) {
    let mut world = stage.world();
    let (now, since) = (stage.now(), world.since_start(stage.now()));
    while let Some((at, happening)) = plan.events.get(*next)
        && SignedDuration::try_from(*at).unwrap() <= since
    {
        *next += 1;
        if let Happening::Mood(..) | Happening::Disk(_) = happening {
            world.note(now, format!("{happening:?}"));
            world.happens(happening);
        }
    }
}

// === impl Hands ===

impl Hands {
    async fn follow_the_plan(&self, next: &mut usize) -> Ended {
        while let Some((at, happening)) = self.plan.events.get(*next) {
            self.until(*at).await;
            *next += 1;
            let now = self.stage.now();
            self.stage.world().note(now, format!("{happening:?}"));
            match happening {
                Happening::Crash(pause) => return Ended::After(*pause),
                Happening::Restart(pause) => {
                    self.stop().await;
                    return Ended::After(*pause);
                }
                Happening::Mood(..) | Happening::Disk(_) => self.stage.world().happens(happening),
                Happening::PostAgain(number) => {
                    let (hands, number) = (self.clone(), *number);
                    tokio::spawn(async move { hands.post_again(number).await });
                }
                Happening::Tune { .. } => {
                    let (hands, happening) = (self.clone(), happening.clone());
                    tokio::spawn(async move { hands.tune(happening).await });
                }
            }
        }
        self.until(self.plan.heals).await;
        self.heal().await;
        let mut waited = Duration::ZERO;
        while !self.is_over() && waited < PATIENCE {
            sleep(Duration::from_secs(1)).await;
            waited += Duration::from_secs(1);
        }
        self.look_back().await;
        Ended::Over
    }

    /// As a gateway is stopped gently.
    async fn stop(&self) {
        self.stage.world().partner.is_stopping = true;
        self.calculations.stop(STOP_GRACE).await;
        let services = self.calculations.services();
        futures::future::join_all(services.everyone.iter().map(|insurer| insurer.rest())).await;
        let snapshot = self.stage.world().partner.snapshot();
        if services.store.flush().await.is_ok() {
            self.stage.world().partner.is_durable(snapshot);
        }
        services.store.release();
    }

    /// Everybody is well, and whether somebody has paid can be asked without a limit.
    async fn heal(&self) {
        self.stage.world().heal();
        let now = self.stage.now();
        self.stage.world().note(now, "everybody is well");
        for account in &self.plan.insurers {
            for lane in ["session", "poll"] {
                for (knob, value) in [("limit", "none, 8 at once"), ("hold", "auto")] {
                    let path = self.tuning.find(account.code, Some(lane), knob).unwrap();
                    // Nothing may be overridden there.
                    let _ = self.tuning.end(path.clone(), operator()).await;
                    if let Err(error) = self.tuning.set(path, value, operator()).await {
                        self.broken(format!("{} {lane} {knob}: {error:?}", account.code));
                    }
                }
            }
        }
    }

    async fn tune(&self, happening: Happening) {
        let Happening::Tune { insurer, lane, knob, value, time } = happening else { return };
        let path = self.tuning.find(insurer, lane, knob).unwrap();
        let changed = match time {
            Some(time) => self.tuning.override_for(path, value, time, operator()).await,
            None => self.tuning.set(path, value, operator()).await,
        };
        let told = match changed {
            Ok(changed) => format!("revision {:?}", changed.revision.map(|revision| revision.revision)),
            Err(error) => format!("{error:?}"),
        };
        let now = self.stage.now();
        self.stage.world().note(now, format!("{insurer} {lane:?} {knob} {value}: {told}"));
    }

    /// What was shown before a moment at which the store had written everything is durable.
    async fn watch_the_disk(self) {
        let store = &self.calculations.services().store;
        loop {
            let snapshot = self.stage.world().partner.snapshot();
            if store.flush().await.is_ok() {
                self.stage.world().partner.is_durable(snapshot);
            }
            sleep(Duration::from_millis(900)).await;
        }
    }

    /// The partner asks for a calculation and polls it, and a user may buy.
    async fn ask(self, number: usize) {
        self.until(self.plan.posts[number]).await;
        while self.stage.world().partner.asked[number].accepted.is_none() {
            if !self.post(number).await {
                sleep(Duration::from_millis(1_300)).await;
            }
        }
        let mut tries = 0;
        loop {
            self.poll(number).await;
            let (is_over, buys) = {
                let world = self.stage.world();
                let asked = &world.partner.asked[number];
                (asked.is_over(), asked.buys && !asked.has_come)
            };
            if is_over && buys && tries < 3 {
                tries += 1;
                self.buy(number).await;
            }
            sleep(Duration::from_secs(if is_over { 2 } else { 1 })).await;
        }
    }

    async fn post(&self, number: usize) -> bool {
        let now = self.stage.now();
        let new = {
            let mut world = self.stage.world();
            let asked = &mut world.partner.asked[number];
            asked.posted = Some(now);
            let new = new(asked.id, asked.risk);
            world.note(now, format!("partner: posts {number}"));
            new
        };
        let accepted = self.calculations.accept(new).await;
        let now = self.stage.now();
        let mut world = self.stage.world();
        world.note(now, format!("partner: posted {number}: {accepted:?}"));
        match accepted {
            Ok(created) => {
                world.partner.asked[number].accepted = Some((created, now));
                true
            }
            Err(AcceptError::Store(_) | AcceptError::Stopping) => false,
            Err(error) => {
                world.broken(now, format!("calculation {number} is not accepted: {error}"));
                false
            }
        }
    }

    /// To be sure, one that was accepted is posted again.
    async fn post_again(&self, number: usize) {
        let (new, first) = {
            let world = self.stage.world();
            let asked = &world.partner.asked[number];
            (new(asked.id, asked.risk), asked.accepted)
        };
        let Some((first, _)) = first else { return };
        let again = self.calculations.accept(new).await;
        if let Ok(created) = again
            && created.as_millisecond() != first.as_millisecond()
        {
            self.broken(format!("calculation {number} was accepted at {first}, and again at {created}"));
        }
    }

    async fn poll(&self, number: usize) {
        let id = self.stage.world().partner.asked[number].id;
        let answer = match self.calculations.live(ACCOUNT, id) {
            Some(answer) => Ok(Some(answer)),
            None => self.calculations.stored(ACCOUNT, id).await,
        };
        let now = self.stage.now();
        let mut world = self.stage.world();
        let problems = match answer {
            Ok(Some(answer)) => world.partner.is_shown(number, &answer.calculation, now),
            Ok(None) => vec![format!("calculation {number} was accepted and is not there")],
            Err(error) => vec![format!("calculation {number} cannot be read: {error}")],
        };
        problems.into_iter().for_each(|problem| world.broken(now, problem));
    }

    /// A user takes the cheapest offer of an insurer that sells, and comes to the page of its payment.
    async fn buy(&self, number: usize) {
        let (id, offer_id) = {
            let world = self.stage.world();
            let asked = &world.partner.asked[number];
            let sells = |code: i64| {
                self.plan.insurers.iter().any(|account| account.partner_code == code && account.style.sells)
            };
            let open =
                asked.shown.offers.iter().find(|(_, offer)| {
                    sells(offer.insurer) && offer.price.is_some() && !offer.status.is_final()
                });
            (asked.id, open.map(|(id, _)| id.clone()))
        };
        let Some(offer_id) = offer_id else { return };
        let shown = self.offers.show(ACCOUNT, id, &offer_id).await.map(|shown| shown.entry.status);
        let wish = Wish { selected: Vec::new(), return_urls: None };
        let taken = self.offers.confirm(ACCOUNT, id, &offer_id, wish).await;
        let now = self.stage.now();
        let link = taken.as_ref().ok().and_then(|shown| {
            let url = &shown.entry.sale.as_deref()?.current_link()?.url;
            Some((shown.entry.insurer.code.clone(), url.rsplit_once('/')?.1.to_owned()))
        });
        let taken = taken.map(|shown| shown.entry.status);
        let mut world = self.stage.world();
        world.note(now, format!("user: takes {number} {offer_id}: {shown:?} {taken:?}"));
        if let Some((insurer, payment)) = link {
            let has_paid = world.pay(&insurer, &payment, now);
            let asked = &mut world.partner.asked[number];
            (asked.has_come, asked.has_paid) = (true, has_paid);
        }
    }

    /// Everything has come to its end, as far as it can.
    fn is_over(&self) -> bool {
        // What was called finished early goes on.
        let is_quiet = self.calculations.services().live.running() == 0;
        is_quiet && self.stage.world().partner.asked.iter().all(|asked| asked.is_over() && asked.is_settled())
    }

    /// A verdict that is durable stays what it is.
    async fn look_at_verdicts(&self) {
        let services = self.calculations.services();
        for number in 0..self.plan.asked.len() {
            for (insurer, verdict) in self.verdicts(&services.store, number).await {
                let now = self.stage.now();
                let mut world = self.stage.world();
                let known = world.partner.asked[number].verdicts.insert(insurer.clone(), verdict);
                if known.is_some_and(|known| known != verdict) {
                    world.broken(now, format!("{insurer} in {number}: verdict {known:?} became {verdict}"));
                }
            }
        }
    }

    async fn verdicts(&self, store: &Store, number: usize) -> Vec<(String, u16)> {
        let id = self.stage.world().partner.asked[number].id;
        let mut verdicts = Vec::new();
        for operation in ["quote", "shadow"] {
            let rows = store.conversations(&ACCOUNT.into(), id, operation).await.unwrap();
            verdicts.extend(rows.iter().filter_map(|row| Some((row.insurer.to_string(), row.verdict?))));
        }
        verdicts
    }

    /// What must hold when all is over.
    async fn look_back(&self) {
        let services = self.calculations.services();
        if let Err(error) = services.store.flush().await {
            self.broken(format!("a disk that is well takes nothing: {error}"));
        }
        self.look_at_verdicts().await;
        for number in 0..self.plan.asked.len() {
            let asked = self.stage.world().partner.asked[number].clone();
            if !asked.is_over() {
                self.broken(format!("calculation {number} does not end: {:?}", asked.shown));
            }
            if !asked.is_settled() {
                self.broken(format!(
                    "calculation {number} is paid, and that is not learnt: {:?}",
                    asked.shown
                ));
            }
            let verdicts = self.verdicts(&services.store, number).await;
            for account in &self.plan.insurers {
                let of = verdicts.iter().filter(|(code, _)| code == account.code);
                if of.count() != 1 {
                    self.broken(format!("{} in {number}: not one verdict: {verdicts:?}", account.code));
                }
            }
            match services.store.calculation(ACCOUNT, asked.id).await {
                Ok(Some(stored)) if stored.finished.is_some() => {}
                Ok(Some(_)) => self.broken(format!("the end of calculation {number} is not written down")),
                lost => self.broken(format!("calculation {number} is lost: {:?}", lost.map(drop))),
            }
            let now = self.stage.now();
            let line = format!(
                "calculation {number}: {:?} {verdicts:?} {:?}",
                asked.shown.status, asked.shown.offers
            );
            self.stage.world().note(now, line);
        }
    }

    fn broken(&self, what: String) {
        let now = self.stage.now();
        self.stage.world().broken(now, what);
    }

    async fn until(&self, at: Duration) {
        let since = self.stage.world().since_start(self.stage.now());
        let left = SignedDuration::try_from(at).unwrap() - since;
        if !left.is_negative() {
            sleep(left.unsigned_abs()).await;
        }
    }
}

fn new(id: uuid::Uuid, risk: usize) -> NewCalculation {
    let mut request: QuoteRequest = veer_kit::requests::standard();
    request.vehicle.plate = Some(Personal::new(risk.to_string()));
    NewCalculation {
        account: ACCOUNT.into(),
        request_id: id,
        partner: "yandex".into(),
        fingerprint: [u8::try_from(risk).unwrap(); 32],
        request: Arc::new(request),
    }
}

fn operator() -> Who {
    Who { author: "operator".into(), reason: "the plan says so".into(), through: Through::Http }
}
