//! tinkoff after the quote.

use base64::{Engine, prelude::BASE64_STANDARD};
use veer_simulator::{Callbacks, Drift, Fault, Faults, Knobs, Outcome};

use crate::{
    callbacks::Gateway,
    client::{self, element},
    sell::{act, creates, elements},
    tinkoff::{Tinkoff, price, set},
};

/// The example with the numbers of a set, and with a contact.
fn again(number: &str) -> String {
    let quote = number.parse::<u64>().unwrap() + 100_000_000;
    let contact = "<email>a@example.org</email><phone><isPrimary>true</isPrimary><typePhone>mobile</typePhone>\
        <numberPhone>79000000001</numberPhone></phone><gender>";
    let set = set()
        .replace(
            "</subjectNumber><subjectDetails>",
            &format!("</subjectNumber><ID>{number}1</ID><subjectDetails>"),
        )
        .replace("<OSAGOFQ>", &format!("<OSAGOFQ><quoteNumber>{quote}</quoteNumber>"))
        .replace("<gender>", contact);
    format!("<setNumber>{number}</setNumber>{set}")
}

impl Tinkoff<'_> {
    /// A new set.
    async fn quote(&self) -> String {
        element(&self.calculate(&set()).await, "setNumber").unwrap()
    }

    /// A set that was calculated again, and what was answered.
    async fn final_price(&self) -> (String, String) {
        let number = self.quote().await;
        let answer = self.calculate(&again(&number)).await;
        (number, answer)
    }

    async fn issue(&self, number: &str) -> String {
        self.about("issueQuoteSetPartner", number).await
    }

    async fn link(&self, number: &str) -> String {
        self.about("getPaymentReferencePartner", number).await
    }

    async fn state(&self, number: &str) -> [String; 3] {
        let answer = self.about("getPolicyStatusPartner", number).await;
        elements(&answer, ["policyStatus", "policySeries", "policyNumber"])
    }

    async fn print(&self, number: &str, kind: &str) -> Option<Vec<u8>> {
        let inner = format!("<setNumber>{number}</setNumber><documentType>{kind}</documentType>");
        let content = element(&self.call("getPolicyPrintPartner", &inner).await, "printForm")?;
        Some(BASE64_STANDARD.decode(content).unwrap())
    }

    /// A set that waits to be paid, and its page.
    async fn page(&self) -> (String, String) {
        let (number, _) = self.final_price().await;
        self.issue(&number).await;
        let url = element(&self.link(&number).await, "paymentURL").unwrap();
        (number, url)
    }
}

/// The words of a no.
fn refused(answer: String) -> String {
    assert_eq!(element(&answer, "status").as_deref(), Some("ERROR"), "{answer}");
    element(&answer, "descr").unwrap()
}

#[tokio::test]
async fn a_sale_goes_from_the_final_price_to_the_policys_file() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    let (number, answer) = tinkoff.final_price().await;
    assert_eq!(element(&answer, "setNumber").as_ref(), Some(&number), "{answer}");
    assert_eq!(tinkoff.state(&number).await, ["QUOTED", "", ""]);
    assert!(tinkoff.print(&number, "draft").await.unwrap().starts_with(b"%PDF"));

    let [quote] = elements(&tinkoff.issue(&number).await, ["quoteNumber"]);
    assert_eq!(element(&answer, "quoteNumber"), Some(quote));
    assert_eq!(tinkoff.state(&number).await, ["ISSUED", "", ""]);
    let [url] = elements(&tinkoff.link(&number).await, ["paymentURL"]);
    assert_eq!(elements(&tinkoff.link(&number).await, ["paymentURL"]), [url.as_str()], "it is the same page");
    assert_eq!(tinkoff.print(&number, "policy").await, None);

    assert_eq!(act(&url, "pay").await.0, 200);
    let [state, series, policy] = tinkoff.state(&number).await;
    assert_eq!((state.as_str(), series.as_str(), policy.len()), ("PAID", "ХХХ", 10));
    let file = tinkoff.print(&number, "policy").await.unwrap();
    assert!(String::from_utf8_lossy(&file).contains(&policy));
    let sales = tinkoff.insurer.sales();
    assert_eq!((sales[0].policy.as_str(), sales[0].bills), (format!("ХХХ {policy}").as_str(), 1));
    assert_eq!(sales[0].paid.unwrap().to_string(), element(&answer, "totalPremium").unwrap());
    assert_eq!(creates(&simulation, "tinkoff"), ["calcPartnerFQuote", "issueQuoteSetPartner"]);
}

#[tokio::test]
async fn a_recalculation_names_the_numbers_of_everything_and_a_contact() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    let number = tinkoff.quote().await;
    for (good, bad, named) in [
        ("<ID>", "<ID>1", "subjectInfo[0].ID"),
        ("<quoteNumber>", "<quoteNumber>1", "OSAGOFQ.quoteNumber"),
        ("<email>a@example.org</email>", "", "email"),
    ] {
        let answer = tinkoff.calculate(&again(&number).replacen(good, bad, 1)).await;
        assert!(element(&answer, "description").unwrap().contains(named), "{answer}");
    }
    assert!(refused(tinkoff.calculate(&again("300000000")).await).contains("не найден"));
}

