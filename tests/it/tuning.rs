//! Operators change settings while the gateway runs: over HTTP, by file, by command.

use std::{fs, net::SocketAddr, path::PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;
use veer::{Gateway, config::Config, specs::Adapters};
use veer_simulator::Simulation;

use crate::harness::{Client, Settings, VEER, eventually, plan, request};

const TOKEN: &str = "anna-has-a-token";

/// A store, a configuration and a limits' file that outlive a gateway.
struct Stage {
    folder: TempDir,
    settings: Settings,
    _simulation: Simulation,
}

/// A gateway that runs.
struct House {
    gateway: Gateway,
    client: Client,
    http: reqwest::Client,
}

// === impl Stage ===

impl Stage {
    async fn set() -> Self {
        let simulation = Simulation::start(plan::healthy()).await.expect("simulated insurers");
        let folder = TempDir::with_prefix("veer-test-").expect("a folder");
        let mut settings = Settings::of(&simulation);
        settings.set("server.stop_grace", "10s").set("operations.accounts.anna.token", TOKEN);
        Self { folder, settings, _simulation: simulation }
    }

    async fn open(&self) -> House {
        let mut adapters = Adapters::from(veer_insurers::all());
        let path = self.settings.write(self.folder.path());
        let config = Config::load_with(&path, std::iter::empty(), &mut adapters);
        let config = config.unwrap_or_else(|problems| panic!("{problems}"));
        let gateway = Gateway::start(config, adapters).await.expect("a gateway");
        let client = Client::new(gateway.partner, gateway.operations).await;
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        House { gateway, client, http }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("limits.toml")
    }

    fn write(&self, text: &str) {
        fs::write(self.file(), text).expect("a writable folder");
    }
}

// === impl House ===

impl House {
    /// What an operator is answered.
    async fn asks(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let address = format!("http://{}{path}", self.gateway.operations);
        let request = self.http.request(method, address).bearer_auth(TOKEN).body(body.to_string());
        let answer = request.header("content-type", "application/json").send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON"))
    }

    /// What is done, where nothing goes wrong.
    async fn does(&self, method: Method, path: &str, body: &Value) -> Value {
        let (status, answer) = self.asks(method, path, body).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn shown(&self) -> Value {
        serde_json::from_str(&self.client.operate("/limits").await.1).expect("JSON")
    }

    /// What a knob says now.
    async fn holds(&self, insurer: &str, lane: Option<&str>, knob: &str) -> String {
        let shown = self.shown().await;
        let knobs = shown["knobs"].as_array().expect("knobs").iter();
        let mut found =
            knobs.filter(|it| it["insurer"] == insurer && it["lane"] == json!(lane) && it["knob"] == knob);
        found.next().expect("a knob")["value"].as_str().expect("a value").to_owned()
    }

    /// All that happened, the oldest first.
    async fn history(&self) -> Vec<String> {
        let body: Value =
            serde_json::from_str(&self.client.operate("/limits/history").await.1).expect("JSON");
        let mut revisions = body["revisions"].as_array().expect("revisions").clone();
        revisions.reverse();
        let word = |it: &Value, key: &str| it[key].as_str().unwrap_or_default().to_owned();
        let line = |it: &Value| {
            let words = ["what", "insurer", "knob", "to", "author", "through"].map(|key| word(it, key));
            format!("{} {}", it["revision"], words.join(" "))
        };
        revisions.iter().map(line).collect()
    }

    /// The verdict of `alfastrah` in a new calculation about that car.
    async fn verdict(&self, car: u32) -> u64 {
        let (_, explained) = self.client.calculate_explained(&request::about_car(car)).await;
        assert_eq!(explained.verdict("renessans"), 0);
        explained.verdict("alfastrah")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insurer_is_switched_off_and_on_while_the_gateway_runs() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    assert_eq!(house.verdict(1).await, 0);
    let off = json!({ "value": "no", "reason": "their call" });
    let answer = house.does(Method::PUT, "/limits/alfastrah/enabled", &off).await;
    assert_eq!((&answer["revision"]["author"], &answer["knob"]["value"]), (&json!("anna"), &json!("no")));
    let (_, explained) = house.client.calculate_explained(&request::about_car(2)).await;
    assert_eq!(explained.verdict("alfastrah"), 100);
    assert!(explained.detail("alfastrah").contains("veer limits show"), "{explained:?}");
    house.gateway.stop().await;

    let house = stage.open().await;
    assert_eq!(house.verdict(3).await, 100, "a restart undoes nothing");
    let over = json!({ "value": "yes", "for": "1h", "reason": "a trial" });
    house.does(Method::POST, "/limits/alfastrah/enabled/override", &over).await;
    assert_eq!(house.verdict(4).await, 0);
    house.does(Method::DELETE, "/limits/alfastrah/enabled/override", &json!({ "reason": "done" })).await;
    assert_eq!(house.verdict(5).await, 100);
    let back = json!({ "value": "configured", "reason": "all is well" });
    house.does(Method::PUT, "/limits/alfastrah/enabled", &back).await;
    assert_eq!(house.verdict(6).await, 0);
    assert_eq!(
        house.history().await,
        [
            "1 set alfastrah enabled no anna http",
            "2 override alfastrah enabled yes anna http",
            "3 end alfastrah enabled no anna http",
            "4 reset alfastrah enabled yes anna http",
        ]
    );
    assert!(house.client.operate("/metrics").await.1.contains("veer_tuning_revision 4\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_ends_by_itself_while_the_gateway_runs_and_while_it_does_not() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    let off = |time: &str| json!({ "value": "no", "for": time, "reason": "a moment" });
    let answer = house.does(Method::POST, "/limits/alfastrah/enabled/override", &off("1s")).await;
    assert_eq!(answer["revision"]["to"], "no");
    eventually("it has ended", async || (house.history().await.len() == 2).then_some(())).await;
    assert_eq!(house.holds("alfastrah", None, "enabled").await, "yes");
    assert_eq!(house.verdict(1).await, 0);
    let text = house.client.operate("/metrics").await.1;
    assert!(text.contains("veer_tuning_overrides 0\n"), "{text}");

    let longer = json!({ "value": "none, 3 at once", "for": "1h", "reason": "r" });
    house.does(Method::POST, "/limits/renessans/create/limit/override", &longer).await;
    house.does(Method::POST, "/limits/alfastrah/enabled/override", &off("1s")).await;
    house.gateway.stop().await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let house = stage.open().await;
    let history = house.history().await;
    assert_eq!(
        history.last().map(String::as_str),
        Some("5 end alfastrah enabled yes veer expiry"),
        "{history:?}"
    );
    assert_eq!(house.holds("renessans", Some("create"), "limit").await, "none, 3 at once");
    assert!(house.client.operate("/metrics").await.1.contains("veer_tuning_overrides 1\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_limits_file_is_put_to_use() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    stage.write("[alfastrah]\nenabled = false\n[renessans.create]\nlimit = '50/s, 9 at once'\n");
    eventually("the file is taken in", async || (house.history().await.len() == 2).then_some(())).await;
    assert_eq!(house.verdict(1).await, 100);
    assert_eq!(house.holds("renessans", Some("create"), "limit").await, "50/s, 9 at once");
    // A broken one leaves all as it is.
    stage.write("[alfastrah]\nenabled = true\n[renessans.create]\nlimit = '50/sec'\n");
    let told = eventually("it is told", async || {
        let problems = house.shown().await["file"]["problems"].clone();
        (problems != json!([])).then_some(problems)
    })
    .await;
    assert!(
        told[0].as_str().is_some_and(|told| told.contains("limits.toml:4: renessans.create.limit")),
        "{told}"
    );
    assert_eq!(house.holds("alfastrah", None, "enabled").await, "no");
    // What is set by command stays, whatever else changes in the file and however often the gateway starts.
    let wanted = json!({ "value": "40/s", "reason": "r" });
    house.does(Method::PUT, "/limits/renessans/create/limit", &wanted).await;
    stage.write("[renessans.create]\nlimit = '50/s, 9 at once'\n");
    eventually("the line's knob is taken back", async || {
        (house.holds("alfastrah", None, "enabled").await == "yes").then_some(())
    })
    .await;
    house.gateway.stop().await;
    let house = stage.open().await;
    assert_eq!(house.holds("renessans", Some("create"), "limit").await.split(',').next(), Some("40/s"));
    assert_eq!(house.verdict(2).await, 0);
    assert_eq!(
        house.history().await[..2],
        [
            "1 set alfastrah enabled no limits.toml file",
            "2 set renessans limit 50/s, 9 at once limits.toml file",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_operators_account_nobody_changes_anything() {
    let mut stage = Stage::set().await;
    stage.settings.remove("operations.accounts");
    let house = stage.open().await;
    let wanted = json!({ "value": "no", "reason": "r" });
    let (status, answer) = house.asks(Method::PUT, "/limits/alfastrah/enabled", &wanted).await;
    assert_eq!(status, 403);
    assert!(answer["message"].as_str().is_some_and(|it| it.contains("[operations.accounts.")), "{answer}");
    assert_eq!(house.holds("alfastrah", None, "enabled").await, "yes");
}

/// What an operator types, against a gateway.
async fn types(operations: SocketAddr, token: Option<&str>, line: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(VEER);
    command.arg("limits").args(line).args(["--operations", &format!("http://{operations}")]);
    command.env_remove("VEER_OPERATOR_TOKEN").envs(token.map(|token| ("VEER_OPERATOR_TOKEN", token)));
    let ended = command.output().await.expect("the binary");
    let said = [ended.stdout, ended.stderr].concat();
    (ended.status.code(), String::from_utf8(said).expect("UTF-8"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_types_what_the_runbook_says() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    let types = |line: &'static [&'static str]| types(house.gateway.operations, Some(TOKEN), line);
    let over = ["override", "alfastrah", "create", "2/s", "--for", "10m", "--reason", "their night works"];
    let (code, said) = types(Box::leak(Box::new(over))).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with(
            "alfastrah create limit is 2/s, 8 at once now instead of none, 8 at once (revision 1). Until "
        ),
        "{said}"
    );
    let (code, said) = types(&["show"]).await;
    assert!(code == Some(0) && said.contains("by anna: their night works"), "{said}");
    let (code, said) = types(&["history"]).await;
    assert!(code == Some(0) && said.contains("command  alfastrah create limit  override until"), "{said}");
    let (code, said) = types(&["end", "alfastrah", "create", "--reason", "done"]).await;
    assert!(code == Some(0) && said.contains("is none, 8 at once now"), "{said}");
    for (line, expected) in [
        (&["set", "alfastrah", "create", "2/sec", "--reason", "r"][..], 65),
        (&["set", "alfastrah", "creat", "2/s", "--reason", "r"], 2),
        (&["set", "alfastrah", "create", "2/s"], 2),
    ] {
        assert_eq!(types(line).await.0, Some(expected), "{line:?}");
    }
    let line = &["set", "alfastrah", "create", "2/s", "--reason", "r"];
    for token in [None, Some("somebody-elses-token")] {
        assert_eq!(self::types(house.gateway.operations, token, line).await.0, Some(77));
    }
}
