//! What waits for a person, and that what a person said stays said.

use veer_contract::{domain::Vehicle, manifest::VehicleNames};

use super::{Bench, brands_and_models, close, code, id, row, rows, vehicle};
use crate::dictionary::{
    Decision, Dictionary, DictionaryError, Unmapped, catalogue::EntryId, mapping::MappingState,
};

#[tokio::test]
async fn what_the_operator_wants_surer_waits_from_the_next_start_on() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    dictionary.import("renessans", rows(), "insurer", "veer", false).await.unwrap();
    let waiting = |dictionary: &Dictionary| dictionary.names(&Unmapped { limit: 9, ..Unmapped::default() }).1;
    assert_eq!(waiting(&dictionary), 0);
    close(dictionary).await;
    let dictionary = bench.open_with(|config| config.sure = 100).await;
    assert!(waiting(&dictionary) > 0, "`TOYOTA CAMRY` is not as the catalogue writes it");
    close(dictionary).await;
    assert_eq!(waiting(&bench.open().await), 0);
}

#[tokio::test]
async fn what_a_person_says_stays_said() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let strange = row("TOYOTA", "CAMRI LE", "72");
    let all = || rows().into_iter().chain([strange.clone()]).collect::<Vec<_>>();
    dictionary.import("renessans", all(), "insurer", "veer", false).await.unwrap();
    let named = |dictionary: &Dictionary, state| {
        let wanted = Unmapped { state, limit: 100, ..Unmapped::default() };
        let (names, _) = dictionary.names(&wanted);
        names.into_iter().find(|name| name.model == "CAMRI LE" || name.model == "CAMRY")
    };
    // What is sure and right is refused all the same: persons decide.
    let camry = named(&dictionary, Some(MappingState::Automatic)).unwrap();
    let decision = |key: &str, entry| Decision {
        key: key.to_owned(),
        entry,
        author: "anna".into(),
        note: "asked them".into(),
    };
    let refused = dictionary.refuse(&decision(&camry.key, None)).await.unwrap();
    assert_eq!((refused.mappings[0].state, &*refused.mappings[0].author), ("refused", "anna"));
    dictionary.import("renessans", all(), "insurer", "veer", false).await.unwrap();
    let still = dictionary.history(&camry.key).await.unwrap();
    let states: Vec<_> = still.mappings.iter().map(|it| (it.state, it.to.is_some())).collect();
    assert_eq!(states, [("automatic", true), ("refused", false)], "nothing is deleted, nothing comes back");

    let corolla = id(&dictionary, "Toyota", "Corolla");
    let (names, _) = dictionary.names(&Unmapped { limit: 100, ..Unmapped::default() });
    let strange = names.iter().find(|name| name.model == "CAMRI LE");
    if let Some(strange) = strange {
        let said = dictionary.confirm(&decision(&strange.key, Some(corolla))).await.unwrap();
        assert!(said.mappings.iter().any(|it| it.state == "confirmed" && it.entry == corolla));
        close(dictionary).await;
        let dictionary = bench.open().await;
        dictionary.import("renessans", all(), "insurer", "veer", false).await.unwrap();
        let car = vehicle(&corolla.to_string(), "Toyota", "Corolla");
        let mapped = dictionary.codes(bench.insurer("renessans"), VehicleNames::Codes, &car);
        assert_eq!(code(mapped).as_deref(), Some("72"));
        let wrong = dictionary.confirm(&decision(&strange.key, Some(EntryId(5)))).await.unwrap_err();
        assert!(matches!(wrong, DictionaryError::Unknown(_)), "{wrong}");
    } else {
        panic!("{names:#?}");
    }
}

#[tokio::test]
async fn a_name_that_means_nothing_here_is_asked_about_once() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let all = || rows().into_iter().chain([row("ЧТЗ", "Погрузчик ПК-46", "80")]).collect::<Vec<_>>();
    dictionary.import("renessans", all(), "insurer", "veer", false).await.unwrap();
    let waiting = || dictionary.names(&Unmapped { limit: 100, ..Unmapped::default() }).0;
    let [name] = &waiting()[..] else { panic!("{:#?}", waiting()) };
    let decision =
        |entry| Decision { key: name.key.clone(), entry, author: "anna".into(), note: String::new() };
    assert!(dictionary.confirm(&decision(None)).await.is_err(), "nothing is proposed");
    dictionary.refuse(&decision(None)).await.unwrap();
    let report = dictionary.import("renessans", all(), "insurer", "veer", false).await.unwrap();
    assert_eq!((waiting().len(), report.mapped.unmapped, report.mapped.nothing), (0, 0, 1));
    let camry = id(&dictionary, "Toyota", "Camry");
    dictionary.confirm(&decision(Some(camry))).await.unwrap();
    let states: Vec<_> = dictionary.history(&name.key).await.unwrap().mappings;
    assert!(states.iter().any(|it| it.state == "refused" && it.to.is_some()), "it can be taken back");
}

#[tokio::test]
async fn what_was_refused_stays_refused_when_entries_are_merged() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let sheet = brands_and_models(",Aero,Аэро,,\n", ",Aero,One,,B,,2024- 150,\n,Aero,First,,B,,2024- 150,\n");
    let added = dictionary.edit(sheet).await.unwrap().added;
    let (brand, one, first) = (added[0].id, added[1].id, added[2].id);
    dictionary.publish("anna", "").await.unwrap();
    dictionary.import("renessans", vec![row("AERO", "FIRST", "1")], "insurer", "veer", false).await.unwrap();
    let holding = || {
        let (names, _) = dictionary.names(&Unmapped {
            state: Some(MappingState::Automatic),
            limit: 9,
            ..Unmapped::default()
        });
        names.into_iter().next()
    };
    let key = holding().expect("it is found").key;
    let decision = Decision { key, entry: None, author: "anna".into(), note: String::new() };
    dictionary.refuse(&decision).await.unwrap();
    let sheet = brands_and_models("", &format!("{first},{brand},First,,B,,2024- 150,{one}\n"));
    dictionary.edit(sheet).await.unwrap();
    dictionary.publish("anna", "one car, two names").await.unwrap();
    assert_eq!(dictionary.published().catalogue.standing(first), one);
    assert!(holding().is_none(), "{:?}", holding());
    dictionary.confirm(&Decision { entry: Some(first), ..decision }).await.unwrap();
    let car = vehicle(&one.to_string(), "Aero", "One");
    let car = Vehicle { year: 2024, ..car };
    let mapped = dictionary.codes(bench.insurer("renessans"), VehicleNames::Codes, &car);
    assert_eq!(code(mapped).as_deref(), Some("1"), "the id that stands leads there too");
}
