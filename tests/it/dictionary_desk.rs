//! An operator's day at the dictionary: readings, decisions, the next version, with `veer dictionary` as it is
//! typed.

use std::{net::SocketAddr, path::Path};

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;
use veer_simulator::{Fault, Faults, Knobs};

use crate::harness::{House, VEER, plan};

/// What an operator types, against a gateway.
struct Desk {
    operations: SocketAddr,
    folder: TempDir,
}

/// What it answered.
struct Said {
    status: Option<i32>,
    out: String,
    err: String,
}

const BRANDS: &str = "brand_id,name,name_ru,also,merged_into\n";
const MODELS: &str = "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n";

// === impl Desk ===

impl Desk {
    fn of(house: &House) -> Self {
        let folder = TempDir::with_prefix("veer-test-").expect("a folder");
        Self { operations: house.client.operations, folder }
    }

    async fn types(&self, line: &[&str]) -> Said {
        let mut command = Command::new(VEER);
        command.arg("dictionary").args(line).args(["--operations", &format!("http://{}", self.operations)]);
        let ended = command.env("USER", "anna").current_dir(self.folder.path()).output().await;
        let ended = ended.expect("the binary");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Said { status: ended.status.code(), out: text(ended.stdout), err: text(ended.stderr) }
    }

    /// What is printed where nothing goes wrong.
    async fn reads(&self, line: &[&str]) -> String {
        let said = self.types(line).await;
        assert_eq!((said.status, &*said.err), (Some(0), ""), "{line:?}: {}", said.out);
        said.out
    }

    /// Names in a state, or those that wait.
    async fn names(&self, state: &[&str]) -> Vec<Value> {
        let line = [&["unmapped", "--json", "--limit", "10000"], state].concat();
        let found: Value = serde_json::from_str(&self.reads(&line).await).expect("JSON");
        found["names"].as_array().expect("names").clone()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("a writable folder");
    }

    fn file(&self, name: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }
}

/// A gateway in front of two insurers whose dictionaries nobody has read.
async fn house_of(alfastrah: Knobs) -> House {
    let plan = plan::of([("alfastrah", alfastrah), ("renessans", plan::quick())]);
    House::furnished(plan, |settings, _| settings.vehicles = "insurer,brand,model\n".into()).await
}

/// The id that a new entry got.
fn new_id(said: &str) -> String {
    let line = said.lines().nth(1).expect("a line for each new entry");
    line.split_whitespace().next().expect("an id").to_owned()
}

fn text<'a>(name: &'a Value, key: &str) -> &'a str {
    name[key].as_str().expect("a text")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_word_outlives_readings_versions_and_restarts() {
    let mut house = house_of(plan::quick()).await;
    let desk = Desk::of(&house);
    assert!(desk.reads(&["status"]).await.contains("renessans  never"));
    let read = desk.reads(&["import"]).await;
    for insurer in ["alfastrah", "renessans"] {
        assert!(read.contains(&format!("{insurer} was read from the insurer: ")), "{read}");
    }
    let status = desk.reads(&["status"]).await;
    assert!(status.starts_with("Version 1 is served") && !status.contains("never"), "{status}");

    let proposed = desk.names(&["--insurer", "alfastrah", "--state", "proposed"]).await;
    let [right, wrong] = &proposed[..2] else { panic!("two are proposed: {proposed:?}") };
    let (confirmed, refused) = (text(right, "key"), text(wrong, "key"));
    let said = desk.reads(&["confirm", confirmed, "--note", "по VIN"]).await;
    assert!(said.contains(text(&right["mappings"][0], "name")) && said.contains("from now on"), "{said}");
    let said = desk.reads(&["refuse", refused]).await;
    assert!(said.contains("never stands for"), "{said}");

    let again = desk.reads(&["import", "alfastrah"]).await;
    assert!(again.contains("1 by persons") && again.contains("Nothing is different"), "{again}");
    stays_as_decided(&desk, confirmed, wrong).await;

    desk.write("brands.csv", &format!("{BRANDS},Зарница,,Zarnitsa,\n"));
    let brand = new_id(&desk.reads(&["import-csv", "brands.csv"]).await);
    desk.write("models.csv", &format!("{MODELS},{brand},Луч,,B,,2020- 150,\n"));
    let said = desk.reads(&["import-csv", "models.csv"]).await;
    assert!(said.contains("veer dictionary diff") && said.contains("publish"), "{said}");
    let model = new_id(&said);
    let report = desk.reads(&["diff"]).await;
    assert!(report.contains(&format!("{model}  Зарница Луч: добавлено")), "{report}");
    assert_eq!(desk.reads(&["publish", "--note", "Зарница"]).await, "Version 2 is served now.\n");
    desk.reads(&["diff", "1", "2", "--out", "report.txt"]).await;
    assert!(desk.file("report.txt").contains(&format!("{model}  Зарница Луч: добавлено")));

    house.restart().await;
    let desk = Desk { operations: house.client.operations, ..desk };
    assert!(desk.reads(&["versions"]).await.contains("anna    Зарница\n"));
    stays_as_decided(&desk, confirmed, wrong).await;
    let history = desk.reads(&["history", confirmed]).await;
    assert!(history.contains("person  anna     по VIN"), "{history}");
    let brands = house.client.ask(Method::GET, "/dictionaries/brands", None).await.expect("an answer");
    assert!(brands.body.to_string().contains("Зарница"), "{brands:?}");

    desk.reads(&["export", "sheets"]).await;
    assert!(desk.file("sheets/models.csv").contains(&format!("{model},{brand},Луч,")));
    let refusal = desk.types(&["export", "sheets"]).await;
    assert!(refusal.status == Some(1) && refusal.err.contains("--force"), "{}", refusal.err);
    let names = desk.reads(&["export", "--insurer", "alfastrah"]).await;
    let line = names.lines().find(|line| line.starts_with(confirmed)).expect("the confirmed name");
    assert!(line.contains(",confirmed,") && line.ends_with(",100,person,anna,по VIN"), "{line}");
}

/// The one holds as it was confirmed, the other is not proposed again.
async fn stays_as_decided(desk: &Desk, confirmed: &str, refused: &Value) {
    let entry = &refused["mappings"][0]["entry"];
    let decided = desk.names(&["--state", "confirmed"]).await;
    assert!(decided.iter().any(|name| name["key"] == confirmed), "{decided:?}");
    let decided = desk.names(&["--state", "refused"]).await;
    let found = decided.iter().find(|name| name["key"] == refused["key"]).expect("the refused name");
    let said: Vec<&Value> =
        found["mappings"].as_array().expect("mappings").iter().filter(|it| it["entry"] == *entry).collect();
    assert!(said.len() == 1 && said[0]["state"] == "refused", "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insurer_that_cannot_be_read_is_told_and_the_others_are_read() {
    let mut knobs = plan::quick();
    knobs.faults_of.insert("vehicle/mark".into(), Faults::default().with(Fault::Malformed, 1.0));
    let house = house_of(knobs).await;
    let said = Desk::of(&house).types(&["import"]).await;
    assert_eq!(said.status, Some(1));
    assert!(said.out.starts_with("renessans was read from the insurer"), "{}", said.out);
    assert!(said.err.contains("the dictionary of alfastrah was not read"), "{}", said.err);
}
