//! ingosstrakh after the quote.

use veer_simulator::{Drift, Fault, Faults, Hold, Knobs, Outcome, Polls};

use crate::{
    client::{self, Ingosstrakh, element},
    risks,
    sell::{act, agreement, creates, elements},
};

const QUEUE: &str = "Превышен период ожидания обработки очереди.";

#[tokio::test]
async fn a_sale_goes_from_the_agreement_to_the_policys_file() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let [id, premium, check] = elements(&ingosstrakh.agree().await, ["AgrID", "PremiumSum", "CheckResult"]);
    assert!(id.starts_with("CL") && id.len() == 10, "{id}");
    assert_eq!(check, "Разрешено к страхованию");
    let look = ingosstrakh.look(&id).await;
    assert!(look.contains("<Agreement State=\"ЗАЯВЛЕНИЕ\">"), "{look}");
    assert_eq!(elements(&look, ["ID", "Serial", "No", "IsEOsago"]), [&id, "", "", "N"]);
    assert!(ingosstrakh.print(&id, "draft").await.unwrap().starts_with(b"%PDF"));

    let [serial, number] = elements(&ingosstrakh.make(&id).await, ["Serial", "Number"]);
    assert_eq!((serial.as_str(), number.len()), ("ХХХ", 10));
    let bill = ingosstrakh.create_bill(&id, "").await;
    let [isn, sum] = elements(&bill, ["BillISN", "BillSum"]);
    assert_eq!(sum, premium);
    let [url] = elements(&ingosstrakh.online(&isn).await, ["PayURL"]);
    assert_eq!(ingosstrakh.paid(&isn).await, ["0", "Выставлен"]);
    assert_eq!(ingosstrakh.print(&id, "policy").await, None);

    assert_eq!(act(&url, "pay").await.0, 200);
    assert_eq!(ingosstrakh.paid(&isn).await, ["2", "В банке"]);
    let look = ingosstrakh.look(&id).await;
    assert!(look.contains("<Agreement State=\"ВЫПУЩЕН\">"), "{look}");
    assert_eq!(elements(&look, ["Serial", "No", "IsEOsago"]), ["ХХХ", &number, "Y"]);
    let file = ingosstrakh.print(&id, "policy").await.unwrap();
    assert!(String::from_utf8_lossy(&file).contains(&number));
    assert_eq!(ingosstrakh.insurer.sales()[0].policy, format!("ХХХ {number}"));
    let made = ["CreateAgreement", "MakeEOsago", "CreateBill", "CreateOnlineBill"];
    assert_eq!(creates(&simulation, "ingosstrakh"), made);
}

#[tokio::test]
async fn every_agreement_is_a_new_one() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let ids = [ingosstrakh.agree().await, ingosstrakh.agree().await].map(|answer| element(&answer, "AgrID"));
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ingosstrakh.insurer.sales().len(), 2);
    let calls: Vec<_> = simulation.journal().into_iter().filter(|call| call.creates).collect();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|call| call.risk == calls[0].risk && !call.risk.is_empty()));
}

