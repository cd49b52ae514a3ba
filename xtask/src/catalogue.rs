//! `cargo xtask catalogue`: gives new lines of `catalogue/*.csv` their ids and writes them into `ids.csv`.
//!
//! A new line has an empty id. What `ids.csv` says already is never changed: ids are only ever added to it.

use std::{collections::BTreeSet, fs};

use csv::{ReaderBuilder, StringRecord, Writer};

/// Ids from here on belong to operators.
const FIRST_OWN: u32 = 10_000_000;
const LEDGER: &str = "catalogue/ids.csv";
const LEDGER_HEADER: [&str; 4] = ["id", "kind", "of", "name"];

/// A sheet: its file, what its entries are, and where an entry's parent and name stand.
const SHEETS: [(&str, &str, Option<usize>, usize); 3] = [
    ("catalogue/brands.csv", "brand", None, 1),
    ("catalogue/models.csv", "model", Some(1), 2),
    ("catalogue/modifications.csv", "modification", Some(1), 2),
];

/// Numbers what has no number.
pub(crate) fn run() -> Result<(), String> {
    let mut ledger = read(LEDGER).unwrap_or_default();
    let mut known: BTreeSet<u32> = ledger.records.iter().filter_map(|record| number(record.get(0))).collect();
    let mut added = 0;
    for (path, kind, parent, name) in SHEETS {
        let mut sheet = read(path)?;
        for record in &mut sheet.records {
            let id = match number(record.get(0)) {
                Some(id) => id,
                None => {
                    let id = known.last().map_or(100_001, |last| last + 1);
                    let cells = std::iter::once(id.to_string());
                    *record = cells.chain(record.iter().skip(1).map(str::to_owned)).collect();
                    id
                }
            };
            if id >= FIRST_OWN {
                return Err(format!(
                    "{path}: the id {id} is an operator's; shipped ones stay below {FIRST_OWN}"
                ));
            }
            if known.insert(id) {
                let of = parent.and_then(|column| record.get(column)).unwrap_or_default().to_owned();
                let name = record.get(name).unwrap_or_default().to_owned();
                ledger.records.push([id.to_string(), kind.to_owned(), of, name].iter().collect());
                added += 1;
            }
        }
        write(path, &sheet)?;
    }
    if ledger.header.is_empty() {
        ledger.comment =
            "# Every id that was ever given. Lines are only ever added: `cargo xtask catalogue`.\n"
                .to_owned();
        ledger.header = LEDGER_HEADER.iter().collect();
    }
    ledger.records.sort_by_key(|record| number(record.get(0)));
    write(LEDGER, &ledger)?;
    println!("{added} id(s) were added; {} are known", ledger.records.len());
    Ok(())
}

#[derive(Default)]
struct Sheet {
    comment: String,
    header: StringRecord,
    records: Vec<StringRecord>,
}

fn read(path: &str) -> Result<Sheet, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let comment =
        text.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let mut reader = ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let header = reader.headers().cloned().map_err(|error| format!("{path}: {error}"))?;
    let records = reader.records().collect::<Result<_, _>>().map_err(|error| format!("{path}: {error}"))?;
    Ok(Sheet { comment, header, records })
}

fn write(path: &str, sheet: &Sheet) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{path}: {error}");
    let mut writer = Writer::from_writer(sheet.comment.clone().into_bytes());
    for record in std::iter::once(&sheet.header).chain(&sheet.records) {
        writer.write_record(record).map_err(|error| failed(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(&error))?;
    fs::write(path, bytes).map_err(|error| failed(&error))
}

fn number(cell: Option<&str>) -> Option<u32> {
    cell.and_then(|cell| cell.parse().ok())
}
