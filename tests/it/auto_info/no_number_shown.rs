//! Whoever reads logs and metrics learns of no vehicle that was asked for.

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use tempfile::TempDir;
use veer_simulator::Simulation;

use super::{PLATE, UNKNOWN, VIN, ask, avtocod};
use crate::harness::{Process, Settings};

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_metrics_show_no_number() {
    let simulation = Simulation::start(avtocod()).await.expect("a simulated source");
    let folder = TempDir::with_prefix("veer-test-").expect("a folder");
    let mut settings = Settings::of(&simulation);
    settings.set("telemetry.log", "trace");
    let process = Process::start(&settings, folder.path()).await;
    let unknown = ask(&process.client, &format!("vin={UNKNOWN}&car_number=А000АА000")).await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
    assert_eq!(ask(&process.client, &format!("vin={VIN}&car_number={PLATE}")).await.status, 200);
    assert_eq!(ask(&process.client, &format!("car_number={PLATE}")).await.status, 200);
    assert_eq!(ask(&process.client, &format!("vin={VIN}0&car_number=Я")).await.status, 400);
    let metrics = process.client.operate("/metrics").await.1;
    process.terminate();
    let (status, log) = process.ended().await;
    assert!(status.success(), "{log}");
    for number in [VIN, PLATE, UNKNOWN, "А000АА000"].into_iter().flat_map(writings) {
        for line in log.lines().chain(metrics.lines()) {
            assert!(!line.contains(&number), "`{number}` stands in {line}");
        }
    }
}

/// A number as it may stand in a log: as it is, in an address, and within something in base64.
fn writings(number: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(number.as_bytes()).collect();
    let mut writings = vec![number.to_owned(), encoded.to_lowercase(), encoded];
    for base64 in [BASE64_STANDARD, BASE64_URL_SAFE] {
        // Three bytes are four letters, so what stands before it makes three writings. The letters at both ends
        // are of its neighbours, too.
        for before in 0..3 {
            let text = [vec![b'"'; before], number.as_bytes().to_vec()].concat();
            let whole = base64.encode(&text);
            let (first, last) = (before.div_ceil(3) * 4, text.len() / 3 * 4);
            writings.push(whole[first..last].to_owned());
        }
    }
    writings
}
