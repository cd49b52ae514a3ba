//! ingosstrakh: SOAP 1.1 with a session token.

use veer_simulator::Knobs;

use crate::{
    client::{self, Ingosstrakh, element, tariff},
    risks,
};

fn code(answer: &str) -> String {
    element(answer, "ErrorCode").unwrap_or_else(|| panic!("no ErrorCode in {answer}"))
}

#[tokio::test]
async fn the_example_is_priced_after_a_login() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let answer = ingosstrakh.tariff(&ingosstrakh.login().await, &risks::ingosstrakh()).await;
    assert_eq!(code(&answer), "0", "{answer}");
    let amount: f64 = element(&answer, "PremiumAmount").unwrap().parse().unwrap();
    assert!((1000.0..60_000.0).contains(&amount), "{amount}");
}

#[tokio::test]
async fn a_wrong_password_opens_no_session() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let answer = ingosstrakh.call("Login", "<User>nobody</User><Password>x</Password>").await;
    assert_eq!((code(&answer).as_str(), element(&answer, "SessionToken")), ("-1", None));
}

#[tokio::test]
async fn an_unknown_token_means_log_in_again() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    for token in ["", "никакой"] {
        assert_eq!(code(&ingosstrakh.tariff(token, &risks::ingosstrakh()).await), "-20852");
    }
    assert!(simulation.journal().is_empty(), "such calls are not taken");
}

#[tokio::test]
async fn a_session_ends_after_its_calls() {
    let simulation = client::with(Knobs { session_calls: 2, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let mut codes = Vec::new();
    for _ in 0..5 {
        let token = ingosstrakh.login().await;
        for _ in 0..3 {
            codes.push(code(&ingosstrakh.tariff(&token, &risks::ingosstrakh()).await));
        }
    }
    let ends = ["-20852", "-20841", "-20812", "-20808", "-20807"];
    let expected: Vec<&str> = ends.into_iter().flat_map(|end| ["0", "0", end]).collect();
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn what_the_insurer_is_strict_about_is_refused_with_a_message() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let token = ingosstrakh.login().await;
    for (good, bad, named) in [
        ("<Model>100000101<", "<Model>1<", "Vehicle.Model"),
        ("<CityCode>77000000000<", "<CityCode>7700000000000<", "CityCode"),
        ("<Serial>12 34<", "<Serial>1234<", "IdentityDocument.Serial"),
        ("<Category>8244<", "<Category>B<", "Vehicle.Category"),
        ("<Owner><SbjRef>1<", "<Owner><SbjRef>2<", "SbjKey=2"),
        ("<DrvDateBeg>2015-06-10</DrvDateBeg>", "", "DrvDateBeg"),
        ("<Taxi>Y</Taxi>", "", "UsageTarget"),
    ] {
        let agreement = risks::ingosstrakh();
        assert!(agreement.contains(good), "{good}");
        let answer = ingosstrakh.tariff(&token, &agreement.replace(good, bad)).await;
        assert_eq!(code(&answer), "-1", "{bad}");
        assert!(element(&answer, "ErrorMessage").unwrap().contains(named), "{named} is missing in {answer}");
    }
}

#[tokio::test]
async fn what_is_no_soap_call_is_refused_by_the_layer_below() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let url = format!("{}SalesService.svc", ingosstrakh.insurer.base_url);
    let post = |kind: &'static str, body: &'static str| {
        let request = ingosstrakh.http.post(&url).header("Content-Type", kind).body(body);
        async { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(post("application/json", "{}").await, 415);
    assert_eq!(post("text/xml", "<a>").await, 400);
    let unknown = ingosstrakh.send("Fly", "").await.unwrap();
    assert_eq!(unknown.status(), 500);
    assert!(unknown.text().await.unwrap().contains("Fault"));
}

#[tokio::test]
async fn namespaces_do_not_matter_and_are_given_back() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let inner = tariff(&ingosstrakh.login().await, &risks::ingosstrakh());
    let envelope = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>\
         <t:GetTariffRequest xmlns:t=\"urn:example\">{inner}</t:GetTariffRequest></e:Body></e:Envelope>"
    );
    let url = format!("{}SalesService.svc", ingosstrakh.insurer.base_url);
    let request = ingosstrakh.http.post(url).header("Content-Type", "text/xml").body(envelope);
    let answer = request.send().await.unwrap().text().await.unwrap();
    assert!(answer.contains("<GetTariffResponse xmlns=\"urn:example\">"), "{answer}");
    assert_eq!(code(&answer), "0");
}
