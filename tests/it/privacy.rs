//! Nobody's data and no secret leaves by the logs, the metrics or the explanations.

use serde_json::{Value, json};
use tempfile::TempDir;
use veer_simulator::{Fault, Faults, Knobs, Simulation};

use crate::harness::{Process, Settings, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn logs_metrics_and_explanations_name_nobody_and_no_secret() {
    // Failures say more than successes: all kinds of them happen here.
    let mut faults = Faults::default();
    for fault in Fault::ALL {
        faults = faults.with(fault, 0.08);
    }
    let knobs = Knobs { faults, decline: 0.1, session_calls: 4, nonce_calls: 4, ..plan::quick() };
    let simulation = Simulation::start(plan::all(&knobs)).await.expect("simulated insurers");
    let folder = TempDir::with_prefix("veer-test-").expect("a folder");
    let mut settings = Settings::of(&simulation);
    settings.set("telemetry.log", "trace").set("calculation.budget", "4s").set("upstream.pause", "5ms");
    let process = Process::start(&settings, folder.path()).await;

    let bodies: Vec<_> = (0..12).map(|number| person(request::about_car(number))).collect();
    futures::future::join_all(bodies.iter().map(|body| process.client.accepted(body))).await;
    let mut told = String::new();
    for body in &bodies {
        process.client.finished(request::id(body)).await;
        told += &process.client.explain(request::id(body)).await.0.to_string();
    }
    // What is refused is somebody's, too.
    let mut wrong = person(request::again());
    wrong["owner"]["birth_date"] = json!("1961-13-43");
    assert_eq!(process.client.post(&wrong).await.status, 400);
    let mut other = bodies[0].clone();
    other["owner"]["last_name"] = json!("Несравненная");
    assert_eq!(process.client.post(&other).await.status, 400);
    told += &process.client.operate("/metrics").await.1;
    process.terminate();
    let (status, log) = process.ended().await;
    assert!(status.success(), "{log}");
    assert!(log.contains("insurer ended") && log.contains("calculation finished"), "{log}");

    let mut hidden: Vec<String> = PERSONAL.map(str::to_owned).to_vec();
    hidden.extend(bodies.iter().map(|body| body["vehicle"]["vin"].as_str().expect("a VIN").to_owned()));
    for name in ["demo", "other", "choosy"] {
        hidden.extend([format!("{name}-secret"), format!("{name}-token")]);
    }
    for insurer in simulation.insurers() {
        hidden.extend([insurer.password.clone(), insurer.key.clone()]);
    }
    for secret in &hidden {
        for line in log.lines().chain(told.lines()) {
            assert!(!holds(line, secret), "`{secret}` stands in {line}");
        }
    }
}

const PERSONAL: [&str; 14] = [
    "Несравненная",
    "Несравненный",
    "Аристарх",
    "Поликарпович",
    "1961-04-17",
    "Е847КХ178",
    "КУЗОВ8471789",
    "7731",
    "904218",
    "78127341592",
    "aristarkh.nesravnenny",
    "Захолустная",
    "ОВД Захолустья",
    "1961-13-43",
];

/// The request, about somebody whose every word is found nowhere else.
fn person(mut body: Value) -> Value {
    body["vehicle"]["car_number"] = json!("Е847КХ178");
    body["vehicle"]["body_number"] = json!("КУЗОВ8471789");
    for place in ["/owner", "/insurer", "/drivers_info/drivers/0"] {
        let one = body.pointer_mut(place).expect("a person");
        one["last_name"] = json!("Несравненный");
        one["first_name"] = json!("Аристарх");
        one["middle_name"] = json!("Поликарпович");
        one["birth_date"] = json!("1961-04-17");
        one["passport"]["series"] = json!("7731");
        one["passport"]["number"] = json!("904218");
        one["passport"]["issuer"] = json!("ОВД Захолустья");
        one["contact"]["phone"] = json!("78127341592");
        one["contact"]["email"] = json!("aristarkh.nesravnenny@example.ru");
        one["addresses"][0]["street_name"] = json!("Захолустная");
        one["addresses"][0]["address"] = json!("Красноярский край, г. Красноярск, ул. Захолустная, д. 1");
    }
    body
}

/// Whether `text` stands in `line`; digits as a word of their own, for short numbers are in every clock.
fn holds(line: &str, text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let (line, text) = (line.to_lowercase(), text.to_lowercase());
    line.match_indices(&text).any(|(at, _)| {
        let part_of_a_word =
            |letter: Option<char>| letter.is_some_and(|it| it.is_alphanumeric() || it == '.');
        let before = line[..at].chars().next_back();
        let after = line[at + text.len()..].chars().next();
        !digits || !(part_of_a_word(before) || part_of_a_word(after))
    })
}

#[test]
fn a_leak_would_be_found() {
    assert!(holds(r#"{"owner":"НЕСРАВНЕННЫЙ"}"#, "Несравненный"));
    assert!(holds("passport 7731 904218", "7731"));
    assert!(!holds("2026-01-01T00:00:00.904218Z", "904218"));
}
