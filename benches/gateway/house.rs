//! Simulated insurers and a gateway in front of them, each a process of the real binary.

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use toml::{Table, Value};

use veer::dictionary::import::write_sheet;
use veer_simulator::Wire;

use crate::{
    http::{Connection, request},
    process::Process,
};

/// The binary that is measured.
const VEER: &str = env!("CARGO_BIN_EXE_veer");
const WIRES: &[&str] = &["alfastrah", "ingosstrakh", "renessans"];
/// Longer than any calculation: an insurer that hangs shall hang to its end.
const PATIENCE: &str = "9m";
/// Calculations end in this time one after the other, or something is wrong.
const STANDS_STILL: Duration = Duration::from_secs(60);
/// A gateway that has just begun compresses the answers of the dictionary, ten seconds after its start: whoever measured
/// it then would measure that, and its memory.
const BEGINS: Duration = Duration::from_secs(12);
/// Processor time of a second in which it does nothing.
const QUIET: Duration = Duration::from_millis(20);
/// No lane is to limit anything; what limits cost where they hold nobody back is measured.
const ANY_NUMBER: i64 = 1_000_000;

/// How the simulated insurers behave: all answer at once, but for the last ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Insurers {
    pub(crate) count: usize,
    /// What they speak, in turns.
    pub(crate) wires: &'static [&'static str],
    /// How long each price takes: any time between these two.
    pub(crate) latency: [Duration; 2],
    /// So many of the last ones never answer.
    pub(crate) hanging: usize,
    /// The last one answers after this.
    pub(crate) last_after: Duration,
}

/// Running simulated insurers, and the configuration of a gateway in front of them.
pub(crate) struct Simulator {
    _process: Process,
    folder: PathBuf,
    config: Table,
}

/// A running gateway.
pub(crate) struct Gateway {
    /// Its process.
    pub(crate) process: Process,
    /// The partner API.
    pub(crate) partner: SocketAddr,
    /// Its configuration's file.
    pub(crate) config: PathBuf,
    operations: SocketAddr,
}

/// What the gateway has counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    /// Calls really sent to insurers.
    pub(crate) calls: u64,
    /// Calculations that ended with CALCULATION_READY.
    pub(crate) ready: u64,
    /// Calculations that ended.
    pub(crate) ended: u64,
}

// === impl Insurers ===

impl Insurers {
    /// So many that answer at once.
    pub(crate) fn healthy(count: usize) -> Self {
        Self { count, wires: WIRES, latency: [Duration::ZERO; 2], hanging: 0, last_after: Duration::ZERO }
    }

    fn plan(self) -> String {
        let mut plan = String::new();
        for index in 0..self.count {
            let wire = self.wires[index % self.wires.len()];
            let code = match index / self.wires.len() {
                0 => wire.to_owned(),
                again => format!("{wire}-{}", again + 1),
            };
            let hang = if index + self.hanging >= self.count { 1.0 } else { 0.0 };
            let latency = match self.latency.map(|latency| latency.as_millis()) {
                _ if index + 1 == self.count && !self.last_after.is_zero() => {
                    fixed(self.last_after.as_millis())
                }
                [least, most] if least == most => fixed(least),
                [least, most] => format!("{{ kind = \"uniform\", min = \"{least}ms\", max = \"{most}ms\" }}"),
            };
            // Writing to a string cannot fail.
            let _ = write!(
                plan,
                "[[insurer]]\ncode = \"{code}\"\nwire = \"{wire}\"\n[insurer.knobs]\n\
                 polls = {{ min = 1, max = 1 }}\nlatency = {latency}\n\
                 faults = {{ hang = {hang:.1} }}\n"
            );
        }
        plan
    }
}

fn fixed(millis: u128) -> String {
    format!("{{ kind = \"fixed\", time = \"{millis}ms\" }}")
}

// === impl Simulator ===

