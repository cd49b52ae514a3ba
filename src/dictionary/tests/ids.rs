//! The ids that the partner copied stay, whatever is published, merged or renumbered.

use veer_contract::{
    domain::{InsurerVehicle, VehicleCategory},
    manifest::VehicleNames,
};

use super::{Bench, brands_and_models, close, code, id, row, rows, tree, vehicle};
use crate::dictionary::{DictionaryError, Of, answers::Question, catalogue::EntryId};

#[tokio::test]
async fn ids_survive_publish_restart_and_a_second_reading() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let (camry, before) = (id(&dictionary, "Toyota", "Camry"), tree(&dictionary));
    dictionary.import("renessans", rows(), "insurer", "veer", false).await.unwrap();
    assert_eq!(tree(&dictionary), before, "a reading changes nothing that the partner sees");

    let sheet = brands_and_models(",Aero,Аэро,,\n", "");
    let brand = dictionary.edit(sheet).await.unwrap().added[0].id;
    assert_eq!(brand, EntryId::FIRST_OWN);
    let sheet = brands_and_models("", &format!(",{brand},One,Уан,B,,2024- 150,\n"));
    let model = dictionary.edit(sheet).await.unwrap().added[0].id;
    assert_eq!(tree(&dictionary), before, "a draft is not served");
    let version = dictionary.publish("anna", "Aero is sold now").await.unwrap();
    assert_eq!((version.number, &*version.author), (2, "anna"));
    let after = tree(&dictionary);
    assert_ne!(after, before);
    assert_eq!(id(&dictionary, "Toyota", "Camry"), camry);
    assert_eq!(id(&dictionary, "Aero", "One"), model);
    let nothing = dictionary.publish("anna", "again").await.unwrap_err();
    assert!(
        matches!(&nothing, DictionaryError::Refused(text) if text.contains("since version 2")),
        "{nothing}"
    );

    close(dictionary).await;
    let dictionary = bench.open().await;
    assert_eq!(dictionary.published().version, version);
    assert_eq!(tree(&dictionary), after);
    let report = dictionary.import("renessans", rows(), "insurer", "veer", false).await.unwrap();
    assert_eq!(
        (report.added.count, report.gone.count, report.recoded.count, report.remapped.count),
        (0, 0, 0, 0)
    );
    assert_eq!(tree(&dictionary), after);
    let next = dictionary.edit(brands_and_models(",Bero,Беро,,\n", "")).await.unwrap().added[0].id;
    assert!(next > model, "an id is never given twice");
}

#[tokio::test]
async fn an_insurer_that_renumbers_changes_no_own_id() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let insurer = bench.insurer("renessans");
    dictionary.import("renessans", rows(), "insurer", "veer", false).await.unwrap();
    let before = tree(&dictionary);
    let camry = vehicle(&id(&dictionary, "Toyota", "Camry").to_string(), "Toyota", "Camry");
    let mapped = || dictionary.codes(insurer, VehicleNames::Codes, &camry);
    assert_eq!(code(mapped()).as_deref(), Some("70"));

    // The codes go round: what was the one's is the other's now.
    let turned =
        vec![row("TOYOTA", "CAMRY", "71"), row("ВАЗ/LADA", "ВЕСТА", "99"), row("KIA", "Прочие", "70")];
    let report = dictionary.import("renessans", turned, "insurer", "veer", false).await.unwrap();
    assert_eq!((report.recoded.count, report.remapped.count, report.added.count), (3, 0, 0));
    assert_eq!(code(mapped()).as_deref(), Some("71"));
    assert_eq!(tree(&dictionary), before);

    close(dictionary).await;
    let dictionary = bench.open().await;
    assert_eq!(tree(&dictionary), before);
    assert_eq!(code(dictionary.codes(insurer, VehicleNames::Codes, &camry)).as_deref(), Some("71"));
}

#[tokio::test]
async fn merged_and_renamed_entries_answer_under_both_ids() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let sheet = brands_and_models(",Aero,Аэро,,\n,Aerro,,,\n", "");
    let added = dictionary.edit(sheet).await.unwrap().added;
    let (stays, goes) = (added[0].id, added[1].id);
    let models = format!(",{stays},One,,B,,2024- 150,\n,{goes},Two,,B,,2025- 160,\n");
    dictionary.edit(brands_and_models("", &models)).await.unwrap();
    dictionary.publish("anna", "").await.unwrap();
    let sheet = brands_and_models(&format!("{stays},Aero Motors,Аэро,,\n{goes},Aerro,,,{stays}\n"), "");
    dictionary.edit(sheet).await.unwrap();
    let report = dictionary.difference(Of::Published, Of::Draft).await.unwrap().report();
    assert!(report.contains("переименовано: Aero (Аэро) → Aero Motors (Аэро)"), "{report}");
    assert!(report.contains("прежний идентификатор продолжает работать"), "{report}");
    dictionary.publish("anna", "").await.unwrap();
    let catalogue = dictionary.published().catalogue.clone();
    assert_eq!(catalogue.brand(goes).unwrap().id, stays);
    assert_eq!(catalogue.brand(stays).unwrap().models.len(), 2);
    for category in [None, Some(VehicleCategory::B)] {
        for brand in [stays, goes] {
            let published = dictionary.published();
            assert!(published.answers.page(&Question::Models { brand, category }).is_ok(), "{brand}");
        }
    }
    let row = InsurerVehicle { code: None, ..row("AERO", "TWO", "") };
    assert_eq!(dictionary.published().matcher.candidates(&row)[0].confidence, 98, "the former name is known");
    assert_eq!(dictionary.versions().await.unwrap().len(), 3);
}
