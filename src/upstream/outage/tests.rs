//! When words about the registry are one incident, and when it is over.

use std::time::Duration;

use super::{incident::HowItEnded, *};

const SECOND: Duration = Duration::from_secs(1);
/// Two within 60 s; over after 300 s.
const CONFIG: OutageConfig =
    OutageConfig { insurers: 2, window: Duration::from_secs(60), quiet: Duration::from_secs(300) };

fn outage() -> (Arc<Outage>, Metrics) {
    let metrics = Metrics::new(std::iter::empty(), &[], &[]).unwrap();
    (Outage::new(CONFIG, &metrics), metrics)
}

fn quote(insurer: &str) -> Who {
    let address = format!("https://{insurer}.example");
    Who { insurer: insurer.to_owned(), address, operation: OperationKind::Quote }
}

fn is_on(metrics: &Metrics) -> bool {
    metrics.render().lines().any(|line| line == "veer_registry_outage 1")
}

async fn later(seconds: u32) {
    tokio::time::sleep(seconds * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn one_insurer_alone_is_no_incident_however_often_it_says_so() {
    let (outage, metrics) = outage();
    for _ in 0..100 {
        outage.down(quote("vsk"));
    }
    let account = Who { insurer: "vsk-agency".into(), ..quote("vsk") };
    outage.down(account);
    assert_eq!(outage.incidents(), (None, Vec::new()), "two accounts at one address are one insurer");
    assert!(!is_on(&metrics));
}

#[tokio::test(start_paused = true)]
async fn two_within_the_window_are_one_incident_and_a_third_joins_it() {
    let (outage, metrics) = outage();
    outage.down(quote("vsk"));
    later(60).await;
    outage.down(quote("alfastrah"));
    assert!(!is_on(&metrics), "the first word is too old");
    later(59).await;
    outage.down(quote("vsk"));
    assert!(is_on(&metrics));
    outage.down(quote("ingosstrakh"));
    outage.down(quote("ingosstrakh"));
    let (current, recent) = outage.incidents();
    let current = current.unwrap();
    assert_eq!((current.number, current.names().as_str()), (1, "alfastrah, ingosstrakh, vsk"));
    assert_eq!(current.insurers.iter().map(|one| one.failures).collect::<Vec<_>>(), [1, 1, 2]);
    assert_eq!(current.since, current.insurers[0].since);
    assert!(recent.is_empty());
}

#[tokio::test(start_paused = true)]
async fn it_is_over_when_all_of_them_succeed_again_in_what_they_failed_in() {
    let (outage, metrics) = outage();
    let began_before = Instant::now();
    later(1).await;
    outage.down(quote("vsk"));
    outage.down(quote("alfastrah"));
    later(1).await;
    outage.up(&quote("vsk"), began_before);
    outage.up(&Who { operation: OperationKind::Login, ..quote("vsk") }, Instant::now());
    outage.up(&quote("ingosstrakh"), Instant::now());
    outage.up(&quote("alfastrah"), Instant::now());
    let current = outage.incidents().0.unwrap();
    let recovered: Vec<bool> = current.insurers.iter().map(|one| one.recovered.is_some()).collect();
    assert_eq!(recovered, [false, true], "of {current:?}");
    outage.down(quote("alfastrah"));
    later(1).await;
    outage.up(&quote("vsk"), Instant::now());
    assert!(is_on(&metrics), "the other one has said it again");
    outage.up(&quote("alfastrah"), Instant::now());
    assert!(!is_on(&metrics));
    let (current, recent) = outage.incidents();
    assert_eq!((current, recent.len()), (None, 1));
    assert_eq!(recent[0].ended, Some(HowItEnded::Recovered));
    assert!(recent[0].until.is_some());
}

#[tokio::test(start_paused = true)]
async fn it_is_over_when_nobody_has_said_so_for_a_while_and_the_next_is_another() {
    let (outage, metrics) = outage();
    outage.down(quote("vsk"));
    outage.down(quote("alfastrah"));
    later(200).await;
    outage.down(quote("vsk"));
    later(299).await;
    assert!(is_on(&metrics));
    later(2).await;
    assert!(!is_on(&metrics));
    assert_eq!(outage.incidents().1[0].ended, Some(HowItEnded::Quiet));
    outage.down(quote("vsk"));
    assert!(!is_on(&metrics), "what was said before says nothing any more");
    outage.down(quote("alfastrah"));
    let (current, recent) = outage.incidents();
    assert_eq!((current.unwrap().number, recent.len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn an_insurer_that_succeeds_meanwhile_is_not_counted() {
    let (outage, metrics) = outage();
    outage.down(quote("vsk"));
    later(1).await;
    outage.up(&quote("vsk"), Instant::now());
    outage.down(quote("alfastrah"));
    assert!(!is_on(&metrics));
}
