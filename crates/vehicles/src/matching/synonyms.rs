//! Other names of brands that stand in no catalogue entry: `catalogue/synonyms.csv`, compiled in.
//!
//! A catalogue of an operator need not know them, and a brand that it lacks has none.

/// The lines `kind,name,canonical`.
const FILE: &str = include_str!("../../../../catalogue/synonyms.csv");

/// A name and what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Synonym {
    /// What is written.
    pub name: &'static str,
    /// What it stands for.
    pub canonical: &'static str,
}

/// Names of brands.
pub(super) fn brands() -> impl Iterator<Item = Synonym> {
    of("brand")
}

/// Words of models, each standing for another.
pub(super) fn words() -> impl Iterator<Item = Synonym> {
    of("word")
}

fn of(kind: &'static str) -> impl Iterator<Item = Synonym> {
    let lines = FILE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(move |line| {
        let mut cells = line.split(',').map(str::trim);
        (cells.next()? == kind).then_some(())?;
        Some(Synonym { name: cells.next()?, canonical: cells.next()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalogue::{Catalogue, shipped},
        names::fold,
    };

    #[test]
    fn every_line_has_a_kind_a_name_and_what_it_stands_for() {
        let lines = FILE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).count();
        assert_eq!(1 + brands().count() + words().count(), lines, "the first line is the header");
        assert!(brands().chain(words()).all(|it| !it.name.is_empty() && !it.canonical.is_empty()));
    }

    #[test]
    fn every_synonym_of_a_brand_stands_for_a_shipped_one() {
        let catalogue = Catalogue::build(&shipped(), 2026).unwrap();
        let known: Vec<String> = catalogue.brands().iter().map(|brand| fold(&brand.name)).collect();
        for synonym in brands() {
            assert!(known.contains(&fold(synonym.canonical)), "{synonym:?}: no such brand in the catalogue");
        }
    }
}
