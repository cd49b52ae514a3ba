//! A tuned gateway without a gateway, for the tests of those who change and show settings.

use std::{
    fs, iter,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use tempfile::TempDir;
use veer_contract::{Lane, Manifest};

use super::{KnobPath, Known, Through, Tunable, Tuning, Turn, Who, knob::lane};
use crate::{
    config::{Config, InsurerConfig, RateLimit},
    store::{Sealer, Store, trial},
    telemetry::Metrics,
    upstream::limit::Forecast,
};

/// What an engine was told.
#[derive(Debug, Default)]
pub(crate) struct Told(Mutex<Vec<(Option<Lane>, Turn)>>);

/// Settings in a store of their own.
pub(crate) struct Trial {
    pub(crate) tuning: Tuning,
    pub(crate) store: Store,
    pub(crate) metrics: Metrics,
    alfastrah: Arc<Told>,
    folder: TempDir,
}

/// Two insurers: one with two lanes, and one that is switched off.
pub(crate) fn insurers() -> Vec<InsurerConfig> {
    let manifests = [manifest("alfastrah", 1, &["create", "poll"]), manifest("vsk", 2, &["create"])];
    let text = "[partner.accounts.a]\nclient_id = 'a'\nclient_secret = 's'\n\
                [insurers.alfastrah]\nbase_url = 'http://127.0.0.1:9/'\n\
                [insurers.vsk]\nbase_url = 'http://127.0.0.1:9/'\nenabled = false\n";
    let config = Config::parse(text, Path::new("veer.toml"), iter::empty(), &manifests.each_ref());
    config.unwrap_or_else(|problems| panic!("{problems}")).insurers
}

fn manifest(code: &str, number: u32, lanes: &[&str]) -> Manifest {
    let lane = "{ rate = ['5/s'], concurrent = 8, connect = '1s', first_byte = '1s', total = '1s', \
                max_reply = '1KiB', useful = '1ms' }";
    let lanes: Vec<String> = lanes.iter().map(|name| format!("{name} = {lane}")).collect();
    let text = format!(
        "contract = 1\ncode = '{code}'\npartner_code = {number}\nname = '{code}'\nprotocol = 'none'\n\
         operations = ['quote']\nlanes = {{ {} }}\n",
        lanes.join(", ")
    );
    toml::from_str(&text).unwrap()
}

pub(crate) fn anna() -> Who {
    Who { author: "anna".into(), reason: "their night works".into(), through: Through::Command }
}

/// `alfastrah create limit`.
pub(crate) fn path(text: &str) -> KnobPath {
    let words: Vec<&str> = text.split(' ').collect();
    let (insurer, of, knob) = match words[..] {
        [insurer, of, knob] => (insurer, lane(of), knob),
        [insurer, knob] => (insurer, None, knob),
        _ => panic!("{text}"),
    };
    Known::of(&insurers()).find(insurer, of.map(Lane::name), knob).unwrap()
}

// === impl Told ===

impl Told {
    /// What it was told since the last question.
    pub(crate) fn take(&self) -> Vec<(Option<Lane>, Turn)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Tunable for Told {
    fn tune(&self, lane: Option<Lane>, turn: &Turn) {
        self.0.lock().unwrap().push((lane, turn.clone()));
    }

    fn standing(&self, lane: Lane) -> Option<serde_json::Value> {
        (lane == Lane::Create).then(|| serde_json::json!({ "waiting": 3 }))
    }

    /// A hundred calls were asked for in the hour; each window lets its count of them through.
    fn forecast(&self, lane: Lane, rates: &[RateLimit]) -> Option<Forecast> {
        let sent = rates.iter().map(|rate| u64::from(rate.count)).min().unwrap_or(100).min(100);
        (lane == Lane::Create).then(|| Forecast {
            asked: 100,
            sent,
            refused: 100 - sent,
            waited: sent / 2,
            waited_total: Duration::from_millis(1500),
            waited_longest: Duration::from_millis(250),
            covers: Duration::from_secs(3600),
            is_cut: false,
        })
    }
}

// === impl Trial ===

impl Trial {
    pub(crate) async fn open() -> Self {
        Self::of(TempDir::new().unwrap()).await
    }

    /// The same with this text in the watched file.
    pub(crate) async fn with_file(text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("limits.toml"), text).unwrap();
        Self::of(folder).await
    }

    /// A new start on the same store and file.
    pub(crate) async fn restart(self) -> Self {
        self.store.flush().await.unwrap();
        self.store.release().await;
        Self::of(self.folder).await
    }

    async fn of(folder: TempDir) -> Self {
        let store = Store::open(&trial::config_in(folder.path()), Sealer::default()).await.unwrap();
        let metrics = Metrics::new(iter::empty(), &[], &[]).unwrap();
        let (alfastrah, tuning) = replica(&store, &folder, &metrics).await;
        Self { tuning, store, metrics, alfastrah, folder }
    }

    /// Another replica on the same store.
    pub(crate) async fn replica(&self) -> Tuning {
        replica(&self.store, &self.folder, &self.metrics).await.1
    }

    /// What the engines of `alfastrah` were told since the last question.
    pub(crate) fn told(&self) -> Vec<(Option<Lane>, Turn)> {
        self.alfastrah.take()
    }

    /// What a knob says now.
    pub(crate) fn holds(&self, knob: &str) -> String {
        self.tuning.shown(&path(knob)).unwrap().value
    }

    /// Writes the watched file.
    pub(crate) fn write(&self, text: &str) {
        fs::write(self.folder.path().join("limits.toml"), text).unwrap();
    }

    /// Takes the watched file away.
    pub(crate) fn take_file_away(&self) {
        fs::remove_file(self.folder.path().join("limits.toml")).unwrap();
    }
}

async fn replica(store: &Store, folder: &TempDir, metrics: &Metrics) -> (Arc<Told>, Tuning) {
    let alfastrah = Arc::new(Told::default());
    let tunables: [(String, Arc<dyn Tunable>); 2] =
        [("alfastrah".into(), alfastrah.clone()), ("vsk".into(), Arc::new(Told::default()))];
    let (known, file) = (Known::of(&insurers()), folder.path().join("limits.toml"));
    let tuning = Tuning::open(known, tunables.into(), store.clone(), file, metrics).await.unwrap();
    (alfastrah, tuning)
}
