//! A gateway's configuration, written as an operator writes it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};
use veer_contract::manifest::VehicleNames;
use veer_simulator::{Running, Simulation, Wire, Yandex, YandexPlan};

const YANDEX_TOKEN: &str = "yandex-token";
const YANDEX_PARTNER: &str = "17";

/// A simulated Yandex, healthy.
pub async fn yandex() -> Yandex {
    Yandex::start(YandexPlan::new(YANDEX_TOKEN, YANDEX_PARTNER)).await.expect("a simulated Yandex")
}

/// The configuration file, and beside it the file with insurers' dictionaries and the certificates.
#[derive(Clone)]
pub struct Settings {
    table: Table,
    certificates: Vec<(String, String)>,
    /// The file with insurers' dictionaries.
    pub vehicles: String,
}

// === impl Settings ===

impl Settings {
    /// For a gateway in front of `simulation`: any free ports, three accounts, no rate limits.
    pub fn of(simulation: &Simulation) -> Self {
        let vehicles = vehicles(simulation);
        let mut settings = Self { table: Table::new(), certificates: Vec::new(), vehicles };
        settings
            .set("partner.listen", "127.0.0.1:0")
            .set("partner.workers", 1)
            .set("operations.listen", "127.0.0.1:0")
            // A few vehicles: the whole catalogue costs every start half a second.
            .set("dictionary.catalogue", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/harness/catalogue"))
            .set("dictionary.vehicles", "vehicles.csv")
            .set("dictionary.import_every", "0s")
            .set("calculation.budget", "30s")
            .set("offers.payment_poll", "200ms")
            .set("offers.payment_poll_longest", "1s");
        for name in ["demo", "other", "choosy"] {
            let key = |key: &str| format!("partner.accounts.{name}.{key}");
            settings.set(&key("client_id"), name).set(&key("client_secret"), format!("{name}-secret"));
            settings.set(&key("token"), format!("{name}-token"));
        }
        settings.set("partner.accounts.choosy.priced_only", true);
        for (index, insurer) in simulation.insurers().iter().enumerate() {
            settings.add(insurer, index);
        }
        settings
    }

    /// Sets a key: `calculation.budget`.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        let (path, name) = key.rsplit_once('.').expect("a section and a key");
        self.section(path).insert(name.to_owned(), value.into());
        self
    }

    /// Confirms the sales of the account `demo` to `yandex`.
    pub fn confirm_to(&mut self, yandex: &Yandex, method: &str) -> &mut Self {
        let key = |key: &str| format!("partner.accounts.demo.confirm.{key}");
        self.set(&key("url"), yandex.confirm_url())
            .set(&key("token"), YANDEX_TOKEN)
            .set(&key("partner_id"), YANDEX_PARTNER)
            .set(&key("method"), method)
            .set("sales.pause", "100ms")
            .set("sales.longest_pause", "500ms")
            .set("sales.timeout", "2s")
    }

    /// Takes a key or a section out.
    pub fn remove(&mut self, key: &str) -> &mut Self {
        match key.rsplit_once('.') {
            Some((path, name)) => self.section(path).remove(name),
            None => self.table.remove(key),
        };
        self
    }

    /// Puts the files into `folder`, where the store is too, or which a schema on the server belongs to, as
    /// `store.engine` says, or else the environment; the configuration's path.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let mut settings = self.clone();
        let store = settings.section("store");
        let engine = store.get("engine").and_then(Value::as_str);
        if store.contains_key("url") {
            // The test has a server of its own.
        } else if engine.map_or_else(veer_postgres::is_chosen, |engine| engine == "postgres") {
            settings.set("store.engine", "postgres").set("store.url", veer_postgres::url_in(folder));
            // One that was killed is not waited for long by the next.
            settings.section("replicas").entry("lease").or_insert("1s".into());
        } else {
            settings.set("store.path", folder.join("veer.db").display().to_string());
        }
        fs::write(folder.join("vehicles.csv"), &self.vehicles).expect("a writable folder");
        for (name, text) in &self.certificates {
            fs::write(folder.join(name), text).expect("a writable folder");
        }
        let path = folder.join("veer.toml");
        fs::write(&path, settings.table.to_string()).expect("a writable folder");
        path
    }

    fn add(&mut self, insurer: &Running, index: usize) {
        let code = &insurer.code;
        let key = |key: &str| format!("insurers.{code}.{key}");
        self.set(&key("base_url"), insurer.base_url.clone());
        let adapter = insurer.wire.name();
        if adapter != code {
            let number = i64::try_from(100 + index).expect("a few insurers");
            self.set(&key("adapter"), adapter).set(&key("partner_code"), number);
        }
        if let Some(tls) = &insurer.tls {
            for (name, text) in [("ca_file", &tls.ca_pem), ("client_certificate_file", &tls.identity_pem)] {
                let file = format!("{code}-{name}.pem");
                self.set(&key(name), file.clone());
                self.certificates.push((file, text.clone()));
            }
        }
        for (name, value) in insurer.settings() {
            self.set(&key(&format!("settings.{name}")), value);
        }
        let adapter = veer_insurers::find(adapter).expect("an adapter");
        for lane in adapter.manifest().lanes.keys() {
            self.set(&key(&format!("lanes.{lane}.rate")), Value::Array(Vec::new()));
        }
    }

    fn section(&mut self, path: &str) -> &mut Table {
        path.split('.').fold(&mut self.table, |section, name| {
            let place = section.entry(name).or_insert_with(|| Table::new().into());
            place.as_table_mut().expect("a section")
        })
    }
}

/// What the insurers with codes call a few of the vehicles that the simulation knows.
fn vehicles(simulation: &Simulation) -> String {
    let wants_codes = |wire: &Wire| {
        let adapter = veer_insurers::find(wire.name()).expect("an adapter");
        adapter.manifest().vehicles == VehicleNames::Codes
    };
    let is_there = |wire: &Wire| simulation.insurers().iter().any(|insurer| insurer.wire == *wire);
    let mut sheet = String::new();
    for wire in Wire::INSURERS.iter().copied().filter(wants_codes).filter(is_there) {
        let known = veer_simulator::vehicles(wire);
        let few =
            known.iter().filter(|row| ["Toyota", "Kia", "Ford", "Yamaha"].contains(&row.brand.as_str()));
        let rows = veer::dictionary::import::write_sheet(Some(wire.name()), few);
        // One line of headings is enough.
        let headings = if sheet.is_empty() { 0 } else { rows.find('\n').map_or(0, |end| end + 1) };
        sheet.push_str(&rows[headings..]);
    }
    sheet
}
