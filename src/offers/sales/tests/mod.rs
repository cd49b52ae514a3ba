//! Sales confirmed to a partner that counts them, over HTTP, from a store in a file.

mod house;

use std::time::Duration;

use jiff::SignedDuration;
use tempfile::TempDir;
use veer_contract::domain::Kopecks;
use veer_simulator::YandexKnobs;

use self::house::*;
use super::*;
use crate::{
    config::{ConfirmMethod, Secret},
    store::{ConfirmationAttempt, NewConfirmation},
    telemetry,
};

#[tokio::test]
async fn a_sale_is_confirmed_once_and_as_it_is() {
    for method in [ConfirmMethod::Get, ConfirmMethod::Post] {
        let yandex = yandex(YandexKnobs::default()).await;
        let house = House::open(&config(), &[account("demo", confirm(&yandex, method))]).await;
        house.sell(sale("demo", 2, 707_235)).await;
        let confirmed = house.confirmed(2).await;
        assert_eq!((confirmed.attempts, &confirmed.problem), (1, &None));
        assert!(confirmed.confirmed.is_some());
        // Written again, woken again, it is not sent again.
        house.sell(sale("demo", 2, 707_235)).await;
        house.sell(sale("demo", 3, 100)).await;
        house.confirmed(3).await;
        let received = yandex.received();
        assert_eq!(received.len(), 2, "{received:?}");
        let first = &received[0];
        assert_eq!(first.request_id, Uuid::from_u128(2).to_string());
        assert_eq!((first.counterparty_id, first.amount.get()), (7, 707_235));
        assert_eq!((first.is_upsaled, received[1].is_upsaled), (Some(true), Some(false)));
        assert_eq!(yandex.refusals(), []);
    }
}

#[tokio::test]
async fn a_sale_that_is_refused_for_now_is_sent_until_it_is_taken() {
    for (method, status) in [
        (ConfirmMethod::Get, 503),
        (ConfirmMethod::Get, 403),
        (ConfirmMethod::Post, 429),
        (ConfirmMethod::Post, 404),
    ] {
        let yandex = yandex(YandexKnobs { refuse: 3, refuse_status: status, ..YandexKnobs::default() }).await;
        let house = House::open(&config(), &[account("demo", confirm(&yandex, method))]).await;
        house.sell(sale("demo", 1, 100)).await;
        let confirmed = house.confirmed(1).await;
        assert_eq!((confirmed.attempts, confirmed.problem), (4, None));
        assert_eq!(credited(&yandex), [("offer-1".into(), Kopecks::new(100))]);
    }
}

#[tokio::test]
async fn a_sale_whose_answer_is_lost_is_sent_again_and_credited_once() {
    for method in [ConfirmMethod::Get, ConfirmMethod::Post] {
        let yandex = yandex(YandexKnobs { lose_answer: 2, ..YandexKnobs::default() }).await;
        let house = House::open(&config(), &[account("demo", confirm(&yandex, method))]).await;
        house.sell(sale("demo", 1, 100)).await;
        assert_eq!(house.confirmed(1).await.attempts, 3);
        assert_eq!(yandex.received().len(), 3);
        assert_eq!(yandex.credited().len(), 1);
        assert_eq!(yandex.contradictions(), []);
    }
}

#[tokio::test]
async fn a_partner_that_is_silent_is_asked_again_after_the_timeout() {
    let knobs = YandexKnobs { time_out: u32::MAX, time_out_counted: true, ..YandexKnobs::default() };
    let yandex = yandex(knobs).await;
    let config = SalesConfig { timeout: Duration::from_millis(200), ..config() };
    let house = House::open(&config, &[account("demo", confirm(&yandex, ConfirmMethod::Get))]).await;
    house.sell(sale("demo", 1, 100)).await;
    let failed = house.when(1, |sale| sale.attempts > 0).await;
    assert_eq!(failed.problem.unwrap(), "the partner did not answer within 200ms");
    yandex.set(YandexKnobs::default()).unwrap();
    house.confirmed(1).await;
    assert_eq!(yandex.credited().len(), 1);
}

