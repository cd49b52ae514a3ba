//! The dictionaries of all three wires: what is listed is accepted, letter for letter, and numbers change.

use veer_simulator::{Fault, Faults, Knobs, Outcome, Simulation, Wire, vehicles, vehicles_at};

use crate::{
    client::{self, Alfastrah, Ingosstrakh, Renessans, element},
    risks,
};

type Named = (String, String, Option<String>);

/// Brand, model and number as each wire lists them.
async fn listed(simulation: &Simulation, wire: Wire) -> Vec<Named> {
    match wire {
        Wire::Alfastrah => marks_and_models(simulation).await,
        Wire::Ingosstrakh => tree(&dicti(simulation).await),
        _ => cars(simulation).await,
    }
}

async fn marks_and_models(simulation: &Simulation) -> Vec<Named> {
    let alfastrah = Alfastrah::new(simulation);
    let get = async |path: &str| client::json(alfastrah.send(path, None).await.unwrap()).await;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut rows = Vec::new();
    for mark in get("wapi/dictionary/vehicle/mark").await.as_array().unwrap() {
        let path = format!("wapi/dictionary/vehicle/mark/{}/model", mark["mark_id"]);
        for model in get(&path).await.as_array().unwrap() {
            rows.push((text(&mark["mark"]), text(&model["model"]), Some(model["model_id"].to_string())));
        }
    }
    rows
}

async fn dicti(simulation: &Simulation) -> String {
    let ingosstrakh = Ingosstrakh::new(simulation);
    let token = ingosstrakh.login().await;
    let inner = format!("<SessionToken>{token}</SessionToken><Product>753518300</Product>");
    ingosstrakh.call("GetDicti", &inner).await
}

fn tree(answer: &str) -> Vec<Named> {
    let attribute = |node: &str, name: &str| {
        let (_, rest) = node.split_once(&format!("{name}=\"")).unwrap();
        quick_unescape(rest.split_once('"').unwrap().0)
    };
    let mut rows = Vec::new();
    let mut brand = String::new();
    for node in answer.split("<MODEL ").skip(1) {
        if node.contains("/>") {
            rows.push((brand.clone(), attribute(node, "NAME"), Some(attribute(node, "ISN"))));
        } else {
            // A category's name is overwritten by the brand below it.
            brand = attribute(node, "NAME");
        }
    }
    rows
}

