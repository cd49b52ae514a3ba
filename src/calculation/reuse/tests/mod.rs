//! Who asks, who hears, and what is handed out, on a paused clock.

mod bench;
mod schedule;

use std::time::Duration;

use veer_contract::{Decline, Lane, domain::Offer};

use self::bench::{Bench, offer, seconds, what};
use super::Part;
use crate::{
    calculation::event::Event,
    upstream::{Verdict, driver::End},
};

const WINDOW: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn one_that_comes_while_another_asks_hears_what_came_what_comes_and_the_end() {
    let bench = Bench::new(WINDOW);
    let (lead, mut listener) = (bench.lead(), bench.listener(30));
    lead.ask(Lane::Create);
    lead.offer(&[offer("a", 5000)]);
    tokio::time::advance(Duration::from_secs(2)).await;
    let following = listener.follow(bench.follow());
    let leading = async {
        seconds(1).await;
        lead.ask(Lane::Poll);
        lead.offer(&[offer("b", 6000), offer("a", 5500)]);
        seconds(1).await;
        lead.end(&End::Done);
    };
    let (end, ()) = tokio::join!(following, leading);
    assert_eq!(end, Some(End::Done));
    assert_eq!(
        listener.heard(),
        ["asking create", "a 5000.00", "asking poll", "b 6000.00 a 5500.00"],
        "in the order in which it was told"
    );
    let told = ["joined 2000", "waited Shared 2000"];
    assert_eq!(what(&listener.timeline), told);
    assert_eq!(bench.shared(), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn within_the_window_offers_are_handed_out_at_once_and_after_it_the_insurer_is_asked() {
    let bench = Bench::new(WINDOW);
    let lead = bench.lead();
    lead.ask(Lane::Create);
    lead.offer(&[offer("a", 5000)]);
    lead.end(&End::Done);
    for age in [0, 59] {
        tokio::time::advance(Duration::from_secs(age)).await;
        let mut listener = bench.listener(30);
        assert_eq!(listener.follow(bench.follow()).await, Some(End::Done));
        assert_eq!(listener.heard(), ["asking create", "a 5000.00"]);
        assert_eq!(what(&listener.timeline), [format!("reused {}", age * 1000)]);
    }
    assert_eq!(bench.shared(), (0, 2));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(matches!(bench.part(), Part::Lead(_)), "the window is over");
}

#[tokio::test(start_paused = true)]
async fn handing_out_does_not_make_the_window_longer() {
    let bench = Bench::new(WINDOW);
    let lead = bench.lead();
    lead.offer(&[offer("a", 5000)]);
    lead.end(&End::Done);
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(19)).await;
        assert_eq!(bench.listener(30).follow(bench.follow()).await, Some(End::Done));
    }
    tokio::time::advance(Duration::from_secs(3)).await;
    assert!(matches!(bench.part(), Part::Lead(_)));
}

