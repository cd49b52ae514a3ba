//! The catalogue that is being worked on: what the next version will say.
//!
//! It begins as the shipped catalogue. An operator's sheets change it; a newer gateway brings new entries
//! into it. Nothing ever leaves it.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::{
    catalogue::{BrandRecord, EntryId, ModelRecord, ModificationRecord, Records, SheetProblem, names},
    names::fold,
};

/// What a sheet did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Absorbed {
    /// Entries that are new, with the ids that they got.
    pub added: Vec<Added>,
    /// How many entries changed.
    pub changed: usize,
    /// How many stand there as they did before.
    pub same: usize,
}

/// A new entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Added {
    /// Its id.
    pub id: EntryId,
    /// Its name.
    pub name: String,
}

/// What the three kinds of record have in common.
trait Record: Clone + PartialEq {
    const SHEET: &'static str;
    fn id(&self) -> Option<EntryId>;
    fn set_id(&mut self, id: EntryId);
    fn name(&self) -> &str;
    /// Whether it can be the same entry as `other`: they share a name and what they belong to.
    fn is_like(&self, other: &Self) -> bool;
    /// Keeps the names that `before` had.
    fn keep_names_of(&mut self, before: &Self);
}

/// Takes an operator's sheets into `draft`. A record without an id is a new entry; one with an id replaces
/// the entry, whose former name it keeps as another name. Where anything is wrong, `draft` stays as it was
/// and everything that is wrong is told.
pub fn absorb(draft: &mut Records, sheets: Records) -> Result<Absorbed, Vec<SheetProblem>> {
    let mut next = draft.clone();
    let mut absorbed = Absorbed::default();
    let mut problems = Vec::new();
    let mut fresh = next_own(draft);
    let Records { brands, mut models, modifications, named } = sheets;
    take(&mut next.brands, brands, &mut fresh, &mut absorbed, &mut problems);
    problems.extend(find_named(&next.brands, &named, &mut models));
    take(&mut next.models, models, &mut fresh, &mut absorbed, &mut problems);
    take(&mut next.modifications, modifications, &mut fresh, &mut absorbed, &mut problems);
    problems.extend(next.problems());
    if !problems.is_empty() {
        return Err(problems);
    }
    *draft = next;
    Ok(absorbed)
}

/// Takes what a newer gateway ships into `draft`: entries that are new, and those that nobody changed here
/// since `before`, which was shipped last.
pub fn take_shipped(draft: &mut Records, before: &Records, now: &Records) -> Result<(), Vec<SheetProblem>> {
    let mut next = draft.clone();
    let mut problems = Vec::new();
    renew(&mut next.brands, &before.brands, &now.brands, &mut problems);
    renew(&mut next.models, &before.models, &now.models, &mut problems);
    renew(&mut next.modifications, &before.modifications, &now.modifications, &mut problems);
    problems.extend(next.problems());
    if !problems.is_empty() {
        return Err(problems);
    }
    *draft = next;
    Ok(())
}

/// The first id that no entry of the operator's has. Entries never leave, so it was never given.
fn next_own(draft: &Records) -> EntryId {
    let brands = draft.brands.iter().filter_map(|record| record.id);
    let models = draft.models.iter().filter_map(|record| record.id);
    let modifications = draft.modifications.iter().filter_map(|record| record.id);
    let highest = brands.chain(models).chain(modifications).max();
    highest.map_or(EntryId::FIRST_OWN, |id| EntryId(id.0 + 1)).max(EntryId::FIRST_OWN)
}

/// Puts the brands' ids in the place of their names; the names that no brand has.
fn find_named(brands: &[BrandRecord], named: &[String], models: &mut [ModelRecord]) -> Vec<SheetProblem> {
    let mut problems = Vec::new();
    for (place, name) in named.iter().enumerate() {
        let goes_by = |brand: &&BrandRecord| {
            names(&brand.name, &brand.name_ru, &brand.also).any(|it| fold(it) == fold(name))
        };
        let brand = brands.iter().filter(|brand| brand.merged_into.is_none()).find(goes_by);
        let Some(id) = brand.and_then(|brand| brand.id) else {
            let problem =
                format!("brand_id: there is no brand {name}; write its id, or add it to the sheet of brands");
            problems.push(SheetProblem { sheet: ModelRecord::SHEET.to_owned(), line: None, problem });
            continue;
        };
        let stands_in = EntryId::standing_for(place);
        models.iter_mut().filter(|model| model.brand == stands_in).for_each(|model| model.brand = id);
    }
    problems
}

