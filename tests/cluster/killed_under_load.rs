//! Killed again and again while partners ask and buy, a gateway loses nothing and sends nothing twice.

use std::{sync::Arc, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};
use veer_simulator::{Knobs, Latency, Polls};

use crate::{
    harness::plan,
    load::{Told, Whom, partners},
    stage::{Stage, client, wait},
};

const KILLS: u32 = 4;
const PARTNERS: u32 = 90;
/// Between two partners.
const BETWEEN: Duration = Duration::from_millis(100);
/// Calls a second that an insurer allows: fewer than are wanted.
const A_SECOND: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_again_and_again_under_load_keeps_its_word() {
    let seed: u64 = rand::random();
    println!("killed at the moments of seed {seed}");
    let mut moments = StdRng::seed_from_u64(seed);
    let latency = Latency::Uniform { min: Duration::from_millis(100), max: Duration::from_millis(900) };
    let application_latency = Latency::Fixed { time: Duration::from_millis(200) };
    let polls = Polls { min: 1, max: 2 };
    let knobs = Knobs { latency, application_latency, polls, ..Knobs::default() };
    let mut stage = Stage::set(plan::all(&knobs)).await;
    let limit = toml::Value::Array(vec![format!("{A_SECOND}/s").into()]);
    stage.settings.set("insurers.ingosstrakh.lanes.create.rate", limit).set("calculation.budget", "60s");
    let mut replica = wait(|| stage.serve("gateway").start());
    // The ports stay, so whoever asks need not know of deaths.
    let asked = client(&replica).await;
    let whom: Whom = Arc::new(move || asked.clone());
    let told = Arc::new(Told::default());

    let partners = tokio::spawn(partners(PARTNERS, BETWEEN, told.clone(), move |_| whom.clone()));
    for _ in 0..KILLS {
        // The moment of death is drawn, not waited for.
        tokio::time::sleep(Duration::from_millis(moments.random_range(300..3000))).await;
        wait(|| replica.start_again());
    }
    partners.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));

    let asked = client(&replica).await;
    told.all_is_well(&stage, &asked, PARTNERS).await;
    stage.never_over("ingosstrakh", "GetTariff", A_SECOND);
}
