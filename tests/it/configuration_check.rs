//! `veer check` and `veer serve` on a configuration: everything that is wrong, at once.

use std::process::{Command, Output};

use tempfile::TempDir;
use veer_simulator::Simulation;

use crate::harness::{Settings, plan};

const VEER: &str = env!("CARGO_BIN_EXE_veer");

#[tokio::test(flavor = "multi_thread")]
async fn a_good_configuration_is_in_order() {
    let output = run("check", |_| {}).await;
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("alfastrah, ingosstrakh, renessans"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_told_at_once_with_status_78_and_nothing_is_started() {
    for command in ["check", "serve"] {
        let output = run(command, |settings| {
            settings.set("partner.lisen", "127.0.0.1:0");
            settings.set("calculation.budget", "300s");
            settings.set("insurers.renessans.lanes.create.concurrent", 0);
            settings.remove("insurers.ingosstrakh.settings.password");
        })
        .await;
        assert_eq!(output.status.code(), Some(78), "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        for problem in [
            "partner.lisen: unknown key; did you mean `listen`?",
            "calculation.budget: must be at most 180s",
            "insurers.renessans.lanes.create.concurrent: must be at least 1",
            "insurers.ingosstrakh.settings.password",
        ] {
            assert!(told.contains(problem), "`{problem}` is not in\n{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_vehicles_that_does_not_parse_is_told_with_status_78() {
    let output = run("check", |settings| settings.vehicles = "insurer,brandt\nalfastrah,Kia\n".into()).await;
    assert_eq!(output.status.code(), Some(78), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("brandt"), "{output:?}");
}

async fn run(command: &str, change: impl FnOnce(&mut Settings)) -> Output {
    let simulation = Simulation::start(plan::healthy()).await.expect("simulated insurers");
    let folder = TempDir::with_prefix("veer-test-").expect("a folder");
    let mut settings = Settings::of(&simulation);
    change(&mut settings);
    let path = settings.write(folder.path());
    Command::new(VEER).args([command, "--config"]).arg(path).output().expect("the binary")
}
