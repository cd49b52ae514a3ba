//! An insurer's dictionary as CSV, for insurers that hand it out as a file.

use csv::{ReaderBuilder, Writer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use veer_contract::domain::{InsurerVehicle, VehicleCategory};

/// One line. Names are taken as they are: some insurers know theirs only to the blank.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    insurer: Option<String>,
    brand: String,
    model: String,
    #[serde(default)]
    category: Option<VehicleCategory>,
    #[serde(default)]
    brand_code: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    first_year: Option<i16>,
    #[serde(default)]
    last_year: Option<i16>,
}

/// A line is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{problem}; the columns are brand, model, category (A to E), brand_code, code, first_year, last_year, \
         of which only brand and model must be there", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct InsurerSheetProblem {
    line: Option<u64>,
    problem: String,
}

/// Reads one dictionary.
pub fn read(text: &str) -> Result<Vec<InsurerVehicle>, InsurerSheetProblem> {
    let lines = lines(text)?;
    Ok(lines.into_iter().map(|(_, line)| line.vehicle()).collect())
}

/// Reads several dictionaries; the column `insurer` says whose a line is.
pub fn read_many(text: &str) -> Result<BTreeMap<String, Vec<InsurerVehicle>>, InsurerSheetProblem> {
    let mut dictionaries: BTreeMap<String, Vec<InsurerVehicle>> = BTreeMap::new();
    for (number, mut line) in lines(text)? {
        let insurer =
            line.insurer.take().filter(|insurer| !insurer.is_empty()).ok_or(InsurerSheetProblem {
                line: Some(number),
                problem: "the column insurer must name the insurer's adapter".into(),
            })?;
        dictionaries.entry(insurer).or_default().push(line.vehicle());
    }
    Ok(dictionaries)
}

/// Writes one dictionary, or (with `insurer`) a part of several.
pub fn write<'a>(insurer: Option<&str>, rows: impl Iterator<Item = &'a InsurerVehicle>) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail.
        let _ = writer.serialize(Line {
            insurer: insurer.map(str::to_owned),
            brand: row.brand.clone(),
            model: row.model.clone(),
            category: row.category,
            brand_code: row.brand_code.clone(),
            code: row.code.clone(),
            first_year: row.years.map(|(from, _)| from).filter(|from| *from != i16::MIN),
            last_year: row.years.map(|(_, to)| to).filter(|to| *to != i16::MAX),
        });
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn lines(text: &str) -> Result<Vec<(u64, Line)>, InsurerSheetProblem> {
    // Spreadsheets put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    let headers = reader.headers().cloned().map_err(wrong)?;
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let number = record.position().map_or(0, csv::Position::line);
        let line: Line = record
            .deserialize(Some(&headers))
            .map_err(|error| InsurerSheetProblem { line: Some(number), ..wrong(error) })?;
        if let (Some(from), Some(to)) = (line.first_year, line.last_year)
            && from > to
        {
            let problem = format!("first_year {from} is after last_year {to}");
            return Err(InsurerSheetProblem { line: Some(number), problem });
        }
        lines.push((number, line));
    }
    Ok(lines)
}

fn wrong(error: csv::Error) -> InsurerSheetProblem {
    let line = error.position().map(csv::Position::line);
    let problem = match error.into_kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} cells instead of {expected_len}")
        }
        other => format!("{other:?}"),
    };
    InsurerSheetProblem { line, problem }
}

// === impl Line ===

impl Line {
    fn vehicle(self) -> InsurerVehicle {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        // Spreadsheets fill empty cells with zeros.
        let year = |year: Option<i16>| year.filter(|year| *year != 0);
        let years = match (year(self.first_year), year(self.last_year)) {
            (None, None) => None,
            (from, to) => Some((from.unwrap_or(i16::MIN), to.unwrap_or(i16::MAX))),
        };
        InsurerVehicle {
            brand: self.brand,
            model: self.model,
            category: self.category,
            brand_code: some(self.brand_code),
            code: some(self.code),
            years,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_is_read_and_written() {
        let text = "brand,model,category,brand_code,code,first_year,last_year\n\
                    TOYOTA,CAMRY ,B,7,70,2018,2020\nВАЗ,2107,,,,,\n";
        let rows = read(text).unwrap();
        assert_eq!((&*rows[0].model, rows[0].years), ("CAMRY ", Some((2018, 2020))));
        assert_eq!((rows[1].category, rows[1].code.as_deref()), (None, None));
        assert_eq!(write(None, rows.iter()), text);
        let many = format!("# three\n{}{}", write(Some("a"), rows.iter()), "b,Kia,Rio,B,,,,\n");
        let many = read_many(&many).unwrap();
        assert_eq!((many["a"].len(), many["b"].len()), (2, 1));
        assert_eq!(read("model,brand\nRio,Kia\n").unwrap()[0].brand, "Kia");
    }

    #[test]
    fn mistakes_name_their_line() {
        let wrong = |text: &str| read(text).unwrap_err().to_string();
        assert!(wrong("brand,model,category\nKia,Rio,Z\n").starts_with("line 2: unknown variant `Z`"));
        assert!(wrong("brand,model\nKia\n").contains("has 1 cells instead of 2"));
        assert!(wrong("brand\nKia\n").contains("missing field `model`"));
        assert!(wrong("brand,model,colour\nKia,Rio,red\n").contains("unknown field `colour`"));
        assert!(
            wrong("brand,model,first_year,last_year\nKia,Rio,2020,2019\n").contains("is after last_year")
        );
        assert!(read_many("brand,model\nKia,Rio\n").unwrap_err().to_string().contains("column insurer"));
    }
}
