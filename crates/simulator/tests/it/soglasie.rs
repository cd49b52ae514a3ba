//! soglasie: КБМ over JSON, prices over SOAP, HTTP Basic in two variants.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use veer_simulator::{Fault, Faults, Knobs, Outcome, Running, Simulation, Wire};

use crate::{
    client::{self, element},
    risks::VIN,
};

/// A client of soglasie.
pub struct Soglasie<'a> {
    pub insurer: &'a Running,
    pub http: Client,
}

impl<'a> Soglasie<'a> {
    pub fn new(simulation: &'a Simulation) -> Self {
        Self { insurer: client::of(simulation, Wire::Soglasie), http: client::http() }
    }

    /// One call of the account; the upload of an application is its sub-user's.
    pub async fn send(&self, method: Method, path: &str, body: Option<String>) -> Response {
        let Running { base_url, user, password, key, .. } = self.insurer;
        let request = self.http.request(method, format!("{base_url}{path}"));
        let request = match path {
            "online/api/eosago" => request.basic_auth(user, Some(format!("{user}-sub:{key}"))),
            _ => request.basic_auth(user, Some(password)),
        };
        let kind = if path.starts_with("CCM") { "text/xml; charset=utf-8" } else { "application/json" };
        let request = match body {
            Some(body) => request.header("Content-Type", kind).body(body),
            None => request,
        };
        request.send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.send(Method::GET, path, None).await).await
    }

    pub async fn kbm(&self, body: &Value) -> (u16, Value) {
        let path = "rsaproxy/api/osago/v1/kbm";
        answer(self.send(Method::POST, path, Some(body.to_string())).await).await
    }

    pub async fn calculate(&self, contract: &str) -> (u16, String) {
        let response =
            self.send(Method::POST, "CCM/CCMService", Some(envelope(self.insurer, contract))).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// The price of the example, КБМ first.
    pub async fn price(&self) -> String {
        let (_, rated) = self.kbm(&kbm()).await;
        let (_, priced) = self.calculate(&contract(&rated)).await;
        element(&priced, "result").unwrap_or_else(|| panic!("{priced}"))
    }
}

async fn answer(response: Response) -> (u16, Value) {
    (response.status().as_u16(), client::json(response).await)
}

fn envelope(insurer: &Running, contract: &str) -> String {
    format!(
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
         <ccm:calcProduct xmlns:ccm=\"http://ccm.b2b.soglasie.ru/\"><data><subuser>{}-sub</subuser>\
         <product><brief>ОСАГО</brief></product>{contract}<calc><saveOnError>false</saveOnError></calc></data>\
         </ccm:calcProduct></soap:Body></soap:Envelope>",
        insurer.user
    )
}

/// The КБМ request of the documented example.
pub fn kbm() -> Value {
    json!({
        "vehicleId": {"vin": VIN}, "driverLimitIndicator": true,
        "contractEffectiveDate": "2023-12-01", "contractClosingDate": "2023-11-25",
        "persons": [{"driverLicense": {"countryCode": "643", "docType": 20, "docSeries": "77АА", "docNumber": "123456",
            "lastName": "Иванов", "firstName": "Иван", "middleName": "Иванович", "birthDate": "1980-06-12"},
            "altDriverLicense": null}],
    })
}

/// Its calculation, with the answer to the КБМ request.
fn contract(rated: &Value) -> String {
    let drivers = "<param><id>2128</id><val>77АА123456</val></param><param><id>3206</id><val>Иванов Иван Иванович</val>\
        </param><param><id>11</id><val>43</val></param><param><id>31</id><val>8</val></param>";
    let request = rated["requestId"].as_str().unwrap_or_default();
    let request = format!("<param><brief>ИДРасчетаКБМ</brief><val>{request}</val></param>");
    contract_of(
        "0",
        &format!("{request}{drivers}"),
        &rated["processingResult"]["calculatedKbmValue"].to_string(),
    )
}