fn take<R: Record>(
    draft: &mut Vec<R>,
    records: Vec<R>,
    fresh: &mut EntryId,
    absorbed: &mut Absorbed,
    problems: &mut Vec<SheetProblem>,
) {
    let places: HashMap<EntryId, usize> =
        draft.iter().enumerate().filter_map(|(place, record)| record.id().map(|id| (id, place))).collect();
    let mut seen = HashSet::new();
    for mut record in records {
        let Some(id) = record.id() else {
            record.set_id(*fresh);
            absorbed.added.push(Added { id: *fresh, name: record.name().to_owned() });
            fresh.0 += 1;
            draft.push(record);
            continue;
        };
        let problem = match places.get(&id) {
            _ if !seen.insert(id) => format!("{id} ({}): stands there twice", record.name()),
            None => format!(
                "{id} ({}): there is no such entry; leave the id empty for a new one, which gets an id here",
                record.name()
            ),
            Some(place) if draft[*place] == record => {
                absorbed.same += 1;
                continue;
            }
            Some(place) => {
                record.keep_names_of(&draft[*place]);
                draft[*place] = record;
                absorbed.changed += 1;
                continue;
            }
        };
        problems.push(SheetProblem { sheet: R::SHEET.to_owned(), line: None, problem });
    }
}

/// An id that means another entry than before is no newer data but a mistake.
fn renew<R: Record>(draft: &mut Vec<R>, before: &[R], now: &[R], problems: &mut Vec<SheetProblem>) {
    let by_id = |records: &[R]| -> HashMap<EntryId, usize> {
        records.iter().enumerate().filter_map(|(place, record)| record.id().map(|id| (id, place))).collect()
    };
    let (places, old) = (by_id(draft), by_id(before));
    for record in now {
        let Some(id) = record.id() else { continue };
        match (places.get(&id), old.get(&id)) {
            (None, _) => draft.push(record.clone()),
            (Some(place), _) if !record.is_like(&draft[*place]) => {
                let (was, is) = (draft[*place].name(), record.name());
                let problem = format!(
                    "{id}: was given for {was} and cannot stand for {is}; give {is} an id of its own"
                );
                problems.push(SheetProblem { sheet: R::SHEET.to_owned(), line: None, problem });
            }
            (Some(place), Some(old)) if draft[*place] == before[*old] => {
                let mut record = record.clone();
                record.keep_names_of(&draft[*place]);
                draft[*place] = record;
            }
            (Some(_), _) => {}
        }
    }
    draft.sort_by_key(Record::id);
}

/// Whether two entries go by one name.
fn share_a_name(one: (&str, &str, &[String]), other: (&str, &str, &[String])) -> bool {
    let theirs: HashSet<String> = names(other.0, other.1, other.2).map(fold).collect();
    names(one.0, one.1, one.2).any(|name| theirs.contains(&fold(name)))
}

/// Adds to `also` those of `former` that are neither in it nor the name itself.
fn keep(also: &mut Vec<String>, name: &str, name_ru: &str, former: [&str; 2]) {
    for former in former.into_iter().filter(|former| !former.is_empty()) {
        let known = [name, name_ru].into_iter().chain(also.iter().map(String::as_str));
        if !known.into_iter().any(|known| fold(known) == fold(former)) {
            also.push(former.to_owned());
        }
    }
}

impl Record for BrandRecord {
    const SHEET: &'static str = "brands";

    fn id(&self) -> Option<EntryId> {
        self.id
    }

    fn set_id(&mut self, id: EntryId) {
        self.id = Some(id);
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_like(&self, other: &Self) -> bool {
        share_a_name((&self.name, &self.name_ru, &self.also), (&other.name, &other.name_ru, &other.also))
    }

    fn keep_names_of(&mut self, before: &Self) {
        keep(&mut self.also, &self.name, &self.name_ru, [&before.name, &before.name_ru]);
    }
}

impl Record for ModelRecord {
    const SHEET: &'static str = "models";

    fn id(&self) -> Option<EntryId> {
        self.id
    }

    fn set_id(&mut self, id: EntryId) {
        self.id = Some(id);
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_like(&self, other: &Self) -> bool {
        let own = (&*self.name, &*self.name_ru, &*self.also);
        self.brand == other.brand && share_a_name(own, (&other.name, &other.name_ru, &other.also))
    }

    fn keep_names_of(&mut self, before: &Self) {
        keep(&mut self.also, &self.name, &self.name_ru, [&before.name, &before.name_ru]);
    }
}

impl Record for ModificationRecord {
    const SHEET: &'static str = "modifications";

