//! Taking in an insurer's dictionary: compared, mapped, written down and put to use.

use std::{hint::black_box, path::Path, time::Instant};

use veer::{
    config::{StoreConfig, Synchronous},
    dictionary::{Dictionary, catalogue::Catalogue, import::ImportReport, matching::Matcher},
    store::{Sealer, Store},
    telemetry::Metrics,
};
use veer_contract::domain::InsurerVehicle;

use crate::{
    figure::{Row, Section},
    names,
    process::own_processor,
    shipped_config,
    workload::Import,
};

/// Under which name the rows are kept.
const INSURER: &str = "bench";
/// What is put before each code when the insurer gives new ones.
const RENUMBERED: &str = "9";

/// What was found in all rounds.
#[derive(Default)]
struct Rounds {
    matcher: Vec<f64>,
    first: Vec<f64>,
    processor: Vec<f64>,
    same: Vec<f64>,
    renumbered: Vec<f64>,
}

/// Measures `[import]`.
pub(crate) async fn measure(
    import: &Import,
    catalogue: &Catalogue,
    folder: &Path,
) -> Result<Section, String> {
    let rows = names::rows(catalogue, import)?;
    let renumbered: Vec<_> = rows.iter().map(with_a_new_code).collect();
    let matcher = Matcher::new(catalogue);
    let mut rounds = Rounds::default();
    let mut reports = None;
    for round in 0..import.rounds {
        rounds.matcher.push(in_matcher(&matcher, &rows));
        let dictionary = open(&folder.join(format!("import-{round}.db"))).await?;
        let processor = own_processor()?;
        let (first, report) = timed(&dictionary, &rows).await?;
        rounds.first.push(first);
        rounds.processor.push((own_processor()? - processor).as_secs_f64());
        rounds.same.push(timed(&dictionary, &rows).await?.0);
        let (again, last) = timed(&dictionary, &renumbered).await?;
        rounds.renumbered.push(again);
        reports = Some((report, last));
    }
    let (first, renumbered) = reports.ok_or("nothing was imported")?;
    Ok(rounds.section(&first, &renumbered))
}

fn with_a_new_code(row: &InsurerVehicle) -> InsurerVehicle {
    let code = row.code.as_ref().map(|code| format!("{RENUMBERED}{code}"));
    InsurerVehicle { code, ..row.clone() }
}

/// Seconds that one thread takes for nothing but the matcher.
fn in_matcher(matcher: &Matcher, rows: &[InsurerVehicle]) -> f64 {
    let begun = Instant::now();
    for row in rows {
        black_box(matcher.candidates(row));
    }
    begun.elapsed().as_secs_f64()
}

/// A dictionary in a new store, set as the gateway is shipped.
async fn open(path: &Path) -> Result<Dictionary, String> {
    let config = shipped_config()?;
    let store = StoreConfig::sqlite(path, Synchronous::Full);
    let store = Store::open(&store, Sealer::default()).await.map_err(|error| error.to_string())?;
    let metrics = Metrics::new(std::iter::empty(), &[], &[]).map_err(|error| error.to_string())?;
    Dictionary::open(store, &config.dictionary, &[], &metrics).await.map_err(|error| error.to_string())
}

/// Seconds of an import, and what it reports.
async fn timed(dictionary: &Dictionary, rows: &[InsurerVehicle]) -> Result<(f64, ImportReport), String> {
    let rows = rows.to_vec();
    let begun = Instant::now();
    let report = dictionary.import(INSURER, rows, "file", INSURER, false).await;
    Ok((begun.elapsed().as_secs_f64(), report.map_err(|error| error.to_string())?))
}

// === impl Rounds ===

impl Rounds {
    fn section(&self, first: &ImportReport, renumbered: &ImportReport) -> Section {
        let (names, mapped) = (first.rows, first.mapped);
        let a_second: Vec<f64> = self.first.iter().map(|seconds| names as f64 / seconds).collect();
        let in_micros: Vec<f64> = self.matcher.iter().map(|seconds| seconds * 1e6 / names as f64).collect();
        let rows = vec![
            Row::new("first import", "s", &self.first),
            Row::new("first import, names a second", "/s", &a_second),
            Row::new("first import, processor time", "s", &self.processor),
            Row::new("in the matcher alone, one thread", "s", &self.matcher),
            Row::new("in the matcher alone, each name", "µs", &in_micros),
            Row::new("the same dictionary again", "s", &self.same),
            Row::new("again, with other codes for all of it", "s", &self.renumbered),
        ];
        let notes = vec![
            "An import compares the rows with what was known, maps every name, writes rows and mappings in one".to_owned(),
            "transaction that is durable, and puts them to use. Names are drawn from the catalogue, written as insurers do.".to_owned(),
            format!(
                "Used at once {}, waiting for a person {}, not mapped {}. With other codes: {} names have a new code, {} \
                 stand for something else.",
                mapped.automatic,
                mapped.proposed,
                mapped.unmapped,
                renumbered.recoded.count,
                renumbered.remapped.count
            ),
        ];
        Section { title: format!("Taking in a dictionary of {names} names"), notes, rows }
    }
}