#[tokio::test]
async fn a_slow_queue_answers_in_words_and_the_number_comes_later() {
    let (application_polls, hold) = (Polls { min: 2, max: 2 }, Hold { share: 1.0, polls: 1 });
    let simulation = client::with(Knobs { application_polls, hold, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let [id] = elements(&ingosstrakh.agree().await, ["AgrID"]);
    let answer = ingosstrakh.make(&id).await;
    assert_eq!(elements(&answer, ["ErrorCode", "ErrorMessage", "Serial"]), ["-1", QUEUE, ""]);
    let refused = ingosstrakh.create_bill(&id, "").await;
    assert_eq!(elements(&refused, ["ErrorCode", "BillISN"]), ["-1", ""]);
    let mut flags = Vec::new();
    for _ in 0..3 {
        flags.extend(elements(&ingosstrakh.look(&id).await, ["IsEOsago"]));
    }
    assert_eq!(flags, ["N", "Y", "Y"]);
    // Asked again, it has the number and makes nothing new.
    let [serial] = elements(&ingosstrakh.make(&id).await, ["Serial"]);
    assert_eq!(serial, "ХХХ");
    assert_eq!(elements(&ingosstrakh.create_bill(&id, "").await, ["ErrorCode"]), ["0"]);
}

#[tokio::test]
async fn calls_in_the_wrong_order_are_refused() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let refused = |answer: String| {
        assert_eq!(elements(&answer, ["ErrorCode"]), ["-1"], "{answer}");
        element(&answer, "ErrorMessage").unwrap()
    };
    assert!(refused(ingosstrakh.look("CL00000000").await).contains("не найден"));
    assert!(refused(ingosstrakh.ask("MakeEOsago", "<AgrISN>500000000</AgrISN>").await).contains("не найден"));
    let [id] = elements(&ingosstrakh.agree().await, ["AgrID"]);
    assert!(refused(ingosstrakh.create_bill(&id, "").await).contains("не оформлен"));
    assert!(refused(ingosstrakh.online("600000000").await).contains("не найден"));
    assert!(refused(ingosstrakh.ask("GetBill", "<BillISN>6</BillISN>").await).contains("не найден"));
    ingosstrakh.make(&id).await;
    let [isn] = elements(&ingosstrakh.create_bill(&id, "").await, ["BillISN"]);
    let [url] = elements(&ingosstrakh.online(&isn).await, ["PayURL"]);
    act(&url, "pay").await;
    assert!(refused(ingosstrakh.create_bill(&id, "").await).contains("оплачен"));
    assert!(refused(ingosstrakh.online(&isn).await).contains("оплачен"));
    let without_contact = ingosstrakh.ask("CreateAgreement", &risks::ingosstrakh()).await;
    assert!(refused(without_contact).contains("Insurer.Email"));
}

#[tokio::test]
async fn an_application_is_declined_by_the_insurer_or_by_the_registry() {
    for (knobs, registry) in [
        (Knobs { application_decline: 1.0, ..Knobs::default() }, false),
        (Knobs { registry_failed: 1.0, ..Knobs::default() }, true),
        (Knobs { decline: 1.0, ..Knobs::default() }, false),
    ] {
        let simulation = client::with(knobs).await;
        let ingosstrakh = Ingosstrakh::new(&simulation);
        let answer = ingosstrakh.agree().await;
        let [code, check] = elements(&answer, ["ErrorCode", "CheckResult"]);
        assert_eq!(code, "0");
        assert!(!check.is_empty() && check != "Разрешено к страхованию");
        assert_eq!(check.contains("РСА"), registry, "{check}");
        let declined = |call: &veer_simulator::Received| call.outcome == Outcome::Declined;
        assert_eq!(simulation.journal().iter().filter(|call| declined(call)).count(), 1);
    }
}

#[tokio::test]
async fn a_declined_agreement_is_not_made_into_a_policy() {
    let simulation = client::with(Knobs { application_decline: 1.0, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let [id] = elements(&ingosstrakh.agree().await, ["AgrID"]);
    let [code, text] = elements(&ingosstrakh.make(&id).await, ["ErrorCode", "ErrorMessage"]);
    assert!(code == "-1" && text != QUEUE, "{text}");
    assert_eq!(ingosstrakh.print(&id, "draft").await, None);
}

#[tokio::test]
async fn the_final_price_drifts_from_the_quoted_one() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = client::with(Knobs { drift, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let tariff = ingosstrakh.tariff(&ingosstrakh.login().await, &agreement()).await;
    let number = |answer: &str, name| element(answer, name).unwrap().parse::<f64>().unwrap();
    let quoted = number(&tariff, "PremiumAmount");
    let settled = number(&ingosstrakh.agree().await, "PremiumSum");
    assert!(quoted != settled && (0.89..1.11).contains(&(settled / quoted)), "{quoted} to {settled}");
}

#[tokio::test]
async fn cross_sales_come_with_the_tariff_and_go_into_the_bill() {
    let simulation = client::fast().await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let tariff = ingosstrakh.tariff(&ingosstrakh.login().await, &agreement()).await;
    assert!(tariff.contains("<ReinsurancePool>N</ReinsurancePool>"), "{tariff}");
    assert_eq!(tariff.matches("<AddProduct>").count(), 2);
    let [code, required, price] = elements(&tariff, ["Code", "Required", "Price"]);
    assert_eq!((code.as_str(), required.as_str()), ("AccidentDriver", "N"));
    let [id, premium] = elements(&ingosstrakh.agree().await, ["AgrID", "PremiumSum"]);
    ingosstrakh.make(&id).await;
    let product = |id: &str, option: &str| {
        format!("<AddProduct><ID>{id}</ID><OptionID>{option}</OptionID></AddProduct>")
    };
    let chosen = |products: String| format!("<AddProductList>{products}</AddProductList>");
    let bill = ingosstrakh.create_bill(&id, &chosen(product("accident", "1"))).await;
    let number = |text: &str| -> f64 { text.parse().unwrap() };
    let [sum] = elements(&bill, ["BillSum"]);
    assert!((number(&sum) - number(&premium) - number(&price)).abs() < 0.001, "{bill}");
    let wrong = ingosstrakh.create_bill(&id, &chosen(product("accident", "1") + &product("road", "1"))).await;
    assert!(element(&wrong, "ErrorMessage").unwrap().contains("несовместимы"), "{wrong}");
}

#[tokio::test]
async fn an_ordinary_cross_sale_can_be_required_of_every_bill() {
    let simulation = client::with(Knobs { required_cross_sale: true, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let tariff = ingosstrakh.tariff(&ingosstrakh.login().await, &agreement()).await;
    assert!(tariff.contains("<ReinsurancePool>N</ReinsurancePool>"), "{tariff}");
    let [id, required] = elements(&tariff, ["ID", "Required"]);
    assert_eq!((id.as_str(), required.as_str()), ("accident", "Y"));
    assert_eq!(tariff.matches("<Required>N</Required>").count(), 1, "{tariff}");
    let [id] = elements(&ingosstrakh.agree().await, ["AgrID"]);
    ingosstrakh.make(&id).await;
    let bare = ingosstrakh.create_bill(&id, "").await;
    assert!(element(&bare, "ErrorMessage").unwrap().contains("Обязательный"), "{bare}");
    let chosen =
        "<AddProductList><AddProduct><ID>accident</ID><OptionID>1</OptionID></AddProduct></AddProductList>";
    let bill = ingosstrakh.create_bill(&id, chosen).await;
    assert!(element(&bill, "BillSum").is_some(), "{bill}");
}

#[tokio::test]
async fn a_risk_of_the_pool_is_marked_and_not_billed_without_its_cross_sale() {
    let simulation = client::with(Knobs { pool: 1.0, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let tariff = ingosstrakh.tariff(&ingosstrakh.login().await, &agreement()).await;
    assert!(tariff.contains("<ReinsurancePool>Y</ReinsurancePool>"), "{tariff}");
    let [code, required, price] = elements(&tariff, ["Code", "Required", "Price"]);
    assert_eq!([code.as_str(), &required, &price], ["AccidentPassengersPoolForEOsago150", "Y", "1480.00"]);
    let [id] = elements(&ingosstrakh.agree().await, ["AgrID"]);
    ingosstrakh.make(&id).await;
    let refused = ingosstrakh.create_bill(&id, "").await;
    assert!(element(&refused, "ErrorMessage").unwrap().contains("Обязательный"), "{refused}");
}

#[tokio::test]
async fn a_link_that_fails_is_an_error_of_the_wire() {
    let simulation = client::with(Knobs { link_fails: 1.0, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let [id] = elements(&ingosstrakh.agree().await, ["AgrID"]);
    ingosstrakh.make(&id).await;
    let [isn] = elements(&ingosstrakh.create_bill(&id, "").await, ["BillISN"]);
    assert_eq!(elements(&ingosstrakh.online(&isn).await, ["ErrorCode", "PayURL"]), ["-1", ""]);
}

#[tokio::test]
async fn faults_after_the_quote_leave_the_quote_alone_and_speak_the_operations_name() {
    let sale_faults = Faults::default().with(Fault::RegistryDown, 1.0);
    let simulation = client::with(Knobs { sale_faults, ..Knobs::default() }).await;
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let tariff = ingosstrakh.tariff(&ingosstrakh.login().await, &agreement()).await;
    assert!(element(&tariff, "PremiumAmount").is_some(), "{tariff}");
    let answer = ingosstrakh.agree().await;
    assert!(
        answer.contains("<CreateAgreementResponse>") && answer.contains("РСА временно недоступен"),
        "{answer}"
    );
    assert!(ingosstrakh.insurer.sales().is_empty(), "it was not carried out");
}