    fn id(&self) -> Option<EntryId> {
        self.id
    }

    fn set_id(&mut self, id: EntryId) {
        self.id = Some(id);
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_like(&self, other: &Self) -> bool {
        self.model == other.model
    }

    fn keep_names_of(&mut self, _: &Self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Sheets;

    const BRANDS: &str = "brand_id,name,name_ru,also,merged_into\n";
    const MODELS: &str = "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n";

    fn records(brands: &str, models: &str) -> Records {
        let sheets = Sheets {
            brands: format!("{BRANDS}{brands}"),
            models: format!("{MODELS}{models}"),
            modifications: String::new(),
        };
        Records::read(&sheets).unwrap()
    }

    #[test]
    fn new_entries_get_ids_and_renamed_ones_keep_their_names() {
        let mut draft = records("1,SsangYong,СангЙонг,,\n", "2,1,Actyon,,B,,2005- 141,\n");
        let sheet = records("1,KGM,,,\n", ",1,Torres,Торрес,B,,2022- 163,\n,1,Musso,,B,,1993- 95,\n");
        let done = absorb(&mut draft, sheet).unwrap();
        let added: Vec<(u32, &str)> = done.added.iter().map(|added| (added.id.0, &*added.name)).collect();
        assert_eq!(added, [(10_000_000, "Torres"), (10_000_001, "Musso")]);
        assert_eq!((done.changed, done.same), (1, 0));
        assert_eq!(draft.brands[0].also, ["SsangYong", "СангЙонг"]);
        let again = absorb(&mut draft, records("", ",1,Rexton,,B,,2001- 165,\n")).unwrap();
        assert_eq!(again.added[0].id, EntryId(10_000_002));
    }

    #[test]
    fn a_new_brand_and_its_models_come_together() {
        let mut draft = records("1,KGM,,,\n", "");
        let sheet = records(",Aero,Аэро,,\n", ",аэро,One,,B,,2024- 150,\n,KGM,Torres,,B,,2022- 163,\n");
        absorb(&mut draft, sheet).unwrap();
        let brands: Vec<u32> = draft.models.iter().map(|model| model.brand.0).collect();
        assert_eq!(brands, [10_000_000, 1]);
        let wrong = absorb(&mut draft, records("", ",Nobody,One,,B,,2024- 150,\n")).unwrap_err();
        assert!(wrong[0].to_string().contains("there is no brand Nobody"), "{wrong:?}");
    }

    #[test]
    fn a_wrong_sheet_changes_nothing_and_everything_wrong_is_told() {
        let mut draft = records("1,KGM,,,\n", "2,1,Actyon,,B,,2005- 141,\n");
        let before = draft.clone();
        let wrong = absorb(&mut draft, records("7,Nobody,,,\n", ",1,ACTYON,,B,,2022- 163,\n")).unwrap_err();
        let told: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert!(told[0].starts_with("brands: 7 (Nobody): there is no such entry"), "{told:?}");
        assert!(told[1].contains("both are called"), "{told:?}");
        assert_eq!(draft, before);
    }

    #[test]
    fn what_a_newer_gateway_ships_leaves_the_operators_changes_alone() {
        let shipped = records("1,Haval,,,\n2,Tank,,,\n", "3,1,Jolion,,B,,2021- 143,\n");
        let mut draft = shipped.clone();
        absorb(&mut draft, records("2,Tank,Танк,,\n", "")).unwrap();
        let newer = records("1,Haval,Хавейл,,\n2,TANK,,,\n4,Wey,,,\n", "3,1,Jolion,,B,,2021- 143 150,\n");
        take_shipped(&mut draft, &shipped, &newer).unwrap();
        let names: Vec<(&str, &str)> = draft.brands.iter().map(|it| (&*it.name, &*it.name_ru)).collect();
        assert_eq!(names, [("Haval", "Хавейл"), ("Tank", "Танк"), ("Wey", "")]);
        assert_eq!(draft.models[0].engines.to_string(), "2021- 143 150");
        let renumbered = records("1,Tank,,,\n2,Haval,,,\n", "3,1,Jolion,,B,,2021- 143,\n");
        let wrong = take_shipped(&mut draft, &newer, &renumbered).unwrap_err();
        assert!(
            wrong[0].to_string().contains("1: was given for Haval and cannot stand for Tank"),
            "{wrong:?}"
        );
    }
}