#[tokio::test]
async fn a_hundred_sales_are_told_in_bulk() {
    let yandex = yandex(YandexKnobs::default()).await;
    let folder = TempDir::new().unwrap();
    // Nobody is there yet to confirm them.
    let house = House::open_in(folder, &config(), &[account("demo", None)]).await;
    for number in 0..100 {
        house.sell(sale("demo", number, 100 + number as i64)).await;
    }
    let folder = house.stop().await;
    let config = SalesConfig { bulk: 40, ..config() };
    let accounts = [account("demo", confirm(&yandex, ConfirmMethod::Post))];
    let house = House::open_in(folder, &config, &accounts).await;
    for number in 0..100 {
        house.confirmed(number).await;
    }
    assert_eq!(yandex.credited().len(), 100);
    assert_eq!(yandex.received().last().unwrap().call, 3);
}

#[tokio::test]
async fn a_bad_sale_in_a_bulk_does_not_hold_the_others() {
    let yandex = yandex(YandexKnobs::default()).await;
    let house = House::open(&config(), &[account("demo", None)]).await;
    for (number, kopecks) in [(1, 100), (2, 0), (3, 300)] {
        house.sell(sale("demo", number, kopecks)).await;
    }
    let folder = house.stop().await;
    let accounts = [account("demo", confirm(&yandex, ConfirmMethod::Post))];
    let house = House::open_in(folder, &config(), &accounts).await;
    let dead = house.dead(2).await;
    let problem = dead.problem.unwrap();
    assert!(problem.contains("400") && problem.contains("amount"), "{problem}");
    assert_eq!([house.confirmed(1).await.attempts, house.confirmed(3).await.attempts], [1, 1]);
    let expected = [("offer-1".into(), Kopecks::new(100)), ("offer-3".into(), Kopecks::new(300))];
    assert_eq!(credited(&yandex), expected);
}

