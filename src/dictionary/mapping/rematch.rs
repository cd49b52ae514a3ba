//! Asking the matcher again, after the dictionary or the catalogue has changed.

use super::{Book, MappingState};
use crate::{
    dictionary::Published,
    store::{MappingRow, RowName},
};
use jiff::Timestamp;

/// Who maps where no person does.
const MATCHER: &str = "matcher";

/// What changes when the matcher looks at `names` again: mappings that end and mappings that begin. What a
/// person confirmed stays; what a person refused is not proposed again. From `threshold` percent on, a
/// finding holds at once. What was said of an entry that was merged is said of what it became.
pub fn rematch<'a>(
    dictionary: &str,
    book: &Book,
    names: impl Iterator<Item = &'a RowName>,
    published: &Published,
    threshold: u8,
    now: Timestamp,
) -> Vec<MappingRow> {
    let mut changes = Vec::new();
    for name in names {
        let of = |wanted: MappingState| book.current(name).filter(move |(_, state)| *state == wanted);
        if of(MappingState::Confirmed).next().is_some() {
            continue;
        }
        let Some(row) = book.rows.get(name).and_then(|rows| rows.first()) else { continue };
        let mut best = published.matcher.candidates(row).into_iter();
        let best = best.find(|it| !book.refuses(name, it.entry, &published.catalogue));
        let wanted = best.map(|candidate| {
            let sure = candidate.confidence >= threshold;
            (candidate, if sure { MappingState::Automatic } else { MappingState::Proposed })
        });
        let found = of(MappingState::Automatic).chain(of(MappingState::Proposed));
        let mut stands = false;
        for (mapping, state) in found {
            let same = wanted.as_ref().is_some_and(|(candidate, wanted)| {
                mapping.entry == candidate.entry.0 && *wanted == state && mapping.how == candidate.how.name()
            });
            if same {
                stands = true;
            } else {
                changes.push(MappingRow { to: Some(now), ..mapping.clone() });
            }
        }
        if let Some((candidate, state)) = wanted.filter(|_| !stands) {
            changes.push(MappingRow {
                dictionary: dictionary.to_owned(),
                name: name.clone(),
                entry: candidate.entry.0,
                state: state.name(),
                how: candidate.how.name(),
                confidence: candidate.confidence,
                author: MATCHER.to_owned(),
                note: String::new(),
                from: now,
                to: None,
            });
        }
    }
    changes
}
