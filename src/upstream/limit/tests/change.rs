//! Limits that change while calls wait.

use super::*;

#[tokio::test(start_paused = true)]
async fn whoever_would_now_go_too_late_is_refused_at_once_and_others_wait_on() {
    let limiter = limiter(&["1/s"]);
    drop(limiter.take(&of(60), Duration::ZERO).await.unwrap());
    let start = Instant::now();
    let call = |seconds| {
        let limiter = &limiter;
        async move {
            let taken = limiter.take(&of(seconds), Duration::ZERO).await;
            (taken.is_ok(), start.elapsed().as_secs())
        }
    };
    let change = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        limiter.set(&limits(&["6/min burst 1"]), Mode::On);
    };
    let (first, second, third, ()) = tokio::join!(call(5), call(15), call(25), change);
    assert_eq!((first, second, third), ((false, 0), (true, 9), (true, 19)));
}

#[tokio::test(start_paused = true)]
async fn a_wider_limit_lets_those_go_who_wait() {
    let limiter = limiter(&["1/min"]);
    drop(limiter.take(&of(600), Duration::ZERO).await.unwrap());
    let start = Instant::now();
    let waiting = join_all((0..4).map(|_| async { limiter.take(&of(600), Duration::ZERO).await.is_ok() }));
    let change = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        limiter.set(&limits(&["10/s"]), Mode::On);
    };
    let (went, ()) = tokio::join!(waiting, change);
    assert!(went.iter().all(|went| *went));
    assert!(start.elapsed() < Duration::from_millis(2_500), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_went_while_limits_were_off_is_counted_when_they_are_on_again() {
    let limiter = limiter(&["10/min", "12/day"]);
    limiter.set(&limits(&["10/min", "12/day"]), Mode::Off);
    let at = go(&limiter, 11).await;
    assert!(at.iter().all(Duration::is_zero));
    limiter.set(&limits(&["10/min", "12/day"]), Mode::On);
    let refused = limiter.take(&of(30), Duration::ZERO).await.unwrap_err();
    assert_eq!(refused.ready_in, Duration::from_millis(60_020));
    assert_eq!(limiter.standing().windows.iter().map(|window| window.used).collect::<Vec<_>>(), [11, 11]);
    drop(limiter.take(&of(90), Duration::ZERO).await.unwrap());
    let refused = limiter.take(&of(90), Duration::ZERO).await.unwrap_err();
    assert_eq!(refused.holder, Holder::Limit(limits(&["12/day"])[0]));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_lets_all_go_and_tells_what_it_would_have_refused() {
    let limiter = Limiter::new(&limits(&["5/s"]), Mode::DryRun, Setup::default());
    let start = Instant::now();
    for _ in 0..40 {
        drop(limiter.take(&of(4), Duration::ZERO).await.unwrap());
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    let standing = limiter.standing();
    assert_eq!((standing.refused, standing.counted[0]), (0, 40));
    assert!((18..=20).contains(&standing.would_have_refused), "{standing:?}");
    let told = limiter.forecast(&limits(&["5/s"]));
    assert_eq!((told.asked, told.refused), (40, standing.would_have_refused));
    assert_eq!(limiter.forecast(&limits(&["40/s burst 40"])).sent, 40);
}
