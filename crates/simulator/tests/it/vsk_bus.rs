//! vsk_bus: XML with a client certificate, answered by calls of the insurer's own.

use std::time::{Duration, Instant};

use veer_simulator::{Fault, Faults, Knobs, Replies, Wire};

use crate::{
    bus::{Bus, leaf, with_certificate},
    client, risks,
};

fn replying(replies: Replies) -> Knobs {
    Knobs { replies, ..Knobs::default() }
}

fn failing(fault: Fault) -> Knobs {
    Knobs { faults: Faults::default().with(fault, 1.0), ..Knobs::default() }
}

#[tokio::test]
async fn nobody_gets_in_without_its_certificate() {
    let (simulation, other) = (client::fast().await, client::fast().await);
    let insurer = client::of(&simulation, Wire::VskBus);
    assert!(insurer.base_url.starts_with("https://127.0.0.1:"), "{}", insurer.base_url);
    let url = format!("{}cxf/rest/partners/api/v2/osago/Auth/Login", insurer.base_url);
    let tls = insurer.tls.as_ref().unwrap();
    client::http();
    let trusting = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(tls.ca_pem.as_bytes()).unwrap()])
        .build()
        .unwrap();
    assert!(trusting.post(&url).send().await.is_err());
    // Nor with another simulation's, and that one does not trust this server either.
    assert!(with_certificate(client::of(&other, Wire::VskBus)).post(&url).send().await.is_err());
    assert!(simulation.journal().is_empty());
    let answer = with_certificate(insurer).post(url).send().await.unwrap();
    assert_eq!(answer.status(), 415);
    let others = simulation.insurers().iter().filter(|insurer| insurer.wire != Wire::VskBus);
    assert!(others.into_iter().all(|insurer| insurer.tls.is_none()));
}

#[tokio::test]
async fn a_message_is_acknowledged_with_nothing_and_answered_by_a_call() {
    let simulation = client::fast().await;
    let bus = Bus::new(&simulation).await;
    let (response, id) = bus.send("Login", "<partnerClientId>79000000011</partnerClientId>").await;
    let correlation = response.headers()["x-vsk-correlationid"].to_str().unwrap().to_owned();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, ""));
    client::until(|| !bus.replies(&id).is_empty()).await;
    let call = bus.replies(&id).remove(0);
    assert_eq!((call.query.as_str(), call.header("x-vsk-correlationid")), ("token=t", correlation.as_str()));
    assert_eq!(call.header("content-type"), "application/xml");
    assert!(call.body.contains("<sch1:sessionId>") && call.body.contains("<sch1:bpId>"), "{}", call.body);
}

#[tokio::test]
async fn the_example_is_priced_in_kopecks() {
    let simulation = client::fast().await;
    let bus = Bus::new(&simulation).await;
    let reply = bus.calculate(&risks::vsk_bus()).await;
    let amount: i64 = leaf(&reply, "amount").unwrap_or_else(|| panic!("{reply}")).parse().unwrap();
    assert!((100_000..6_000_000).contains(&amount), "{amount}");
    let again = bus.calculate(&risks::vsk_bus()).await;
    assert_eq!(leaf(&again, "amount"), Some(amount.to_string()));
    let calls = simulation.journal();
    assert!(
        calls
            .iter()
            .all(|call| call.operation == "CalculatePolicy" && !call.creates && !call.risk.is_empty())
    );
}

#[tokio::test]
async fn without_a_list_of_drivers_anybody_may_drive_and_it_costs_more() {
    let simulation = client::fast().await;
    let bus = Bus::new(&simulation).await;
    let policy = risks::vsk_bus();
    let (before, rest) = policy.split_once("<policyObjects><object xsi:type=\"m:IndividualsXT\">").unwrap();
    let (_, after) = rest.split_once("</policyObjects>").unwrap();
    let unlimited = bus.calculate(&format!("{before}{after}")).await;
    let named = bus.calculate(&policy).await;
    let amount = |reply: &str| leaf(reply, "amount").unwrap().parse::<i64>().unwrap();
    assert!(amount(&unlimited) > amount(&named));
}

