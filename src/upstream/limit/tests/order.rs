//! Who goes first.

use super::*;

#[tokio::test(start_paused = true)]
async fn payments_go_first_and_then_who_must_finish_first() {
    let limiter = limiter(&["1/s"]);
    drop(limiter.take(&of(60), Duration::ZERO).await.unwrap());
    let order = Mutex::new(Vec::new());
    let calls = [(Class::Quote, 50), (Class::Other, 20), (Class::Quote, 10), (Class::Payment, 55)];
    let waiting = calls.map(|(class, seconds)| {
        let (limiter, order) = (&limiter, &order);
        async move {
            let budget = of(seconds).for_class(class);
            drop(limiter.take(&budget, Duration::ZERO).await.unwrap());
            order.lock().unwrap().push(seconds);
        }
    });
    join_all(waiting).await;
    assert_eq!(*order.lock().unwrap(), [55, 10, 50, 20]);
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_leaves_its_moment_to_the_next() {
    let limiter = limiter(&["1/s"]);
    drop(limiter.take(&of(60), Duration::ZERO).await.unwrap());
    let (start, short, long) = (Instant::now(), of(5), of(50));
    let gives_up = tokio::time::timeout(Duration::from_millis(500), limiter.take(&short, Duration::ZERO));
    let (gave_up, next) = tokio::join!(gives_up, limiter.take(&long, Duration::ZERO));
    assert!(gave_up.is_err() && next.is_ok());
    assert!(start.elapsed() < Duration::from_millis(1_100), "{:?}", start.elapsed());
}