#[tokio::test(start_paused = true)]
async fn offers_are_not_handed_out_past_their_expiry_and_end_where_they_were_made() {
    let bench = Bench::new(WINDOW).with_offers_valid(jiff::SignedDuration::from_secs(10));
    let (lead, made) = (bench.lead(), bench.now.get());
    lead.offer(&[offer("a", 5000)]);
    lead.end(&End::Done);
    bench.later(9);
    let mut listener = bench.listener(30);
    assert_eq!(listener.follow(bench.follow()).await, Some(End::Done));
    let ends = listener.events().into_iter().filter_map(|event| match event {
        Event::HandedOn { expires, .. } => Some(expires),
        _ => None,
    });
    let ends: Vec<_> = ends.collect();
    assert_eq!(ends, [made + jiff::SignedDuration::from_secs(10)]);
    bench.later(1);
    assert!(matches!(bench.part(), Part::Lead(_)));
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_anything_else_asks_by_itself() {
    let bench = Bench::new(WINDOW);
    let lead = bench.lead();
    lead.offer(&[offer("a", 5000)]);
    for change in bench::OTHERS {
        assert!(matches!(bench.part_of(change), Part::Lead(_)), "while it is asked");
    }
    lead.end(&End::Done);
    assert!(matches!(bench.part(), Part::Follow(_)));
    for change in bench::OTHERS {
        assert!(matches!(bench.part_of(change), Part::Lead(_)), "after its end");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_operator_says_nothing_nobody_shares_and_nothing_is_kept() {
    let bench = Bench::new(Duration::ZERO);
    for _ in 0..2 {
        assert!(matches!(bench.part(), Part::Alone));
    }
    assert_eq!(bench.reuse.kept(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_no_is_shared_with_those_who_wait_for_it_and_not_kept() {
    let bench = Bench::new(WINDOW);
    let (lead, mut listener) = (bench.lead(), bench.listener(30));
    let follow = bench.follow();
    let no = End::Declined(Decline::declined("нет"));
    let (end, ()) = tokio::join!(listener.follow(follow), async { lead.end(&no) });
    assert_eq!(end, Some(no));
    assert_eq!(bench.shared(), (1, 0));
    assert_eq!(bench.reuse.kept(), 0);
    assert!(matches!(bench.part(), Part::Lead(_)));
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_comes_to_nothing_leaves_one_of_its_followers_to_ask() {
    let failed = End::Failed { verdict: Verdict::ServerError, detail: "x".into() };
    let late = End::Failed { verdict: Verdict::OutOfBudget, detail: "x".into() };
    let ends: [(&str, Option<End>, &[Offer]); 6] = [
        ("it is abandoned", None, &[offer("a", 5000)]),
        ("it fails", Some(failed.clone()), &[]),
        ("it fails after an offer", Some(failed), &[offer("a", 5000)]),
        ("its time is over", Some(late), &[]),
        ("the gateway stops", Some(End::Parked), &[]),
        ("what it has is not published", Some(End::Done), &[offer("a", -1)]),
    ];
    for (why, end, offers) in ends {
        let bench = Bench::new(WINDOW);
        let lead = bench.lead();
        let mut listeners = [(); 3].map(|()| bench.listener(30));
        let follows = [(); 3].map(|()| bench.follow());
        let following = futures::future::join_all(
            listeners.iter_mut().zip(follows).map(|(listener, follow)| listener.follow(follow)),
        );
        let leading = async {
            lead.offer(offers);
            match &end {
                Some(end) => lead.end(end),
                None => drop(lead),
            }
        };
        let (heard, ()) = tokio::join!(following, leading);
        assert_eq!(heard, [None, None, None], "{why}");
        for listener in &listeners {
            assert_eq!(what(&listener.timeline), ["joined 0", "joined_in_vain"], "{why}");
        }
        let _lead = bench.lead();
        assert!(matches!(bench.part(), Part::Follow(_)), "{why}: the others follow again");
        assert_eq!(bench.shared(), (0, 0), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_follower_ends_with_its_own_time_and_is_parked_when_the_gateway_stops() {
    let bench = Bench::new(WINDOW);
    let _lead = bench.lead();
    let mut listener = bench.listener(5);
    let Some(End::Failed { verdict, detail }) = listener.follow(bench.follow()).await else { panic!() };
    assert_eq!(verdict, Verdict::OutOfBudget);
    assert!(detail.contains("joined"), "{detail}");
    assert_eq!(what(&listener.timeline), ["joined 0", "waited Shared 5000"]);

    let mut listener = bench.listener(5);
    listener.stop.cancel();
    assert_eq!(listener.follow(bench.follow()).await, Some(End::Parked));
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_bounded() {
    let bench = Bench::new(WINDOW).with_room(100_000);
    let long = Offer { message: Some("x".repeat(10_000)), ..offer("a", 5000) };
    for number in 0..50 {
        let lead = bench.lead_of(|question| question.revision = Some(number));
        lead.offer(std::slice::from_ref(&long));
        lead.end(&End::Done);
    }
    let kept = bench.reuse.kept();
    assert!((5..10).contains(&kept), "{kept} of 50");
}
