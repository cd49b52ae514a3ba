//! A gateway that keeps the contract, or breaks it in one way.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    dictionary,
    http::{Received, Reply},
    sale,
};

/// One way to break the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Everybody may ask.
    OpenDoor,
    /// Only the first wrong field is named.
    FirstFieldOnly,
    /// A repetition gets a date of its own.
    NewDate,
    /// A repetition with other content is accepted.
    OtherContent,
    /// A status is taken back.
    StatusBack,
    /// The statuses' address tells another one.
    OtherStatus,
    /// Offers are not sorted.
    DearestFirst,
    /// Prices are text.
    PriceText,
    /// An offer stands there twice.
    OfferTwice,
    /// The final price is lost.
    PriceLost,
    /// Cross-sales are not looked at.
    AnyCrossSale,
    /// Return addresses are not looked at.
    AnyReturnAddress,
    /// Options cost nothing.
    FreeOptions,
    /// An option's id must be text.
    TextOptionsOnly,
    /// Files are no PDFs.
    NoPdf,
    /// Addresses of files need credentials.
    LockedFiles,
    /// Any format is taken for base64.
    AnyFormat,
    /// The policy is there before it is paid.
    EarlyPolicy,
    /// The policy has no number.
    Numberless,
    /// Other offers stay for sale.
    ForeverForSale,
    /// Another confirmation is taken after the payment.
    AlwaysConfirmable,
    /// The whole tree has a model that is not listed.
    TreeDisagrees,
    /// The dictionary has no brand.
    EmptyDictionary,
    /// A vehicle is told with ids of another dictionary.
    ForeignIds,
    /// Another vehicle is told than the one that was asked for.
    OtherVehicle,
}

pub const TOKEN: &str = "fake-token";
pub const PDF: &[u8] = b"%PDF-1.4\nfake\n%%EOF";

/// What it knows.
pub struct Fake {
    pub flaw: Option<Flaw>,
    /// Whether it has a vehicle dictionary.
    pub dictionary: bool,
    /// Whether its payment page is a simulated one.
    pub simulated: bool,
    pub base: String,
    pub requested: Option<(Uuid, Value)>,
    pub polls: u32,
    pub sale: sale::State,
}

impl Fake {
    pub fn new(base: String) -> Self {
        let sale = sale::State::default();
        Self { flaw: None, dictionary: false, simulated: true, base, requested: None, polls: 0, sale }
    }

    pub fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    pub fn answer(&mut self, got: &Received) -> Reply {
        match got.path.as_str() {
            "/pay" => return self.payment_page(got),
            "/file" if !self.has(Flaw::LockedFiles) => return Reply::pdf(PDF),
            _ => {}
        }
        if got.authorization.as_deref() != Some(&format!("Bearer {TOKEN}")) && !self.has(Flaw::OpenDoor) {
            return error(403, got);
        }
        match (got.method.as_str(), got.path.as_str()) {
            ("POST", "/osago/calculate") => self.accept(got),
            ("GET", "/osago/calculate") => self.known(got, Self::calculation),
            ("GET", "/osago/calculate/status") => self.known(got, Self::statuses),
            ("GET", "/osago/offer") => self.known(got, Self::offer),
            ("POST", "/osago/offer") => self.confirm(got),
            ("GET", "/osago/offer/draft") => self.known(got, Self::draft),
            ("GET", "/osago/offer/policy") => self.known(got, Self::policy),
            ("GET", path) if self.dictionary => {
                dictionary::answer(path, got, self.flaw).unwrap_or_else(|| error(404, got))
            }
            (_, "/osago/calculate") => error(405, got),
            _ => error(404, got),
        }
    }

    fn accept(&mut self, got: &Received) -> Reply {
        let Ok(Value::Object(body)) = serde_json::from_slice(&got.body) else { return wrong(None, &[]) };
        let body = Value::Object(body);
        let own = body["request_id"].as_str().and_then(|id| id.parse::<Uuid>().ok());
        let mut fields = wrong_fields(&body);
        if self.has(Flaw::FirstFieldOnly) {
            fields.truncate(1);
        }
        let (Some(id), true) = (own, fields.is_empty()) else { return wrong(own, &fields) };
        let repeated = self.requested.is_some();
        match &self.requested {
            Some((known, before)) if *known == id && *before != body && !self.has(Flaw::OtherContent) => {
                return wrong(own, &["request_id"]);
            }
            _ => self.requested = Some((id, body)),
        }
        let second = if repeated && self.has(Flaw::NewDate) { 1 } else { 0 };
        let date = format!("2026-11-01T12:00:0{second}Z");
        Reply::json(200, &json!({ "request_id": id, "calculation_date": date }))
    }

