//! What is different between two versions of the catalogue: the report that the partner gets before it
//! meets the change.

use std::{collections::HashMap, fmt::Write};

use serde::Serialize;

use crate::catalogue::{BrandRecord, EntryId, ModelRecord, ModificationRecord, Records};

/// What is different.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Brands.
    pub brands: Vec<EntryChange>,
    /// Models.
    pub models: Vec<EntryChange>,
    /// Modifications.
    pub modifications: Vec<EntryChange>,
    /// The last year of what is still made, before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_year: Option<(i16, i16)>,
}

/// What is different about one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryChange {
    /// Its id.
    pub id: EntryId,
    /// Its name, the brand's in front.
    pub name: String,
    /// What is different.
    pub changes: Vec<Change>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It has another name, or another Russian one.
    Renamed {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// It is not listed any more; its id stands for that one.
    Merged {
        /// Which.
        into: EntryId,
    },
    /// It is listed again.
    Separated,
    /// It belongs to another brand or model.
    Moved {
        /// Before.
        from: EntryId,
        /// After.
        to: EntryId,
    },
    /// It is registered in other categories.
    Categories {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// It was made in other years or with other engine powers.
    Engines {
        /// Before.
        from: String,
        /// After.
        to: String,
    },
    /// It goes by other names besides, which nobody is shown.
    OtherNames,
}

// === impl Difference ===

impl Difference {
    /// What `to` says that `from` does not.
    pub fn between(from: (&Records, i16), to: (&Records, i16)) -> Self {
        let (before, after) = (from.0, to.0);
        let brands: HashMap<_, &BrandRecord> = before.brands.iter().map(|it| (it.id, it)).collect();
        let models: HashMap<_, &ModelRecord> = before.models.iter().map(|it| (it.id, it)).collect();
        let modifications: HashMap<_, &ModificationRecord> =
            before.modifications.iter().map(|it| (it.id, it)).collect();
        let brand_names: HashMap<_, &str> = after.brands.iter().map(|it| (it.id, &*it.name)).collect();
        let model_names: HashMap<_, String> = after
            .models
            .iter()
            .map(|it| (it.id, joined(brand_names.get(&Some(it.brand)).copied(), &it.name)))
            .collect();
        let brands = after.brands.iter().filter_map(|it| {
            entry(it.id, it.name.clone(), brands.get(&it.id).map(|old| brand_changes(old, it)))
        });
        let models = after.models.iter().filter_map(|it| {
            let name = model_names.get(&it.id).cloned().unwrap_or_default();
            entry(it.id, name, models.get(&it.id).map(|old| model_changes(old, it)))
        });
        let modifications = after.modifications.iter().filter_map(|it| {
            let name = joined(model_names.get(&Some(it.model)).map(String::as_str), &it.name);
            entry(it.id, name, modifications.get(&it.id).map(|old| modification_changes(old, it)))
        });
        Self {
            brands: brands.collect(),
            models: models.collect(),
            modifications: modifications.collect(),
            last_year: (from.1 != to.1).then_some((from.1, to.1)),
        }
    }

    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The report, in Russian, for the partner. `from` and `to` say what was compared.
    pub fn report(&self, from: &str, to: &str) -> String {
        let mut text = format!("Изменения справочника транспортных средств: {from} → {to}\n");
        // Writing to a string does not fail.
        let _ = writeln!(text, "Идентификаторы не меняются и не используются повторно.");
        if let Some((from, to)) = self.last_year {
            let _ = writeln!(text, "Последний год выпуска моделей, которые выпускаются: {from} → {to}.");
        }
        if self.is_empty() {
            let _ = writeln!(text, "Изменений нет.");
        }
        for (what, entries) in
            [("Марки", &self.brands), ("Модели", &self.models), ("Модификации", &self.modifications)]
        {
            let shown: Vec<&EntryChange> = entries.iter().filter(|it| it.is_shown()).collect();
            if shown.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n{what}: {}", shown.len());
            for entry in shown {
                let said: Vec<String> = entry.changes.iter().filter_map(Change::said).collect();
                let _ = writeln!(text, "  {:>9}  {}: {}", entry.id.to_string(), entry.name, said.join("; "));
            }
        }
        text
    }
}

fn joined(front: Option<&str>, name: &str) -> String {
    front.map_or_else(|| name.to_owned(), |front| format!("{front} {name}"))
}

fn entry(id: Option<EntryId>, name: String, changes: Option<Vec<Change>>) -> Option<EntryChange> {
    let changes = changes.unwrap_or_else(|| vec![Change::Added]);
    let id = id.filter(|_| !changes.is_empty())?;
    Some(EntryChange { id, name, changes })
}

fn brand_changes(old: &BrandRecord, new: &BrandRecord) -> Vec<Change> {
    let mut changes = named((&old.name, &old.name_ru, &old.also), (&new.name, &new.name_ru, &new.also));
    changes.extend(merged(old.merged_into, new.merged_into));
    changes
}

fn model_changes(old: &ModelRecord, new: &ModelRecord) -> Vec<Change> {
    let mut changes = named((&old.name, &old.name_ru, &old.also), (&new.name, &new.name_ru, &new.also));
    changes.extend(merged(old.merged_into, new.merged_into));
    changes.extend(moved(old.brand, new.brand));
    if old.categories != new.categories {
        changes.push(Change::Categories { from: old.categories.to_string(), to: new.categories.to_string() });
    }
    if old.engines != new.engines {
        changes.push(Change::Engines { from: old.engines.to_string(), to: new.engines.to_string() });
    }
    changes
}

fn modification_changes(old: &ModificationRecord, new: &ModificationRecord) -> Vec<Change> {
    let mut changes = named((&old.name, "", &[]), (&new.name, "", &[]));
    changes.extend(moved(old.model, new.model));
    if (old.years, old.power) != (new.years, new.power) {
        let made = |it: &ModificationRecord| format!("{} {}", it.years, it.power);
        changes.push(Change::Engines { from: made(old), to: made(new) });
    }
    changes
}

type Names<'a> = (&'a str, &'a str, &'a [String]);

