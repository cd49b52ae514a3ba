//! Specs: exchanged while the gateway runs; conversations finish on the revision that they began with.

use std::{fs, iter, path::PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use veer::{
    Gateway,
    config::Config,
    specs::{Adapters, Compiled},
};
use veer_contract::{Adapter, Event, Manifest, Step};
use veer_simulator::Simulation;

use crate::{
    harness::{Client, Settings, eventually, plan, request},
    scripted::{Scripted, awaiting, manifest, offer},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_spec_is_put_to_use_and_conversations_finish_as_they_began() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    let began = house.begun().await;
    stage.write(6000);
    house.runs(6000).await;
    let later = house.begun().await;
    house.tell().await;
    assert_eq!(house.price(&began, "mutual").await, 5000);
    assert_eq!(house.price(&later, "mutual").await, 6000);
    // An alias speaks as its adapter does.
    assert_eq!(house.price(&later, "label").await, 6000);
    assert!(house.figure("veer_spec_revisions_total{adapter=\"mutual\"} 1").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_of_an_earlier_revision_goes_on_with_it_after_restarts() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    let began = house.begun().await;
    stage.write(6000);
    house.runs(6000).await;
    house.gateway.stop().await;
    // A revision that was never running here comes with the start.
    stage.write(7000);
    let house = stage.open().await;
    house.gateway.stop().await;
    let house = stage.open().await;
    house.runs(7000).await;
    let later = house.begun().await;
    house.tell().await;
    assert_eq!(house.price(&began, "mutual").await, 5000);
    assert_eq!(house.price(&later, "mutual").await, 7000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_text_is_told_and_the_old_revision_keeps_running() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    fs::write(stage.file("insurer.toml"), "prize = 6000\nfoo = 1").expect("a file");
    let told = house.is_told().await;
    let folder = stage.file("insurer.toml").display().to_string();
    assert_eq!(
        told,
        json!([format!("{folder}:1:1: there is no price"), format!("{folder}:2:1: unknown key `foo`")])
    );
    assert_eq!(house.status().await["revision"], revision(5000));
    assert!(house.figure("veer_specs_refused{adapter=\"mutual\"} 1").await);
    let id = house.begun().await;
    house.tell().await;
    assert_eq!(house.price(&id, "mutual").await, 5000);
    // Mended, it is put to use, and nothing is wrong any more.
    stage.write(8000);
    house.runs(8000).await;
    assert_eq!(house.status().await["problems"], json!([]));
    assert!(house.figure("veer_specs_refused{adapter=\"mutual\"} 0").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_vanishes_leaves_its_revision_running() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    let (folder, away) = (stage.folder.path().join("specs"), stage.folder.path().join("away"));
    fs::rename(&folder, &away).expect("a folder");
    let told = house.is_told().await;
    assert!(told[0].as_str().is_some_and(|told| told.contains("manifest.toml: cannot be read")), "{told}");
    let id = house.begun().await;
    house.tell().await;
    assert_eq!(house.price(&id, "mutual").await, 5000);
    fs::rename(&away, &folder).expect("a folder");
    eventually("all is well", async || (house.status().await["problems"] == json!([])).then_some(())).await;
    assert_eq!(house.status().await["revision"], revision(5000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_that_can_do_less_than_its_manifest_says_is_not_put_to_use() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    fs::write(stage.file("insurer.toml"), "price = 6000\ndeaf = 1").expect("a file");
    let told = house.is_told().await;
    let expected = "insurer.toml: the manifest claims quote, but the adapter has no operations";
    assert!(told[0].as_str().is_some_and(|told| told.ends_with(expected)), "{told}");
    assert_eq!(house.status().await["revision"], revision(5000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_manifest_waits_for_the_next_start() {
    let stage = Stage::set().await;
    let house = stage.open().await;
    let changed = manifest("mutual", "", "").replace("Страховщик mutual", "Взаимный");
    fs::write(stage.file("manifest.toml"), changed).expect("a file");
    stage.write(6000);
    house.runs(6000).await;
    assert_eq!(house.status().await["manifest_changed"], true);
    assert_eq!(house.name().await, "Страховщик mutual");
    house.gateway.stop().await;
    let house = stage.open().await;
    assert_eq!(house.status().await["manifest_changed"], false);
    assert_eq!(house.name().await, "Взаимный");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_an_adapter_is_told_with_the_rest_of_the_configuration() {
    let stage = Stage::set().await;
    for (code, spec) in [("alfastrah", "price = 1"), ("broken", "price = 'x'"), ("other", "price = 2")] {
        let folder = stage.folder.path().join("specs").join(code);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("manifest.toml"), manifest("mutual", "", "")).expect("a file");
        fs::write(folder.join("insurer.toml"), spec).expect("a file");
    }
    let nothing = stage.folder.path().join("specs").join("nothing");
    fs::create_dir_all(&nothing).expect("a folder");
    fs::write(nothing.join("manifest.toml"), manifest("nothing", "", "")).expect("a file");
    let mut settings = stage.settings.clone();
    settings.set("insurers.broken.base_url", "no address").set("calculation.budget", "1h");
    let path = settings.write(stage.folder.path());
    let problems = Config::load_with(&path, iter::empty(), &mut adapters()).expect_err("problems");
    let told = problems.to_string();
    for expected in [
        "specs/alfastrah/manifest.toml: `alfastrah` is an adapter that is built in and written in Rust",
        "specs/broken/insurer.toml:1:1: there is no price",
        "specs/other/manifest.toml: `code` is \"mutual\", and the folder is named `other`",
        "specs/nothing/insurer.toml: cannot be read",
        "calculation.budget: must be at most 180s",
    ] {
        assert!(told.contains(expected), "{expected} is not in\n{told}");
    }
    assert_eq!(problems.count(), 5, "{told}");
}

/// A folder with one spec, and what runs before it.
struct Stage {
    folder: TempDir,
    settings: Settings,
    _simulation: Simulation,
}

/// A gateway that runs.
struct House {
    gateway: Gateway,
    client: Client,
}

// === impl Stage ===

impl Stage {
    async fn set() -> Self {
        let simulation = Simulation::start(plan::of([])).await.expect("no insurers");
        let folder = TempDir::with_prefix("veer-test-").expect("a folder");
        let mut settings = Settings::of(&simulation);
        settings.set("upstream.specs", "specs").set("server.stop_grace", "10s");
        settings.set("insurers.mutual.base_url", "http://127.0.0.1:9/");
        settings.set("insurers.label.base_url", "http://127.0.0.1:9/");
        settings.set("insurers.label.adapter", "mutual").set("insurers.label.partner_code", 67);
        let stage = Self { folder, settings, _simulation: simulation };
        fs::create_dir_all(stage.folder.path().join("specs/mutual")).expect("a folder");
        fs::write(stage.file("manifest.toml"), manifest("mutual", "", "")).expect("a file");
        stage.write(5000);
        stage
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("specs/mutual").join(name)
    }

    fn write(&self, price: i64) {
        fs::write(self.file("insurer.toml"), format!("price = {price}\n")).expect("a file");
    }

    async fn open(&self) -> House {
        let (path, mut adapters) = (self.settings.write(self.folder.path()), adapters());
        let config = Config::load_with(&path, iter::empty(), &mut adapters);
        let config = config.unwrap_or_else(|problems| panic!("{problems}"));
        let gateway = Gateway::start(config, adapters).await.expect("a gateway");
        let client = Client::new(gateway.partner, gateway.operations).await;
        House { gateway, client }
    }
}

// === impl House ===

impl House {
    /// A calculation whose conversations have begun: each has its revision, and will wait to be told.
    async fn begun(&self) -> String {
        let id = self.client.accepted(&request::again()).await;
        eventually("all have begun", async || {
            let explained = self.client.explain(&id).await;
            ["mutual", "label"].iter().all(|code| explained.count(code, "started") > 0).then_some(())
        })
        .await;
        id
    }

    /// Lets every conversation go on; each is told by a call of its own.
    async fn tell(&self) {
        for code in ["mutual", "label"] {
            for number in 0..4 {
                let address = format!("http://{}/insurers/{code}/callback?key=secret", self.client.partner);
                let body = format!("{{\"about\": \"go\", \"number\": {number}}}");
                let answer = self.client.stranger(Method::POST, &address, |it| it.body(body)).await;
                assert_eq!(answer.status, 200);
            }
        }
    }

    async fn price(&self, id: &str, code: &str) -> i64 {
        let answer = self.client.finished(id).await;
        let wanted = if code == "label" { 67 } else { 66 };
        let offers = answer["offers"].as_array().expect("offers").iter();
        let mut prices = offers.filter(|offer| offer["partner"]["code"] == wanted);
        prices.next().and_then(|offer| offer["price"].as_f64()).unwrap_or_else(|| panic!("{answer}")) as i64
    }

    /// The revision of that price runs.
    async fn runs(&self, price: u32) {
        eventually("the revision runs", async || {
            (self.status().await["revision"] == revision(price)).then_some(())
        })
        .await;
    }

    /// What is wrong with the text in the folder, once something is.
    async fn is_told(&self) -> Value {
        eventually("it is told", async || {
            let told = self.status().await["problems"].clone();
            (told != json!([])).then_some(told)
        })
        .await
    }

    async fn status(&self) -> Value {
        let (_, body) = self.client.operate("/specs").await;
        serde_json::from_str::<Value>(&body).expect("JSON")["specs"][0].clone()
    }

    async fn figure(&self, series: &str) -> bool {
        self.client.operate("/metrics").await.1.contains(&format!("{series}\n"))
    }

    /// How the insurer is named.
    async fn name(&self) -> String {
        let id = self.begun().await;
        self.client.explain(&id).await.of("mutual")["name"].as_str().expect("a name").to_owned()
    }
}

/// An adapter without any operation.
struct Deaf(Manifest);

impl Adapter for Deaf {
    fn manifest(&self) -> &Manifest {
        &self.0
    }
}

fn adapters() -> Adapters {
    Adapters::from(veer_insurers::all()).with_specs(compile, [])
}

fn revision(price: u32) -> String {
    format!("{price:08x}")
}

/// Specs of one line: the price that is offered when the insurer has called. The price is the revision.
fn compile(manifest: &str, spec: &str) -> Result<Compiled, Vec<String>> {
    let (mut price, mut is_deaf) = (None, false);
    let mut problems = Vec::new();
    for (line, text) in spec.lines().enumerate() {
        match text.split_once(" = ") {
            Some(("price", value)) => price = value.parse::<u32>().ok(),
            Some(("prize", _)) => {}
            Some(("deaf", _)) => is_deaf = true,
            Some((key, _)) => problems.push(format!("insurer.toml:{}:1: unknown key `{key}`", line + 1)),
            None => {}
        }
    }
    let Some(price) = price.filter(|_| problems.is_empty()) else {
        problems.insert(0, "insurer.toml:1:1: there is no price".to_owned());
        return Err(problems);
    };
    if is_deaf {
        let manifest = toml::from_str(manifest).expect("a manifest");
        return Ok(Compiled { adapter: std::sync::Arc::new(Deaf(manifest)), revision: price });
    }
    let adapter = Scripted::new(manifest, price, move |_, event, _| match event {
        Some(Event::Callback(_)) => Step::done(offer("a", i64::from(price))),
        _ => awaiting("go", "asked"),
    });
    Ok(Compiled { adapter: std::sync::Arc::new(adapter), revision: price })
}
