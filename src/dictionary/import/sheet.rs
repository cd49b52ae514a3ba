//! An insurer's dictionary as CSV, for insurers that hand it out as a file.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, Writer};
use serde::{Deserialize, Serialize};
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

/// Lines are wrong: all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}\nthe columns are brand, model, category (A to E), brand_code, code, first_year, last_year, of which only \
         brand and model must be there", .0.join("\n"))]
pub struct InsurerSheetProblems(Vec<String>);

/// Reads one dictionary.
pub fn read(text: &str) -> Result<Vec<InsurerVehicle>, InsurerSheetProblems> {
    let lines = lines(text)?;
    Ok(lines.into_iter().map(|(_, line)| line.vehicle()).collect())
}

/// Reads several dictionaries; the column `insurer` says whose a line is.
pub fn read_many(text: &str) -> Result<BTreeMap<String, Vec<InsurerVehicle>>, InsurerSheetProblems> {
    let mut dictionaries: BTreeMap<String, Vec<InsurerVehicle>> = BTreeMap::new();
    let mut problems = Vec::new();
    for (number, mut line) in lines(text)? {
        match line.insurer.take().filter(|insurer| !insurer.is_empty()) {
            Some(insurer) => dictionaries.entry(insurer).or_default().push(line.vehicle()),
            None => {
                problems.push(format!("line {number}: the column insurer must name the insurer's adapter"))
            }
        }
    }
    if problems.is_empty() { Ok(dictionaries) } else { Err(InsurerSheetProblems(problems)) }
}

/// The years of a row as a person writes them: the first and the last one, each where there is one.
pub fn ends(years: Option<(i16, i16)>) -> (Option<i16>, Option<i16>) {
    let (from, to) = years.unzip();
    (from.filter(|from| *from != i16::MIN), to.filter(|to| *to != i16::MAX))
}

/// Writes one dictionary, or (with `insurer`) a part of several.
pub fn write<'a>(insurer: Option<&str>, rows: impl Iterator<Item = &'a InsurerVehicle>) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    for row in rows {
        let (first_year, last_year) = ends(row.years);
        // Writing to memory does not fail.
        let _ = writer.serialize(Line {
            insurer: insurer.map(str::to_owned),
            brand: row.brand.clone(),
            model: row.model.clone(),
            category: row.category,
            brand_code: row.brand_code.clone(),
            code: row.code.clone(),
            first_year,
            last_year,
        });
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn lines(text: &str) -> Result<Vec<(u64, Line)>, InsurerSheetProblems> {
    // Spreadsheets put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    let headers = reader.headers().cloned().map_err(|error| InsurerSheetProblems(vec![told(error, None)]))?;
    for record in reader.records() {
        let line = record.map_err(|error| told(error, None)).and_then(|record| {
            let number = record.position().map_or(0, csv::Position::line);
            let line =
                record.deserialize::<Line>(Some(&headers)).map_err(|error| told(error, Some(number)))?;
            Ok((number, line.in_order(number)?))
        });
        match line {
            Ok(line) => lines.push(line),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(lines) } else { Err(InsurerSheetProblems(problems)) }
}

fn told(error: csv::Error, line: Option<u64>) -> String {
    let line = line.or_else(|| error.position().map(csv::Position::line));
    let whole = error.to_string();
    let problem = match error.into_kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} cells instead of {expected_len}")
        }
        _ => whole,
    };
    line.map_or_else(|| problem.clone(), |line| format!("line {line}: {problem}"))
}

// === impl Line ===

impl Line {
    /// With the years in their order. Spreadsheets fill empty cells with zeros.
    fn in_order(mut self, number: u64) -> Result<Self, String> {
        self.first_year = self.first_year.filter(|year| *year != 0);
        self.last_year = self.last_year.filter(|year| *year != 0);
        match (self.first_year, self.last_year) {
            (Some(from), Some(to)) if from > to => {
                Err(format!("line {number}: first_year {from} is after last_year {to}"))
            }
            _ => Ok(self),
        }
    }

    fn vehicle(self) -> InsurerVehicle {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        let years = match (self.first_year, self.last_year) {
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
        let both = wrong("brand,model,category\nKia,Rio,Z\nKia\n");
        assert!(both.contains("line 2: unknown variant") && both.contains("has 1 cells"), "{both}");
        let zeros = read("brand,model,first_year,last_year\nKia,Rio,2020,0\nKia,Ceed,0,0\n").unwrap();
        assert_eq!((ends(zeros[0].years), zeros[1].years), ((Some(2020), None), None));
        assert!(read_many("brand,model\nKia,Rio\n").unwrap_err().to_string().contains("column insurer"));
    }
}
