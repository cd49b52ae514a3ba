//! Which seeds run.
//!
//! `VEER_SIMULATION_SEED=17 cargo nextest run -p veer --lib simulation` runs one alone and prints what happened;
//! `VEER_SIMULATION_RUNS=20000` runs so many instead of the usual number.

use std::env;

use tracing_subscriber::EnvFilter;

use super::{
    plan::Plan,
    run::{Ran, play, run},
};
use crate::store::disk::Disk;

/// All tests together; each takes its share.
const RUNS: u64 = 2_000;
const SHARES: u64 = 8;

/// Runs the seeds of one share.
#[track_caller]
fn hold(share: u64) {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let disk = Disk::new();
    if let Some(seed) = number("VEER_SIMULATION_SEED") {
        if env::var_os("RUST_LOG").is_some() {
            // The gateway's own words too. Another test may have been quicker.
            let words = tracing_subscriber::fmt().with_env_filter(EnvFilter::from_default_env());
            let _ = words.with_test_writer().try_init();
        }
        if seed % SHARES == share {
            check(seed, &disk, true);
        }
        return;
    }
    let runs = number("VEER_SIMULATION_RUNS").unwrap_or(RUNS);
    for seed in (0..runs).filter(|seed| seed % SHARES == share) {
        check(seed, &disk, false);
    }
}

#[track_caller]
fn check(seed: u64, disk: &Disk, is_told: bool) {
    let Ran { problems, trace } = run(seed, disk);
    let trace = trace.join("\n");
    if is_told {
        println!("{trace}");
    }
    assert!(
        problems.is_empty(),
        "seed {seed} (alone: VEER_SIMULATION_SEED={seed} cargo nextest run -p veer --lib simulation)\n{trace}\n\n\
         seed {seed} breaks:\n{}",
        problems.join("\n")
    );
}

macro_rules! shares {
    ($($name:ident: $share:literal,)+) => {
        $(#[test]
        fn $name() {
            hold($share);
        })+
    };
}

shares! {
    what_must_hold_holds_in_the_first_share_of_runs: 0,
    what_must_hold_holds_in_the_second_share_of_runs: 1,
    what_must_hold_holds_in_the_third_share_of_runs: 2,
    what_must_hold_holds_in_the_fourth_share_of_runs: 3,
    what_must_hold_holds_in_the_fifth_share_of_runs: 4,
    what_must_hold_holds_in_the_sixth_share_of_runs: 5,
    what_must_hold_holds_in_the_seventh_share_of_runs: 6,
    what_must_hold_holds_in_the_eighth_share_of_runs: 7,
}

#[test]
fn a_disk_that_takes_its_time_takes_it_from_the_calculation() {
    let disk = Disk::new();
    for seed in 0..5 {
        let ran = play(Plan::silence_and_a_slow_disk(), seed, &disk);
        assert!(ran.problems.is_empty(), "{}\n{}", ran.trace.join("\n"), ran.problems.join("\n"));
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let disk = Disk::new();
    for seed in 0..15 {
        let (one, two) = (run(seed, &disk), run(seed, &disk));
        let differ = one.trace.iter().zip(&two.trace).position(|(one, two)| one != two);
        if let Some(at) = differ {
            let near = |trace: &[String]| trace[at.saturating_sub(10)..(at + 3).min(trace.len())].join("\n");
            panic!("seed {seed} runs in two ways:\n{}\n\nand\n\n{}", near(&one.trace), near(&two.trace));
        }
        assert_eq!(one.trace.len(), two.trace.len(), "seed {seed}");
    }
}
