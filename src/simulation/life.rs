//! One gateway of a run: from its start to its end, gentle or not.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use tokio::time::sleep;

use super::{
    plan::{Happening, Plan},
    stage::Stage,
    style::ADAPTERS,
};
use crate::{
    calculation::Calculations,
    config::Config,
    house::{self, House},
    offers::Offers,
    specs::Adapters,
    tuning::{Through, Tuning, Who},
};

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
pub(super) struct Hands {
    pub stage: Arc<Stage>,
    pub plan: Arc<Plan>,
    pub calculations: Calculations,
    pub offers: Offers,
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
    let house = match house::assemble(config, &Adapters::from(&ADAPTERS[..])).await {
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
        services.store.release().await;
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
        let mut world = self.stage.world();
        world.ledger.look_at_permits();
        world.note(now, format!("{insurer} {lane:?} {knob} {value}: {told}"));
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

    pub(super) fn broken(&self, what: String) {
        let now = self.stage.now();
        self.stage.world().broken(now, what);
    }

    pub(super) async fn until(&self, at: Duration) {
        let since = self.stage.world().since_start(self.stage.now());
        let left = SignedDuration::try_from(at).unwrap() - since;
        if !left.is_negative() {
            sleep(left.unsigned_abs()).await;
        }
    }
}

fn operator() -> Who {
    Who { author: "operator".into(), reason: "the plan says so".into(), through: Through::Http }
}