#[tokio::test]
async fn sales_of_a_bulk_that_failed_go_one_by_one() {
    let yandex = yandex(YandexKnobs { refuse: 1, ..YandexKnobs::default() }).await;
    let house = House::open(&config(), &[account("demo", None)]).await;
    for number in 1..=3 {
        house.sell(sale("demo", number, 100)).await;
    }
    let folder = house.stop().await;
    let hour = Duration::from_secs(3600);
    let patient = SalesConfig { pause: hour, longest_pause: hour, ..config() };
    let accounts = [account("demo", confirm(&yandex, ConfirmMethod::Post))];
    let house = House::open_in(folder, &patient, &accounts).await;
    for number in 1..=3 {
        house.when(number, |sale| sale.attempts == 1).await;
    }
    // The partner is left alone, so these wait for what comes next.
    for number in 4..=5 {
        house.sell(sale("demo", number, 100)).await;
    }
    let folder = house.stop().await;
    // No pause is an hour long any more: all are due at once.
    let house = House::open_in(folder, &config(), &accounts).await;
    for number in 1..=5 {
        house.confirmed(number).await;
    }
    let mut calls: Vec<Vec<String>> = vec![Vec::new(); 5];
    for sale in yandex.received() {
        calls[sale.call as usize - 1].push(sale.offer_id);
    }
    // Those that go alone go at the same time.
    calls[2..].sort();
    let expected: [&[&str]; 5] = [
        &["offer-1", "offer-2", "offer-3"],
        &["offer-4", "offer-5"],
        &["offer-1"],
        &["offer-2"],
        &["offer-3"],
    ];
    calls[..2].iter_mut().for_each(|call| call.sort());
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn a_clock_that_is_set_back_holds_up_no_sale() {
    let yandex = yandex(YandexKnobs::default()).await;
    let hour = Duration::from_secs(3600);
    let config = SalesConfig { longest_pause: hour, ..config() };
    let house = House::open(&config, &[account("demo", None)]).await;
    let now = telemetry::now();
    let ahead = |minutes| now + SignedDuration::from_mins(minutes);
    for (number, next) in [(1, ahead(-5)), (2, ahead(50)), (3, ahead(72)), (4, ahead(90)), (5, days_ago(-30))]
    {
        let sale = sale("demo", number, 100);
        let attempt = ConfirmationAttempt {
            offer: sale.offer.clone(),
            state: ConfirmationState::Waiting,
            attempts: 1,
            next,
            confirmed: None,
            problem: None,
        };
        house.sell(sale).await;
        house.store.keep_attempts(vec![attempt]).await.unwrap();
    }
    let due = async |most| {
        let due = house.store.confirmations_due("demo", now, ahead(72), most).await.unwrap();
        due.iter().map(|sale| sale.sale.offer.request_id.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!([due(9).await, due(2).await], [vec![1, 4, 5], vec![1, 4]]);
    let folder = house.stop().await;
    let accounts = [account("demo", confirm(&yandex, ConfirmMethod::Get))];
    let house = House::open_in(folder, &config, &accounts).await;
    for number in [1, 4, 5] {
        assert_eq!(house.confirmed(number).await.attempts, 2);
    }
    assert_eq!([house.found(2).await.attempts, house.found(3).await.attempts], [1, 1]);
}

#[tokio::test]
async fn a_contradiction_is_dead_with_its_reason() {
    for method in [ConfirmMethod::Get, ConfirmMethod::Post] {
        let yandex = yandex(YandexKnobs::default()).await;
        let accounts = ["one", "two"].map(|name| account(name, confirm(&yandex, method)));
        let house = House::open(&config(), &accounts).await;
        house.sell(sale("one", 1, 100)).await;
        house.confirmed(1).await;
        house.sell(sale("two", 1, 200)).await;
        let dead = until("nothing is dead", async || {
            house.sales.list(Some(ConfirmationState::Dead), 10).await.unwrap().pop()
        });
        let dead = dead.await;
        assert_eq!((&*dead.sale.offer.account, dead.attempts), ("two", 1));
        let problem = dead.problem.unwrap();
        assert!(problem.contains("409") && problem.contains("contradicts"), "{problem}");
        assert_eq!(credited(&yandex), [("offer-1".into(), Kopecks::new(100))]);
    }
}

#[tokio::test]
async fn a_sale_is_given_up_in_the_end_and_can_be_repeated() {
    let yandex = yandex(YandexKnobs { refuse: 2, ..YandexKnobs::default() }).await;
    let house = House::open(&config(), &[account("demo", confirm(&yandex, ConfirmMethod::Get))]).await;
    // However late, it is sent before it is given up.
    house.sell(NewConfirmation { paid: days_ago(12), ..sale("demo", 1, 100) }).await;
    let dead = house.dead(1).await;
    assert_eq!(dead.attempts, 1);
    assert!(dead.problem.unwrap().contains("500"));
    assert_eq!(house.sales.repeat(Uuid::from_u128(1), "offer-1").await.unwrap(), Repeated::Now);
    house.when(1, |sale| sale.state == ConfirmationState::Dead && sale.attempts == 2).await;
    assert_eq!(house.sales.repeat_dead().await.unwrap(), (1, false));
    assert_eq!(house.confirmed(1).await.attempts, 3);
    assert_eq!(house.sales.repeat(Uuid::from_u128(1), "offer-1").await.unwrap(), Repeated::Confirmed);
    assert_eq!(house.sales.repeat(Uuid::from_u128(1), "offer-2").await.unwrap(), Repeated::Unknown);
    assert_eq!(house.sales.repeat_dead().await.unwrap(), (0, false));
    let text = house.metrics.render();
    for (outcome, count) in [("confirmed", 1), ("refused", 0), ("failed", 0), ("given_up", 2)] {
        let series =
            format!("veer_sale_confirmations_total{{account=\"demo\",outcome=\"{outcome}\"}} {count}");
        assert!(text.contains(&series), "{series} is not in\n{text}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_and_tried_on() {
    let yandex = yandex(YandexKnobs::default()).await;
    let mut confirm = confirm(&yandex, ConfirmMethod::Get).unwrap();
    confirm.token = Secret::new("another-one");
    let house = House::open(&config(), &[account("demo", Some(confirm))]).await;
    house.sell(sale("demo", 1, 100)).await;
    let failed = house.when(1, |sale| sale.attempts > 1).await;
    assert_eq!(failed.state, ConfirmationState::Waiting);
    let problem = failed.problem.unwrap();
    assert!(problem.contains("403") && !problem.contains("another-one"), "{problem}");
    assert_eq!(yandex.credited(), []);
}

#[tokio::test]
async fn a_partner_that_is_down_is_left_alone_by_all_its_sales() {
    let yandex = yandex(YandexKnobs { refuse: u32::MAX, ..YandexKnobs::default() }).await;
    let hour = Duration::from_secs(3600);
    let config = SalesConfig { pause: hour, longest_pause: hour, ..config() };
    let house = House::open(&config, &[account("demo", None)]).await;
    for number in 0..20 {
        house.sell(sale("demo", number, 100)).await;
    }
    let folder = house.stop().await;
    let accounts = [account("demo", confirm(&yandex, ConfirmMethod::Get))];
    let house = House::open_in(folder, &config, &accounts).await;
    until("four are not kept", async || {
        let sales = house.sales.list(None, 100).await.unwrap();
        (sales.iter().filter(|sale| sale.attempts == 1).count() >= 4).then_some(())
    })
    .await;
    house.sell(sale("demo", 20, 100)).await;
    house.stop().await;
    assert_eq!(yandex.received().len(), 4);
}

#[tokio::test]
async fn a_person_need_not_wait_until_a_partner_has_rested() {
    let yandex = yandex(YandexKnobs { refuse: 1, ..YandexKnobs::default() }).await;
    let hour = Duration::from_secs(3600);
    let config = SalesConfig { pause: hour, longest_pause: hour, ..config() };
    let house = House::open(&config, &[account("demo", confirm(&yandex, ConfirmMethod::Get))]).await;
    house.sell(sale("demo", 1, 100)).await;
    house.when(1, |sale| sale.attempts == 1).await;
    assert_eq!(house.sales.repeat(Uuid::from_u128(1), "offer-1").await.unwrap(), Repeated::Now);
    assert_eq!(house.confirmed(1).await.attempts, 2);
}

#[tokio::test]
async fn one_accounts_partner_does_not_hold_up_anothers() {
    let silent = yandex(YandexKnobs { time_out: u32::MAX, ..YandexKnobs::default() }).await;
    let well = yandex(YandexKnobs::default()).await;
    let accounts = [
        account("one", confirm(&silent, ConfirmMethod::Get)),
        account("two", confirm(&well, ConfirmMethod::Get)),
    ];
    let house = House::open(&SalesConfig { timeout: Duration::from_secs(3600), ..config() }, &accounts).await;
    for number in 1..=10 {
        house.sell(sale("one", number, 100)).await;
    }
    told(&silent, 1).await;
    house.sell(sale("two", 11, 100)).await;
    house.confirmed(11).await;
    assert_eq!(house.found(1).await.attempts, 0);
}

#[tokio::test]
async fn sales_of_an_account_without_confirm_wait() {
    let yandex = yandex(YandexKnobs::default()).await;
    let accounts = [account("one", None), account("two", confirm(&yandex, ConfirmMethod::Get))];
    let house = House::open(&config(), &accounts).await;
    assert_eq!([house.sales.serves("one"), house.sales.serves("two")], [false, true]);
    // Both are woken by both.
    house.sell(NewConfirmation { paid: days_ago(12), ..sale("one", 1, 100) }).await;
    house.sell(sale("gone", 2, 100)).await;
    house.sell(sale("two", 3, 100)).await;
    house.confirmed(3).await;
    for number in [1, 2] {
        let waiting = house.found(number).await;
        assert_eq!((waiting.state, waiting.attempts), (ConfirmationState::Waiting, 0));
    }
    assert_eq!(yandex.received().len(), 1);
    // Its address is set, and it goes.
    let folder = house.stop().await;
    let accounts = [account("one", confirm(&yandex, ConfirmMethod::Get))];
    let house = House::open_in(folder, &config(), &accounts).await;
    assert_eq!(house.confirmed(1).await.attempts, 1);
}

#[tokio::test]
async fn a_stop_lets_the_attempt_under_way_finish() {
    let knobs = YandexKnobs { delay: Duration::from_millis(200), ..YandexKnobs::default() };
    let yandex = yandex(knobs).await;
    let house = House::open(&config(), &[account("demo", confirm(&yandex, ConfirmMethod::Get))]).await;
    house.sell(sale("demo", 1, 100)).await;
    told(&yandex, 1).await;
    let store = house.store.clone();
    let _folder = house.stop().await;
    let found = store.confirmation(Uuid::from_u128(1), "offer-1").await.unwrap().unwrap();
    assert_eq!((found.state, found.attempts), (ConfirmationState::Confirmed, 1));
}

#[tokio::test]
async fn an_attempt_that_is_given_up_at_the_stop_is_sent_by_the_next_start() {
    let yandex = yandex(YandexKnobs { time_out: 1, time_out_counted: true, ..YandexKnobs::default() }).await;
    let config = SalesConfig { timeout: Duration::from_secs(3600), ..config() };
    let accounts = [account("demo", confirm(&yandex, ConfirmMethod::Post))];
    let house = House::open(&config, &accounts).await;
    house.sell(sale("demo", 1, 100)).await;
    told(&yandex, 1).await;
    house.lifetime.abort.cancel();
    let folder = house.stop().await;
    let house = House::open_in(folder, &config, &accounts).await;
    assert_eq!(house.confirmed(1).await.attempts, 1);
    assert_eq!((yandex.received().len(), yandex.credited().len()), (2, 1));
}

#[tokio::test]
async fn sales_are_counted_by_state_and_alarms_with_them() {
    let house = House::open(&config(), &[account("demo", None)]).await;
    let expected = |states: [u64; 3], alarms: u64| {
        let [waiting, confirmed, dead] = states;
        [
            format!("veer_sales{{state=\"waiting\"}} {waiting}\n"),
            format!("veer_sales{{state=\"confirmed\"}} {confirmed}\n"),
            format!("veer_sales{{state=\"dead\"}} {dead}\n"),
            format!("veer_sales_alarms {alarms}\n"),
        ]
    };
    let check = |expected: [String; 4]| {
        let text = house.metrics.render();
        for series in expected {
            assert!(text.contains(&series), "{series} is not in\n{text}");
        }
    };
    check(expected([0, 0, 0], 0));
    house.sell(sale("demo", 1, 100)).await;
    house.sell(NewConfirmation { paid: days_ago(4), ..sale("gone", 2, 100) }).await;
    house.sell(NewConfirmation { paid: days_ago(2), ..sale("gone", 3, 100) }).await;
    let figures = Figures::new(&house.metrics);
    let mut watch = Watch::new(house.store.clone(), HashSet::new(), config().alarm_after, figures);
    watch.look(telemetry::now()).await;
    check(expected([3, 0, 0], 1));
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_told_at_the_start_by_its_key() {
    let yandex = yandex(YandexKnobs::default()).await;
    let mut confirm = confirm(&yandex, ConfirmMethod::Get).unwrap();
    confirm.token = Secret::new("two\nlines");
    let house = House::open(&config(), &[]).await;
    let accounts = [account("demo", Some(confirm))];
    let House { store, metrics, sold, lifetime, .. } = &house;
    let error = Sales::start(&config(), &accounts, store, metrics, sold.clone(), lifetime).err().unwrap();
    assert!(error.to_string().starts_with("partner.accounts.demo.confirm: `token`"), "{error}");
}