    /// Answers where the calculation is known, and the query is good.
    fn known(&mut self, got: &Received, answer: fn(&mut Self, &Received, Uuid) -> Reply) -> Reply {
        let own = got.parameter("request_id").and_then(|id| id.parse::<Uuid>().ok());
        let mut fields = Vec::new();
        if own.is_none() {
            fields.push("request_id");
        }
        if got.path.starts_with("/osago/offer") && got.parameter("offer_id").is_none() {
            fields.push("offer_id");
        }
        let format = got.parameter("format").unwrap_or("base64");
        if !matches!(format, "base64" | "binary") && !self.has(Flaw::AnyFormat) {
            fields.push("format");
        }
        match own {
            Some(id) if fields.is_empty() => {
                let known = self.requested.as_ref().is_some_and(|(known, _)| *known == id);
                if known { answer(self, got, id) } else { error(404, got) }
            }
            _ => wrong(own, &fields),
        }
    }

    fn calculation(&mut self, _: &Received, id: Uuid) -> Reply {
        self.polls += 1;
        let mut offers = self.offers();
        if self.has(Flaw::DearestFirst) {
            offers.swap(0, 1);
        }
        if self.has(Flaw::OfferTwice) {
            offers.push(offers[2].clone());
        }
        let status = self.status();
        let partner = json!({ "code": 1, "name": "Агрегатор", "logo_url": "//a.example/l.gif" });
        let drivers = json!([{ "series": "77AA", "number": "1", "coefficients": { "kbm": 0.63 } }]);
        Reply::json(
            200,
            &json!({ "request_id": id, "status": status, "partner": partner, "offers": offers, "drivers": drivers }),
        )
    }

    fn statuses(&mut self, _: &Received, id: Uuid) -> Reply {
        let mut offers: Vec<Value> = self
            .offers()
            .iter()
            .map(|offer| json!({ "offer_id": offer["offer_id"], "offer_status": offer["status"] }))
            .collect();
        if self.has(Flaw::OtherStatus) && self.status() == "CALCULATION_READY" {
            offers[2]["offer_status"] = "OFFER_ERROR".into();
        }
        Reply::json(200, &json!({ "request_id": id, "status": self.status(), "offers": offers }))
    }

    fn status(&self) -> &'static str {
        match (self.sale.is_closed(), self.sale.is_paid(), self.polls) {
            (true, ..) => "CLOSED",
            (_, true, _) => "PAID",
            (_, _, 0) => "DRAFT",
            (_, _, 2) if self.has(Flaw::StatusBack) => "DRAFT",
            (_, _, 1..=3) => "PARTNER_CALCULATION_IN_PROGRESS",
            _ => "CALCULATION_READY",
        }
    }
}

/// An error without fields.
pub fn error(status: u16, got: &Received) -> Reply {
    let body: Value = serde_json::from_slice(&got.body).unwrap_or_default();
    let own = got.parameter("request_id").or(body["request_id"].as_str());
    let id = own.and_then(|id| id.parse::<Uuid>().ok()).unwrap_or_else(Uuid::new_v4);
    Reply::json(status, &json!({ "request_id": id, "message": "No." }))
}

/// A 400.
pub fn wrong(own: Option<Uuid>, fields: &[&str]) -> Reply {
    let properties: Vec<Value> =
        fields.iter().map(|field| json!({ "property": field, "message": "is wrong" })).collect();
    let id = own.unwrap_or_else(Uuid::new_v4);
    Reply::json(400, &json!({ "request_id": id, "message": "Wrong.", "properties": properties }))
}

fn wrong_fields(body: &Value) -> Vec<&'static str> {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let rules = [
        ("drivers_info", body["drivers_info"].is_object()),
        ("insurer", body["insurer"].is_object()),
        ("is_cross_allowed", body["is_cross_allowed"].is_boolean()),
        ("owner", body["owner"].is_object()),
        ("partner", body["partner"].is_string()),
        ("policy_start_date", text("/policy_start_date").contains('T')),
        ("product_type", body["product_type"].is_string()),
        ("request_id", text("/request_id").parse::<Uuid>().is_ok()),
        ("vehicle", body["vehicle"].is_object()),
    ];
    let missing: Vec<&str> = rules.iter().filter(|(_, holds)| !holds).map(|(field, _)| *field).collect();
    if !missing.is_empty() {
        return missing;
    }
    let nested = [
        (
            "drivers_info.drivers[0].license.date",
            text("/drivers_info/drivers/0/license/date") == "2015-06-10",
        ),
        ("insurer.birth_date", text("/insurer/birth_date") != "1980-02-30"),
        ("vehicle.category", text("/vehicle/category") == "B"),
        ("vehicle.car_documents[0].document_type", text("/vehicle/car_documents/0/document_type") == "sts"),
        ("purpose", matches!(text("/purpose"), "taxi" | "personal")),
    ];
    nested.iter().filter(|(_, holds)| !holds).map(|(field, _)| *field).collect()
}