impl Simulator {
    /// Starts the insurers; their files go to the new folder `folder`.
    pub(crate) async fn start(insurers: Insurers, folder: PathBuf) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
        fs::write(folder.join("plan.toml"), insurers.plan()).map_err(|error| failed(&error))?;
        let arguments = ["simulate", "--plan", "plan.toml", "--port", "0", "--out", "."];
        let log = folder.join("simulator.log");
        let mut process = Process::start("veer simulate", Path::new(VEER), &arguments, &folder, &log)?;
        process.hear("A gateway in front of them").await.map_err(|error| with_log(&error, &log))?;
        let text = fs::read_to_string(folder.join("veer.toml")).map_err(|error| failed(&error))?;
        let mut config: Table = toml::from_str(&text).map_err(|error| failed(&error))?;
        set_lanes(&mut config, ANY_NUMBER);
        // Their dictionaries are there from the start, so that nothing is read while something is measured.
        let dictionaries: String = [Wire::Alfastrah, Wire::Ingosstrakh, Wire::Renessans]
            .into_iter()
            .map(|wire| write_sheet(Some(wire.name()), veer_simulator::vehicles(wire).iter()))
            .enumerate()
            .map(|(index, sheet)| {
                sheet.lines().skip(index.min(1)).map(|line| format!("{line}\n")).collect::<String>()
            })
            .collect();
        fs::write(folder.join("vehicles.csv"), dictionaries).map_err(|error| failed(&error))?;
        let dictionary = section(&mut config, "dictionary");
        dictionary.insert("vehicles".into(), "vehicles.csv".into());
        dictionary.insert("import_every".into(), "0s".into());
        Ok(Self { _process: process, folder, config })
    }

    /// Their codes, in the plan's order.
    pub(crate) fn codes(&self) -> Result<Vec<String>, String> {
        let file = fs::read_to_string(self.folder.join("plan.toml")).map_err(|error| error.to_string())?;
        let code = |line: &str| Some(line.strip_prefix("code = \"")?.strip_suffix('"')?.to_owned());
        Ok(file.lines().filter_map(code).collect())
    }

    /// What the gateway is told of one of them: its address and its settings.
    pub(crate) fn insurer(&mut self, code: &str) -> &mut Table {
        section(section(&mut self.config, "insurers"), code)
    }

    /// Sets a key of the gateway's own configuration.
    pub(crate) fn set(&mut self, concern: &str, key: &str, value: impl Into<Value>) {
        section(&mut self.config, concern).insert(key.to_owned(), value.into());
    }

    /// Sets a key of one lane of every insurer.
    pub(crate) fn set_lane(&mut self, lane: &str, key: &str, value: impl Into<Value> + Clone) {
        for (_, insurer) in section(&mut self.config, "insurers") {
            let Value::Table(insurer) = insurer else { continue };
            section(section(insurer, "lanes"), lane).insert(key.to_owned(), value.clone().into());
        }
    }

    /// Writes the gateway's configuration to `file`, for whoever else calls the insurers.
    pub(crate) fn config_file(&self, file: &Path) -> Result<PathBuf, String> {
        fs::write(file, self.config.to_string()).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(file.to_owned())
    }

    /// Sends what would go to the last insurer to `address`; returns where that insurer is.
    pub(crate) fn redirect_last(&mut self, address: SocketAddr) -> Result<SocketAddr, String> {
        let code = self.codes()?.pop();
        let insurer = code.map(|code| self.insurer(&code));
        let base = insurer.and_then(|insurer| insurer.get_mut("base_url"));
        let (Some(base), there) = (base, format!("http://{address}/")) else {
            return Err("the last insurer has no address".into());
        };
        let before = std::mem::replace(base, there.into());
        let before = before.as_str().and_then(|url| url.trim_start_matches("http://").strip_suffix('/'));
        before.and_then(|address| address.parse().ok()).ok_or_else(|| "the last insurer is nowhere".into())
    }

    /// Lets so many calls be under way at once in each lane; without it, any number.
    pub(crate) fn limit_lanes(&mut self, concurrent: i64) {
        set_lanes(&mut self.config, concurrent);
    }

    /// Starts a gateway with so many threads for the partner API; 0: one a core.
    pub(crate) async fn gateway(&self, workers: usize, log: &str) -> Result<Gateway, String> {
        let mut config = self.config.clone();
        let mut set = |concern: &str, key: &str, value: Value| {
            section(&mut config, concern).insert(key.into(), value);
        };
        set("partner", "listen", "127.0.0.1:0".into());
        set("partner", "workers", Value::Integer(i64::try_from(workers).unwrap_or(0)));
        set("operations", "listen", "127.0.0.1:0".into());
        set("store", "path", self.folder.join("veer.db").display().to_string().into());
        // The line that tells the addresses is needed whatever else is logged.
        set("telemetry", "log", format!("{log},veer::gateway=info").into());
        set("telemetry", "format", "json".into());
        Gateway::start(&self.folder, &config).await
    }
}

