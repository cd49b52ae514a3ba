//! Answers, held against the generated document.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use veer_contract::domain::{
    Coefficient, Coefficients, CrossSale, CrossSaleOption, Kopecks, Offer, OfferRef, Premium, QuoteRequest,
    RiskPayment,
};

use super::schema::standing_alone;
use crate::{
    calculation::{CalculationStatus, InsurerIdentity, OfferEntry, OfferStatus, Render, View},
    offers::links::FileLinks,
    partner::{PartnerRender, sample, translate::quote_request},
};

/// Both answers, as JSON that keeps to the document.
pub(super) fn rendered(request: &QuoteRequest, offers: &[OfferEntry], priced_only: bool) -> (Value, Value) {
    let links = FileLinks::new([7; 32], Duration::from_secs(3600));
    links.begin_with("https://osago.example.ru");
    let render = PartnerRender { code: 12, name: "Веер".into(), logo_url: None, links };
    let request_id = "550e8400-e29b-41d4-a716-446655440000".parse().unwrap();
    let status = CalculationStatus::Ready;
    let answer = render.render(&View { request_id, status, request, offers, priced_only });
    let conforming = |bytes: &[u8], schema: &str| -> Value {
        let answer = serde_json::from_slice(bytes).unwrap();
        let validator = jsonschema::validator_for(&standing_alone(schema)).unwrap();
        let broken: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
        assert!(broken.is_empty(), "{broken:?}");
        answer
    };
    (conforming(&answer.calculation, "Calculation"), conforming(&answer.status, "StatusAnswer"))
}

pub(super) fn request() -> QuoteRequest {
    quote_request(sample::read(&sample::body()))
}

pub(super) fn entry(id: &str, partner_code: i64, status: OfferStatus, offer: Option<Offer>) -> OfferEntry {
    let insurer = InsurerIdentity {
        code: format!("insurer-{partner_code}"),
        company: None,
        partner_code,
        name: format!("Страховщик {partner_code}"),
        logo_url: Some(format!("//veer.example/{partner_code}.svg")),
    };
    OfferEntry {
        offer_id: id.into(),
        insurer: Arc::new(insurer),
        status,
        offer,
        message: None,
        expires: None,
        sale: None,
    }
}

pub(super) fn priced(kopecks: i64) -> Offer {
    Offer::priced("only", OfferRef::of("id", "1"), Premium::Final(Kopecks::new(kopecks)))
}

fn coefficient(text: &str) -> Option<Coefficient> {
    Some(Coefficient::parse(text).unwrap())
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["offers"].as_array().unwrap().iter().map(|offer| offer["offer_id"].as_str().unwrap()).collect()
}

#[test]
fn an_offer_says_all_that_is_known_and_no_more() {
    let mut offer = priced(707_235);
    offer.is_reinsurance_pool = Some(false);
    offer.message = Some("Требуется осмотр".into());
    offer.cross_sales = vec![cross_sale(false)];
    let offers = [
        entry("a", 7, OfferStatus::PreCalcReady, Some(offer)),
        OfferEntry {
            message: Some("Страховщик отказал".into()),
            ..entry("b", 8, OfferStatus::Rejected, None)
        },
    ];
    let (calculation, status) = rendered(&request(), &offers, false);
    assert_eq!(
        calculation,
        json!({
            "request_id": "550e8400-e29b-41d4-a716-446655440000",
            "status": "CALCULATION_READY",
            "partner": {"code": 12, "name": "Веер"},
            "offers": [
                {
                    "offer_id": "a",
                    "partner": {"code": 7, "name": "Страховщик 7", "logo_url": "//veer.example/7.svg"},
                    "status": "PRE_CALC_READY",
                    "price": 7072.35,
                    "is_prolongation": false,
                    "is_ext_prolongation": false,
                    "is_reinsurance_pool": false,
                    "message": "Требуется осмотр",
                    "upsales": [{
                        "id": "112234",
                        "is_required": false,
                        "upsale_code": "AccidentPassengersPoolForEOsago150",
                        "short_name": "Страхование пассажиров",
                        "full_name": "Страхование пассажиров от несчастного случая",
                        "insured": "Все, кто находился в машине",
                        "insurance_period": "1 год",
                        "options": [{
                            "id": 1,
                            "is_default": false,
                            "compatibility_id": 1,
                            "name": "Страхование пассажиров",
                            "description": "От несчастного случая",
                            "insured": "До 5 человек",
                            "risk_payments": [{"risk": "Травма", "pays": ["По таблице"]}],
                            "price": 1480,
                        }],
                    }],
                },
                {
                    "offer_id": "b",
                    "partner": {"code": 8, "name": "Страховщик 8", "logo_url": "//veer.example/8.svg"},
                    "status": "REJECTED",
                    "message": "Страховщик отказал",
                },
            ],
        })
    );
    assert_eq!(
        status,
        json!({
            "request_id": "550e8400-e29b-41d4-a716-446655440000",
            "status": "CALCULATION_READY",
            "offers": [
                {"offer_id": "a", "offer_status": "PRE_CALC_READY"},
                {"offer_id": "b", "offer_status": "REJECTED"},
            ],
        })
    );
}

