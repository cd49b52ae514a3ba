//! Insurers and a partner that outlive every gateway, and the gateways' place.

use std::{collections::BTreeMap, path::Path, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use veer_cluster::{Replica, Serve};
use veer_simulator::{Plan, Simulation, Yandex};

use crate::harness::{Client, Settings, VEER, yandex};

/// What makes an application at an insurer: once a risk, whatever happens.
const APPLICATIONS: [&str; 5] =
    ["eosago", "CreateAgreement", "MakeEOsago", "create/segment", "create/application"];

/// Everything but the gateways.
pub struct Stage {
    /// The insurers.
    pub simulation: Simulation,
    /// The partner that counts sales.
    pub yandex: Yandex,
    /// How gateways are configured.
    pub settings: Settings,
    /// Where their files are.
    pub folder: TempDir,
}

// === impl Stage ===

impl Stage {
    /// With these insurers.
    pub async fn set(plan: Plan) -> Self {
        let simulation = Simulation::start(plan).await.expect("simulated insurers");
        let yandex = yandex().await;
        let mut settings = Settings::of(&simulation);
        settings.confirm_to(&yandex, "get").set("server.stop_grace", "5s");
        let folder = TempDir::with_prefix("veer-cluster-test-").expect("a folder");
        Self { simulation, yandex, settings, folder }
    }

    /// How a gateway is started, with the settings as they are now.
    pub fn serve(&self, name: &str) -> Serve {
        let config = self.settings.write(self.folder.path());
        Serve::new(name, Path::new(VEER), &config, self.folder.path()).expect("free ports")
    }

    /// No application was sent twice about one risk, and nothing else that makes something, except that some insurers
    /// calculate once more for the final price of an offer: `final_prices` of them were asked for.
    pub fn no_application_twice(&self, final_prices: usize) {
        let mut sent: BTreeMap<(String, &str, String), u32> = BTreeMap::new();
        for call in self.simulation.journal() {
            if call.creates || APPLICATIONS.contains(&call.operation) {
                *sent.entry((call.insurer, call.operation, call.risk)).or_default() += 1;
            }
        }
        assert!(!sent.is_empty(), "nothing was sent: nothing is shown");
        sent.retain(|_, count| *count > 1);
        let is_price = |(_, operation, _): &&(String, &str, String)| !APPLICATIONS.contains(operation);
        let prices = sent.keys().filter(is_price).count();
        let is_sound =
            sent.iter().all(|(key, count)| is_price(&key) && *count == 2) && prices <= final_prices;
        assert!(is_sound, "sent twice: {sent:#?}; {final_prices} final prices were asked for");
    }

    /// Every sale was credited once, and what was paid at the insurers was credited.
    pub fn every_sale_is_credited_once(&self) {
        let credited = self.yandex.credited();
        assert!(self.yandex.contradictions().is_empty(), "{:#?}", self.yandex.contradictions());
        let insurers = self.simulation.insurers().iter();
        let paid = insurers.flat_map(|insurer| insurer.sales()).filter(|sale| sale.paid.is_some()).count();
        assert_eq!(credited.len(), paid, "{credited:#?}");
    }

    /// In no five seconds or more an insurer had more calls of `operation` than `a_second` allows, with a second for calls
    /// that the machine held up on their way.
    pub fn never_over(&self, insurer: &str, operation: &str, a_second: usize) {
        let journal = self.simulation.journal();
        let calls = journal.iter().filter(|call| call.insurer == insurer && call.operation == operation);
        let at: Vec<Duration> = calls.map(|call| call.at).collect();
        assert!(!at.is_empty(), "{insurer} was not asked: nothing is shown");
        for (first, from) in at.iter().enumerate() {
            for (last, to) in at.iter().enumerate().skip(first + 5 * a_second) {
                let (count, seconds) = (last - first + 1, (*to - *from).as_secs_f64());
                #[expect(clippy::cast_precision_loss, reason = "a few hundred calls")]
                let allowed = a_second as f64 * (seconds.max(5.0) + 1.0);
                assert!(
                    count as f64 <= allowed,
                    "{insurer}: {count} calls in {seconds:.2} s, {allowed:.0} allowed"
                );
            }
        }
    }
}

/// Runs what waits for a process, from within a test.
pub fn wait<T>(work: impl FnOnce() -> Result<T, String>) -> T {
    tokio::task::block_in_place(work).unwrap_or_else(|problem| panic!("{problem}"))
}

/// A partner of that gateway.
pub async fn client(replica: &Replica) -> Client {
    Client::new(replica.serve.partner, replica.serve.operations).await
}

/// The sum of all series of that metric that have `label`; an empty one has every series.
pub fn sum(metrics: &str, name: &str, label: &str) -> f64 {
    let lines =
        metrics.lines().filter(|line| line.split(['{', ' ']).next() == Some(name) && line.contains(label));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// The offers of an answer that have a price.
pub fn priced(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["offers"].as_array().into_iter().flatten().filter(|offer| offer["price"].is_number())
}
