//! Records as CSV, and back. Everything that is wrong with a sheet is told at once.
//!
//! `also` holds names with `; ` between them. A line that begins with `#` is a comment. An empty id is a new
//! entry, for which the gateway makes an id; its models name it in `brand_id` by its name.

use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, Trim, Writer};

use super::{
    EntryId,
    records::{BrandRecord, ModelRecord, ModificationRecord, Records, SheetProblem, Sheets},
};

const BRANDS: (&str, &[&str]) = ("brands", &["brand_id", "name", "name_ru", "also", "merged_into"]);
const MODELS: (&str, &[&str]) =
    ("models", &["model_id", "brand_id", "name", "name_ru", "categories", "also", "engines", "merged_into"]);
const MODIFICATIONS: (&str, &[&str]) =
    ("modifications", &["modification_id", "model_id", "name", "years", "power"]);

/// The longest name; longer ones are no names.
const LONGEST_NAME: usize = 200;

/// One line under its reader: a wrong cell leaves a note.
struct Line<'a> {
    sheet: &'static str,
    columns: &'a [&'a str],
    record: &'a StringRecord,
    problems: &'a mut Vec<SheetProblem>,
    /// Brands that are meant by name.
    named: &'a mut Vec<String>,
}

// === impl Records ===

impl Records {
    /// Reads three sheets. An empty sheet has no records. Whether the records make a catalogue is not said
    /// yet; see [`Records::problems`].
    pub fn read(sheets: &Sheets) -> Result<Self, Vec<SheetProblem>> {
        let (mut problems, mut named) = (Vec::new(), Vec::new());
        let read = Self {
            brands: read(BRANDS, &sheets.brands, &mut problems, &mut named, brand),
            models: read(MODELS, &sheets.models, &mut problems, &mut named, model),
            modifications: read(
                MODIFICATIONS,
                &sheets.modifications,
                &mut problems,
                &mut named,
                modification,
            ),
            named,
        };
        if problems.is_empty() { Ok(read) } else { Err(problems) }
    }

    /// Writes them as three sheets.
    pub fn write(&self) -> Sheets {
        let id = |id: Option<EntryId>| id.map(|id| id.to_string()).unwrap_or_default();
        let brands = self.brands.iter().map(|brand| {
            vec![
                id(brand.id),
                brand.name.clone(),
                brand.name_ru.clone(),
                brand.also.join("; "),
                id(brand.merged_into),
            ]
        });
        let models = self.models.iter().map(|model| {
            vec![
                id(model.id),
                model.brand.to_string(),
                model.name.clone(),
                model.name_ru.clone(),
                model.categories.to_string(),
                model.also.join("; "),
                model.engines.to_string(),
                id(model.merged_into),
            ]
        });
        let modifications = self.modifications.iter().map(|modification| {
            vec![
                id(modification.id),
                modification.model.to_string(),
                modification.name.clone(),
                modification.years.to_string(),
                modification.power.to_string(),
            ]
        });
        Sheets {
            brands: write(BRANDS.1, brands),
            models: write(MODELS.1, models),
            modifications: write(MODIFICATIONS.1, modifications),
        }
    }
}

fn brand(line: &mut Line<'_>) -> Option<BrandRecord> {
    Some(BrandRecord {
        id: line.optional("brand_id")?,
        name: line.name("name")?,
        name_ru: line.text("name_ru"),
        also: line.list("also"),
        merged_into: line.optional("merged_into")?,
    })
}

fn model(line: &mut Line<'_>) -> Option<ModelRecord> {
    Some(ModelRecord {
        id: line.optional("model_id")?,
        brand: line.brand()?,
        name: line.name("name")?,
        name_ru: line.text("name_ru"),
        categories: line.parsed("categories")?,
        also: line.list("also"),
        engines: line.parsed("engines")?,
        merged_into: line.optional("merged_into")?,
    })
}

fn modification(line: &mut Line<'_>) -> Option<ModificationRecord> {
    Some(ModificationRecord {
        id: line.optional("modification_id")?,
        model: line.parsed("model_id")?,
        name: line.name("name")?,
        years: line.parsed("years")?,
        power: line.parsed("power")?,
    })
}

