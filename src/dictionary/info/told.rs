//! What a source said of a vehicle, in the catalogue's entries.

use std::fmt;

use veer_contract::domain::{Coefficient, FoundVehicle, Named, Vehicle};

use super::number::{Plate, Vin};
use crate::{
    dictionary::{
        Published,
        catalogue::{Brand, Entry, EntryId, Model, Modification, Power},
        mapping::{Book, MappingState},
        matching::How,
        names::fold,
    },
    store::RowName,
};

/// What a source said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    /// Whose words they are: the adapter, by which books are found.
    pub dictionary: String,
    /// What it said.
    pub found: FoundVehicle,
}

/// What its name means.
struct Meant {
    entry: EntryId,
    /// A person said so, or it is the catalogue's own name. What else is known of the vehicle need not agree.
    surely: bool,
}

/// Why no calculation can be asked for with what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lacks {
    /// Its brand and model are no entry of the catalogue.
    Model,
    /// Its category is not told, and the model is made in several.
    Category,
    /// Its year is not told, or is none.
    Year,
    /// The model was not made in its year, so that it may be another one.
    Made,
    /// Its engine power is not told, or is none.
    Power,
    /// Its VIN, body number and chassis number are not told.
    Number,
}

// === impl Told ===

impl Told {
    /// The vehicle, in the entries of `published`. The name that `book` has mapped counts first, then what the
    /// matcher is at least `sure` percent sure of.
    pub fn vehicle(&self, published: &Published, book: Option<&Book>, sure: u8) -> Result<Vehicle, Lacks> {
        let Self { found, .. } = self;
        let meant = self.meant(published, book, sure).ok_or(Lacks::Model)?;
        let (brand, model) = match published.catalogue.entry(meant.entry) {
            Some(Entry::Model(brand, model) | Entry::Modification(brand, model, _)) => (brand, model),
            Some(Entry::Brand(_)) | None => return Err(Lacks::Model),
        };
        let mut categories = model.categories.iter();
        let only = categories.next().filter(|_| categories.next().is_none());
        let category = found.vehicle.category.or(only).ok_or(Lacks::Category)?;
        let year = found.year.filter(|year| (1900..=2100).contains(year)).ok_or(Lacks::Year)?;
        if !meant.surely && model.engines.powers(year).is_empty() {
            return Err(Lacks::Made);
        }
        let power = power(found.engine_power, model, year).ok_or(Lacks::Power)?;
        let numbers = [&found.vin, &found.body_number, &found.chassis_number];
        if numbers.into_iter().all(Option::is_none) {
            return Err(Lacks::Number);
        }
        Ok(Vehicle {
            plate: found
                .plate
                .clone()
                .map(|it| it.as_str().parse().map_or(it, |it: Plate| it.number().clone())),
            category: Some(category),
            vin: found.vin.clone().map(|it| it.as_str().parse().map_or(it, |it: Vin| it.number().clone())),
            body_number: found.body_number.clone(),
            chassis_number: found.chassis_number.clone(),
            brand: named(brand),
            modification: modification(found.modification.as_deref(), model, year, power),
            model: Named {
                id: model.id.to_string(),
                name: model.name.clone(),
                name_ru: model.name_ru.clone(),
            },
            year,
            engine_power: power,
            documents: found.documents.clone(),
        })
    }

    /// Tells the operator which words lead nowhere; they are a vehicle's and nobody's.
    pub fn log(&self, insurer: &str, lacks: Lacks) {
        let vehicle = &self.found.vehicle;
        let category = vehicle.category.map(|category| category.letter().to_string()).unwrap_or_default();
        let (brand, model) = (&vehicle.brand, &vehicle.model);
        tracing::warn!(insurer, %lacks, brand, model, category, "a vehicle that was found cannot be told");
    }

    fn meant(&self, published: &Published, book: Option<&Book>, sure: u8) -> Option<Meant> {
        let name = RowName::of(&self.found.vehicle);
        let is_own = |how: How| matches!(how, How::Exact | How::Normalised);
        if let Some((mapping, state)) = book.and_then(|book| book.holding(&name)) {
            let surely = state == MappingState::Confirmed || How::parse(mapping.how).is_some_and(is_own);
            return Some(Meant { entry: EntryId(mapping.entry), surely });
        }
        let refused = |entry| book.is_some_and(|book| book.refuses(&name, entry, &published.catalogue));
        let mut best = published.matcher.candidates(&self.found.vehicle).into_iter();
        let best = best.find(|it| !refused(it.entry))?;
        (best.confidence >= sure).then_some(Meant { entry: best.entry, surely: is_own(best.how) })
    }
}