#[tokio::test]
async fn what_the_insurer_is_strict_about_is_refused_with_a_message() {
    let simulation = client::fast().await;
    let bus = Bus::new(&simulation).await;
    for (good, bad, named) in [
        (">OSAGO<", ">KASKO<", "product.productCode"),
        ("m:VehicleXT", "m:Vehicle", "policyObjects.object@type"),
        (">VEHICLE_REGISTRATION_CERTIFICATE<", ">STS<", "objectDocTypeCode"),
        (">TAXI<", ">ТАКСИ<", "vehiclePurposeCode"),
        (">B<", ">Ж<", "vehicleTypeCode"),
        ("<series>1234<", "<series>12 34<", "docs.series"),
        ("<region>Красноярский край</region>", "", "addresses.region"),
        (">EMAIL<", ">MAIL<", "contacts[EMAIL]"),
        ("<gender>1<", "<gender>М<", "gender"),
        ("<driveExperience>2015-06-10</driveExperience>", "", "driveExperience"),
        ("<period1EndDate>2024-11-30</period1EndDate>", "", "period1EndDate"),
        ("<power>150<", "<power>много<", "power"),
    ] {
        let policy = risks::vsk_bus();
        assert!(policy.contains(good), "{good}");
        let reply = bus.calculate(&policy.replace(good, bad)).await;
        assert_eq!(leaf(&reply, "errorCode").as_deref(), Some("VALIDATIONERROR"), "{bad}: {reply}");
        assert!(leaf(&reply, "errorMessage").unwrap().contains(named), "{named} is missing in {reply}");
    }
    let reply = bus.ask("Login", "<partnerClientId>никто</partnerClientId>").await;
    assert!(leaf(&reply, "errorMessage").unwrap().contains("partnerClientId"), "{reply}");
}

#[tokio::test]
async fn vehicles_are_known_by_name_or_by_code() {
    let simulation = client::fast().await;
    let bus = Bus::new(&simulation).await;
    let known = veer_simulator::vehicles(Wire::VskBus);
    let camry = known.iter().find(|vehicle| vehicle.model == "Camry").unwrap();
    let (mark, model) = (camry.brand_code.as_ref().unwrap(), camry.code.as_ref().unwrap());
    let by_code = risks::vsk_bus()
        .replace("<name>Toyota</name>", &format!("<vehicleMarkCode>{mark}</vehicleMarkCode>"))
        .replace("<name>Camry</name>", &format!("<vehicleModelCode>{model}</vehicleModelCode>"));
    let lower = risks::vsk_bus().replace("Toyota", "TOYOTA");
    for policy in [by_code, lower] {
        let reply = bus.calculate(&policy).await;
        assert!(leaf(&reply, "amount").is_some(), "{reply}");
    }
    let reply = bus.calculate(&risks::vsk_bus().replace("Camry", "Ковёр-самолёт")).await;
    assert_eq!(leaf(&reply, "errorCode").as_deref(), Some("PROCESS_ERROR"));
    assert!(reply.contains("Cannot find RDM data by Mark, Model, Modification"), "{reply}");
}

#[tokio::test]
async fn a_decline_stands_between_errors_and_warnings() {
    let simulation = client::with(Knobs { decline: 1.0, ..Knobs::default() }).await;
    let bus = Bus::new(&simulation).await;
    let reply = bus.calculate(&risks::vsk_bus()).await;
    assert_eq!((leaf(&reply, "errorCode").as_deref(), leaf(&reply, "amount")), (Some("PROCESS_ERROR"), None));
    let message = leaf(&reply, "errorMessage").unwrap();
    assert!(message.starts_with("Errors: ") && message.ends_with(" Warnings: "), "{message}");
}

