//! `veer rehearse` passes against `veer demo`, and says what is wrong where something is.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::harness::VEER;

/// A demo that stays up. Killed when dropped.
struct Demo {
    child: Child,
    gateway: String,
}

// === impl Demo ===

impl Demo {
    /// Starts one; returns when it has bought its own policy.
    fn start() -> Self {
        let mut child = Command::new(VEER)
            .args(["demo", "--insurers", "3", "--seed", "2"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let head = lines.next().expect("a first line");
        let gateway = head.rsplit(' ').next().expect("an address").to_owned();
        assert!(gateway.starts_with("http://127.0.0.1:"), "{head}");
        let told: Vec<String> = lines.by_ref().take_while(|line| !line.contains("stays up")).collect();
        assert!(told.iter().any(|line| line.contains("the partner has counted")), "{told:#?}");
        // It goes on printing what to try: somebody must read.
        std::thread::spawn(move || lines.count());
        Self { child, gateway }
    }

    fn rehearse(&self, secret: &str) -> (Option<i32>, Value) {
        let played = Command::new(VEER)
            .args(["rehearse", "--json", "--pace", "100ms", "--pay", "simulated"])
            .args(["--url", &self.gateway, "--client-id", "demo", "--client-secret", secret])
            .output()
            .expect("the binary");
        let report = serde_json::from_slice(&played.stdout);
        (played.status.code(), report.unwrap_or_else(|error| panic!("{error}: {played:?}")))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_rehearsal_passes_against_the_demo_and_fails_with_wrong_credentials() {
    let demo = Demo::start();
    let (code, report) = demo.rehearse("demo-secret");
    let failed: Vec<&Value> = checks(&report).filter(|check| check["outcome"] == "fail").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(code, Some(0), "{report:#}");
    let passed = checks(&report).filter(|check| check["outcome"] == "pass").count();
    assert!(passed > 75, "only {passed} checks: {report:#}");
    for skipped in checks(&report).filter(|check| check["outcome"] == "skip") {
        assert!(skipped["reason"].as_str().is_some_and(|reason| reason.len() > 10), "{skipped}");
        assert_ne!(skipped["chapter"], "dictionaries", "{skipped}");
    }

    let by_vin = checks(&report).find(|check| check["name"] == "/auto/info by vin").expect("the look-up");
    assert_eq!(by_vin["status"], 200, "{by_vin}");
    let named = by_vin["reason"].as_str().map_or(0, |vehicle| vehicle.split_whitespace().count());
    assert!(named > 1, "no brand and model: {by_vin}");

    let (code, report) = demo.rehearse("wrong");
    assert_ne!(code, Some(0), "{report:#}");
    assert!(checks(&report).any(|check| check["outcome"] == "fail"), "{report:#}");
}

fn checks(report: &Value) -> impl Iterator<Item = &Value> {
    report["checks"].as_array().unwrap_or_else(|| panic!("{report:#}")).iter()
}
