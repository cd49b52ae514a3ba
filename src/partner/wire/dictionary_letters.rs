//! A set of categories on the wire: a list of letters.

use serde::Serializer;

use crate::dictionary::catalogue::Categories;

/// `["B","C"]`, from A to E.
pub(super) fn letters<S: Serializer>(categories: &Categories, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(categories.iter().map(|category| category.letter()))
}