fn contract_of(unlimited: &str, more: &str, bonus: &str) -> String {
    let named = [
        ("ВидДокумента", "ДогСтрахЕОСАГО"),
        ("ДопускБезОграничений", unlimited),
        ("ПериодИсп", "12"),
        ("ПотокВвода", "24"),
        ("ПризнСтрахПрицеп", "0"),
        ("Пролонгация", "0"),
        ("СрокСтрах", "8"),
        ("ТерриторияИспользования", "7700000000000"),
        ("ТипСобственникаТС", "1001"),
        ("МодельТС", "100000101"),
        ("Мощность", "150"),
        ("ТипТСОСАГО", "2"),
        ("ТСИностранное", "0"),
        ("ТранзитныйНомер", "0"),
    ];
    let named: String = named
        .into_iter()
        .map(|(brief, value)| format!("<param><brief>{brief}</brief><val>{value}</val></param>"))
        .collect();
    let numbered: String =
        [("32", "1001"), ("846", "5"), ("761", "А123БВ777"), ("1421", VIN), ("1162", "2020")]
            .into_iter()
            .map(|(id, value)| format!("<param><id>{id}</id><val>{value}</val></param>"))
            .collect();
    format!(
        "<contract><datebeg>2023-12-01T00:00:00</datebeg><dateend>2024-11-30T23:59:59</dateend>{named}{numbered}{more}\
         <coeff><brief>Кбм</brief><val>{bonus}</val></coeff><datecalc>2023-11-25T00:00:00</datecalc></contract>"
    )
}

#[tokio::test]
async fn the_example_is_priced_with_the_registers_class() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    let (status, rated) = soglasie.kbm(&kbm()).await;
    assert_eq!((status, &rated["statusCode"]), (200, &json!(3)), "{rated}");
    let rows = &rated["processingResult"]["calculateKbmResponses"];
    assert_eq!(rows[0]["kbm"], rated["processingResult"]["calculatedKbmValue"]);
    let (status, priced) = soglasie.calculate(&contract(&rated)).await;
    let amount: f64 = element(&priced, "result").unwrap().parse().unwrap();
    assert!(status == 200 && (1000.0..60_000.0).contains(&amount), "{priced}");
    assert_eq!(soglasie.price().await, element(&priced, "result").unwrap());
    let risks: std::collections::BTreeSet<_> =
        simulation.journal().into_iter().map(|call| call.risk).collect();
    assert_eq!(risks.len(), 1, "КБМ and price are about one risk");
}

#[tokio::test]
async fn unlimited_drivers_need_no_request_to_the_register() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    let (_, priced) = soglasie.calculate(&contract_of("1", "", "1.17")).await;
    assert!(element(&priced, "result").unwrap().parse::<f64>().unwrap() > 1000.0, "{priced}");
    let with_request = "<param><id>5823</id><val>x</val></param>";
    let (_, refused) = soglasie.calculate(&contract_of("1", with_request, "1.17")).await;
    assert!(refused.contains("5823"), "{refused}");
}

#[tokio::test]
async fn a_class_that_the_register_did_not_give_is_refused() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    let (_, rated) = soglasie.kbm(&kbm()).await;
    for (place, value) in [
        ("requestId", json!("11111111-1111-4111-8111-111111111111")),
        ("processingResult", json!({"calculatedKbmValue": 0.01})),
    ] {
        let mut other = rated.clone();
        other[place] = value;
        let (status, refused) = soglasie.calculate(&contract(&other)).await;
        assert_eq!((status, element(&refused, "result").as_deref()), (200, Some("0")));
        assert!(refused.contains("ИДРасчетаКБМ"), "{refused}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused_and_the_two_variants_are_told_apart() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    let Running { base_url, user, password, key, .. } = soglasie.insurer;
    let post = async |path: &str, password: &str| {
        let request = soglasie.http.post(format!("{base_url}{path}")).basic_auth(user, Some(password));
        request.body("{}").send().await.unwrap().status().as_u16()
    };
    let sub = format!("{user}-sub:{key}");
    assert_eq!(post("rsaproxy/api/osago/v1/kbm", "wrong").await, 401);
    assert_eq!(post("rsaproxy/api/osago/v1/kbm", &sub).await, 401);
    assert_eq!(post("online/api/eosago", password).await, 401);
    assert!(simulation.journal().is_empty(), "such calls are not taken");
    assert_eq!(post("online/api/eosago", &sub).await, 422);
    let naked = soglasie.http.get(format!("{base_url}cars")).send().await.unwrap();
    assert_eq!(naked.status(), 401);
    assert!(naked.headers()["WWW-Authenticate"].to_str().unwrap().starts_with("Basic"));
}

#[tokio::test]
async fn what_the_calculation_is_strict_about_is_refused_by_name() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    let (_, rated) = soglasie.kbm(&kbm()).await;
    let good = contract(&rated);
    for (from, to, named) in [
        ("<val>100000101</val>", "<val>1</val>", "22"),
        ("<brief>ТипТСОСАГО</brief><val>2<", "<brief>ТипТСОСАГО</brief><val>1<", "642"),
        ("<val>7700000000000</val>", "<val>77000000000</val>", "1122"),
        ("<val>ДогСтрахЕОСАГО</val>", "<val>x</val>", "ВидДокумента"),
        ("<brief>ПотокВвода</brief><val>24<", "<brief>ПотокВвода</brief><val>1<", "1322"),
        ("<id>846</id><val>5<", "<id>846</id><val>99<", "846"),
        ("<id>11</id><val>43</val>", "<id>11</id><val>43</val><val>20</val>", "2128"),
        ("<datecalc>2023-11-25T00:00:00</datecalc>", "", "datecalc"),
        ("2023-12-01T00:00:00<", "2023-12-01<", "datebeg"),
        ("2024-11-30T23:59:59<", "2024-12-01T23:59:59<", "dateend"),
    ] {
        assert!(good.contains(from), "{from}");
        let (status, refused) = soglasie.calculate(&good.replace(from, to)).await;
        assert_eq!(status, 200);
        assert!(
            refused.contains("level=\"error\"") && refused.contains(named),
            "{named} is missing in {refused}"
        );
    }
}

