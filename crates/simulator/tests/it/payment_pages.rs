//! The insurers' payment pages.

use std::time::Duration;

use serde_json::json;
use veer_simulator::{Knobs, Wire};

use crate::{
    client::{self, Alfastrah, Ingosstrakh, Renessans, element},
    sell::{act, bills},
};

async fn shown(url: &str) -> (u16, String) {
    let response = client::http().get(url).send().await.unwrap();
    assert!(response.headers()["Content-Type"].to_str().unwrap().starts_with("text/html"));
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_page_names_insurer_and_amount_and_has_two_buttons() {
    let simulation = client::fast().await;
    for (wire, bill) in bills(&simulation).await {
        let insurer = client::of(&simulation, wire);
        assert!(bill.url.starts_with(&format!("{}pay/", insurer.base_url)), "{}", bill.url);
        let (status, page) = shown(&bill.url).await;
        assert_eq!(status, 200);
        let name = match wire {
            Wire::Alfastrah => "АльфаСтрахование",
            Wire::Ingosstrakh => "Ингосстрах",
            Wire::Renessans => "Ренессанс Страхование",
            _ => unreachable!("no bill of it is among them"),
        };
        let kopecks = bill.amount.split_once('.').map_or("00", |(_, kopecks)| kopecks);
        for part in [
            name,
            "<meta name=\"veer-simulated-payment\" content=\"1\">",
            "<form method=\"post\">",
            "value=\"pay\"",
            "value=\"cancel\"",
            &format!(",{kopecks:0<2}\u{a0}₽"),
        ] {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
    }
}

#[tokio::test]
async fn paying_twice_is_harmless_and_says_so() {
    let simulation = client::fast().await;
    for (wire, bill) in bills(&simulation).await {
        let (status, page) = act(&bill.url, "pay").await;
        assert!(status == 200 && page.contains("успешно"), "{page}");
        let (status, page) = act(&bill.url, "pay").await;
        assert!(status == 200 && page.contains("уже оплачен"), "{page}");
        assert_eq!(act(&bill.url, "cancel").await.0, 409, "what is paid stays paid");
        let (_, page) = shown(&bill.url).await;
        assert!(page.contains("оплачен") && !page.contains("<form"), "{page}");
        let [sale] = &client::of(&simulation, wire).sales()[..] else { panic!("one sale") };
        assert_eq!(sale.paid, Some(sale.premium));
    }
}

#[tokio::test]
async fn a_cancelled_bill_is_not_paid_and_a_new_link_is() {
    let simulation = client::fast().await;
    let alfastrah = Alfastrah::new(&simulation);
    let ingosstrakh = Ingosstrakh::new(&simulation);
    let renessans = Renessans::new(&simulation);
    let [(_, alfa), (_, ingos), (_, rens)] = bills(&simulation).await;
    for bill in [&alfa, &ingos, &rens] {
        assert_eq!(act(&bill.url, "cancel").await.0, 200);
        assert_eq!(act(&bill.url, "cancel").await.0, 200);
        let (status, page) = act(&bill.url, "pay").await;
        assert!(status == 409 && page.contains("Оплата отменена"), "{page}");
    }
    assert_eq!(alfastrah.paid(&alfa.application, &alfa.order).await, "CANCELED");
    assert_eq!(ingosstrakh.paid(&ingos.order).await, ["0", "Аннулирован"]);
    let info = renessans.policy(&rens.application, "info").await;
    assert_eq!(info["data"]["return"]["statuspay"], "Отменён");

    let (_, answer) = alfastrah.pay(&alfa.application, json!([])).await;
    let new_alfa = answer["payment_link"].as_str().unwrap().to_owned();
    let isn = element(&ingosstrakh.create_bill(&ingos.application, "").await, "BillISN").unwrap();
    let new_ingos = element(&ingosstrakh.online(&isn).await, "PayURL").unwrap();
    let answer = renessans.policy(&rens.application, "acquiring/renins").await;
    let new_rens = answer["data"]["url"].as_str().unwrap().to_owned();
    for (old, new) in [(alfa.url, new_alfa), (ingos.url, new_ingos), (rens.url, new_rens)] {
        assert_ne!(old, new);
        assert_eq!(act(&new, "pay").await.0, 200);
    }
    let info = renessans.policy(&rens.application, "info").await;
    assert_eq!(info["data"]["return"]["statuspay"], "Оплачен");
    assert!(simulation.insurers().iter().flat_map(|insurer| insurer.sales()).all(|sale| sale.bills == 2));
}

#[tokio::test]
async fn a_new_bill_ends_the_open_one() {
    let simulation = client::fast().await;
    let alfastrah = Alfastrah::new(&simulation);
    let bill = alfastrah.bill().await;
    let (_, answer) = alfastrah.pay(&bill.application, json!([])).await;
    assert_eq!(act(&bill.url, "pay").await.0, 409);
    assert_eq!(act(answer["payment_link"].as_str().unwrap(), "pay").await.0, 200);
    assert_eq!(alfastrah.pay(&bill.application, json!([])).await.0, 400, "it is paid");
}

#[tokio::test]
async fn the_insurer_says_paid_only_after_its_delay() {
    let payment_delay = Duration::from_secs(600);
    let simulation = client::with(Knobs { payment_delay, ..Knobs::default() }).await;
    let [(_, alfa), (_, ingos), (_, rens)] = bills(&simulation).await;
    for bill in [&alfa, &ingos, &rens] {
        assert_eq!(act(&bill.url, "pay").await.0, 200);
    }
    let (alfastrah, ingosstrakh) = (Alfastrah::new(&simulation), Ingosstrakh::new(&simulation));
    let renessans = Renessans::new(&simulation);
    assert_eq!(alfastrah.paid(&alfa.application, &alfa.order).await, "HOLDED");
    assert_eq!(alfastrah.print(&alfa.application, "policy").await.0, 404);
    assert_eq!(ingosstrakh.paid(&ingos.order).await, ["1", "В обработке"]);
    let info = renessans.policy(&rens.application, "info").await;
    assert_eq!(info["data"]["return"]["statuspay"], "");
    for insurer in ["alfastrah", "ingosstrakh", "renessans"] {
        simulation.set_knobs(insurer, Knobs { policy_delay: payment_delay, ..Knobs::default() }).unwrap();
    }
    assert_eq!(alfastrah.paid(&alfa.application, &alfa.order).await, "PAID");
    assert_eq!(alfastrah.print(&alfa.application, "policy").await.0, 404, "paid and not yet issued");
    assert_eq!(ingosstrakh.paid(&ingos.order).await, ["2", "В банке"]);
    assert!(ingosstrakh.look(&ingos.application).await.contains("State=\"ЗАЯВЛЕНИЕ\""));
    let info = renessans.policy(&rens.application, "info").await;
    assert_eq!(info["data"]["return"]["statuspay"], "Оплачен");
    assert_eq!(info["data"]["return"]["status"], "Согласован");
    assert_eq!(info["data"]["return"]["docnumber"], "");
}

#[tokio::test]
async fn a_browser_is_sent_back_where_the_insurer_was_told_to() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    let id = renessans.applied(&[]).await;
    let asked = "acquiring/renins/?success_url=https%3A%2F%2Fshop.example%2Fok%3Fid%3D1&fail_url=https%3A%2F%2Fshop.example%2Fno";
    let answer = renessans.policy(&id, asked).await;
    let url = answer["data"]["url"].as_str().unwrap();
    client::http();
    let browser =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let response = browser.post(url).header("Accept", "text/html").body("action=pay").send().await.unwrap();
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["Location"], "https://shop.example/ok?id=1");
    let response = browser.post(format!("{url}?action=pay")).send().await.unwrap();
    assert_eq!(response.status(), 200, "nobody else is, and the query does as well as the form");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let simulation = client::fast().await;
    let bill = Alfastrah::new(&simulation).bill().await;
    assert_eq!(act(&bill.url, "steal").await.0, 400);
    let unknown = format!("{}pay/0", client::of(&simulation, Wire::Alfastrah).base_url);
    assert_eq!(shown(&unknown).await.0, 404);
    assert_eq!(act(&unknown, "pay").await.0, 404);
    let acts = simulation.journal().into_iter().filter(|call| call.operation.contains("pay/")).count();
    assert_eq!(acts, 0, "the page is the user's, the journal the gateway's");
}
