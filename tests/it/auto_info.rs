//! A vehicle is found by its VIN or plate, and whoever knows it is asked once.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use veer_contract::{
    Adapter, Call, Context, Decline, Effect, Erased, ErasedFlow, Event, Fault, FaultKind, Flow, Lane,
    Manifest, Method as CallMethod, Next, Step,
    domain::{Coefficient, FoundVehicle, InsurerVehicle},
    operation::{VehicleInfo, VehicleQuery},
};
use veer_simulator::{Plan, Simulation};

use crate::harness::{Answer, Client, House, Process, Settings, VEER, eventually, plan};

const VIN: &str = "XTA210990Y2765439";
const PLATE: &str = "А123БВ777";
const UNKNOWN: &str = "ZZZ00000000000000";

// With the simulated source, as a partner sees it.

#[tokio::test(flavor = "multi_thread")]
async fn all_writings_of_a_number_are_one_question_about_one_vehicle() {
    let house = House::open(avtocod()).await;
    let found = ask(&house.client, &format!("vin={VIN}")).await;
    assert_eq!(found.status, 200, "{found:?}");
    assert_eq!(
        (&found.body["brand"]["name"], &found.body["model"]["name"]),
        (&json!("Toyota"), &json!("Camry"))
    );
    assert_eq!((&found.body["year"], &found.body["engine_power"]), (&json!(2020), &json!(150)));
    assert_eq!((&found.body["vin"], &found.body["category"]), (&json!(VIN), &json!("B")));
    assert!(found.body["car_documents"].is_array());
    for writing in ["xta 21099-0-Y2765439", "ХТА21О99ОУ2765439"] {
        assert_eq!(ask(&house.client, &format!("vin={writing}")).await, found, "{writing}");
    }
    assert_eq!(house.received("avtocod", "reports/_make").len(), 1);

    let by_plate = ask(&house.client, &format!("car_number={PLATE}")).await;
    assert_eq!(by_plate.status, 200, "{by_plate:?}");
    assert_eq!(
        (&by_plate.body["car_number"], &by_plate.body["model"]),
        (&json!(PLATE), &found.body["model"])
    );
    for writing in ["a 123 бb 777", "А-123-БВ/777RUS"] {
        assert_eq!(ask(&house.client, &format!("car_number={writing}")).await, by_plate, "{writing}");
    }
    assert_eq!(house.received("avtocod", "reports/_make").len(), 2);
    assert_eq!(outcomes(&house.client).await, [("cached", 4), ("found", 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ids_are_those_of_the_dictionary() {
    let house = House::open(avtocod()).await;
    let found = ask(&house.client, &format!("vin={VIN}")).await;
    let brand = found.body["brand"]["brand_id"].as_str().expect("an id");
    let get =
        async |target: String| house.client.ask(Method::GET, &target, None).await.expect("an answer").body;
    let models = get(format!("/dictionaries/models?brand_id={brand}")).await;
    let model = &found.body["model"];
    let listed =
        models["models"].as_array().expect("models").iter().find(|it| it["model_id"] == model["model_id"]);
    assert_eq!(listed.expect("the model")["name"], model["name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn that_nobody_knows_a_vehicle_is_a_404_and_remembered() {
    let house = House::open(avtocod()).await;
    for _ in 0..2 {
        let answer = ask(&house.client, &format!("vin={UNKNOWN}")).await;
        assert_eq!(answer.status, 404, "{answer:?}");
        assert!(answer.body["message"].as_str().is_some_and(|it| it.contains("choose brand")), "{answer:?}");
    }
    assert_eq!(house.received("avtocod", "reports/_make").len(), 1);
    assert_eq!(outcomes(&house.client).await, [("cached", 1), ("unknown", 1)]);
}

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

// With sources that answer as the test wants.

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_up_is_named() {
    let (house, _) = with([("register", Answers::new(|_| Step::done(camry())))]).await;
    let named = async |query: &str| {
        let answer = ask(&house.client, query).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        let wrong = answer.body["properties"].as_array().expect("properties").clone();
        wrong.iter().map(|it| it["property"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(named("").await, ["vin"]);
    assert_eq!(named("vin=&car_number=").await, ["vin"]);
    assert_eq!(named("vin=LN130-0128818&car_number=7").await, ["vin", "car_number"]);
    assert_eq!(named("vin=LN130-0128818").await, ["vin"]);
    let stranger = house.client.with_token("nobody");
    assert_eq!(ask(&stranger, &format!("vin={VIN}")).await.status, 403);
    let posted = house.client.ask(Method::POST, "/auto/info", Some("{}".into())).await.expect("an answer");
    assert_eq!(posted.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_good_answer_wins_and_nobody_else_is_waited_for() {
    let hangs = Answers::new(|_| never());
    let powerless = Answers::new(|_| Step::done(FoundVehicle { engine_power: None, ..camry() }));
    let stranger = Answers::new(|_| {
        let vehicle =
            InsurerVehicle { brand: "Nobody".into(), model: "Knows".into(), ..InsurerVehicle::default() };
        Step::done(FoundVehicle { vehicle, ..camry() })
    });
    let good = Answers::new(|_| later());
    let (house, asked) =
        with([("hangs", hangs), ("powerless", powerless), ("stranger", stranger), ("good", good)]).await;
    let answer = ask(&house.client, &format!("vin={VIN}")).await;
    assert_eq!((answer.status, &answer.body["model"]["name"]), (200, &json!("Camry")), "{answer:?}");
    for source in ["hangs", "powerless", "stranger", "good"] {
        assert!(!asked(source).is_empty(), "{source} was not asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vehicle_that_cannot_be_told_is_a_404() {
    let yearless = Answers::new(|_| Step::done(FoundVehicle { year: None, ..camry() }));
    let (house, _) = with([("register", yearless)]).await;
    assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, 404);
    assert_eq!(outcomes(&house.client).await, [("unmapped", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_a_500_and_not_remembered() {
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = broken.clone();
    let moody = Answers::new(move |_| match is_broken.load(Ordering::Relaxed) {
        true => Step::fail(Fault::new(FaultKind::InsurerError, "broken")),
        false => Step::done(camry()),
    });
    let (house, asked) = with([("moody", moody)]).await;
    let answer = ask(&house.client, &format!("car_number={PLATE}")).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body["message"].as_str().is_some_and(|it| it.contains("ask again")), "{answer:?}");
    broken.store(false, Ordering::Relaxed);
    assert_eq!(ask(&house.client, &format!("car_number={PLATE}")).await.status, 200);
    assert_eq!(asked("moody").len(), 2);
    assert_eq!(outcomes(&house.client).await, [("failed", 1), ("found", 1)]);
    let metrics = house.client.operate("/metrics").await.1;
    for verdict in ["offered", "server_error"] {
        let series = format!(
            "veer_verdicts_total{{insurer=\"moody\",operation=\"vehicle_info\",verdict=\"{verdict}\"}} 1"
        );
        assert!(metrics.contains(&series), "{series} is not in\n{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_does_not_know_it_is_believed_although_another_failed() {
    let fails = Answers::new(|_| Step::fail(Fault::new(FaultKind::RegistryDown, "down")));
    let (house, _) = with([("fails", fails), ("unknowing", Answers::new(|_| unknown()))]).await;
    assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_its_limit_a_source_is_not_asked_and_what_it_said_is_still_told() {
    let (house, asked) = with_settings([("register", Answers::new(|_| Step::done(camry())))], |settings| {
        settings.set("insurers.register.lanes.create.rate", toml::Value::Array(vec!["1/h".into()]));
    })
    .await;
    assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, 200);
    assert_eq!(ask(&house.client, &format!("vin={UNKNOWN}")).await.status, 500);
    assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, 200);
    assert_eq!(asked("register").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plate_is_asked_for_where_nobody_knows_the_vin() {
    let both = format!("vin={VIN}&car_number={PLATE}");
    let (house, asked) = with([("register", by_plate(camry()))]).await;
    let answer = ask(&house.client, &both).await;
    assert_eq!(
        (answer.status, &answer.body["vin"], &answer.body["car_number"]),
        (200, &json!(VIN), &json!(PLATE))
    );
    assert_eq!(asked("register"), [VehicleQuery::Vin(VIN.into()), VehicleQuery::Plate(PLATE.into())]);

    let another = FoundVehicle { vin: Some(UNKNOWN.into()), ..camry() };
    let (house, _) = with([("register", by_plate(another))]).await;
    assert_eq!(ask(&house.client, &both).await.status, 404, "another vehicle has the plate now");
    assert_eq!(ask(&house.client, &format!("car_number={PLATE}")).await.status, 200);

    let without_vin = FoundVehicle { vin: None, body_number: Some("ACV400000001".into()), ..camry() };
    let (house, _) = with([("register", by_plate(without_vin))]).await;
    assert_eq!(ask(&house.client, &both).await.status, 404, "another vehicle may have the plate now");
    let answer = ask(&house.client, &format!("car_number={PLATE}")).await;
    assert_eq!((answer.status, &answer.body["body_number"]), (200, &json!("ACV400000001")), "{answer:?}");
    assert!(answer.body.get("vin").is_none(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plate_finds_the_vehicle_beside_what_is_no_vin() {
    let (house, asked) = with([("register", by_plate(camry()))]).await;
    let answer = ask(&house.client, &format!("vin=LN130-0128818&car_number={PLATE}")).await;
    assert_eq!((answer.status, &answer.body["vin"]), (200, &json!(VIN)), "{answer:?}");
    assert_eq!(asked("register"), [VehicleQuery::Plate(PLATE.into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vehicle_without_any_number_is_a_404() {
    let (house, _) = with([("register", by_plate(FoundVehicle { vin: None, ..camry() }))]).await;
    assert_eq!(ask(&house.client, &format!("car_number={PLATE}")).await.status, 404);
    assert_eq!(outcomes(&house.client).await, [("unmapped", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vin_that_nobody_answers_leaves_time_for_the_plate() {
    let slow = Answers::new(|query| match query {
        VehicleQuery::Vin(_) => never(),
        VehicleQuery::Plate(_) => Step::done(camry()),
    });
    let (house, asked) = with_settings([("slow", slow)], |settings| {
        settings.set("dictionary.look_up", "4s");
    })
    .await;
    let answer = ask(&house.client, &format!("vin={VIN}&car_number={PLATE}")).await;
    assert_eq!((answer.status, &answer.body["vin"]), (200, &json!(VIN)), "{answer:?}");
    assert_eq!(asked("slow"), [VehicleQuery::Vin(VIN.into()), VehicleQuery::Plate(PLATE.into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_person_refused_is_not_told_from_memory_and_asked_for_once_more() {
    let (house, asked) = with([("register", Answers::new(|_| Step::done(camry())))]).await;
    let query = format!("vin={VIN}");
    assert_eq!(ask(&house.client, &query).await.status, 200);
    let folder = TempDir::with_prefix("veer-test-").expect("a folder");
    std::fs::write(folder.path().join("names.csv"), "brand,model\nTOYOTA,CAMRY\n")
        .expect("a writable folder");
    let types = async |line: &[&str]| {
        let operations = format!("http://{}", house.client.operations);
        let mut command = tokio::process::Command::new(VEER);
        command.arg("dictionary").args(line).args(["--operations", &operations]).env("USER", "anna");
        let ended = command.current_dir(folder.path()).output().await.expect("the binary");
        assert!(ended.status.success(), "{line:?}: {ended:?}");
        String::from_utf8(ended.stdout).expect("UTF-8")
    };
    types(&["import", "register", "--csv", "names.csv"]).await;
    let names = types(&["unmapped", "--json", "--insurer", "register", "--state", "automatic"]).await;
    let names: serde_json::Value = serde_json::from_str(&names).expect("JSON");
    let key = names["names"][0]["key"].as_str().expect("a key");
    types(&["refuse", key]).await;
    for _ in 0..2 {
        assert_eq!(ask(&house.client, &query).await.status, 404);
        assert_eq!(asked("register").len(), 2);
    }
    let entry = names["names"][0]["mappings"][0]["entry"].to_string();
    types(&["confirm", key, "--entry", entry.trim_matches('"')]).await;
    assert_eq!(ask(&house.client, &query).await.status, 200);
    assert_eq!(asked("register").len(), 2, "the mapping changed, not what the source said");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_the_same_at_once_shares_the_answer() {
    let (house, asked) = with([("register", Answers::new(|_| Step::done(camry())))]).await;
    let query = format!("vin={VIN}");
    let answers = join_all((0..20).map(|_| ask(&house.client, &query))).await;
    assert!(answers.iter().all(|answer| *answer == answers[0] && answer.status == 200), "{answers:?}");
    assert_eq!(asked("register").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_goes_on_when_whoever_asked_it_goes_away() {
    let (house, asked) = with([("slow", Answers::new(|_| later()))]).await;
    let (client, query) = (house.client.clone(), format!("vin={VIN}"));
    let impatient = tokio::spawn({
        let query = query.clone();
        async move { ask(&client, &query).await }
    });
    eventually("the source is asked", async || (!asked("slow").is_empty()).then_some(())).await;
    impatient.abort();
    assert!(impatient.await.expect_err("gone").is_cancelled());
    assert_eq!(ask(&house.client, &query).await.status, 200);
    assert_eq!(asked("slow").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_source_the_partner_is_told_so() {
    let house = House::open(plan::of([("alfastrah", plan::quick())])).await;
    let answer = ask(&house.client, &format!("vin={VIN}")).await;
    assert_eq!(answer.status, 404);
    assert!(answer.body["message"].as_str().is_some_and(|it| it.contains("no source")), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_takes_nothing_now_is_not_asked() {
    for (key, value, status) in [("maintenance", "00:00-24:00".into(), 500), ("enabled", false.into(), 404)] {
        let (house, asked) =
            with_settings([("register", Answers::new(|_| Step::done(camry())))], |settings| {
                settings.set(&format!("insurers.register.{key}"), toml::Value::clone(&value));
            })
            .await;
        assert_eq!(ask(&house.client, &format!("vin={VIN}")).await.status, status, "{key}");
        assert!(asked("register").is_empty(), "{key}");
    }
}

// === Sources ===

type Said = Step<String, FoundVehicle>;

/// A flow that asks a question over the wire and answers as the test wants.
struct Answers {
    answer: Box<dyn Fn(&VehicleQuery) -> Said + Send + Sync>,
    asked: Arc<Mutex<Vec<VehicleQuery>>>,
}

/// An adapter around it.
struct Source {
    manifest: Manifest,
    flow: Erased<Answers, VehicleInfo>,
}

// === impl Answers ===

impl Answers {
    fn new(answer: impl Fn(&VehicleQuery) -> Said + Send + Sync + 'static) -> Self {
        Self { answer: Box::new(answer), asked: Arc::default() }
    }
}

impl Flow<VehicleInfo> for Answers {
    type State = String;

    fn start(&self, _: &VehicleQuery, _: &Context<'_>) -> Said {
        // The simulated insurer answers with 404.
        let call = Call::new("ask", Lane::Create, Effect::Read, CallMethod::Get, "nowhere");
        Step::call(call.accepting(&[404]), state())
    }

    fn resume(&self, query: &VehicleQuery, _: String, event: Event<'_>, _: &Context<'_>) -> Said {
        match event {
            Event::Replies(_) => {
                self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(query.clone());
                (self.answer)(query)
            }
            Event::Woke | Event::Callback(_) => Step::done(camry()),
        }
    }
}

// === impl Source ===

impl Adapter for Source {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn vehicle_info(&self) -> Option<&dyn ErasedFlow<VehicleInfo>> {
        Some(&self.flow)
    }
}

fn manifest(code: &str) -> Manifest {
    let text = format!(
        r#"
        contract = 1
        code = "{code}"
        name = "Источник"
        protocol = "none"
        operations = ["vehicle_info"]
        [lanes.create]
        concurrent = 8
        first_byte = "5s"
        total = "5s"
        "#
    );
    toml::from_str(&text).expect("a manifest")
}

/// Knows that vehicle by its plate and none by its VIN.
fn by_plate(found: FoundVehicle) -> Answers {
    Answers::new(move |query| match query {
        VehicleQuery::Vin(_) => unknown(),
        VehicleQuery::Plate(_) => Step::done(found.clone()),
    })
}

fn unknown() -> Said {
    Step::decline(Decline::declined("нет такого"))
}

/// The vehicle, after a while.
fn later() -> Said {
    Step::wait(Duration::from_millis(300), state())
}

/// Waits for a call of the source's own that does not come.
fn never() -> Said {
    Step { emit: Vec::new(), next: Next::Await { correlation: "never".into(), then: state() } }
}

fn state() -> String {
    "asked".into()
}

fn camry() -> FoundVehicle {
    FoundVehicle {
        vehicle: InsurerVehicle {
            brand: "TOYOTA".into(),
            model: "CAMRY".into(),
            ..InsurerVehicle::default()
        },
        year: Some(2020),
        engine_power: Coefficient::parse("150").ok(),
        vin: Some(VIN.into()),
        ..FoundVehicle::default()
    }
}

// === Houses ===

fn avtocod() -> Plan {
    plan::of([("avtocod", plan::quick())])
}

async fn with<const N: usize>(
    sources: [(&'static str, Answers); N],
) -> (House, impl Fn(&str) -> Vec<VehicleQuery>) {
    with_settings(sources, |_| {}).await
}

/// A gateway with these sources, and what each was really asked.
async fn with_settings<const N: usize>(
    sources: [(&'static str, Answers); N],
    change: impl FnOnce(&mut Settings),
) -> (House, impl Fn(&str) -> Vec<VehicleQuery>) {
    let asked = sources.each_ref().map(|(code, answers)| (*code, answers.asked.clone()));
    let adapters = sources.map(|(code, answers)| -> &'static dyn Adapter {
        Box::leak(Box::new(Source { manifest: manifest(code), flow: Erased::new(answers) }))
    });
    let somebody = plan::of([("alfastrah", plan::quick())]);
    let house = House::with_adapters(somebody, &adapters, |settings, simulation| {
        for (code, _) in &asked {
            settings.set(&format!("insurers.{code}.base_url"), simulation.insurers()[0].base_url.clone());
        }
        // Whoever waits for a source that hangs waits in vain.
        settings.set("dictionary.look_up", "1h");
        change(settings);
    })
    .await;
    let really = move |source: &str| {
        let (_, asked) = asked.iter().find(|(code, _)| *code == source).expect("a source");
        asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    };
    (house, really)
}

async fn ask(client: &Client, query: &str) -> Answer {
    client.ask(Method::GET, &format!("/auto/info?{query}"), None).await.expect("an answer")
}

/// How look-ups ended, as the metrics have it.
async fn outcomes(client: &Client) -> Vec<(&'static str, u64)> {
    let (_, metrics) = client.operate("/metrics").await;
    let count = |outcome: &'static str| {
        let series = format!("veer_vehicle_look_ups_total{{outcome=\"{outcome}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&series));
        (outcome, line.expect("the series").parse().expect("a number"))
    };
    let all = ["cached", "failed", "found", "unknown", "unmapped"].map(count);
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}
