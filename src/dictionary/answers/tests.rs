//! The whole and its parts: whatever the catalogue, sync-all and the single methods say the same.

use std::{collections::BTreeSet, sync::Arc};

use proptest::{collection::vec, prelude::*, sample::subsequence};
use serde_json::{Value, json};
use veer_contract::domain::VehicleCategory;

use super::{Answers, NoPage, Question};
use crate::dictionary::catalogue::{
    BrandRecord, Catalogue, Categories, Engines, EntryId, ModelRecord, ModificationRecord, Period, Power,
    Records, Years,
};

const LAST_YEAR: i16 = 2026;

/// What a sync-all of single methods' answers is made of.
fn put_together(answers: &Answers, category: Option<VehicleCategory>) -> Value {
    let brands = list(answers, &Question::Brands { category }, "brands");
    let brand = |mut brand: Value| {
        let id = id(&brand["brand_id"]);
        let models = list(answers, &Question::Models { brand: id, category }, "models");
        brand["models"] = models.into_iter().map(|listed| model(answers, id, listed, category)).collect();
        brand
    };
    json!({"brands": brands.into_iter().map(brand).collect::<Vec<_>>()})
}

fn model(answers: &Answers, brand: EntryId, mut listed: Value, category: Option<VehicleCategory>) -> Value {
    let model = id(&listed["model_id"]);
    let page = read(answers, &Question::Years { model, category });
    assert_eq!((id(&page["brand_id"]), id(&page["model_id"])), (brand, model));
    let years = page["years"].as_array().unwrap().iter().map(|year| {
        let number = i16::try_from(year.as_i64().unwrap()).unwrap();
        let page = read(answers, &Question::Powers { model, year: number });
        assert_eq!((id(&page["model_id"]), &page["year"]), (model, year));
        json!({"year": year, "engine_powers": page["powers"]})
    });
    listed["years"] = years.collect();
    let letters = listed.as_object_mut().unwrap().remove("vehicle_type").unwrap();
    listed["vehicle_types"] = letters;
    listed
}

/// What is left of everything under the filter.
fn filtered(mut whole: Value, categories: Categories) -> Value {
    let passes = |model: &Value| {
        let letters = model["vehicle_types"].as_array().unwrap().iter();
        letters
            .flat_map(|letter| letter.as_str().unwrap().parse::<Categories>())
            .any(|it| it.meets(categories))
    };
    let brands = whole["brands"].as_array_mut().unwrap();
    brands.iter_mut().for_each(|brand| brand["models"].as_array_mut().unwrap().retain(passes));
    brands.retain(|brand| brand["models"] != json!([]));
    whole
}

fn read(answers: &Answers, question: &Question) -> Value {
    let page = answers.page(question).unwrap();
    assert!(answers.at_hand(question), "{question:?}");
    serde_json::from_slice(page.body(None)).unwrap()
}

fn list(answers: &Answers, question: &Question, name: &str) -> Vec<Value> {
    read(answers, question)[name].as_array().unwrap().clone()
}

fn id(id: &Value) -> EntryId {
    id.as_str().unwrap().parse().unwrap()
}

