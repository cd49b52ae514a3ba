//! One run: gateways one after the other, on the same disk, among the same insurers.

use std::{
    cell::RefCell,
    sync::{Arc, Once},
};

use tokio::runtime::Builder;

use super::{
    life::{self, Ended},
    partner::Partner,
    plan::Plan,
    stage::{self, Stage},
    world::World,
};
use crate::store::disk::Disk;

/// What came of a run.
pub(super) struct Ran {
    /// What did not hold.
    pub problems: Vec<String>,
    /// What happened.
    pub trace: Vec<String>,
}

thread_local! {
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A gateway that cannot be started in so many tries never will be.
const MOST_LIVES: u32 = 200;

/// The run of `seed`.
pub(super) fn run(seed: u64, disk: &Disk) -> Ran {
    play(Plan::draw(seed), seed, disk)
}

/// A run of `plan`; what is not planned is of `seed`.
pub(super) fn play(plan: Plan, seed: u64, disk: &Disk) -> Ran {
    note_panics();
    let plan = Arc::new(plan);
    let config = plan.config();
    let partner = Partner::new(plan.budget, plan.asked.clone());
    let world = World::new(seed, plan.start, plan.companies(), partner);
    let stage = Stage::new(seed, disk.clone(), plan.start, world);
    let _entered = stage::enter(&stage);
    let mut next = 0;
    for life in 0.. {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let ended = runtime.block_on(Box::pin(life::live(&stage, &plan, &config, life, &mut next)));
        // Whatever is under way is gone, as with the process.
        drop(runtime);
        match ended {
            Ended::Over => break,
            Ended::After(pause) => stage.end(pause),
        }
        if life > MOST_LIVES {
            stage.world().broken(plan.start, "no gateway starts any more");
            break;
        }
    }
    let panics = PANICS.take();
    for panic in panics {
        let now = stage.now();
        stage.world().broken(now, panic);
    }
    let (problems, trace) = stage.world().take();
    Ran { problems, trace }
}

/// Whatever panics in a run is noted: an adapter's invented panics do not come here.
fn note_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if stage::is_on() {
                PANICS.with_borrow_mut(|panics| panics.push(panic.to_string()));
            }
            before(panic);
        }));
    });
}