fn quick_unescape(text: &str) -> String {
    text.replace("&apos;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

async fn cars(simulation: &Simulation) -> Vec<Named> {
    let insurer = client::of(simulation, Wire::Renessans);
    let url = format!("{}cars/?key={}", insurer.base_url, insurer.key);
    let answer = client::lower(client::json(client::http().get(url).send().await.unwrap()).await);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut rows = Vec::new();
    for make in answer["data"].as_array().unwrap() {
        for model in make["models"].as_array().unwrap() {
            rows.push((text(&make["make"]), text(&model["model"]), None));
        }
    }
    rows
}

fn exported(wire: Wire, revision: u32) -> Vec<Named> {
    vehicles_at(wire, revision).into_iter().map(|row| (row.brand, row.model, row.code)).collect()
}

fn number_of(wire: Wire, revision: u32, model: &str) -> String {
    let rows = vehicles_at(wire, revision);
    rows.into_iter().find(|row| row.model == model).and_then(|row| row.code).unwrap()
}

#[tokio::test]
async fn what_is_on_the_wire_is_what_is_exported_at_every_revision() {
    let simulation = client::fast().await;
    for wire in [Wire::Alfastrah, Wire::Ingosstrakh, Wire::Renessans] {
        assert_eq!(listed(&simulation, wire).await, exported(wire, 0), "{wire:?}");
        let knobs = Knobs { dictionary_revision: 1, ..Knobs::default() };
        simulation.set_knobs(wire.name(), knobs).unwrap();
        assert_eq!(listed(&simulation, wire).await, exported(wire, 1), "{wire:?}");
        assert_ne!(exported(wire, 0), exported(wire, 1), "{wire:?}");
    }
}

#[tokio::test]
async fn the_tree_has_the_known_categories_and_two_more() {
    let answer = dicti(&client::fast().await).await;
    for node in ["\"A\" ISN=\"8247\"", "\"B\" ISN=\"8244\"", "\"C\" ISN=\"8245\"", "\"D\" ISN=\"8246\""] {
        assert!(answer.contains(&format!("<MODEL NAME={node}>")), "{node}");
    }
    assert!(answer.contains("<MODEL NAME=\"E - прицепы\" ISN=\"8248\"><MODEL NAME=\"МЗСА\""));
    assert!(answer.contains("<MODEL NAME=\"Тракторы\" ISN=\"8249\"><MODEL NAME=\"Беларус (МТЗ)\""));
}

#[tokio::test]
async fn a_mark_that_is_not_listed_has_no_models() {
    let simulation = client::fast().await;
    let unknown = Alfastrah::new(&simulation).send("wapi/dictionary/vehicle/mark/9999/model", None).await;
    assert_eq!(unknown.unwrap().status(), 404);
}

#[test]
fn every_wire_has_at_least_250_vehicles() {
    assert!(Wire::INSURERS.iter().all(|wire| vehicles(*wire).len() >= 250));
}

#[tokio::test]
async fn alfastrah_prices_its_own_writing_and_no_other() {
    let simulation = client::fast().await;
    let alfastrah = Alfastrah::new(&simulation);
    for (mark, model, expected) in [
        ("TOYOTA", "CAMRY", 200),
        ("ВАЗ/LADA", "ВАЗ-2107", 200),
        ("LADA", "2107", 500),
        ("ВАЗ/LADA ", "ВАЗ-2107", 500),
        ("МАЗДА", "MAZDA 3", 200),
        ("Мазда", "MAZDA 3", 500),
    ] {
        let mut body = risks::alfastrah();
        (body["vehicle"]["mark"], body["vehicle"]["model"]) = (mark.into(), model.into());
        assert_eq!(alfastrah.calculate(&body).await.0, expected, "{mark} {model}");
    }
}

#[tokio::test]
async fn renessans_prices_its_own_writing_and_no_other() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    for (make, model, expected) in [
        ("Toyota", "Camry", true),
        ("ВАЗ", "Приора", true),
        ("Lada", "Priora", false),
        ("Хундай", "Прочие", true),
        ("Voyah", "Free", false),
    ] {
        let mut fields = risks::renessans();
        fields.retain(|(name, _)| *name != "car[make]" && *name != "car[model]");
        fields.extend([("car[make]", make), ("car[model]", model), ("car[MarkAndModelString]", "x")]);
        assert_eq!(renessans.create(&fields).await["result"], expected, "{make} {model}");
    }
}

#[tokio::test]
async fn an_old_number_is_refused_or_another_vehicles_once_the_insurer_renumbers() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let wire = Wire::Ingosstrakh;
    simulation.set_knobs(wire.name(), Knobs { dictionary_revision: 1, ..Knobs::default() }).unwrap();
    let token = ingosstrakh.login().await;
    let priced = async |number: &str| {
        let agreement = risks::ingosstrakh().replace("<Model>100000101<", &format!("<Model>{number}<"));
        element(&ingosstrakh.tariff(&token, &agreement).await, "PremiumAmount").is_some()
    };
    let [old, new] = [0, 1].map(|revision| number_of(wire, revision, "Camry"));
    assert_eq!(old, "100000101");
    assert!(!priced(&old).await);
    assert!(priced(&new).await);
    let corolla = number_of(wire, 0, "Corolla");
    assert!(priced(&corolla).await);
    let now = vehicles_at(wire, 1).into_iter().find(|row| row.code.as_ref() == Some(&corolla)).unwrap();
    assert_ne!(now.model, "Corolla");
}

#[tokio::test]
async fn a_dictionary_fails_where_its_own_knob_says_so_and_only_there() {
    let error = Faults::default().with(Fault::Error, 1.0);
    let simulation = client::with(Knobs { faults: error, ..Knobs::default() }).await;
    assert_eq!(listed(&simulation, Wire::Renessans).await, exported(Wire::Renessans, 0));

    let mut knobs = Knobs::default();
    for operation in ["vehicle/mark/model", "GetDicti", "cars"] {
        knobs.faults_of.insert(operation.into(), error);
    }
    let simulation = client::with(knobs).await;
    let alfastrah = Alfastrah::new(&simulation);
    let marks = alfastrah.send("wapi/dictionary/vehicle/mark", None).await.unwrap();
    assert_eq!(marks.status(), 200);
    let models = alfastrah.send("wapi/dictionary/vehicle/mark/1/model", None).await.unwrap();
    assert!(models.status().is_server_error());
    let tree = dicti(&simulation).await;
    assert!(!tree.contains("<MODEL"), "{tree}");
    let insurer = client::of(&simulation, Wire::Renessans);
    let url = format!("{}cars/?key={}", insurer.base_url, insurer.key);
    assert!(client::http().get(url).send().await.unwrap().status().is_server_error());
    let faulted = |call: &&veer_simulator::Received| call.outcome == Outcome::Faulted(Fault::Error);
    assert_eq!(simulation.journal().iter().filter(faulted).count(), 3);
}
