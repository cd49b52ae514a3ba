//! Versions that nobody published: of a new year, and of a newer gateway.

use super::{Bench, close, id};
use crate::{
    dictionary::{Of, origin, packed, work},
    store::DictionaryChange,
};

#[tokio::test]
async fn a_new_year_and_a_newer_gateway_are_taken_in() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    // As if the last version were of a year ago, of a gateway that shipped no Camry.
    let camry = id(&dictionary, "Toyota", "Camry");
    let mut old = dictionary.draft().await.unwrap();
    old.models.retain(|model| model.id != Some(camry));
    old.modifications.retain(|it| it.model != camry);
    let content = packed::pack(&old).unwrap();
    let mut row = dictionary.0.store.dictionary_version(None).await.unwrap().unwrap();
    (row.number, row.last_year, row.content) = (2, row.last_year - 1, content.clone());
    let contents = vec![
        (work::DRAFT, content.clone()),
        (origin::TAKEN, content),
        (origin::TAKEN_DIGEST, b"another".to_vec()),
    ];
    let change = DictionaryChange { version: Some(row), contents, ..DictionaryChange::default() };
    dictionary.0.store.change_dictionary(change).await.unwrap();
    close(dictionary).await;

    let dictionary = bench.open().await;
    let year = crate::telemetry::moscow_today().year();
    assert_eq!(dictionary.published().version.last_year, year - 1);
    dictionary.turn_of_the_year().await.unwrap();
    let version = dictionary.published().version.clone();
    assert_eq!((version.number, version.last_year), (3, year));
    assert!(dictionary.published().catalogue.model(camry).is_none(), "the partner must be told first");
    let said = dictionary.difference(Of::Published, Of::Draft).await.unwrap();
    assert!(said.report().contains("Toyota Camry: добавлено"), "{}", said.report());
    dictionary.publish("anna", "").await.unwrap();
    assert_eq!(id(&dictionary, "Toyota", "Camry"), camry);
}