fn read<T>(
    (sheet, columns): (&'static str, &[&str]),
    text: &str,
    problems: &mut Vec<SheetProblem>,
    named: &mut Vec<String>,
    read: fn(&mut Line<'_>) -> Option<T>,
) -> Vec<T> {
    // Spreadsheets put a byte order mark in front.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().comment(Some(b'#')).trim(Trim::All).from_reader(text.as_bytes());
    if text.trim().is_empty() {
        return Vec::new();
    }
    let note = |line: Option<u64>, problem: String| SheetProblem { sheet: sheet.to_owned(), line, problem };
    match reader.headers() {
        Ok(found) if found.iter().eq(columns.iter().copied()) => {}
        Ok(_) => {
            problems.push(note(None, format!("the first line must be `{}`", columns.join(","))));
            return Vec::new();
        }
        Err(error) => {
            problems.push(note(error.position().map(csv::Position::line), error.to_string()));
            return Vec::new();
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let (problems, named) = (&mut *problems, &mut *named);
                rows.extend(read(&mut Line { sheet, columns, record: &record, problems, named }));
            }
            Err(error) => {
                let line = error.position().map(csv::Position::line);
                let problem = match error.kind() {
                    csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!(
                        "has {len} cells instead of {expected_len}; put a cell with a comma into double quotes"
                    ),
                    _ => error.to_string(),
                };
                problems.push(note(line, problem));
            }
        }
    }
    rows
}

fn write(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(columns);
    for row in rows {
        let _ = writer.write_record(row);
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

// === impl Line ===

impl Line<'_> {
    fn text(&self, column: &str) -> String {
        let index = self.columns.iter().position(|known| *known == column);
        index.and_then(|index| self.record.get(index)).unwrap_or_default().to_owned()
    }

    fn list(&self, column: &str) -> Vec<String> {
        let names = self.text(column);
        names.split(';').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn name(&mut self, column: &str) -> Option<String> {
        let name = self.text(column);
        let problem = if name.is_empty() {
            "must not be empty".to_owned()
        } else if name.chars().count() > LONGEST_NAME {
            format!("must not have more than {LONGEST_NAME} letters")
        } else {
            return Some(name);
        };
        self.wrong(column, &problem);
        None
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, column: &str) -> Option<T> {
        let parsed = self.text(column).parse::<T>();
        parsed.map_err(|error| self.wrong(column, &error.to_string())).ok()
    }

    /// A brand's id, or its name.
    fn brand(&mut self) -> Option<EntryId> {
        let text = self.text("brand_id");
        if text.is_empty() || text.starts_with(|c: char| c.is_ascii_digit()) {
            return self.parsed("brand_id");
        }
        let place = self.named.iter().position(|named| *named == text).unwrap_or_else(|| {
            self.named.push(text);
            self.named.len() - 1
        });
        Some(EntryId::standing_for(place))
    }

    fn optional<T: FromStr<Err: std::fmt::Display>>(&mut self, column: &str) -> Option<Option<T>> {
        if self.text(column).is_empty() { Some(None) } else { self.parsed(column).map(Some) }
    }

    fn wrong(&mut self, column: &str, problem: &str) {
        let line = self.record.position().map(csv::Position::line);
        self.problems.push(SheetProblem {
            sheet: self.sheet.to_owned(),
            line,
            problem: format!("{column}: {problem}"),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets() -> Sheets {
        Sheets {
            brands: "brand_id,name,name_ru,also,merged_into\n100001,LADA,Лада,ВАЗ; VAZ,\n".into(),
            models: "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n\
                     100002,100001,Vesta,Веста,B,,2015- 80.9 106 122,\n"
                .into(),
            modifications: "modification_id,model_id,name,years,power\n\
                            100003,100002,\"1.6, Седан\",2015-2019,106\n"
                .into(),
        }
    }

    #[test]
    fn what_is_read_is_written_again() {
        let records = Records::read(&sheets()).unwrap();
        assert_eq!(records.brands[0].also, ["ВАЗ", "VAZ"]);
        assert_eq!(records.modifications[0].name, "1.6, Седан");
        assert_eq!(records.write(), sheets());
        let spreadsheet = Sheets { brands: format!("\u{feff}# names\n{}", sheets().brands), ..sheets() };
        assert_eq!(Records::read(&spreadsheet).map_err(|p| p[0].to_string()), Ok(records));
    }

    #[test]
    fn every_wrong_cell_is_told_with_its_line() {
        let mut wrong = sheets();
        wrong.brands = "id,name\n1,x\n".into();
        wrong.models.push_str("x,100001,,,Z,,2015,\n1,2,3\n");
        let problems = Records::read(&wrong).unwrap_err();
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told[0], "brands: the first line must be `brand_id,name,name_ru,also,merged_into`");
        assert!(told[1].starts_with("models, line 3: model_id: an id is"), "{}", told[1]);
        assert!(told[2].starts_with("models, line 4: has 3 cells instead of 8"), "{}", told[2]);
    }
}
