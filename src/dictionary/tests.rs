//! The dictionary over a real store: what stays when everything around it changes.

use tempfile::TempDir;
use veer_contract::{
    VehicleCodes,
    domain::{Coefficient, InsurerVehicle, Named, Vehicle, VehicleCategory},
    manifest::VehicleNames,
};

use super::{
    Decision, Dictionary, DictionaryError, Of, Unmapped,
    answers::Question,
    catalogue::{Categories, EntryId, Sheets},
    mapping::{Mapped, MappingState},
    origin, packed, work,
};
use crate::{
    config::{Config, DictionaryConfig, InsurerConfig},
    store::{DictionaryChange, Sealer, Store, trial},
    telemetry::Metrics,
};

const BRANDS: &str = "brand_id,name,name_ru,also,merged_into\n";
const MODELS: &str = "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n";

/// A store that outlives the dictionaries opened on it.
struct Bench {
    folder: TempDir,
    config: Config,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let text = "[partner.accounts.demo]\nclient_id = \"demo\"\nclient_secret = \"s\"\ntoken = \"t\"\n\
                    [insurers.renessans]\nbase_url = \"http://127.0.0.1:1/\"\nother_models = true\n\
                    settings.key = \"k\"\n\
                    [insurers.alfastrah]\nbase_url = \"http://127.0.0.1:1/\"\n\
                    settings = { user = \"u\", password = \"p\" }\n";
        let manifests: Vec<_> = veer_insurers::all().iter().map(|adapter| adapter.manifest()).collect();
        let origin = folder.path().join("veer.toml");
        let config = Config::parse(text, &origin, std::iter::empty(), &manifests).unwrap();
        Self { folder, config }
    }

    async fn store(&self) -> Store {
        Store::open(&trial::config_in(self.folder.path()), Sealer::default()).await.unwrap()
    }

    async fn open(&self) -> Dictionary {
        self.open_with(|_| {}).await
    }

    async fn open_with(&self, change: impl FnOnce(&mut DictionaryConfig)) -> Dictionary {
        let metrics = Metrics::new(std::iter::empty(), &[], &[]).unwrap();
        let mut config = self.config.dictionary.clone();
        change(&mut config);
        Dictionary::open(self.store().await, &config, &self.config.insurers, &metrics).await.unwrap()
    }

    fn insurer(&self, code: &str) -> &InsurerConfig {
        self.config.insurers.iter().find(|insurer| insurer.code == code).unwrap()
    }
}

/// The next one to open the store may be another process.
async fn close(dictionary: Dictionary) {
    dictionary.0.store.flush().await.unwrap();
    dictionary.0.store.release();
}

fn row(brand: &str, model: &str, code: &str) -> InsurerVehicle {
    InsurerVehicle {
        brand: brand.into(),
        model: model.into(),
        category: Some(VehicleCategory::B),
        code: Some(code.into()),
        ..InsurerVehicle::default()
    }
}

fn rows() -> Vec<InsurerVehicle> {
    vec![row("TOYOTA", "CAMRY", "70"), row("ВАЗ/LADA", "ВЕСТА", "71"), row("KIA", "Прочие", "99")]
}

fn vehicle(id: &str, brand: &str, model: &str) -> Vehicle {
    let named = |id: &str, name: &str| Named { id: id.into(), name: name.into(), name_ru: None };
    Vehicle {
        plate: None,
        category: None,
        vin: None,
        body_number: None,
        chassis_number: None,
        brand: named("", brand),
        model: named(id, model),
        modification: None,
        year: 2020,
        engine_power: Coefficient::from_ten_thousandths(1_500_000),
        documents: Vec::new(),
    }
}

/// The id of a model, by exact names.
fn id(dictionary: &Dictionary, brand: &str, model: &str) -> EntryId {
    let catalogue = dictionary.published().catalogue.clone();
    let found = catalogue.models().find(|(its, entry)| its.name == brand && entry.name == model);
    found.unwrap_or_else(|| panic!("{brand} {model}")).1.id
}

/// The whole tree, as the partner gets it.
fn tree(dictionary: &Dictionary) -> Vec<u8> {
    let question = Question::SyncAll { categories: Categories::none() };
    let published = dictionary.published();
    let page = published.answers.page(&question).unwrap_or_else(|_| panic!("the tree"));
    page.body(None).to_vec()
}

fn code(mapped: Mapped) -> Option<String> {
    mapped.codes().and_then(|codes: VehicleCodes| codes.code)
}

