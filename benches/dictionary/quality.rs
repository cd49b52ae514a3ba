//! How good the matcher is on names that a person has labelled, beside what is simpler.

use veer::dictionary::{
    catalogue::{Catalogue, EntryId},
    matching::{
        Matcher,
        labelled::{Labelled, Measured},
    },
};

use crate::{
    baseline::{self, Equality, Likeness},
    figure::{Bound, Row, Section},
    shipped_config,
};

const NAMES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue/labelled/names.csv"));
/// The part that the matcher was not made with.
const HELD_OUT: &str = "hold";
/// What is aimed at, in percent.
const PRECISION: f64 = 99.5;
const RECALL: f64 = 95.0;

/// A set of names and what each way of comparing made of it.
struct Part {
    name: String,
    matcher: Measured,
    equality: Measured,
    likeness: Measured,
}

/// Measures all of it; there is nothing to choose.
pub(crate) fn measure(catalogue: &Catalogue) -> Result<Section, String> {
    let names = Labelled::read(NAMES, catalogue).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        format!("catalogue/labelled/names.csv: {} problems, the first: {first}", problems.len())
    })?;
    let threshold = shipped_config()?.dictionary.sure;
    let matcher = Matcher::new(catalogue);
    let equal = Equality::new(catalogue);
    let equal: Vec<_> = names.iter().map(|name| equal.entry(&name.row)).collect();
    let alike = Likeness::new(catalogue).entries(&names);

    let part = |title: &str, is_in: &dyn Fn(&Labelled) -> bool| {
        let chosen = || names.iter().filter(|name| is_in(name));
        let simple = |found: &[Option<EntryId>]| {
            scored(names.iter().zip(found.iter().copied()).filter(|(name, _)| is_in(name)))
        };
        Part {
            name: format!("{title}, {} names", chosen().count()),
            matcher: Measured::of(&matcher, chosen(), threshold),
            equality: simple(&equal),
            likeness: simple(&alike),
        }
    };
    let parts = [part("all", &|_| true), part("held out", &|name| name.part == HELD_OUT)];
    Ok(section(&parts, threshold))
}

/// Scored as the matcher is.
fn scored<'a>(found: impl Iterator<Item = (&'a Labelled, Option<EntryId>)>) -> Measured {
    found.fold(Measured::default(), |mut measured, (name, found)| {
        measured.wanted += usize::from(name.expected.is_some());
        measured.automatic += usize::from(found.is_some());
        measured.right += usize::from(found.is_some() && found == name.expected);
        measured
    })
}

fn section(parts: &[Part], threshold: u8) -> Section {
    let mut rows = Vec::new();
    for Part { name, matcher, equality, likeness } in parts {
        let percent = |name: String, share: f64| Row::new(name, "%", &[share * 100.0]);
        for (how, measured) in [("matcher", matcher), ("equality", equality), ("likeness", likeness)] {
            let precision = percent(format!("{name}: precision of {how}"), measured.precision());
            let recall = percent(format!("{name}: recall of {how}"), measured.recall());
            let aimed = how == "matcher";
            rows.push(if aimed { precision.bounded(Bound::AtLeast(PRECISION)) } else { precision });
            rows.push(if aimed { recall.bounded(Bound::AtLeast(RECALL)) } else { recall });
        }
        let wrong = matcher.automatic - matcher.right;
        rows.push(Row::new(format!("{name}: mapped wrongly by matcher"), "", &[wrong as f64]));
    }
    let is_met = |part: &Part| {
        part.matcher.precision() * 100.0 >= PRECISION && part.matcher.recall() * 100.0 >= RECALL
    };
    let aim = if parts.iter().all(is_met) { "is met" } else { "is NOT met" };
    let notes = vec![
        format!("The aim {aim}: precision {} %, recall {} %, on all names and on those held out.", PRECISION, RECALL),
        format!("Matcher: its best candidate, where that is {threshold} % sure or more, as the gateway is shipped."),
        "Equality: the same name of the same brand but for case; every name that the catalogue has, its category.".into(),
        format!(
            "Likeness: brand and model in one text, Jaro-Winkler against every model of the category, the best from {} on.",
            baseline::ALIKE
        ),
        "Precision: right ones among what is mapped without asking. Recall: of what has an entry, what is mapped rightly.".into(),
    ];
    Section { title: "Automatic mapping of names that a person has labelled".into(), notes, rows }
}