#[test]
fn the_cheapest_comes_first_and_the_order_does_not_depend_on_who_was_first() {
    let mut offers = vec![
        entry("waiting-9", 9, OfferStatus::PreCalcSent, None),
        entry("dear", 1, OfferStatus::PreCalcReady, Some(priced(900_000))),
        entry("waiting-2", 2, OfferStatus::Rejected, None),
        entry("cheap", 3, OfferStatus::PreCalcReady, Some(priced(899_999))),
        entry("also-dear", 4, OfferStatus::Approved, Some(priced(900_000))),
        entry("taken-back", 5, OfferStatus::Rejected, Some(priced(1))),
    ];
    let expected = ["cheap", "dear", "also-dear", "waiting-2", "taken-back", "waiting-9"];
    for _ in 0..offers.len() {
        let (calculation, status) = rendered(&request(), &offers, false);
        assert_eq!(ids(&calculation), expected);
        assert_eq!(ids(&status), expected);
        assert_eq!(calculation["offers"][4].get("price"), None);
        offers.rotate_left(1);
    }
}

#[test]
fn a_partner_may_see_priced_offers_only() {
    let offers = [
        entry("waiting", 1, OfferStatus::PreCalcSent, None),
        entry("priced", 2, OfferStatus::PreCalcReady, Some(priced(100))),
        entry("taken-back", 3, OfferStatus::Rejected, Some(priced(1))),
    ];
    let (calculation, status) = rendered(&request(), &offers, true);
    assert_eq!(ids(&calculation), ["priced"]);
    assert_eq!(ids(&status), ["priced"]);
}

#[test]
fn nothing_known_yet_is_an_empty_list() {
    let (calculation, status) = rendered(&request(), &[], false);
    assert_eq!(calculation["offers"], json!([]));
    assert_eq!(status["offers"], json!([]));
    assert_eq!(calculation.get("drivers"), None);
}

#[test]
fn drivers_carry_the_coefficients_of_the_cheapest_offer_that_has_them() {
    let whole = Coefficients {
        base_rate: coefficient("6896"),
        territory: coefficient("1.8"),
        bonus_malus: coefficient("1.17"),
        ..Coefficients::default()
    };
    let own = Coefficients {
        bonus_malus: coefficient("0.46"),
        age_experience: coefficient("0.83"),
        ..Coefficients::default()
    };
    let dear = Offer { coefficients: whole, ..priced(500) };
    let cheaper = Offer { coefficients: whole, driver_coefficients: vec![own], ..priced(400) };
    let offers = [
        entry("dear", 1, OfferStatus::PreCalcReady, Some(dear)),
        entry("cheaper", 2, OfferStatus::PreCalcReady, Some(cheaper)),
        entry("silent", 3, OfferStatus::PreCalcReady, Some(priced(300))),
    ];
    let (calculation, _) = rendered(&request(), &offers, false);
    assert_eq!(
        calculation["drivers"],
        json!([{
            "series": "77AA",
            "number": "123456",
            "coefficients": {"tb": 6896, "kt": 1.8, "kbm": 0.46, "kvs": 0.83},
        }])
    );

    let mut body = sample::body();
    body["drivers_info"]["is_unlimited_drivers"] = json!(true);
    let unlimited = quote_request(sample::read(&body));
    let (calculation, _) = rendered(&unlimited, &offers, false);
    assert_eq!(calculation.get("drivers"), None);
}

#[test]
fn where_cross_sales_are_not_allowed_only_the_mandatory_are_shown() {
    let offer = Offer { cross_sales: vec![cross_sale(false), cross_sale(true)], ..priced(100) };
    let offers = [entry("a", 1, OfferStatus::PreCalcReady, Some(offer))];
    let required = |request: &QuoteRequest| -> Vec<Value> {
        let (calculation, _) = rendered(request, &offers, false);
        let upsales = calculation["offers"][0]["upsales"].as_array().unwrap();
        upsales.iter().map(|upsale| upsale["is_required"].clone()).collect()
    };
    let allowed = request();
    assert_eq!(required(&allowed), [json!(false), json!(true)]);
    assert_eq!(required(&QuoteRequest { cross_sales_allowed: false, ..allowed }), [json!(true)]);
}

pub(super) fn cross_sale(required: bool) -> CrossSale {
    CrossSale {
        id: "112234".into(),
        required,
        code: Some("AccidentPassengersPoolForEOsago150".into()),
        short_name: "Страхование пассажиров".into(),
        full_name: "Страхование пассажиров от несчастного случая".into(),
        insured: "Все, кто находился в машине".into(),
        insurance_period: "1 год".into(),
        options: vec![CrossSaleOption {
            id: 1,
            is_default: false,
            compatibility_id: 1,
            name: "Страхование пассажиров".into(),
            description: "От несчастного случая".into(),
            insured: "До 5 человек".into(),
            risk_payments: vec![RiskPayment {
                risk: "Травма".into(), pays: vec!["По таблице".into()]
            }],
            price: Kopecks::new(148_000),
        }],
    }
}
