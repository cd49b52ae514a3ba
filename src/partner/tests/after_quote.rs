//! What an offer says of itself once somebody asked for it: price, payment link, draft, policy.

use serde_json::{Value, json};
use veer_contract::domain::{Kopecks, Offer, OfferRef, SelectedOption};

use super::answers::{cross_sale, entry, priced, rendered, request};
use crate::calculation::{Choice, Link, OfferEntry, OfferStatus, Payment, PolicyNumber, Sale};

/// 1,000 roubles, with a cross-sale of 1,480 roubles.
fn offered() -> Offer {
    Offer { cross_sales: vec![cross_sale(false)], ..priced(100_000) }
}

fn choice(selected: &[(&str, i64)]) -> Choice {
    let one =
        |(id, option_id): &(&str, i64)| SelectedOption { cross_sale_id: (*id).into(), option_id: *option_id };
    Choice { selected: selected.iter().map(one).collect(), return_urls: None, price: Kopecks::new(100_000) }
}

fn link(number: u32, kopecks: i64, choice: Choice) -> Link {
    let url = format!("https://pay.example/{number}");
    Link { url, amount: Kopecks::new(kopecks), reference: OfferRef::default(), choice }
}

/// The offer in that state, as the partner sees it.
fn shown(status: OfferStatus, sale: Sale) -> Value {
    let entry = OfferEntry { sale: Some(Box::new(sale)), ..entry("a", 7, status, Some(offered())) };
    let (calculation, _) = rendered(&request(), &[entry], false);
    calculation["offers"][0].clone()
}

#[test]
fn there_is_a_link_while_it_can_be_paid_and_never_otherwise() {
    for status in OfferStatus::ALL {
        let chosen = choice(&[]);
        let links = vec![link(1, 100_000, chosen.clone()), link(2, 100_000, chosen.clone())];
        let offer = shown(*status, Sale { choice: Some(chosen), links, ..Sale::default() });
        let expected = (*status == OfferStatus::PaymentReady).then(|| json!("https://pay.example/2"));
        assert_eq!(offer.get("payment_url"), expected.as_ref(), "{status}");
    }
}

#[test]
fn the_price_is_all_that_is_to_be_paid() {
    let price = |status, sale| shown(status, sale)["price"].clone();
    assert_eq!(price(OfferStatus::Approved, Sale::default()), json!(1000));
    let with = choice(&[("112234", 1)]);
    let chosen = Sale { choice: Some(with.clone()), confirming: true, ..Sale::default() };
    assert_eq!(price(OfferStatus::Approved, chosen.clone()), json!(2480));
    // The insurer's word on the link counts.
    let linked = Sale { links: vec![link(1, 250_050, with.clone())], confirming: false, ..chosen };
    assert_eq!(price(OfferStatus::PaymentReady, linked.clone()), json!(2500.5));
    // Another choice, whose link has not come: not the old link's amount.
    let other = Sale { choice: Some(choice(&[])), ..linked.clone() };
    assert_eq!(price(OfferStatus::PaymentCancelled, other.clone()), json!(1000));
    // What was paid stays, whatever was wished afterwards.
    let at = jiff::Timestamp::UNIX_EPOCH;
    let paid = Sale { paid: Some(Payment { at, link: 0 }), ..other };
    assert_eq!(price(OfferStatus::PaymentCompleted, paid), json!(2500.5));
}

#[test]
fn what_nobody_can_buy_has_no_price() {
    for status in [OfferStatus::Rejected, OfferStatus::OfferError] {
        let offer = shown(status, Sale { choice: Some(choice(&[])), ..Sale::default() });
        assert_eq!((offer.get("price"), offer.get("upsales")), (None, None), "{status}");
    }
}

#[test]
fn the_draft_has_an_address_once_it_is_there() {
    let none = shown(OfferStatus::Approved, Sale::default());
    assert_eq!(none.get("draft_url"), None);
    let offer = shown(OfferStatus::Approved, Sale { has_draft: true, ..Sale::default() });
    let address = offer["draft_url"].as_str().unwrap();
    assert!(address.starts_with("https://osago.example.ru/files/a/draft.pdf?expires="), "{address}");
    // The same answer as long as nothing changes.
    assert_eq!(shown(OfferStatus::Approved, Sale { has_draft: true, ..Sale::default() }), offer);
}

#[test]
fn the_policy_has_its_numbers_once_it_is_issued() {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let chosen = choice(&[]);
    let links = vec![link(1, 100_000, chosen.clone())];
    let paid = Sale { choice: Some(chosen), links, paid: Some(Payment { at, link: 0 }), ..Sale::default() };
    let offer = shown(OfferStatus::PaymentCompleted, paid.clone());
    assert_eq!((offer.get("policy_series"), offer.get("policy_number")), (None, None));
    let policy = PolicyNumber { series: "ХХХ".into(), number: "0123456789".into() };
    let offer = shown(OfferStatus::ClosedPaid, Sale { policy: Some(policy), has_policy: true, ..paid });
    assert_eq!(offer["status"], "CLOSED_PAID");
    assert_eq!((&offer["policy_series"], &offer["policy_number"]), (&json!("ХХХ"), &json!("0123456789")));
    assert_eq!(offer.get("payment_url"), None);
}

#[test]
fn the_entrys_own_message_comes_first() {
    let offer = Offer { message: Some("Требуется осмотр".into()), ..offered() };
    let told = |message: Option<&str>| {
        let entry = entry("a", 7, OfferStatus::PaymentLinkFailed, Some(offer.clone()));
        let entry = OfferEntry { message: message.map(str::to_owned), ..entry };
        rendered(&request(), &[entry], false).0["offers"][0]["message"].clone()
    };
    assert_eq!(told(None), "Требуется осмотр");
    assert_eq!(told(Some("Ссылка на оплату не получена")), "Ссылка на оплату не получена");
}