fn every_set() -> impl Iterator<Item = Categories> {
    (0..Categories::SETS)
        .map(|bits| Categories::ALL.into_iter().filter(|it| bits >> *it as usize & 1 == 1).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn sync_all_and_the_single_methods_agree(records in records()) {
        let catalogue = Arc::new(Catalogue::of(&records, LAST_YEAR));
        let answers = Answers::new(catalogue.clone());
        let whole = read(&answers, &Question::SyncAll { categories: Categories::none() });
        prop_assert_eq!(&whole, &put_together(&answers, None));
        for category in Categories::ALL {
            let categories = Categories::only(category);
            let synced = read(&answers, &Question::SyncAll { categories });
            prop_assert_eq!(&synced, &put_together(&answers, Some(category)), "{}", categories);
        }
        for categories in every_set().filter(|categories| !categories.is_empty()) {
            let synced = read(&answers, &Question::SyncAll { categories });
            prop_assert_eq!(synced, filtered(whole.clone(), categories), "{}", categories);
        }
        // What is drawn beforehand is what is drawn when it is asked for.
        let warm = Answers::new(catalogue);
        warm.warm();
        prop_assert_eq!(read(&warm, &Question::SyncAll { categories: Categories::none() }), whole);
    }

    #[test]
    fn every_year_and_power_has_what_the_records_say(records in records()) {
        let answers = Answers::new(Arc::new(Catalogue::of(&records, LAST_YEAR)));
        for record in &records.models {
            let (asked, model) = (record.id.unwrap(), standing(&records, record));
            let years: Vec<i16> = model.engines.years(LAST_YEAR).collect();
            let page = read(&answers, &Question::Years { model: asked, category: None });
            prop_assert_eq!(&page["model_id"], &json!(asked.to_string()));
            prop_assert_eq!(&page["years"], &json!(years));
            for year in 1995..=LAST_YEAR + 2 {
                let made: &[Power] = if year <= LAST_YEAR { model.engines.powers(year) } else { &[] };
                let page = read(&answers, &Question::Powers { model: asked, year });
                prop_assert_eq!(page, json!({"model_id": asked.to_string(), "powers": made, "year": year}));
                for power in POWERS.map(Power::from_hundredths) {
                    let page = list(&answers, &Question::Modifications { model: asked, year, power }, "modifications");
                    let ids: BTreeSet<u64> = page.iter().map(|it| it["id"].as_u64().unwrap()).collect();
                    let expected = modifications_of(&records, model, year, power);
                    prop_assert_eq!(ids, if made.contains(&power) { expected } else { BTreeSet::new() });
                }
            }
        }
    }

    #[test]
    fn a_merged_entry_is_answered_under_its_own_id_and_listed_nowhere(records in records()) {
        let answers = Answers::new(Arc::new(Catalogue::of(&records, LAST_YEAR)));
        let whole = read(&answers, &Question::SyncAll { categories: Categories::none() }).to_string();
        for brand in &records.brands {
            let (Some(id), Some(into)) = (brand.id, brand.merged_into) else { continue };
            let is_listed = whole.contains(&format!("\"brand_id\":\"{id}\""));
            prop_assert!(!is_listed, "{}", id);
            for category in std::iter::once(None).chain(Categories::ALL.map(Some)) {
                let mut page = read(&answers, &Question::Models { brand: id, category });
                prop_assert_eq!(page["brand_id"].take(), json!(id.to_string()));
                page["brand_id"] = json!(into.to_string());
                prop_assert_eq!(page, read(&answers, &Question::Models { brand: into, category }));
            }
        }
        for id in records.models.iter().filter(|it| it.merged_into.is_some()).filter_map(|it| it.id) {
            let is_listed = whole.contains(&format!("\"model_id\":\"{id}\""));
            prop_assert!(!is_listed, "{}", id);
        }
    }
}

#[test]
fn an_unknown_id_is_told_apart_from_an_empty_list() {
    let records = Records {
        brands: vec![brand_record(1, None)],
        models: vec![model_record(2, 1, "B", "2010-2012 80.9", None)],
        ..Records::default()
    };
    let answers = Answers::new(Arc::new(Catalogue::of(&records, LAST_YEAR)));
    let (brand, model, category) = (EntryId(1), EntryId(2), Some(VehicleCategory::C));
    let power = Power::from_hundredths(8_090);
    for (question, empty) in [
        (Question::Brands { category }, json!({"brands": []})),
        (Question::Models { brand, category }, json!({"brand_id": "1", "models": []})),
        (Question::Years { model, category }, json!({"brand_id": "1", "model_id": "2", "years": []})),
        (Question::Powers { model, year: 2013 }, json!({"model_id": "2", "powers": [], "year": 2013})),
        (Question::Modifications { model, year: 2011, power }, json!({"modifications": []})),
        (Question::SyncAll { categories: Categories::only(VehicleCategory::C) }, json!({"brands": []})),
    ] {
        assert_eq!(read(&answers, &question), empty, "{question:?}");
    }
    for id in [model, EntryId(3), EntryId(0)] {
        let page = answers.page(&Question::Models { brand: id, category: None });
        assert_eq!(page.err(), Some(NoPage::UnknownBrand));
    }
    for model in [brand, EntryId(3)] {
        for question in [
            Question::Years { model, category },
            Question::Powers { model, year: 2011 },
            Question::Modifications { model, year: 2011, power },
        ] {
            assert_eq!(answers.page(&question).err(), Some(NoPage::UnknownModel), "{question:?}");
        }
    }
}

#[test]
fn pages_are_drawn_when_they_are_asked_for_and_kept() {
    let records = Records {
        brands: vec![brand_record(1, None)],
        models: (2..40).map(|id| model_record(id, 1, "BC", "2010- 80.9 150", None)).collect(),
        ..Records::default()
    };
    let answers = Answers::new(Arc::new(Catalogue::of(&records, LAST_YEAR)));
    assert_eq!(answers.bytes(), 0);
    let everything = Question::SyncAll { categories: Categories::none() };
    assert!(!answers.at_hand(&everything));
    let page = answers.page(&everything).unwrap();
    assert!(answers.at_hand(&everything) && page.codings().count() == 3);
    assert_eq!(page.body(None).as_ptr(), answers.page(&everything).unwrap().body(None).as_ptr());
    let drawn = answers.bytes();
    assert!(drawn > page.body(None).len());
    answers.warm();
    let warmed = answers.bytes();
    assert!(warmed > drawn);
    answers.warm();
    assert_eq!(answers.bytes(), warmed);
}

#[test]
fn a_version_that_changes_nothing_on_a_page_leaves_its_name() {
    let mut records = Records {
        brands: vec![brand_record(1, None), brand_record(2, None)],
        models: vec![model_record(3, 1, "B", "2010- 80.9", None), model_record(4, 2, "B", "2010- 150", None)],
        ..Records::default()
    };
    let tags = |records: &Records| {
        let answers = Answers::new(Arc::new(Catalogue::of(records, LAST_YEAR)));
        let questions = [
            Question::Models { brand: EntryId(1), category: None },
            Question::Powers { model: EntryId(3), year: 2011 },
            Question::SyncAll { categories: Categories::none() },
        ];
        questions.map(|question| answers.page(&question).unwrap().tag(None))
    };
    let before = tags(&records);
    assert_eq!(tags(&records), before);
    records.models[1].engines = "2010- 151".parse().unwrap();
    let after = tags(&records);
    assert_eq!(after[..2], before[..2]);
    assert_ne!(after[2], before[2]);
}

// === random catalogues ===

/// Hundredths of a horsepower.
const POWERS: [u32; 4] = [5_000, 8_090, 13_325, 15_000];

fn brand_record(id: u32, merged_into: Option<u32>) -> BrandRecord {
    BrandRecord {
        id: Some(EntryId(id)),
        name: format!("Brand {id}"),
        name_ru: if id.is_multiple_of(2) { format!("Марка {id}") } else { String::new() },
        also: Vec::new(),
        merged_into: merged_into.map(EntryId),
    }
}

fn model_record(
    id: u32,
    brand: u32,
    categories: &str,
    engines: &str,
    merged_into: Option<u32>,
) -> ModelRecord {
    ModelRecord {
        id: Some(EntryId(id)),
        brand: EntryId(brand),
        name: format!("Model {id}"),
        name_ru: if id.is_multiple_of(3) { format!("Модель {id}") } else { String::new() },
        categories: categories.parse().unwrap(),
        also: Vec::new(),
        engines: engines.parse().unwrap(),
        merged_into: merged_into.map(EntryId),
    }
}

/// Periods with gaps between some of them; the last one may be open, and may lie in the future.
fn engines() -> impl Strategy<Value = Engines> {
    let period = (0i16..4, 0i16..5, subsequence(POWERS.to_vec(), 1..=POWERS.len()));
    (1998i16..2027, vec(period, 0..4), any::<bool>()).prop_map(|(first, periods, is_open)| {
        let (mut next, mut text, count) = (first, String::new(), periods.len());
        for (index, (gap, length, powers)) in periods.into_iter().enumerate() {
            let (from, to) = (next + gap, next + gap + length);
            let years = Years { from, to: (!is_open || index + 1 < count).then_some(to) };
            let powers: Vec<String> =
                powers.into_iter().map(|power| Power::from_hundredths(power).to_string()).collect();
            text.push_str(&format!("{years} {};", powers.join(" ")));
            next = to + 1;
        }
        text.parse().unwrap()
    })
}

fn records() -> impl Strategy<Value = Records> {
    let letters = subsequence(vec!['A', 'B', 'C', 'D', 'E'], 1..=3);
    let model = (any::<prop::sample::Index>(), letters, engines(), any::<prop::sample::Index>(), 0u8..4);
    let brands = vec((any::<prop::sample::Index>(), 0u8..4), 1..5);
    (brands, vec(model, 0..9)).prop_map(|(brands, models)| {
        let mut records = Records::default();
        for (place, (into, chance)) in brands.into_iter().enumerate() {
            // The first one stands, so there is always one to merge into.
            let merged = (place > 0 && chance == 0).then(|| into.get(&standing_brands(&records)).0);
            records.brands.push(brand_record(1 + place as u32, merged));
        }
        for (place, (brand, letters, engines, into, chance)) in models.into_iter().enumerate() {
            let standing: Vec<_> = records.models.iter().filter(|it| it.merged_into.is_none()).collect();
            let merged = (chance == 0 && !standing.is_empty()).then(|| into.get(&standing).id.unwrap().0);
            let brand = brand.get(&records.brands).id.unwrap().0;
            let letters: String = letters.into_iter().collect();
            let record = model_record(100 + place as u32, brand, &letters, &engines.to_string(), merged);
            records.models.push(record);
        }
        records.modifications = modifications(&records);
        records
    })
}

fn standing_brands(records: &Records) -> Vec<EntryId> {
    records.brands.iter().filter(|it| it.merged_into.is_none()).filter_map(|it| it.id).collect()
}

/// For each period one of its whole length, and one of its first year where the power is the first.
fn modifications(records: &Records) -> Vec<ModificationRecord> {
    let mut made = Vec::new();
    let mut add = |model: &ModelRecord, years: Years, power: Power| {
        let id = 1_000 + made.len() as u32;
        let (name, model) = (format!("Modification {}", id % 7), model.id.unwrap());
        made.push(ModificationRecord { id: Some(EntryId(id)), model, name, years, power });
    };
    for model in &records.models {
        for Period { years, powers } in model.engines.periods() {
            powers.iter().for_each(|power| add(model, *years, *power));
            add(model, Years { from: years.from, to: Some(years.from) }, powers[0]);
        }
    }
    made
}

/// The record that the model's id stands for.
fn standing<'a>(records: &'a Records, model: &'a ModelRecord) -> &'a ModelRecord {
    let into = model.merged_into;
    into.and_then(|into| records.models.iter().find(|it| it.id == Some(into))).unwrap_or(model)
}

fn modifications_of(records: &Records, model: &ModelRecord, year: i16, power: Power) -> BTreeSet<u64> {
    let of_model = |it: &&ModificationRecord| {
        let own = records.models.iter().find(|model| model.id == Some(it.model)).unwrap();
        standing(records, own).id == model.id
    };
    let found = records.modifications.iter().filter(of_model);
    found.filter(|it| it.years.has(year) && it.power == power).map(|it| u64::from(it.id.unwrap().0)).collect()
}
