//! The fake gateway's selling: three offers, one of which has cross-sales.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    fake::{Fake, Flaw, PDF, error, wrong},
    http::{Received, Reply},
};

const PLAIN: &str = "plain-1";
const CROSS: &str = "cross-2";
const REFUSED: &str = "refused-3";

/// How far the sale is.
#[derive(Default)]
pub struct State {
    looks: u32,
    confirmed: Option<Value>,
    paid: bool,
    drafts: u32,
    policies: u32,
}

impl State {
    pub fn is_paid(&self) -> bool {
        self.paid
    }

    /// Some looks after the payment.
    pub fn is_closed(&self) -> bool {
        self.paid && self.policies > 1
    }
}

impl Fake {
    /// Offers as they are now: the cheapest has no cross-sales.
    pub fn offers(&self) -> Vec<Value> {
        let ready = self.polls > 1;
        let mut plain = self.priced(PLAIN, 10_000.0, if ready { "PRE_CALC_READY" } else { "PRE_CALC_SENT" });
        if !ready {
            plain.as_object_mut().unwrap().remove("price");
        }
        if self.sale.paid && !self.has(Flaw::ForeverForSale) {
            plain["status"] = "CLOSED_OTHER_OFFER".into();
        }
        let partner = json!({ "code": 12, "name": "Три" });
        let refused =
            json!({ "offer_id": REFUSED, "partner": partner, "status": "REJECTED", "message": "Нет" });
        let cross = self.cross();
        // Before the first has its price, the other one is the cheapest.
        if ready { vec![plain, cross, refused] } else { vec![cross, plain, refused] }
    }

    fn priced(&self, id: &str, price: f64, status: &str) -> Value {
        let partner = json!({ "code": 10, "name": format!("Страхование {id}") });
        let price = if self.has(Flaw::PriceText) { json!(price.to_string()) } else { json!(price) };
        json!({ "offer_id": id, "partner": partner, "status": status, "price": price, "is_reinsurance_pool": false })
    }

    fn cross(&self) -> Value {
        let state = &self.sale;
        let status = match (state.is_closed(), state.paid, &state.confirmed, state.looks) {
            (true, ..) => "CLOSED_PAID",
            (_, true, ..) => "PAYMENT_COMPLETED",
            (_, _, Some(_), _) => "PAYMENT_READY",
            (.., 0..=1) => "PRE_CALC_READY",
            _ => "APPROVED",
        };
        let options = if self.has(Flaw::FreeOptions) { 0.0 } else { 500.55 };
        let price = 12_000.1 + if state.confirmed.is_some() { options } else { 0.0 };
        let mut offer = self.priced(CROSS, price, status);
        if status == "APPROVED" && self.has(Flaw::PriceLost) {
            offer.as_object_mut().unwrap().remove("price");
        }
        let option = |id: i64, group: i64, default: bool| {
            json!({
                "id": id, "compatibility_id": group, "is_default": default, "price": 500.55,
                "name": "Вариант", "description": "", "insured": "Водитель",
                "risk_payments": [{ "risk": "Травма", "pays": ["100 000 ₽"] }],
            })
        };
        let upsale = |id: &str, required: bool, options: Value| {
            json!({
                "id": id, "is_required": required, "short_name": "НС", "full_name": "Несчастный случай",
                "insured": "Водитель", "insurance_period": "1 год", "options": options,
            })
        };
        offer["upsales"] = json!([
            upsale("accident", true, json!([option(1, 1, true), option(2, 2, false)])),
            upsale("tow", false, json!([option(3, 1, true), option(4, 2, false)])),
        ]);
        if state.confirmed.is_some() {
            offer["payment_url"] = format!("{}/pay?order=1", self.base).into();
        }
        if status == "CLOSED_PAID" {
            offer["policy_series"] = "ХХХ".into();
            if !self.has(Flaw::Numberless) {
                offer["policy_number"] = "0100000001".into();
            }
        }
        offer
    }

    pub fn offer(&mut self, got: &Received, _: Uuid) -> Reply {
        let id = got.parameter("offer_id").unwrap_or_default();
        if id == CROSS {
            self.sale.looks += 1;
        }
        match self.offers().into_iter().find(|offer| offer["offer_id"] == id) {
            Some(offer) => Reply::json(200, &offer),
            None => error(404, got),
        }
    }