fn brands_and_models(brands: &str, models: &str) -> Sheets {
    Sheets {
        brands: format!("{BRANDS}{brands}"),
        models: format!("{MODELS}{models}"),
        modifications: String::new(),
    }
}

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
async fn a_vehicle_is_found_by_its_id_else_by_its_names_and_sent_as_other_only_where_allowed() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let (open, strict) = (bench.insurer("renessans"), bench.insurer("alfastrah"));
    let ask = |insurer, vehicle: &Vehicle| dictionary.codes(insurer, VehicleNames::Codes, vehicle);
    let unknown = vehicle("101", "Тойота", "Камри");
    assert_eq!(ask(open, &unknown), Mapped::Nothing, "nothing was read yet");
    let words = dictionary.codes(open, VehicleNames::Names, &unknown).codes().unwrap();
    assert_eq!((&*words.brand, &*words.model), ("Тойота", "Камри"), "nothing was read yet");

    for insurer in ["renessans", "alfastrah"] {
        dictionary.import(insurer, rows(), "insurer", "veer", false).await.unwrap();
    }
    assert_eq!(code(ask(open, &unknown)).as_deref(), Some("70"));
    let rio = vehicle(&id(&dictionary, "Kia", "Rio").to_string(), "Kia", "Rio");
    assert!(matches!(ask(open, &rio), Mapped::Other(codes) if codes.model == "Прочие"));
    assert_eq!(ask(strict, &rio), Mapped::Nothing);
    let nobody = vehicle("5", "Nobody", "Nothing");
    assert_eq!(ask(open, &nobody), Mapped::Nothing);
    let truck = Vehicle { category: Some(VehicleCategory::C), ..unknown.clone() };
    assert_eq!(ask(open, &truck), Mapped::Nothing, "the category is part of the key");
}

#[tokio::test]
async fn an_insurer_with_codes_of_years_is_sent_that_of_the_vehicles_year() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let of = |years, code| InsurerVehicle { years, ..row("TOYOTA", "CAMRY", code) };
    let read = vec![of(Some((2006, 2017)), "7"), of(Some((2018, 2020)), "8"), of(None, "9")];
    dictionary.import("renessans", read, "insurer", "veer", false).await.unwrap();
    for (year, expected) in [(2010, "7"), (2018, "8"), (2020, "8"), (2021, "9")] {
        let car = Vehicle { year, ..vehicle("", "Toyota", "Camry") };
        let mapped = dictionary.codes(bench.insurer("renessans"), VehicleNames::Codes, &car);
        assert_eq!(code(mapped).as_deref(), Some(expected), "{year}");
    }
}

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
async fn the_configured_file_is_taken_in_when_it_changes_and_not_over_what_a_person_did() {
    let bench = Bench::new();
    let path = bench.folder.path().join("vehicles.csv");
    let write = |rows: &[InsurerVehicle]| {
        std::fs::write(&path, super::import::write_sheet(Some("renessans"), rows.iter())).unwrap();
    };
    let with_file = |config: &mut DictionaryConfig| config.vehicles = Some(path.clone());
    let names = |dictionary: &Dictionary| dictionary.book("renessans").unwrap().rows.len();
    write(&rows());
    let dictionary = bench.open_with(with_file).await;
    assert_eq!(names(&dictionary), 3);
    let more = rows().into_iter().chain([row("KIA", "RIO", "5")]).collect();
    dictionary.import("renessans", more, "insurer", "anna", false).await.unwrap();
    close(dictionary).await;
    let dictionary = bench.open_with(with_file).await;
    assert_eq!(names(&dictionary), 4, "the file is the same as before");
    close(dictionary).await;
    write(&rows()[..1]);
    let dictionary = bench.open_with(with_file).await;
    assert_eq!(names(&dictionary), 4, "a file that lost most is not believed");
    close(dictionary).await;
    let five: Vec<_> = rows().into_iter().chain([row("KIA", "RIO", "5"), row("KIA", "CEED", "6")]).collect();
    write(&five);
    assert_eq!(names(&bench.open_with(with_file).await), 5);
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

#[tokio::test]
async fn a_reading_that_lost_most_is_not_believed() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    dictionary.import("renessans", rows(), "insurer", "veer", false).await.unwrap();
    let few = || vec![row("TOYOTA", "CAMRY", "70")];
    let refused = dictionary.import("renessans", few(), "insurer", "veer", false).await.unwrap_err();
    assert!(refused.to_string().contains("2 of its 3 names"), "{refused}");
    assert_eq!(dictionary.book("renessans").unwrap().rows.len(), 3);
    let report = dictionary.import("renessans", few(), "file", "anna", true).await.unwrap();
    assert_eq!((report.gone.count, report.rows), (2, 1));
    let report = dictionary.import("renessans", rows(), "file", "anna", false).await.unwrap();
    assert_eq!((report.added.count, report.mapped.unmapped), (2, 0), "mappings are found again");
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
