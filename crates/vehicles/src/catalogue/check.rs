//! What records must keep to be a catalogue. All of it is told at once.

use std::collections::{HashMap, HashSet};

use super::{
    EntryId,
    records::{BrandRecord, ModelRecord, Records, SheetProblem},
};
use crate::names::fold;

/// What is still made is made until then: the last year that sheets may name.
const FAR: i16 = 2100;

/// A model, and the one that it stands for.
type Owner<'a> = (Option<EntryId>, &'a ModelRecord);

/// Which kind of entry an id names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Brand,
    Model,
    Modification,
}

// === impl Records ===

impl Records {
    /// Everything that is wrong with them. Records without an id are new ones and may refer to others only.
    pub fn problems(&self) -> Vec<SheetProblem> {
        let mut problems = Vec::new();
        let mut kinds: HashMap<EntryId, Kind> = HashMap::new();
        let mut seen = |id: Option<EntryId>, kind, name: &str, sheet| {
            let twice = id.is_some_and(|id| kinds.insert(id, kind).is_some());
            twice.then(|| problem(sheet, format!("{} ({name}): the id is another entry's already", show(id))))
        };
        for brand in &self.brands {
            problems.extend(seen(brand.id, Kind::Brand, &brand.name, "brands"));
        }
        for model in &self.models {
            problems.extend(seen(model.id, Kind::Model, &model.name, "models"));
        }
        for modification in &self.modifications {
            problems.extend(seen(modification.id, Kind::Modification, &modification.name, "modifications"));
        }
        let is = |id: EntryId, kind| kinds.get(&id) == Some(&kind);
        for model in self.models.iter().filter(|model| !is(model.brand, Kind::Brand)) {
            let text = format!("{} ({}): brand_id {} is no brand", show(model.id), model.name, model.brand);
            problems.push(problem("models", text));
        }
        for model in self.models.iter().filter(|model| model.categories.is_empty()) {
            problems
                .push(problem("models", format!("{} ({}): categories is empty", show(model.id), model.name)));
        }
        for modification in self.modifications.iter().filter(|it| !is(it.model, Kind::Model)) {
            let (id, name, model) = (show(modification.id), &modification.name, modification.model);
            problems.push(problem("modifications", format!("{id} ({name}): model_id {model} is no model")));
        }
        let brands = self.brands.iter().map(|brand| (brand.id, &*brand.name, brand.merged_into));
        problems.extend(wrong_merges("brands", brands));
        let models = self.models.iter().map(|model| (model.id, &*model.name, model.merged_into));
        problems.extend(wrong_merges("models", models));
        self.same_names(&mut problems);
        self.lost_in_merging(&mut problems);
        self.misfits(&mut problems);
        problems
    }

    /// Whether an entry waits for its id, or a model for its brand's.
    pub fn has_entries_without_id(&self) -> bool {
        !self.named.is_empty()
            || self.brands.iter().any(|it| it.id.is_none())
            || self.models.iter().any(|it| it.id.is_none())
            || self.modifications.iter().any(|it| it.id.is_none())
    }

    /// Names that stand for two entries: whoever writes one would mean either. The names of a merged entry are
    /// those of what it became, and its models are that brand's.
    fn same_names(&self, problems: &mut Vec<SheetProblem>) {
        let mut owners: HashMap<String, (Option<EntryId>, &BrandRecord)> = HashMap::new();
        let mut brands: HashMap<EntryId, EntryId> = HashMap::new();
        for brand in &self.brands {
            let stands = brand.merged_into.or(brand.id);
            brands.extend(brand.id.zip(stands));
            for name in names(&brand.name, &brand.name_ru, &brand.also) {
                let (owner, other) = *owners.entry(fold(name)).or_insert((stands, brand));
                // Two new brands have no ids yet.
                if owner != stands || (stands.is_none() && other != brand) {
                    let text = format!(
                        "{} ({}) and {} ({}): both are called {name}",
                        show(other.id),
                        other.name,
                        show(brand.id),
                        brand.name
                    );
                    problems.push(problem("brands", text));
                }
            }
        }
        let mut owners: HashMap<(EntryId, String), Vec<Owner<'_>>> = HashMap::new();
        for model in &self.models {
            let stands = model.merged_into.or(model.id);
            let brand = brands.get(&model.brand).copied().unwrap_or(model.brand);
            let mut own = HashSet::new();
            for name in names(&model.name, &model.name_ru, &model.also) {
                if !own.insert(fold(name)) {
                    continue;
                }
                let others = owners.entry((brand, fold(name))).or_default();
                let meets = |(owner, other): &&Owner<'_>| {
                    other.categories.meets(model.categories) && (*owner != stands || stands.is_none())
                };
                if let Some((_, other)) = others.iter().find(meets) {
                    let text = format!(
                        "{} ({}) and {} ({}): both are called {name} in the same category",
                        show(other.id),
                        other.name,
                        show(model.id),
                        model.name
                    );
                    problems.push(problem("models", text));
                }
                others.push((stands, model));
            }
        }
    }

    /// Models whose years, powers or categories would be lost with their merging.
    fn lost_in_merging(&self, problems: &mut Vec<SheetProblem>) {
        let models: HashMap<Option<EntryId>, &ModelRecord> =
            self.models.iter().map(|model| (model.id, model)).collect();
        for model in &self.models {
            let Some(into) = model.merged_into.and_then(|into| models.get(&Some(into))) else { continue };
            let has = |year: i16| {
                let there = into.engines.powers(year);
                model.engines.powers(year).iter().all(|power| there.contains(power))
            };
            let years = model.engines.years(FAR).all(has);
            let categories = model.categories.iter().all(|category| into.categories.has(category));
            if !(years && categories) {
                let text = format!(
                    "{} ({}): {} ({}) lacks some of its years, powers or categories, which its id would lose; give \
                     them to {} first",
                    show(model.id),
                    model.name,
                    show(into.id),
                    into.name,
                    show(into.id)
                );
                problems.push(problem("models", text));
            }
        }
    }

    /// Modifications that their model never had.
    fn misfits(&self, problems: &mut Vec<SheetProblem>) {
        let models: HashMap<Option<EntryId>, &ModelRecord> =
            self.models.iter().map(|model| (model.id, model)).collect();
        for modification in &self.modifications {
            let Some(model) = models.get(&Some(modification.model)) else { continue };
            // A merged model's modifications are the other's now.
            let Some(model) = model.merged_into.map_or(Some(model), |into| models.get(&Some(into))) else {
                continue;
            };
            let has = |year| model.engines.powers(year).contains(&modification.power);
            let fits = modification.years.up_to(FAR).all(has);
            if !fits {
                let text = format!(
                    "{} ({}): {} has no engine of {} hp in {}; put it into the model's engines first",
                    show(modification.id),
                    modification.name,
                    model.name,
                    modification.power,
                    modification.years
                );
                problems.push(problem("modifications", text));
            }
        }
    }
}