/// No rates, so many calls under way at once, patience with whoever hangs.
fn set_lanes(config: &mut Table, concurrent: i64) {
    for (code, insurer) in section(config, "insurers") {
        let Value::Table(insurer) = insurer else { continue };
        let adapter = insurer.get("adapter").and_then(Value::as_str).unwrap_or(code);
        let Some(adapter) = veer_insurers::find(adapter) else { continue };
        for lane in adapter.manifest().lanes.keys() {
            let lane = section(section(insurer, "lanes"), lane.name());
            lane.insert("rate".into(), Value::Array(Vec::new()));
            lane.insert("concurrent".into(), concurrent.into());
            lane.insert("first_byte".into(), PATIENCE.into());
            lane.insert("total".into(), PATIENCE.into());
        }
    }
}

/// The section `name` of `table`, made where there is none. The simulator's own file has no such name for
/// anything else.
fn section<'t>(table: &'t mut Table, name: &str) -> &'t mut Table {
    if !table.get(name).is_some_and(Value::is_table) {
        table.insert(name.to_owned(), Value::Table(Table::new()));
    }
    match &mut table[name] {
        Value::Table(section) => section,
        _ => unreachable!("it was made a table above"),
    }
}

// === impl Gateway ===

impl Gateway {
    async fn start(folder: &Path, config: &Table) -> Result<Self, String> {
        let (file, log) = (folder.join("gateway.toml"), folder.join("gateway.log"));
        fs::write(&file, config.to_string()).map_err(|error| format!("{}: {error}", file.display()))?;
        let process = Process::start(
            "veer serve",
            Path::new(VEER),
            &["serve", "--config", "gateway.toml"],
            folder,
            &log,
        )?;
        let (partner, operations) = addresses(&log).await?;
        let gateway = Self { process, partner, config: file, operations };
        gateway.settle().await?;
        Ok(gateway)
    }

    /// Waits until it has done what it does once after its start.
    async fn settle(&self) -> Result<(), String> {
        tokio::time::sleep(BEGINS).await;
        loop {
            let before = self.process.processor()?;
            tokio::time::sleep(Duration::from_secs(1)).await;
            if self.process.processor()?.saturating_sub(before) <= QUIET {
                return Ok(());
            }
        }
    }

    /// What it has counted so far.
    pub(crate) async fn counts(&self) -> Result<Counts, String> {
        // Its connections do not outlast the pauses between two looks.
        let mut operations = Connection::open(self.operations).await?;
        let metrics = operations.ask(&request("GET", "/metrics", "")).await?;
        let metrics = String::from_utf8_lossy(metrics);
        let sum = |prefix: &str| -> u64 {
            let series = metrics.lines().filter(|line| line.starts_with(prefix));
            series.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
        };
        let calculations = sum("veer_calculations_total{");
        Ok(Counts {
            calls: sum("veer_upstream_calls_total{"),
            ready: sum("veer_calculations_total{status=\"CALCULATION_READY\"}"),
            ended: calculations - sum("veer_calculations_total{status=\"ACCEPTED\"}"),
        })
    }

    /// Waits until so many calculations have ended since its start, looking that often; what it has counted then.
    pub(crate) async fn ended(&self, all: u64, look_every: Duration) -> Result<Counts, String> {
        let mut quiet = 0;
        let mut ended = 0;
        loop {
            tokio::time::sleep(look_every).await;
            let counts = self.counts().await?;
            if counts.ended >= all {
                return Ok(counts);
            }
            quiet = if counts.ended == ended { quiet + 1 } else { 0 };
            ended = counts.ended;
            if look_every * quiet > STANDS_STILL {
                return Err(format!("{ended} calculations have ended, and no other ends of {all}"));
            }
        }
    }
}

/// Where it listens, as its log tells.
async fn addresses(log: &Path) -> Result<(SocketAddr, SocketAddr), String> {
    for _ in 0..400 {
        let text = fs::read_to_string(log).unwrap_or_default();
        let told = text.lines().find_map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).ok()?;
            let address = |name: &str| line[name].as_str()?.parse().ok();
            Some((address("partner")?, address("operations")?))
        });
        if let Some(told) = told {
            return Ok(told);
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    Err(with_log("the gateway did not come up", log))
}

fn with_log(problem: &str, log: &Path) -> String {
    format!("{problem}\n{}", fs::read_to_string(log).unwrap_or_default().trim_end())
}
