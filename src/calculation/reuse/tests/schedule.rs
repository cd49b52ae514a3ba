//! Whoever comes when, and however leaders end: nobody is asked twice at once, nobody waits beyond its time, and what is
//! handed on was told by a good conversation within the window.

use std::{ops::Range, time::Duration};

use proptest::prelude::*;
use tokio::time::Instant;
use veer_contract::{Decline, Lane};

use super::{
    WINDOW,
    bench::{Bench, Listener, offer, seconds},
};
use crate::{
    calculation::reuse::Part,
    upstream::{Verdict, driver::End},
};

/// Everybody's time, in seconds.
const BUDGET: u64 = 30;

/// One conversation: when it comes, and where it leads, how long that takes and how it ends.
#[derive(Debug, Clone)]
struct Comes {
    at: u64,
    takes: u64,
    ends: Ends,
    risk: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ends {
    Done,
    Declined,
    Failed,
    Abandoned,
}

/// What became of one.
#[derive(Debug)]
struct Became {
    /// Milliseconds.
    came: u128,
    left: u128,
    /// When it asked, where it did.
    asked: Option<Range<u128>>,
    /// Whose offers it was handed, where it ended with them.
    handed: Option<usize>,
}

fn comes() -> impl Strategy<Value = Comes> {
    let ends = prop::sample::select(vec![Ends::Done, Ends::Declined, Ends::Failed, Ends::Abandoned]);
    (0..150u64, 1..40u64, ends, 0..2u32).prop_map(|(at, takes, ends, risk)| Comes { at, takes, ends, risk })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn an_insurer_hears_of_a_risk_once_at_a_time(all in prop::collection::vec(comes(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let became = runtime.unwrap().block_on(run(&all));
        for (number, one) in became.iter().enumerate() {
            prop_assert!(one.left - one.came <= u128::from(BUDGET) * 1000, "{number} waited on: {became:?}");
            let Some(leader) = one.handed else { continue };
            let asked = became[leader].asked.clone().expect("it asked");
            prop_assert_eq!((all[leader].ends, all[leader].risk), (Ends::Done, all[number].risk));
            prop_assert!(all[leader].takes < BUDGET, "that one's time was over");
            prop_assert!(one.asked.is_none(), "it asked and was handed offers too");
            prop_assert!(one.came < asked.end + WINDOW.as_millis(), "{number} came late: {became:?}");
            prop_assert!(one.left >= asked.end, "{number} left before the end that it shared: {became:?}");
        }
        for (number, one) in became.iter().enumerate() {
            for (other, that) in became.iter().enumerate().skip(number + 1) {
                let (Some(one), Some(that)) = (&one.asked, &that.asked) else { continue };
                let apart = one.end <= that.start || that.end <= one.start;
                prop_assert!(apart || all[number].risk != all[other].risk, "{number}, {other}: {became:?}");
            }
        }
    }
}

async fn run(all: &[Comes]) -> Vec<Became> {
    let (bench, start) = (Bench::new(WINDOW), Instant::now());
    // Each offer's price says who was told it.
    let one = |(number, comes): (usize, &Comes)| converse(&bench, start, number, comes.clone());
    futures::future::join_all(all.iter().enumerate().map(one)).await
}

async fn converse(bench: &Bench, start: Instant, number: usize, comes: Comes) -> Became {
    seconds(comes.at).await;
    let now = || start.elapsed().as_millis();
    let (came, deadline) = (now(), Instant::now() + Duration::from_secs(BUDGET));
    let mut listener = bench.listener(BUDGET);
    loop {
        match bench.part_of(|question| question.revision = Some(comes.risk)) {
            Part::Alone => panic!("it is allowed"),
            Part::Lead(lead) => {
                let (lead, asks) = (bench.leading(lead), now());
                lead.ask(Lane::Create);
                lead.offer(&[offer("a", i64::try_from(number).unwrap() + 1)]);
                let over = Instant::now() + Duration::from_secs(comes.takes);
                tokio::time::sleep_until(over.min(deadline)).await;
                match comes.ends {
                    _ if over >= deadline => lead.end(&failed(Verdict::OutOfBudget)),
                    Ends::Done => lead.end(&End::Done),
                    Ends::Declined => lead.end(&End::Declined(Decline::declined("нет"))),
                    Ends::Failed => lead.end(&failed(Verdict::ServerError)),
                    Ends::Abandoned => drop(lead),
                }
                return Became { came, left: now(), asked: Some(asks..now()), handed: None };
            }
            Part::Follow(follow) => {
                let Some(end) = listener.follow(follow).await else { continue };
                let handed = (end == End::Done).then(|| last_leader(&mut listener));
                return Became { came, left: now(), asked: None, handed };
            }
        }
    }
}

fn failed(verdict: Verdict) -> End {
    End::Failed { verdict, detail: "it broke".into() }
}

/// Who was told the offer that stands.
fn last_leader(listener: &mut Listener) -> usize {
    let last = listener.heard().pop().expect("an offer");
    let price = last.strip_prefix("a ").and_then(|price| price.strip_suffix(".00")).expect("a price");
    price.parse::<usize>().unwrap() - 1
}