/// Merges that lead nowhere, or on and on: an entry is merged into one that stands.
fn wrong_merges<'a>(
    sheet: &'static str,
    entries: impl Iterator<Item = (Option<EntryId>, &'a str, Option<EntryId>)>,
) -> Vec<SheetProblem> {
    let entries: Vec<_> = entries.collect();
    let merged: HashMap<EntryId, Option<EntryId>> =
        entries.iter().filter_map(|(id, _, into)| id.map(|id| (id, *into))).collect();
    let wrong = entries.iter().filter_map(|(id, name, into)| {
        let into = (*into)?;
        let why = match merged.get(&into) {
            None => format!("merged_into {into} is not in this sheet"),
            Some(Some(next)) => format!("merged_into {into} is merged itself; merge into {next}"),
            Some(None) => return None,
        };
        Some(problem(sheet, format!("{} ({name}): {why}", show(*id))))
    });
    wrong.collect()
}

/// Every name of an entry.
pub(crate) fn names<'a>(
    name: &'a str,
    name_ru: &'a str,
    also: &'a [String],
) -> impl Iterator<Item = &'a str> {
    [name, name_ru].into_iter().chain(also.iter().map(String::as_str)).filter(|name| !name.is_empty())
}

fn problem(sheet: &str, problem: String) -> SheetProblem {
    SheetProblem { sheet: sheet.to_owned(), line: None, problem }
}

fn show(id: Option<EntryId>) -> String {
    id.map_or_else(|| "a new entry".to_owned(), |id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Sheets;

    fn told(models: &str, modifications: &str) -> Vec<String> {
        let sheets = Sheets {
            brands: "brand_id,name,name_ru,also,merged_into\n1,LADA,Лада,ВАЗ,\n2,ВАЗ,,,1\n".into(),
            models: format!("model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n{models}"),
            modifications: format!("modification_id,model_id,name,years,power\n{modifications}"),
        };
        let records = Records::read(&sheets).unwrap();
        records.problems().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_catalogue_has_no_problems() {
        let models =
            "3,1,Vesta,Веста,B,,2015- 106,\n4,1,Ларгус,,B,,2012- 90,\n5,1,Largus,Ларгус,C,,2012- 90,\n";
        assert_eq!(told(models, "6,3,1.6,2015-2020,106\n7,3,1.6,2015-,106\n"), [""; 0]);
    }

    #[test]
    fn every_broken_rule_is_named() {
        let models = "1,1,Vesta,,B,,2015- 106,\n3,9,Granta,,B,,2011- 87,\n4,1,Vesta SW,,,vesta,2015- 106,\n\
                      5,1,Kalina,,B,,,6\n6,1,Kalina 2,,B,,,7\n";
        let told = told(models, "8,1,1.6,2014-2016,106\n9,1,1.8,2016-,122\n10,2,1.6,2016-,106\n");
        for expected in [
            "models: 1 (Vesta): the id is another entry's already",
            "models: 3 (Granta): brand_id 9 is no brand",
            "models: 4 (Vesta SW): categories is empty",
            "models: 5 (Kalina): merged_into 6 is merged itself; merge into 7",
            "models: 6 (Kalina 2): merged_into 7 is not in this sheet",
            "modifications: 8 (1.6): Vesta has no engine of 106 hp in 2014-2016; put it into the model's engines first",
            "modifications: 10 (1.6): model_id 2 is no model",
        ] {
            assert!(told.iter().any(|told| told == expected), "{expected} is not among {told:#?}");
        }
    }
}
