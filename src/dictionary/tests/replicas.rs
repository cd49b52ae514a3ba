//! What one replica changes, the others serve.

use super::*;
use crate::dictionary::{Decision, Unmapped};

async fn replica(bench: &Bench, store: &Store) -> Dictionary {
    let metrics = Metrics::new(std::iter::empty(), &[], &[]).unwrap();
    let (config, insurers) = (&bench.config.dictionary, &bench.config.insurers);
    Dictionary::open(store.clone(), config, insurers, &metrics).await.unwrap()
}

#[tokio::test]
async fn a_version_a_reading_and_a_decision_of_another_replica_are_served_after_a_look() {
    let bench = Bench::new();
    let store = bench.store().await;
    let (one, other) = (replica(&bench, &store).await, replica(&bench, &store).await);
    assert!(!other.refresh().await.unwrap(), "nothing was changed since");

    let read = rows().into_iter().chain([row("ЧТЗ", "Погрузчик ПК-46", "80")]).collect();
    one.import("renessans", read, "file", "anna", false).await.unwrap();
    assert!(other.book("renessans").is_none_or(|book| book.last.is_none()));
    assert!(other.refresh().await.unwrap());
    let book = other.book("renessans").unwrap();
    assert_eq!((book.rows.len(), book.last.clone()), (4, one.book("renessans").unwrap().last.clone()));

    let wanted = Unmapped { dictionary: Some("renessans".into()), state: None, limit: 9 };
    let key = one.names(&wanted).0[0].key.clone();
    let decision = Decision { key: key.clone(), entry: None, author: "anna".into(), note: String::new() };
    one.refuse(&decision).await.unwrap();
    assert!(other.names(&wanted).0.iter().any(|name| name.key == key));
    assert!(other.refresh().await.unwrap());
    assert!(other.names(&wanted).0.iter().all(|name| name.key != key), "it stands for nothing");

    one.edit(brands_and_models(",Aero,Аэро,,\n", "")).await.unwrap();
    assert!(!other.refresh().await.unwrap(), "a draft is nobody's");
    let version = one.publish("anna", "a new one").await.unwrap();
    assert!(other.refresh().await.unwrap());
    assert_eq!((other.published().version.clone(), tree(&other)), (version, tree(&one)));
    // Who made the changes has nothing to take in.
    assert!(!one.refresh().await.unwrap() && !other.refresh().await.unwrap());
}
