//! An insurer's names with what they are mapped to, as CSV.

use serde::Serialize;
use veer_contract::domain::InsurerVehicle;

use crate::dictionary::{NameEntry, Shown, import::ends_of_years, mapping::MappingState};

/// One row of the insurer's dictionary.
#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    category: &'a str,
    brand: &'a str,
    model: &'a str,
    brand_code: Option<&'a str>,
    code: Option<&'a str>,
    first_year: Option<i16>,
    last_year: Option<i16>,
    /// Empty where nothing is said of the name.
    state: &'a str,
    entry_id: Option<u32>,
    entry: &'a str,
    percent: Option<u8>,
    how: &'a str,
    author: &'a str,
    note: &'a str,
}

/// Writes a line for each row; a name has several where years have codes of their own.
pub(super) fn write(names: &[(NameEntry, Vec<InsurerVehicle>)]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (name, rows) in names {
        let said = weightiest(name);
        for row in rows {
            writer.serialize(line(name, said, row))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn line<'a>(name: &'a NameEntry, said: Option<&'a Shown>, row: &'a InsurerVehicle) -> Line<'a> {
    let (first_year, last_year) = ends_of_years(row.years);
    let text = |text: fn(&'a Shown) -> &'a str| said.map(text).unwrap_or_default();
    Line {
        key: &name.key,
        category: &name.category,
        brand: &name.brand,
        model: &name.model,
        brand_code: row.brand_code.as_deref(),
        code: row.code.as_deref(),
        first_year,
        last_year,
        state: text(|said| said.state),
        entry_id: said.map(|said| said.entry.0),
        entry: text(|said| &said.name),
        percent: said.map(|said| said.confidence),
        how: text(|said| said.how),
        author: text(|said| &said.author),
        note: text(|said| &said.note),
    }
}

/// What counts of all that is said of a name: what calls are made with, then what is proposed.
fn weightiest(name: &NameEntry) -> Option<&Shown> {
    let order =
        [MappingState::Confirmed, MappingState::Automatic, MappingState::Proposed, MappingState::Refused];
    order.iter().find_map(|state| name.mappings.iter().find(|said| said.state == state.name()))
}