/// The power that was told. What is made without an engine has none to tell.
fn power(told: Option<Coefficient>, model: &Model, year: i16) -> Option<Coefficient> {
    let none = Coefficient::from_ten_thousandths(0);
    let engineless = || model.engines.powers(year) == [Power::from_hundredths(0)];
    told.filter(|power| *power > none).or_else(|| engineless().then_some(none))
}

/// The modification of that year and power, and of that name where one was told, if there is one only.
fn modification(told: Option<&str>, model: &Model, year: i16, power: Coefficient) -> Option<Named> {
    let power: Power = power.as_json_number().to_string().parse().ok()?;
    let is_named = |it: &&Modification| told.is_none_or(|name| fold(name) == fold(&it.name));
    let mut fitting = model.modifications(year, power).filter(is_named);
    let only = fitting.next().filter(|_| fitting.next().is_none())?;
    Some(Named { id: only.id.to_string(), name: only.name.clone(), name_ru: None })
}

fn named(brand: &Brand) -> Named {
    Named { id: brand.id.to_string(), name: brand.name.clone(), name_ru: brand.name_ru.clone() }
}

// === impl Lacks ===

impl fmt::Display for Lacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lacks::Model => "the catalogue has no model that it surely is",
            Lacks::Category => "its category was not told, and the model has several",
            Lacks::Year => "its year was not told",
            Lacks::Made => "the catalogue's model was not made in its year; confirm the name or add the year",
            Lacks::Power => "its engine power was not told",
            Lacks::Number => "neither VIN nor body number nor chassis number was told",
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use veer_contract::domain::{InsurerVehicle, VehicleCategory};

    use super::*;
    use crate::{
        dictionary::{
            Version,
            catalogue::{Records, Sheets},
        },
        store::MappingRow,
    };

    fn published() -> Published {
        let sheets = Sheets {
            brands: "brand_id,name,name_ru,also,merged_into\n1,Toyota,Тойота,,\n2,ГАЗ,GAZ,,\n".into(),
            models: "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n\
                     3,1,Camry,Камри,B,,2018- 150 181,\n4,2,3302,,BC,,2003- 107,\n5,2,8332,,E,,1990- 0,\n"
                .into(),
            modifications: "modification_id,model_id,name,years,power\n6,3,2.0 AT,2018-,150\n\
                            7,3,2.5 AT,2018-,181\n8,3,2.5 AT 4WD,2018-,181\n"
                .into(),
        };
        let version = Version {
            number: 1,
            published: Timestamp::UNIX_EPOCH,
            author: "test".into(),
            note: String::new(),
            last_year: 2026,
        };
        Published::new(version, &Records::read(&sheets).unwrap())
    }

    fn told(brand: &str, model: &str, power: &str) -> Told {
        let found = FoundVehicle {
            vehicle: InsurerVehicle { brand: brand.into(), model: model.into(), ..InsurerVehicle::default() },
            year: Some(2020),
            engine_power: Coefficient::parse(power).ok(),
            vin: Some("XTA210990Y2765439".into()),
            ..FoundVehicle::default()
        };
        Told { dictionary: "source".into(), found }
    }

    fn book(said: &Told, entry: u32, state: MappingState, how: How) -> Book {
        let name = RowName::of(&said.found.vehicle);
        let row = MappingRow {
            dictionary: "source".into(),
            name: name.clone(),
            entry,
            state: state.name(),
            how: how.name(),
            confidence: 100,
            author: "operator".into(),
            note: String::new(),
            from: Timestamp::UNIX_EPOCH,
            to: None,
        };
        let mut book = Book::default();
        book.mappings.insert(name, vec![row]);
        book
    }

    fn vehicle(told: &Told) -> Result<Vehicle, Lacks> {
        told.vehicle(&published(), None, 93)
    }

    #[test]
    fn names_become_the_catalogues_own() {
        let mut said = told("ТОЙОТА", "САМRY", "150");
        said.found.plate = Some("a123bc777".into());
        said.found.vin = Some("xta21o990y2765439".into());
        let vehicle = vehicle(&said).unwrap();
        assert_eq!((&*vehicle.brand.id, &*vehicle.brand.name), ("1", "Toyota"));
        assert_eq!((&*vehicle.model.id, &*vehicle.model.name), ("3", "Camry"));
        assert_eq!(vehicle.model.name_ru.as_deref(), Some("Камри"));
        assert_eq!(vehicle.category, Some(VehicleCategory::B), "the model's only one");
        assert_eq!(vehicle.plate, Some("А123ВС777".into()));
        assert_eq!(vehicle.vin, Some("XTA210990Y2765439".into()));
    }

    #[test]
    fn a_modification_is_told_where_there_is_one_only() {
        let modification = |power: &str, name: Option<&str>| {
            let mut said = told("Toyota", "Camry", power);
            said.found.modification = name.map(str::to_owned);
            vehicle(&said).unwrap().modification.map(|it| it.id)
        };
        assert_eq!(modification("150", None).as_deref(), Some("6"));
        assert_eq!(modification("181", None), None, "two");
        assert_eq!(modification("181", Some("2.5 at 4wd")).as_deref(), Some("8"));
        assert_eq!(modification("150", Some("3.5 AT")), None, "another name");
        assert_eq!(modification("149.6", None), None);
    }

    #[test]
    fn what_a_calculation_needs_must_be_there() {
        assert_eq!(vehicle(&told("Toyota", "Кабриолет", "150")), Err(Lacks::Model));
        assert_eq!(vehicle(&told("Toyota", "", "150")), Err(Lacks::Model), "a brand is no model");
        assert_eq!(vehicle(&told("Toyota", "Camry", "")), Err(Lacks::Power));
        assert_eq!(vehicle(&told("Toyota", "Camry", "0")), Err(Lacks::Power));
        let mut ageless = told("Toyota", "Camry", "150");
        ageless.found.year = Some(20);
        assert_eq!(vehicle(&ageless), Err(Lacks::Year));
        let trailer = vehicle(&told("ГАЗ", "8332", "")).unwrap();
        assert_eq!(trailer.engine_power, Coefficient::from_ten_thousandths(0));
        let mut nameless = told("Toyota", "Camry", "150");
        nameless.found.vin = None;
        assert_eq!(vehicle(&nameless), Err(Lacks::Number));
        nameless.found.chassis_number = Some("LN1300128818".into());
        assert!(vehicle(&nameless).is_ok());
    }

    #[test]
    fn the_category_must_be_told_where_the_model_has_several() {
        let mut gazelle = told("ГАЗ", "3302", "107");
        assert_eq!(vehicle(&gazelle), Err(Lacks::Category));
        gazelle.found.vehicle.category = Some(VehicleCategory::C);
        assert_eq!(vehicle(&gazelle).unwrap().category, Some(VehicleCategory::C));
    }

    #[test]
    fn only_a_sure_name_counts_in_a_year_in_which_the_model_was_not_made() {
        let old = |brand: &str| {
            let mut said = told(brand, "Camry", "150");
            said.found.year = Some(2001);
            said
        };
        assert!(vehicle(&old("TOYOTA")).is_ok(), "the catalogue's own name");
        let synonym = old("Тойота");
        let how = published().matcher.candidates(&synonym.found.vehicle)[0].how;
        assert!(how > How::Normalised, "{how:?}");
        assert_eq!(vehicle(&synonym), Err(Lacks::Made));
        let of = |state: MappingState, how: How| {
            let book = book(&synonym, 3, state, how);
            synonym.vehicle(&published(), Some(&book), 93).map(|it| it.year)
        };
        assert_eq!(of(MappingState::Confirmed, How::Person), Ok(2001), "a person knows better");
        assert_eq!(of(MappingState::Automatic, How::Synonym), Err(Lacks::Made), "the matcher's own finding");
    }

    #[test]
    fn a_mapped_name_counts_and_a_refused_one_is_not_matched_again() {
        let book = |said: &Told, entry: u32, state: MappingState| book(said, entry, state, How::Person);
        let id = |said: &Told, book: &Book| said.vehicle(&published(), Some(book), 93).map(|it| it.model.id);
        let mut gazelle = told("GAZ", "GAZelle", "107");
        gazelle.found.vehicle.category = Some(VehicleCategory::B);
        assert_eq!(id(&gazelle, &Book::default()), Err(Lacks::Model));
        assert_eq!(id(&gazelle, &book(&gazelle, 4, MappingState::Confirmed)).as_deref(), Ok("4"));
        assert_eq!(id(&gazelle, &book(&gazelle, 4, MappingState::Proposed)), Err(Lacks::Model));
        let camry = told("Toyota", "Camry", "150");
        assert_eq!(id(&camry, &book(&camry, 3, MappingState::Refused)), Err(Lacks::Model));
        assert_eq!(id(&camry, &book(&camry, 4, MappingState::Refused)).as_deref(), Ok("3"));
        let nothing = book(&camry, EntryId::NOTHING.0, MappingState::Refused);
        assert_eq!(id(&camry, &nothing), Err(Lacks::Model), "it stands for nothing");
    }
}