fn named(old: Names<'_>, new: Names<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    if (old.0, old.1) != (new.0, new.1) {
        let both = |(name, name_ru, _): Names<'_>| match name_ru {
            "" => name.to_owned(),
            name_ru => format!("{name} ({name_ru})"),
        };
        changes.push(Change::Renamed { from: both(old), to: both(new) });
    }
    if old.2 != new.2 {
        changes.push(Change::OtherNames);
    }
    changes
}

fn merged(old: Option<EntryId>, new: Option<EntryId>) -> Option<Change> {
    match (old, new) {
        (old, Some(into)) if old != Some(into) => Some(Change::Merged { into }),
        (Some(_), None) => Some(Change::Separated),
        _ => None,
    }
}

fn moved(from: EntryId, to: EntryId) -> Option<Change> {
    (from != to).then_some(Change::Moved { from, to })
}

// === impl EntryChange ===

impl EntryChange {
    fn is_shown(&self) -> bool {
        self.changes.iter().any(|change| *change != Change::OtherNames)
    }
}

// === impl Change ===

impl Change {
    fn said(&self) -> Option<String> {
        Some(match self {
            Change::Added => "добавлено".to_owned(),
            Change::Renamed { from, to } => format!("переименовано: {from} → {to}"),
            Change::Merged { into } => {
                format!("объединено с {into}; прежний идентификатор продолжает работать")
            }
            Change::Separated => "снова отдельная запись".to_owned(),
            Change::Moved { from, to } => format!("перенесено: {from} → {to}"),
            Change::Categories { from, to } => format!("категории: {from} → {to}"),
            Change::Engines { from, to } => format!("годы и мощности: {from} → {to}"),
            Change::OtherNames => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Sheets;

    fn records(brands: &str, models: &str) -> Records {
        let sheets = Sheets {
            brands: format!("brand_id,name,name_ru,also,merged_into\n{brands}"),
            models: format!("model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n{models}"),
            modifications: String::new(),
        };
        Records::read(&sheets).unwrap()
    }

    #[test]
    fn the_report_says_what_the_partner_will_meet() {
        let before =
            records("1,SsangYong,,,\n", "2,1,Actyon,,B,,2005-2011 141,\n3,1,Kyron,,B,,2005-2011 141,\n");
        let after = records(
            "1,KGM,КГМ,SsangYong,\n",
            "2,1,Actyon,,B,Актион,2005-2011 141,\n3,1,Kyron,,B,,2005-2015 141,\n4,1,Torres,,B,,2022- 163,\n\
             5,1,New Actyon,,B,,,2\n",
        );
        let difference = Difference::between((&before, 2026), (&after, 2027));
        assert_eq!(
            difference.report("версия 1", "версия 2"),
            "Изменения справочника транспортных средств: версия 1 → версия 2\n\
             Идентификаторы не меняются и не используются повторно.\n\
             Последний год выпуска моделей, которые выпускаются: 2026 → 2027.\n\
             \n\
             Марки: 1\n\
             \u{20}         1  KGM: переименовано: SsangYong → KGM (КГМ)\n\
             \n\
             Модели: 3\n\
             \u{20}         3  KGM Kyron: годы и мощности: 2005-2011 141 → 2005-2015 141\n\
             \u{20}         4  KGM Torres: добавлено\n\
             \u{20}         5  KGM New Actyon: добавлено\n"
        );
        assert!(!difference.is_empty());
        let same = Difference::between((&before, 2026), (&before, 2026));
        assert!(same.is_empty() && same.report("a", "b").ends_with("Изменений нет.\n"));
    }

    #[test]
    fn merging_keeps_the_id() {
        let before = records("1,LADA,,,\n2,ВАЗ,,,\n", "");
        let after = records("1,LADA,,,\n2,ВАЗ,,,1\n", "");
        let difference = Difference::between((&before, 2026), (&after, 2026));
        assert_eq!(difference.brands[0].changes, [Change::Merged { into: EntryId(1) }]);
        let back = Difference::between((&after, 2026), (&before, 2026));
        assert_eq!(back.brands[0].changes, [Change::Separated]);
    }
}
