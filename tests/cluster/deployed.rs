//! The files of `deploy/`, run by the programs that read them: gateways behind nginx, read by Prometheus.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use veer_cluster::{NGINX, Options, PROMTOOL, Set};

use crate::{
    harness::{Client, VEER, eventually, request},
    stage::wait,
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn passes(command: &mut Command) {
    let output = command.output().expect("a program");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}{told}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_gateways_configuration_is_in_order() {
    passes(Command::new(VEER).args(["check", "--config"]).arg(root().join("deploy/veer.toml")));
}

#[test]
fn prometheus_takes_its_configuration_and_the_alerts() {
    let promtool = PROMTOOL.find().expect("promtool");
    passes(Command::new(promtool).args(["check", "config"]).arg(root().join("deploy/prometheus.yml")));
}

/// One start of everything shows it all: it takes a while.
#[tokio::test(flavor = "multi_thread")]
async fn the_whole_set_runs_from_the_deployed_files_and_the_dashboard_finds_its_figures() {
    let replicas = 2;
    let options = Options { root: root(), program: VEER.into(), replicas, prometheus: true };
    let mut set = wait(|| Set::start(&options));

    let config = set.folder.path().join("nginx.conf");
    passes(Command::new(NGINX.find().expect("nginx")).args(["-t", "-q", "-e", "stderr", "-c"]).arg(config));

    // Through the load balancer, as a partner.
    let partner =
        Client::new(set.balancer, set.replicas[0].serve.operations).await.with_token("cluster-token");
    let answer = partner.calculate(&request::sample()).await;
    assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");

    // Everything that the dashboard and the alerts ask for is a figure of a gateway.
    let metrics = wait(|| set.replicas[0].metrics());
    let told: BTreeSet<&str> = metrics.lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
    let mut asked = expressions(&root().join("deploy/grafana/dashboards/veer.json"));
    assert!(asked.len() > 20, "{asked:?}");
    let alerts = fs::read_to_string(root().join("deploy/alerts.yml")).expect("a file");
    let named = asked.iter().map(String::as_str).chain([alerts.as_str()]);
    for name in named.flat_map(figures) {
        assert!(told.contains(name), "no gateway tells {name}; it tells {told:?}");
    }

    // Prometheus reaches every gateway and understands every question.
    let prometheus = set.prometheus.expect("Prometheus");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let query = async |expression: &str| {
        let address = format!("http://{prometheus}/api/v1/query");
        let url = url::Url::parse_with_params(&address, [("query", expression)]).expect("an address");
        let answer = http.get(url).send().await.expect("an answer");
        serde_json::from_slice::<Value>(&answer.bytes().await.expect("a body")).expect("JSON")
    };
    let wanted = replicas.to_string();
    eventually("every gateway is read", async || {
        let up = query("sum(up{job=\"veer\"})").await;
        (up["data"]["result"][0]["value"][1].as_str() == Some(&*wanted)).then_some(())
    })
    .await;
    asked.retain(|expression| !expression.starts_with("label_values"));
    for expression in asked {
        let answer = query(&expression.replace("$insurer", ".*")).await;
        assert_eq!(answer["status"], "success", "{expression}: {answer}");
    }
    wait(|| set.must_run());
    wait(|| set.stop());
}

/// Every question of the dashboard, those of its variables included.
fn expressions(dashboard: &Path) -> Vec<String> {
    let text = fs::read_to_string(dashboard).expect("a file");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let variables = dashboard["templating"]["list"].as_array().into_iter().flatten();
    let asked = targets.map(|target| &target["expr"]).chain(variables.map(|variable| &variable["query"]));
    asked.map(|asked| asked.as_str().expect("a question").to_owned()).collect()
}

/// The gateway's figures that stand in a text.
fn figures(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words.filter(|word| word.starts_with("veer_"))
}
