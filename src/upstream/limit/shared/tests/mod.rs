//! Replicas in one process, under a paused clock: the real limiters, clerks and rows; a database of a map, and hearts as
//! simple as can be.

mod exact;
mod never_over;
mod postgres;
mod world;

use std::time::Duration;

use tokio::time::Instant;

use super::{
    clock::Clock,
    lane::{Next, SharedLane},
    row::{Row, Sight},
    *,
};
use crate::{config::RateLimit, upstream::limit::moment::RowTime};

const ALL_THERE: Sight =
    Sight { least: Some(2), silent: 0, alone_for: Duration::from_secs(4), settled: Duration::from_secs(3) };

fn limits(texts: &[&str]) -> Vec<RateLimit> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// A lane that was given moments for two calls of `limits` by a row that is nobody else's.
fn lane_of_two(limits: &[RateLimit], now: Instant) -> (SharedLane, Vec<RowTime>) {
    let (mut lane, mut row) = (SharedLane::default(), Row::new(RowTime(0)));
    lane.set(limits, now);
    let (order, _) = lane.order(now, 2, millis(5));
    let shown = row.now(7_000_000, None);
    let given = row.serve(shown, &order, ALL_THERE);
    let clock = Clock { sent: now, received: now, row: shown };
    lane.answered(Answer { row, clock, given: given.clone() }, now);
    (lane, given)
}

#[tokio::test(start_paused = true)]
async fn a_moment_is_used_when_it_is_there_and_not_when_it_is_missed() {
    let now = Instant::now();
    let (mut lane, given) = lane_of_two(&limits(&["20/s"]), now);
    assert_eq!(
        given,
        [RowTime(7_005_000), RowTime(7_030_000)],
        "the burst is one, and half an interval may be late"
    );
    assert_eq!(lane.next(now, 0, 1, Link::Shared), Next::At(now + millis(5), None));
    assert_eq!(lane.take(now + millis(4), Link::Shared), None);
    assert_eq!(
        lane.take(now + millis(10), Link::Shared),
        Some(Slot::Given(given[0])),
        "a little late is in time"
    );
    // The process stood still.
    assert_eq!(lane.take(now + millis(61), Link::Shared), None);
    let (order, _) = lane.order(now + millis(61), 1, millis(5));
    assert_eq!((order.back, order.wanted), (vec![given[1]], 1));
}

#[tokio::test(start_paused = true)]
async fn what_goes_back_is_asked_for_again_and_nobody_is_told_that_it_is_gone() {
    let (now, limits) = (Instant::now(), limits(&["2/h burst 2"]));
    let (mut lane, given) = lane_of_two(&limits, now);
    let used = lane.take(now + millis(6), Link::Shared).unwrap();
    assert_eq!(lane.take(now + millis(6), Link::Shared), Some(Slot::Given(given[1])));
    let full = lane.next(now + millis(7), 0, 1, Link::Shared);
    assert!(matches!(full, Next::At(..)), "{full:?}");
    // It did not leave after all.
    lane.give_back(used);
    let later = now + millis(8);
    assert_eq!((lane.next(later, 0, 1, Link::Shared), lane.due(later, 1)), (Next::Asking, Some(later)));
    assert_eq!(lane.order(later, 1, millis(5)).0.back, [given[0]]);
    assert_eq!(lane.next(later, 0, 1, Link::Shared), Next::Asking, "the row has not answered yet");
    lane.lost(Vec::new());
    assert!(matches!(lane.next(later, 0, 1, Link::Shared), Next::At(..)));

    // Nor where the process stood still and missed them.
    let (lane, given) = lane_of_two(&limits, now);
    let late = now + Duration::from_secs(60);
    assert_eq!((lane.next(late, 0, 1, Link::Shared), lane.due(late, 1)), (Next::Asking, Some(late)));
    assert_eq!(given.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_row_is_read_as_it_was_written() {
    let mut row = Row::new(RowTime(0));
    let mut now = row.now(1_700_000_000_000_000, None);
    let order = row::Order {
        limits: limits(&["5/s", "200/min burst 20", "10000/h"]),
        wanted: 7,
        ..Default::default()
    };
    for _ in 0..400 {
        row.serve(now, &order, ALL_THERE);
        now = row.now(now.0 + 300_000, None);
    }
    let sight = Sight { silent: 1, ..ALL_THERE };
    row.serve(now, &order, sight);
    let bytes = row.written().unwrap();
    let mut read = Row::read(&bytes).unwrap();
    assert_eq!(read.written().unwrap(), bytes);
    for ahead in [0, 1, 7, 300] {
        assert_eq!(read.windows().ready(now, ahead), row.windows().ready(now, ahead));
    }
    let given = row.serve(now + millis(700), &order, sight);
    assert_eq!(read.serve(now + millis(700), &order, sight), given);
    assert!(bytes.len() < 8_192, "{}", bytes.len());
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_a_row_never_goes_back_and_never_ahead() {
    let mut row = Row::new(RowTime(0));
    let now = row.now(5_000_000, None);
    row.serve(now, &row::Order::default(), ALL_THERE);
    assert_eq!(row.now(1_000_000, None), RowTime(5_000_000), "it was set back by four seconds");
    assert_eq!(row.now(2_000_000, None), RowTime(6_000_000), "and goes on from there");
    assert_eq!(row.now(9_000_000, Some(RowTime(6_500_000))), RowTime(6_500_000), "it was set ahead");
    assert_eq!(row.now(9_100_000, None), RowTime(6_600_000));
}

#[tokio::test(start_paused = true)]
async fn of_a_row_that_is_not_understood_everything_counts_as_used() {
    let limits = limits(&["2/s", "3/min"]);
    let row = Row::unknown(RowTime(90_000_000), &limits);
    let (ready, limit) = row.windows().ready(RowTime(90_000_000), 0);
    assert_eq!((ready.0 / 1_000_000, limit), (150, Some(limits[1])));
}