#[tokio::test]
async fn what_the_register_lacks_is_named_in_the_error_body() {
    let simulation = client::fast().await;
    let mut body = kbm();
    body["persons"][0]["driverLicense"]["docType"] = json!(22);
    body["vehicleId"] = json!({});
    body["contractClosingDate"] = json!("02.12.2023");
    let (status, refused) = Soglasie::new(&simulation).kbm(&body).await;
    assert_eq!(status, 400);
    let text = refused["errorInfo"].as_str().unwrap();
    assert!(text.contains("vehicleId.vin") && text.contains("docType"), "{text}");
    assert!(text.contains("contractClosingDate"), "{text}");
}

#[tokio::test]
async fn a_decline_is_an_error_in_place_of_a_price() {
    let simulation = client::with(Knobs { decline: 1.0, ..Knobs::default() }).await;
    let soglasie = Soglasie::new(&simulation);
    let (_, rated) = soglasie.kbm(&kbm()).await;
    let (status, refused) = soglasie.calculate(&contract(&rated)).await;
    assert_eq!((status, element(&refused, "result").as_deref()), (200, Some("0")));
    assert!(refused.contains("<error level=\"error\">"), "{refused}");
    assert_eq!(simulation.journal().last().unwrap().outcome, Outcome::Declined);
}

#[tokio::test]
async fn an_outage_of_the_register_is_told_in_each_services_own_form() {
    let faults = Faults::default().with(Fault::RegistryDown, 1.0);
    let simulation = client::with(Knobs { faults, ..Knobs::default() }).await;
    let soglasie = Soglasie::new(&simulation);
    let (status, rated) = soglasie.kbm(&kbm()).await;
    assert_eq!((status, &rated["errors"][0]["code"]), (200, &json!("34030023")));
    assert_ne!(rated["statusCode"], 3);
    let (_, priced) = soglasie.calculate(&contract_of("1", "", "1.17")).await;
    assert!(priced.contains("level=\"error\"") && priced.contains("34030023"), "{priced}");
    let (status, told) = soglasie.get("online/api/eosago/1/status").await;
    assert_eq!(status, 500);
    assert!(told["error"].as_str().unwrap().contains("РСА"), "{told}");
}

#[tokio::test]
async fn what_is_no_calculation_is_refused_by_the_layer_below() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    let response = soglasie.send(Method::POST, "CCM/CCMService", Some("<a/>".into())).await;
    assert_eq!(response.status(), 500);
    assert!(response.text().await.unwrap().contains("Fault"));
    assert_eq!(soglasie.get("nowhere").await.0, 404);
}

#[tokio::test]
async fn the_dictionary_lists_what_a_calculation_takes() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    let (_, makes) = soglasie.get("cars").await;
    let toyota = makes.as_array().unwrap().iter().find(|make| make["name"] == "Toyota").unwrap();
    let (_, models) = soglasie.get(&format!("cars/{}", toyota["id"])).await;
    let camry = models.as_array().unwrap().iter().find(|model| model["name"] == "Camry").unwrap();
    assert_eq!(camry, &json!({"id": 100_000_101, "name": "Camry", "cat": "B"}));
    assert_eq!(soglasie.get("cars/0").await.0, 404);
}