#[tokio::test]
async fn what_is_no_message_is_refused_by_the_layer_below() {
    let simulation = client::fast().await;
    let bus = Bus::new(&simulation).await;
    let post = |path: &str, headers: &[(&'static str, &'static str)], body: &'static str| {
        let mut request = bus.http.post(bus.address(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        async move { request.body(body).send().await.unwrap().status().as_u16() }
    };
    let (xml, to) = (("Content-Type", "application/xml"), ("ReplyTo", "http://127.0.0.1:9/"));
    let login = "<loginRequest><messageId>a</messageId></loginRequest>";
    assert_eq!(post("Auth/Login", &[("Content-Type", "text/xml"), to], login).await, 415);
    assert_eq!(post("Auth/Login", &[xml], login).await, 400);
    assert_eq!(post("Auth/Login", &[xml, ("ReplyTo", "mailto:a@example.org")], login).await, 400);
    assert_eq!(post("Auth/Login", &[xml, to], "<loginRequest>").await, 400);
    assert_eq!(post("Policy/SavePolicy", &[xml, to], login).await, 400);
    assert_eq!(post("Policy/Login", &[xml, to], login).await, 404);
    assert!(simulation.journal().is_empty());
}

#[tokio::test]
async fn replies_are_lost_or_come_twice_as_the_knobs_say() {
    let simulation = client::with(replying(Replies { copies: 2, ..Replies::default() })).await;
    let bus = Bus::new(&simulation).await;
    let (_, twice) = bus.send("CalculatePolicy", &risks::vsk_bus()).await;
    client::until(|| bus.replies(&twice).len() == 2).await;
    let lost = Replies { lost: 1.0, ..Replies::default() };
    simulation.set_knobs("vsk_bus", replying(lost)).unwrap();
    let (response, lost) = bus.send("CalculatePolicy", &risks::vsk_bus()).await;
    assert_eq!(response.status(), 200);
    simulation.set_knobs("vsk_bus", Knobs::default()).unwrap();
    bus.calculate(&risks::vsk_bus()).await;
    assert_eq!((bus.replies(&lost).len(), bus.replies(&twice).len()), (0, 2));
}

#[tokio::test]
async fn a_reply_may_come_before_its_message_is_acknowledged() {
    let simulation = client::with(replying(Replies { early: 1.0, ..Replies::default() })).await;
    let bus = Bus::new(&simulation).await;
    let (_, id) = bus.send("CalculatePolicy", &risks::vsk_bus()).await;
    assert_eq!(bus.replies(&id).len(), 1, "it was there before the acknowledgement");
}

#[tokio::test]
async fn a_later_message_may_be_answered_first() {
    let late = |delay| replying(Replies { delay, ..Replies::default() });
    let simulation = client::with(late(Duration::from_secs(600))).await;
    let bus = Bus::new(&simulation).await;
    let (_, slow) = bus.send("CalculatePolicy", &risks::vsk_bus()).await;
    let delay = Duration::from_millis(50);
    simulation.set_knobs("vsk_bus", late(delay)).unwrap();
    let since = Instant::now();
    bus.calculate(&risks::vsk_bus()).await;
    assert!(since.elapsed() >= delay && bus.replies(&slow).is_empty());
}

#[tokio::test]
async fn without_message_ids_only_the_header_tells_replies_apart() {
    let simulation = client::with(replying(Replies { message_ids: false, ..Replies::default() })).await;
    let bus = Bus::new(&simulation).await;
    let (response, _) = bus.send("CalculatePolicy", &risks::vsk_bus()).await;
    client::until(|| !bus.gateway.calls().is_empty()).await;
    let call = bus.gateway.calls().remove(0);
    assert!(!call.body.contains("messageId") && call.body.contains("amount"), "{}", call.body);
    assert_eq!(call.header("x-vsk-correlationid"), response.headers()["x-vsk-correlationid"]);
}

#[tokio::test]
async fn faults_spoil_the_reply_and_not_the_acknowledgement() {
    let simulation = client::with(failing(Fault::RegistryDown)).await;
    let bus = Bus::new(&simulation).await;
    let reply = bus.calculate(&risks::vsk_bus()).await;
    assert_eq!(leaf(&reply, "errorCode").as_deref(), Some("RSA_CHECK_ERROR"));
    assert!(leaf(&reply, "errorMessage").unwrap().starts_with("Code=34030023, Message="), "{reply}");
    simulation.set_knobs("vsk_bus", failing(Fault::Nulls)).unwrap();
    assert_eq!(leaf(&bus.calculate(&risks::vsk_bus()).await, "amount").as_deref(), Some(""));
    simulation.set_knobs("vsk_bus", failing(Fault::Malformed)).unwrap();
    let (response, id) = bus.send("CalculatePolicy", &risks::vsk_bus()).await;
    assert_eq!(response.status(), 200);
    client::until(|| bus.gateway.calls().len() == 3).await;
    let broken = bus.gateway.calls().pop().unwrap().body;
    assert!(!broken.ends_with('>') || !broken.contains("</pol:calculatePolicyResponse>"), "{id}: {broken}");
}

#[tokio::test]
async fn a_broken_insurer_answers_an_error_and_sometimes_calls_it_back() {
    let simulation = client::with(failing(Fault::Error)).await;
    let bus = Bus::new(&simulation).await;
    let (mut refused, mut told) = (0, Vec::new());
    for _ in 0..40 {
        let (response, id) = bus.send("CalculatePolicy", &risks::vsk_bus()).await;
        if response.status() == 200 { told.push(id) } else { refused += 1 }
    }
    assert!(refused > 0 && !told.is_empty(), "{refused} {told:?}");
    client::until(|| told.iter().all(|id| !bus.replies(id).is_empty())).await;
    let reply = bus.replies(&told[0]).remove(0).body;
    assert!(reply.contains("Validator internal error"), "{reply}");
    assert_eq!(bus.gateway.calls().len(), told.len());
}