#[tokio::test]
async fn the_final_price_drifts_from_the_quoted_one() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = client::with(Knobs { drift, ..Knobs::default() }).await;
    let tinkoff = Tinkoff::new(&simulation);
    let first = tinkoff.calculate(&set()).await;
    let number = element(&first, "setNumber").unwrap();
    let (quoted, settled) = (price(&first), price(&tinkoff.calculate(&again(&number)).await));
    assert!(quoted != settled && (0.89..1.11).contains(&(settled / quoted)), "{quoted} to {settled}");
}

#[tokio::test]
async fn an_application_is_declined_by_the_insurer_or_by_the_registry_and_not_issued() {
    for (knobs, registry) in [
        (Knobs { application_decline: 1.0, ..Knobs::default() }, false),
        (Knobs { registry_failed: 1.0, ..Knobs::default() }, true),
    ] {
        let simulation = client::with(knobs).await;
        let tinkoff = Tinkoff::new(&simulation);
        let (number, answer) = tinkoff.final_price().await;
        assert_eq!(element(&answer, "totalPremium"), None, "{answer}");
        assert_eq!(element(&answer, "descr").unwrap_or_default().contains("РСА"), registry, "{answer}");
        assert_eq!(refused(tinkoff.issue(&number).await).contains("РСА"), registry);
        assert_eq!(tinkoff.state(&number).await[0], "QUOTED");
        assert_eq!(tinkoff.print(&number, "draft").await, None);
        // A set that was never calculated again is checked when it is issued.
        let number = tinkoff.quote().await;
        assert_eq!(refused(tinkoff.issue(&number).await).contains("РСА"), registry);
        let declined = simulation.journal().iter().filter(|call| call.outcome == Outcome::Declined).count();
        assert_eq!(declined, 3);
    }
}

#[tokio::test]
async fn calls_in_the_wrong_order_are_refused() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    for method in ["issueQuoteSetPartner", "getPaymentReferencePartner", "getPolicyStatusPartner"] {
        assert!(refused(tinkoff.about(method, "300000000").await).contains("не найден"), "{method}");
    }
    let (number, _) = tinkoff.final_price().await;
    assert!(refused(tinkoff.link(&number).await).contains("не оформлен"));
    tinkoff.issue(&number).await;
    assert!(refused(tinkoff.issue(&number).await).contains("уже оформлен"));
    assert!(refused(tinkoff.calculate(&again(&number)).await).contains("уже оформлен"));
    let [url] = elements(&tinkoff.link(&number).await, ["paymentURL"]);
    act(&url, "pay").await;
    assert!(refused(tinkoff.link(&number).await).contains("оплачен"));
}

#[tokio::test]
async fn a_payment_that_was_given_up_can_be_begun_again_on_another_page() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    let (number, url) = tinkoff.page().await;
    act(&url, "cancel").await;
    assert_eq!(tinkoff.state(&number).await[0], "CANCELLED");
    let [other] = elements(&tinkoff.link(&number).await, ["paymentURL"]);
    assert_ne!(other, url);
    act(&other, "pay").await;
    assert_eq!(tinkoff.state(&number).await[0], "PAID");
}

#[tokio::test]
async fn a_link_that_fails_is_an_error_of_the_wire() {
    let simulation = client::with(Knobs { link_fails: 1.0, ..Knobs::default() }).await;
    let tinkoff = Tinkoff::new(&simulation);
    let (number, _) = tinkoff.final_price().await;
    tinkoff.issue(&number).await;
    assert!(refused(tinkoff.link(&number).await).contains("не отвечает"));
    assert_eq!(tinkoff.state(&number).await[0], "ISSUED");
}

#[tokio::test]
async fn the_insurers_own_call_carries_the_number_of_the_policy_and_its_secret() {
    let gateway = Gateway::start(0).await;
    let callbacks = Callbacks { share: 1.0, ..Callbacks::default() };
    let simulation = client::with(Knobs { callbacks, ..Knobs::default() }).await;
    simulation.notify(&gateway.url);
    let tinkoff = Tinkoff::new(&simulation);
    let (number, url) = tinkoff.page().await;
    act(&url, "pay").await;
    client::until(|| !gateway.calls().is_empty()).await;
    let call = gateway.calls().remove(0);
    assert_eq!(call.path, "/insurers/tinkoff/callback");
    let quote = number.parse::<u64>().unwrap() + 100_000_000;
    let secret = &tinkoff.insurer.callback_secret;
    assert_eq!(call.body, format!("key={secret}&policyNumber={quote}&status=PAID"));
}

#[tokio::test]
async fn faults_after_the_quote_leave_the_quote_alone_and_speak_the_methods_name() {
    let sale_faults = Faults::default().with(Fault::RegistryDown, 1.0);
    let simulation = client::with(Knobs { sale_faults, ..Knobs::default() }).await;
    let tinkoff = Tinkoff::new(&simulation);
    let (_, answer) = tinkoff.final_price().await;
    assert!(answer.contains("<calcPartnerFQuoteResponse>"), "{answer}");
    assert!(refused(answer).contains("РСА временно недоступен"));
    assert!(tinkoff.insurer.sales().is_empty(), "it was not carried out");
}
