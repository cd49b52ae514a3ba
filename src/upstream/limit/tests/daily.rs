//! A day's quota: kept across restarts, and not without the store.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_day_is_not_smoothed_and_begins_anew_at_midnight_in_moscow() {
    let (page, zero) = (Arc::<Page>::default(), Instant::now());
    let limiter = Limiter::new(&limits(&["30/day"]), Mode::On, noon(&page, zero));
    go(&limiter, 30).await;
    assert_eq!(zero.elapsed(), Duration::ZERO);
    let refused = limiter.take(&of(60), Duration::ZERO).await.unwrap_err();
    assert_eq!(refused.ready_in, Duration::from_secs(12 * 3_600));
    drop(limiter.take(&of(43_300), Duration::ZERO).await.unwrap());
    assert_eq!((zero.elapsed().as_secs(), limiter.standing().counted[3]), (12 * 3_600, 1));
}

#[tokio::test(start_paused = true)]
async fn a_crash_loses_at_most_a_block_and_a_gentle_stop_nothing() {
    let (page, zero) = (Arc::<Page>::default(), Instant::now());
    let start = || Limiter::new(&limits(&["1000/day"]), Mode::On, noon(&page, zero));
    let (first, second, third) = (start(), start(), start());
    go(&first, 100).await;
    drop(first);
    go(&second, 100).await;
    let known = second.standing().counted[3];
    assert!((200..=205).contains(&known), "{known}: a block is five calls");
    // What was being reserved is there.
    tokio::time::sleep(Duration::from_millis(1)).await;
    second.rest().await;
    go(&third, 1).await;
    assert_eq!(third.standing().counted[3], known + 1);
    go(&third, usize::try_from(999 - known).unwrap()).await;
    let refused = third.take(&of(60), Duration::ZERO).await.unwrap_err();
    assert_eq!(refused.holder, Holder::Limit(limits(&["1000/day"])[0]));
}

#[tokio::test(start_paused = true)]
async fn while_the_store_fails_no_more_go_than_are_reserved() {
    let (page, zero) = (Arc::<Page>::default(), Instant::now());
    let limiter = Limiter::new(&limits(&["1000/day"]), Mode::On, noon(&page, zero));
    go(&limiter, 1).await;
    page.fail(true);
    let mut went = 0;
    let refused = loop {
        match limiter.take(&of(5), Duration::ZERO).await {
            Ok(_) => went += 1,
            Err(refused) => break refused,
        }
    };
    assert!((1..=5).contains(&went), "{went}");
    assert_eq!(refused.holder, Holder::Store);
    assert!(refused.to_string().contains("the store did not write down"), "{refused}");
    assert!(limiter.standing().store_fails);
    page.fail(false);
    go(&limiter, 20).await;
    assert!(!limiter.standing().store_fails);
    // Without a daily limit nobody waits for it.
    page.fail(true);
    limiter.set(&[], Mode::On);
    let before = Instant::now();
    go(&limiter, 200).await;
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_slow_store_is_asked_ahead() {
    let page = Arc::new(Page { takes: Duration::from_millis(20), ..Page::default() });
    let limiter = Limiter::new(&limits(&["50/s", "10000/day"]), Mode::On, noon(&page, Instant::now()));
    let at = go(&limiter, 1_000).await;
    assert!(*at.last().unwrap() < Duration::from_millis(20_400), "{:?}", at.last());
}
