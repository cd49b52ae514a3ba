//! `veer record`: what an insurer says becomes fixtures in which nobody is named.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;
use veer_kit::fixture::Fixture;
use veer_simulator::Simulation;

use crate::harness::{Settings, plan};

/// Everything below a folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = fs::read_to_string(&path).expect("a text");
            found.push((path.display().to_string(), text));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_journey_is_fixtures_without_a_secret() {
    for (insurer, operations) in [
        ("obrazets", ["login", "quote", "finalise", "confirm"]),
        ("ingosstrakh", ["login", "quote", "finalise", "confirm"]),
    ] {
        let simulation = Simulation::start(plan::of([(insurer, plan::quick())])).await.expect("an insurer");
        let scratch = TempDir::new().expect("a folder");
        let config = Settings::of(&simulation).write(scratch.path());
        let out = scratch.path().join("recorded");
        let mut record = Command::new(env!("CARGO_BIN_EXE_veer"));
        record.args([
            "record",
            insurer,
            "--through",
            "confirm",
            "--brand",
            "Kia",
            "--model",
            "Rio",
            "--code",
            "100000201",
        ]);
        record.arg("--config").arg(config).arg("--out").arg(&out);
        let ended = tokio::task::spawn_blocking(move || record.output())
            .await
            .expect("no panic")
            .expect("the binary");
        let told = String::from_utf8_lossy(&ended.stdout).into_owned();
        assert!(ended.status.success() && told.contains("went through confirm"), "{told}{ended:?}");

        let files = files(&out);
        for operation in operations {
            let place = format!("/fixtures/{operation}/recorded.toml");
            let (_, text) =
                files.iter().find(|(path, _)| path.ends_with(&place)).unwrap_or_else(|| panic!("{told}"));
            Fixture::parse(text).unwrap_or_else(|error| panic!("{place}: {error}"));
        }
        for running in simulation.insurers() {
            for secret in [&running.password, &running.key, &running.callback_secret] {
                let leaked =
                    files.iter().find(|(_, text)| !secret.is_empty() && text.contains(secret.as_str()));
                assert!(leaked.is_none(), "{insurer}: {leaked:?}");
            }
        }
        simulation.stop().await;
    }
}
