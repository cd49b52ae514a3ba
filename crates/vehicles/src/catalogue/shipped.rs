//! The catalogue that comes with the gateway: the files of `catalogue/`, compiled in.

use super::records::{Records, Sheets};

/// The files as they are.
pub fn shipped_sheets() -> Sheets {
    Sheets {
        brands: include_str!("../../../../catalogue/brands.csv").to_owned(),
        models: include_str!("../../../../catalogue/models.csv").to_owned(),
        modifications: include_str!("../../../../catalogue/modifications.csv").to_owned(),
    }
}

/// Their records.
pub fn shipped() -> Records {
    #[expect(clippy::expect_used, reason = "the files are part of the binary, and a test reads them")]
    Records::read(&shipped_sheets()).expect("the shipped catalogue is well formed")
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use sha2::{Digest, Sha256};

    use super::*;
    use crate::{
        catalogue::{Catalogue, Categories, EntryId},
        names::fold,
    };

    const IDS: &str = include_str!("../../../../catalogue/ids.csv");

    /// The first lines of `ids.csv` and their digest, one pair a release: what was given is given. Ids of the
    /// next release are added behind; a new pair seals them.
    const SEALED: &[(usize, &str)] =
        &[(8_766, "f29a8db54a5517eafcbd5296558761cd34381e8a2238e4a08199e1fdcd5458e4")];

    struct Given {
        id: EntryId,
        kind: String,
        of: String,
        name: String,
    }

    fn given() -> Vec<Given> {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(IDS.as_bytes());
        let line = |record: csv::StringRecord| Given {
            id: record[0].parse().expect("an id"),
            kind: record[1].to_owned(),
            of: record[2].to_owned(),
            name: record[3].to_owned(),
        };
        reader.records().map(|record| line(record.expect("a line"))).collect()
    }

    #[test]
    fn the_shipped_catalogue_keeps_every_rule() {
        let problems = shipped().problems();
        assert!(
            problems.is_empty(),
            "{} problems, the first: {:#?}",
            problems.len(),
            problems.iter().take(5).collect::<Vec<_>>()
        );
    }

    #[test]
    fn it_is_as_large_as_it_should_be() {
        let records = shipped();
        let (brands, models) = (records.brands.len(), records.models.len());
        assert!(brands >= 120 && models >= 2_500, "{brands} brands, {models} models");
        for category in Categories::ALL {
            let of_it = records.models.iter().filter(|model| model.categories.has(category)).count();
            assert!(of_it >= 100, "{of_it} models of category {}", category.letter());
        }
        let with: HashSet<EntryId> = records.modifications.iter().map(|it| it.model).collect();
        assert!(with.len() >= 300, "{} models have modifications", with.len());
        let unnamed: Vec<&str> =
            records.brands.iter().filter(|it| it.name_ru.is_empty()).map(|it| &*it.name).collect();
        assert!(unnamed.is_empty(), "brands without a Russian name: {unnamed:?}");
        let empty: Vec<&str> = Catalogue::of(&records, 2026)
            .models()
            .filter(|(_, model)| model.engines.periods().is_empty())
            .map(|(_, model)| model.name.clone())
            .map(|name| &*name.leak())
            .collect();
        assert!(empty.is_empty(), "models without years: {empty:?}");
    }

    #[test]
    fn every_id_that_was_ever_given_names_what_it_named() {
        let records = shipped();
        let mut entries: HashMap<EntryId, (&str, String, Vec<String>)> = HashMap::new();
        for it in &records.brands {
            let names = super::super::names(&it.name, &it.name_ru, &it.also).map(fold).collect();
            entries.extend(it.id.map(|id| (id, ("brand", String::new(), names))));
        }
        for it in &records.models {
            let names = super::super::names(&it.name, &it.name_ru, &it.also).map(fold).collect();
            entries.extend(it.id.map(|id| (id, ("model", it.brand.to_string(), names))));
        }
        for it in &records.modifications {
            let names = vec![fold(&it.name)];
            entries.extend(it.id.map(|id| (id, ("modification", it.model.to_string(), names))));
        }
        let given = given();
        for line in &given {
            let entry = entries.get(&line.id);
            let Some((kind, of, names)) = entry else {
                panic!("{} ({}) is gone; entries are never taken away, merge it instead", line.id, line.name)
            };
            assert_eq!((*kind, &**of), (&*line.kind, &*line.of), "{} is another kind of entry now", line.id);
            assert!(
                names.contains(&fold(&line.name)),
                "{} was given for {}, which is not among its names any more; put it into `also`",
                line.id,
                line.name
            );
            assert!(line.id.is_shipped(), "{} is an operator's id", line.id);
        }
        let known: HashSet<EntryId> = given.iter().map(|line| line.id).collect();
        let new = entries.keys().filter(|id| !known.contains(id)).count();
        assert_eq!(new, 0, "entries are not in ids.csv; run `cargo xtask catalogue`");
        assert_eq!(known.len(), given.len(), "an id was given twice");
    }

    #[test]
    fn what_ids_csv_says_is_never_changed() {
        let lines: Vec<&str> = IDS.lines().filter(|line| !line.starts_with('#')).collect();
        let (sealed, _) = SEALED.last().expect("a seal");
        assert_eq!(
            *sealed,
            lines.len(),
            "ids were added: seal them with a pair of the number of lines (without comments) and their SHA-256"
        );
        for (count, digest) in SEALED {
            let sealed = lines.get(..*count).expect("lines of ids.csv are gone");
            let found: String =
                Sha256::digest(sealed.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(
                &found, digest,
                "a line among the first {count} of ids.csv was changed; take that back"
            );
        }
    }
}
