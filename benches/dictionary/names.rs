//! A dictionary as an insurer might have it: the catalogue's models under the names that insurers write.
//!
//! It is there for its size. Nobody has looked at the names, so nothing is said about how rightly they are
//! mapped; that is what the labelled set is for.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use veer::dictionary::catalogue::{Brand, Catalogue, Model};
use veer_contract::domain::InsurerVehicle;

use crate::{
    spelling::{behind, written},
    workload::Import,
};

/// So many names are drawn for each that is wanted, before it is clear that the catalogue does not give them.
const TRIES: usize = 20;
const OTHERS: [&str; 8] = [
    "Прочие",
    "ПРОЧИЕ",
    "Прочие модели",
    "Другая модель",
    "ИНАЯ",
    "Иные модели",
    "Other",
    "прочие (легковые)",
];
const SYLLABLES: [&str; 16] =
    ["ка", "ро", "ЗУ", "ми", "ТА", "ве", "ЛЕН", "дор", "ba", "ZO", "lir", "GEN", "ta", "MU", "ric", "po"];

/// The rows of a dictionary, each under a name of its own and with a code.
pub(crate) fn rows(catalogue: &Catalogue, import: &Import) -> Result<Vec<InsurerVehicle>, String> {
    let models: Vec<(&Brand, &Model)> = catalogue.models().collect();
    let mut rng = StdRng::seed_from_u64(import.seed);
    let mut names = HashSet::new();
    let mut rows = Vec::with_capacity(import.rows);
    for _ in 0..import.rows * TRIES {
        if rows.len() == import.rows {
            return Ok(rows);
        }
        let Some((brand, model)) = models.choose(&mut rng) else { break };
        let row = row(brand, model, import, &mut rng);
        if names.insert((row.category, row.brand.clone(), row.model.clone())) {
            let code = Some(format!("{}", 10_000 + rows.len()));
            rows.push(InsurerVehicle { brand_code: Some(brand.id.to_string()), code, ..row });
        }
    }
    Err(format!("the catalogue gives only {} different names; see import.rows", rows.len()))
}

fn row(brand: &Brand, model: &Model, import: &Import, rng: &mut StdRng) -> InsurerVehicle {
    let categories: Vec<_> = model.categories.iter().collect();
    let of_brand = written(name_of(brand.names(), rng), rng);
    let kind = rng.random_range(0..100);
    let (brand, model) = if kind < import.others {
        (of_brand, OTHERS.choose(rng).copied().unwrap_or_default().to_owned())
    } else if kind < import.others + import.unknown {
        // Half of them of a brand that is known.
        (if rng.random_bool(0.5) { of_brand } else { unknown(rng) }, unknown(rng))
    } else {
        let name = of_model(&of_brand, model, rng);
        (of_brand, name)
    };
    InsurerVehicle { brand, model, category: categories.choose(rng).copied(), ..InsurerVehicle::default() }
}

/// The model's name with what insurers put before and behind it.
fn of_model(brand: &str, model: &Model, rng: &mut StdRng) -> String {
    let mut name = written(name_of(model.names(), rng), rng);
    if rng.random_bool(0.15) {
        name = format!("{brand} {name}");
    }
    if rng.random_bool(0.35) {
        name = format!("{name} {}", behind(rng));
    }
    let Some(period) = model.engines.periods().choose(rng) else { return name };
    match (rng.random_range(0..10), period.powers.choose(rng)) {
        (0, Some(power)) => format!("{name} ({power} л.с.)"),
        (1, _) => format!(
            "{name} ({}-{})",
            period.years.from,
            period.years.to.map(|to| to.to_string()).unwrap_or_default()
        ),
        (2, _) => format!("{name} с {} г.в.", period.years.from),
        _ => name,
    }
}

fn name_of<'n>(names: impl Iterator<Item = &'n str>, rng: &mut StdRng) -> &'n str {
    let names: Vec<&str> = names.collect();
    // The first is what the maker writes, and insurers mostly do as well.
    let chosen = if rng.random_bool(0.4) { names.first() } else { names.choose(rng) };
    chosen.copied().unwrap_or_default()
}

/// A word that nobody has for a vehicle.
fn unknown(rng: &mut StdRng) -> String {
    let mut word = String::new();
    for _ in 0..rng.random_range(3..6) {
        word.push_str(SYLLABLES.choose(rng).copied().unwrap_or_default());
    }
    if rng.random_bool(0.3) { format!("{word} {}", rng.random_range(10..9_999)) } else { word }
}
