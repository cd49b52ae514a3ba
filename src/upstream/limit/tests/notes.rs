//! Calls that have something to do between "soon" and "now".

use super::*;

const LEAD: Duration = Duration::from_millis(100);

#[tokio::test(start_paused = true)]
async fn a_note_is_written_before_the_moment_and_the_moment_is_kept() {
    let limiter = limiter(&["1/s"]);
    let start = Instant::now();
    let mut at = Vec::new();
    for _ in 0..10 {
        let mut turn = limiter.join(&of(60), Duration::ZERO).unwrap();
        turn.near(LEAD).await.unwrap();
        tokio::time::sleep(Duration::from_millis(80)).await;
        drop(turn.take().await.unwrap());
        at.push(start.elapsed());
    }
    let slowest = at.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(slowest < Duration::from_millis(1_015), "{at:?}");
}

#[tokio::test(start_paused = true)]
async fn soon_takes_nothing() {
    let limiter = limiter(&["2/min burst 1"]);
    let start = Instant::now();
    let mut turn = limiter.join(&of(60), Duration::ZERO).unwrap();
    turn.near(LEAD).await.unwrap();
    drop(turn);
    drop(limiter.take(&of(60), Duration::ZERO).await.unwrap());
    assert_eq!((start.elapsed(), limiter.standing().counted), (Duration::ZERO, [1; 4]));
}

#[tokio::test(start_paused = true)]
async fn whoever_writes_holds_nobody_up_and_keeps_its_place() {
    let limiter = limiter(&["1/s"]);
    let start = Instant::now();
    let slow = async {
        let mut turn = limiter.join(&of(20), Duration::ZERO).unwrap();
        turn.near(LEAD).await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        drop(turn.take().await.unwrap());
        start.elapsed()
    };
    let other = |budget: Budget| {
        let limiter = &limiter;
        async move {
            tokio::task::yield_now().await;
            drop(limiter.take(&budget, Duration::ZERO).await.unwrap());
            start.elapsed()
        }
    };
    let (slow, second, third) = tokio::join!(slow, other(of(30)), other(of(40)));
    assert_eq!(second, Duration::ZERO, "it does not wait for another's note");
    assert!(
        slow < third && slow >= Duration::from_secs(1) && third >= Duration::from_secs(2),
        "{slow:?} {third:?}"
    );
}
