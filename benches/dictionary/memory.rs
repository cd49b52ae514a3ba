//! What the published version takes: memory, bytes on the wire, time to make.

use std::path::Path;

use crate::{
    figure::{Row, Section},
    process::Process,
    published::{DONE, Done},
    workload::Memory,
};

const MIB: f64 = (1 << 20) as f64;

/// What was found in all rounds.
#[derive(Default)]
struct Rounds {
    made: Vec<f64>,
    warmed: Vec<f64>,
    again: Vec<f64>,
    grown: Vec<f64>,
    making: Vec<f64>,
    warming: Vec<f64>,
}

/// Measures `[memory]`.
pub(crate) async fn measure(memory: &Memory, folder: &Path) -> Result<Section, String> {
    let mut rounds = Rounds::default();
    let mut last = None;
    for _ in 0..memory.rounds {
        last = Some(rounds.round(folder).await?);
    }
    let done = last.ok_or("nothing was made")?;
    Ok(rounds.section(&done))
}

async fn heard(process: &mut Process) -> Result<Done, String> {
    let told = process.hear(DONE).await?;
    serde_json::from_str(&told).map_err(|_| format!("the published version: {told}"))
}

// === impl Rounds ===

impl Rounds {
    async fn round(&mut self, folder: &Path) -> Result<Done, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let log = folder.join("published.log");
        let mut process = Process::start("the published version", &own, &["published"], folder, &log)?;
        heard(&mut process).await?;
        let before = process.resident()? as f64;
        process.tell("make").await?;
        let made = heard(&mut process).await?;
        let between = process.resident()? as f64;
        process.tell("warm").await?;
        let warm = heard(&mut process).await?;
        let after = process.resident()? as f64;
        process.tell("make and warm another").await?;
        heard(&mut process).await?;
        let again = process.resident()? as f64;
        self.made.push((between - before) / MIB);
        self.warmed.push((after - between) / MIB);
        self.again.push((again - after) / MIB);
        self.grown.push((after - before) / MIB);
        self.making.push(made.seconds);
        self.warming.push(warm.seconds);
        Ok(warm)
    }

    fn section(&self, done: &Done) -> Section {
        let mut rows = vec![
            Row::new("resident set, grown by all of it", "MiB", &self.grown),
            Row::new("by catalogue and matcher", "MiB", &self.made),
            Row::new("by the answers", "MiB", &self.warmed),
            Row::new("by another version, this one dropped", "MiB", &self.again),
            Row::new("bytes of the answers as the gateway counts them", "MiB", &[done.bytes as f64 / MIB]),
            Row::new("making catalogue and matcher", "s", &self.making),
            Row::new("drawing and compressing every answer, one thread", "s", &self.warming),
        ];
        for (coding, bytes) in &done.sync_all {
            rows.push(Row::new(format!("sync-all, {coding}"), "KiB", &[*bytes as f64 / 1024.0]));
        }
        let notes = vec![
            "How the resident set of a new process grows that makes the shipped catalogue's version and nothing else. What the".into(),
            "making needed and the allocator has not handed back half a second later is part of it.".into(),
        ];
        Section { title: "Memory of the published version".into(), notes, rows }
    }
}