    pub fn confirm(&mut self, got: &Received) -> Reply {
        let Ok(body) = serde_json::from_slice::<Value>(&got.body) else { return wrong(None, &[]) };
        let own = body["request_id"].as_str().and_then(|id| id.parse::<Uuid>().ok());
        let mut fields: Vec<&str> = Vec::new();
        if own.is_none() {
            fields.push("request_id");
        }
        if body["offer_id"].is_null() {
            fields.push("offer_id");
        }
        if own.is_some() && self.requested.as_ref().map(|(id, _)| *id) != own {
            return error(404, got);
        }
        let urls = &body["return_urls"];
        for (name, path) in
            [("success_url", "return_urls.success_url"), ("failure_url", "return_urls.failure_url")]
        {
            let good = urls[name].as_str().is_some_and(|url| url.starts_with("https://"));
            if urls.is_object() && !good && !self.has(Flaw::AnyReturnAddress) {
                fields.push(path);
            }
        }
        if fields.is_empty() && !matches!(body["offer_id"].as_str(), Some(CROSS | PLAIN)) {
            fields.push("offer_id");
        }
        fields.extend(self.wrong_cross_sales(&body["upsales"]));
        if !fields.is_empty() {
            return wrong(own, &fields);
        }
        let upsales = ids(&body["upsales"]);
        match &self.sale.confirmed {
            Some(before) if *before != upsales && self.sale.paid && !self.has(Flaw::AlwaysConfirmable) => {
                wrong(own, &["offer_id"])
            }
            _ => {
                self.sale.confirmed = Some(upsales);
                Reply::json(200, &self.cross())
            }
        }
    }

    fn wrong_cross_sales(&self, upsales: &Value) -> Option<&'static str> {
        let picks: Vec<(&str, String)> = upsales
            .as_array()?
            .iter()
            .map(|pick| (pick["upsale_id"].as_str().unwrap_or_default(), id(&pick["option_id"])))
            .collect();
        let offered: &[(&str, &str, u8)] =
            &[("accident", "1", 1), ("accident", "2", 2), ("tow", "3", 1), ("tow", "4", 2)];
        let numbers = upsales.as_array()?.iter().any(|pick| pick["option_id"].is_number());
        if numbers && self.has(Flaw::TextOptionsOnly) {
            return Some("upsales[0].option_id");
        }
        if self.has(Flaw::AnyCrossSale) || self.sale.paid {
            return None;
        }
        if picks.iter().any(|(upsale, _)| !matches!(*upsale, "accident" | "tow")) {
            return Some("upsales[0].upsale_id");
        }
        let mut groups = Vec::new();
        for (upsale, option) in &picks {
            match offered.iter().find(|(of, id, _)| of == upsale && id == option) {
                Some((.., group)) => groups.push(*group),
                None => return Some("upsales[0].option_id"),
            }
        }
        groups.dedup();
        let upsale_ids: Vec<&str> = picks.iter().map(|(upsale, _)| *upsale).collect();
        let twice = (1..upsale_ids.len()).any(|index| upsale_ids[..index].contains(&upsale_ids[index]));
        let lacks = !upsale_ids.contains(&"accident");
        (groups.len() > 1 || twice || lacks).then_some("upsales")
    }

    pub fn draft(&mut self, got: &Received, request_id: Uuid) -> Reply {
        let Some(id) = self.known_offer(got) else { return error(404, got) };
        self.sale.drafts += 1;
        if self.sale.drafts == 1 {
            return Reply::json(
                200,
                &json!({ "request_id": request_id, "offer_id": id, "status": "inProcess" }),
            );
        }
        self.document(got, json!({ "request_id": request_id, "offer_id": id, "status": "success" }))
    }

    pub fn policy(&mut self, got: &Received, request_id: Uuid) -> Reply {
        let Some(id) = self.known_offer(got) else { return error(404, got) };
        if self.sale.paid {
            self.sale.policies += 1;
        }
        let status = self.cross()["status"].clone();
        let answer = json!({ "request_id": request_id, "offer_id": id, "status": status });
        if status == "CLOSED_PAID" || self.has(Flaw::EarlyPolicy) {
            return self.document(got, answer);
        }
        Reply::json(200, &answer)
    }

    fn document(&self, got: &Received, mut answer: Value) -> Reply {
        let bytes = if self.has(Flaw::NoPdf) { b"<html>" } else { PDF };
        if got.parameter("format") == Some("binary") {
            return Reply::pdf(bytes);
        }
        let data = format!("data:application/pdf;base64,{}", STANDARD.encode(bytes));
        answer["file"] = json!({ "type": "base64", "data": data });
        answer["url"] = format!("{}/file?signature=1", self.base).into();
        Reply::json(200, &answer)
    }

    fn known_offer(&self, got: &Received) -> Option<String> {
        let id = got.parameter("offer_id")?;
        matches!(id, CROSS | PLAIN).then(|| id.to_owned())
    }

    pub fn payment_page(&mut self, got: &Received) -> Reply {
        if got.method == "POST" && got.body == b"action=pay" {
            self.sale.paid = true;
            return Reply::page("<p>Спасибо</p>");
        }
        let meta = if self.simulated { "<meta name=\"veer-simulated-payment\" content=\"1\">" } else { "" };
        Reply::page(&format!("<html><head>{meta}</head></html>"))
    }
}

/// Options' ids are the same as text and as numbers.
fn ids(upsales: &Value) -> Value {
    let picks = upsales.as_array().into_iter().flatten();
    picks.map(|pick| json!([pick["upsale_id"], id(&pick["option_id"])])).collect()
}

fn id(option: &Value) -> String {
    option.as_str().map_or_else(|| option.to_string(), str::to_owned)
}
