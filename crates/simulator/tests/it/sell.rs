//! Calls after the quote, hand-written for each wire.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use veer_simulator::{Simulation, Wire};

use crate::{
    client::{self, Alfastrah, Ingosstrakh, Renessans, element, lower},
    risks,
};

/// A bill that waits to be paid.
#[derive(Debug)]
pub struct Bill {
    /// What the wire calls the application.
    pub application: String,
    /// What the wire calls the bill.
    pub order: String,
    /// Its page.
    pub url: String,
    /// What is to be paid.
    pub amount: String,
}

impl Alfastrah<'_> {
    /// The `osago_uuid` of a new calculation.
    pub async fn quote(&self) -> String {
        let (_, answer) = self.calculate(&risks::alfastrah()).await;
        answer["osago_uuid"].as_str().unwrap().to_owned()
    }

    pub async fn call(&self, path: &str, body: Option<&Value>) -> (u16, Value) {
        let response = self.send(&format!("wapi/osago/{path}"), body).await.unwrap();
        (response.status().as_u16(), client::json(response).await)
    }

    pub async fn apply(&self, uuid: &str) -> (u16, Value) {
        self.call(&format!("contract/{uuid}/eosago"), Some(&json!({"maintenance_card": null}))).await
    }

    pub async fn status(&self, uuid: &str) -> (u16, Value) {
        self.call(&format!("contract/{uuid}/status"), None).await
    }

    pub async fn pay(&self, uuid: &str, upsales: Value) -> (u16, Value) {
        let body = json!({"email": "a@example.org", "upsales": upsales});
        self.call(&format!("payment/{uuid}"), Some(&body)).await
    }

    pub async fn paid(&self, uuid: &str, order: &str) -> String {
        let (_, answer) = self.call(&format!("payment/{uuid}?order_id={order}"), None).await;
        answer["payment_status"].as_str().unwrap().to_owned()
    }

    pub async fn print(&self, uuid: &str, kind: &str) -> (u16, Vec<u8>) {
        let path = format!("wapi/osago/contract/{uuid}/print?document_type={kind}");
        let response = self.send(&path, None).await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
    }

    /// From the quote to the bill.
    pub async fn bill(&self) -> Bill {
        let uuid = self.quote().await;
        self.apply(&uuid).await;
        self.status(&uuid).await;
        let (status, answer) = self.pay(&uuid, json!([])).await;
        assert_eq!(status, 200, "{answer}");
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Bill { application: uuid, order: text("order_id"), url: text("payment_link"), amount: text("amount") }
    }
}

/// The elements of an answer, in this order; empty where there is none.
pub fn elements<const N: usize>(answer: &str, names: [&str; N]) -> [String; N] {
    names.map(|name| element(answer, name).unwrap_or_default())
}

/// An agreement fit for an application.
pub fn agreement() -> String {
    let contact = "<Insurer><MobilePhone>9000000001</MobilePhone><Email>a@example.org</Email>";
    risks::ingosstrakh().replacen("<Insurer>", contact, 1)
}

impl Ingosstrakh<'_> {
    /// One call with a session of its own.
    pub async fn ask(&self, operation: &str, inner: &str) -> String {
        let token = self.login().await;
        self.call(operation, &format!("<SessionToken>{token}</SessionToken>{inner}")).await
    }

    pub async fn agree(&self) -> String {
        self.ask("CreateAgreement", &agreement()).await
    }

    pub async fn look(&self, id: &str) -> String {
        self.ask("GetAgreement", &format!("<PolicyNumber>{id}</PolicyNumber>")).await
    }

    /// `MakeEOsago` of the agreement with that `AgrID`.
    pub async fn make(&self, id: &str) -> String {
        let isn = element(&self.look(id).await, "ISN").unwrap();
        self.ask("MakeEOsago", &format!("<AgrISN>{isn}</AgrISN>")).await
    }

    pub async fn create_bill(&self, id: &str, products: &str) -> String {
        let inner = format!(
            "<Bill><PaymentType>114916</PaymentType><Payer>Customer</Payer><AgreementList><AgrID>{id}</AgrID>\
             </AgreementList><IncludeAll>1</IncludeAll>{products}</Bill>"
        );
        self.ask("CreateBill", &inner).await
    }

    pub async fn online(&self, isn: &str) -> String {
        let client = "<Client><Email>a@example.org</Email><SendByEmail>Y</SendByEmail></Client>";
        self.ask("CreateOnlineBill", &format!("<Bill><BillISN>{isn}</BillISN>{client}</Bill>")).await
    }

    pub async fn paid(&self, isn: &str) -> [String; 2] {
        elements(&self.ask("GetBill", &format!("<BillISN>{isn}</BillISN>")).await, ["Paid", "Status"])
    }

    pub async fn print(&self, id: &str, kind: &str) -> Option<Vec<u8>> {
        let inner = format!("<AgrID>{id}</AgrID><DocType>{kind}</DocType>");
        let content = element(&self.ask("GetDocument", &inner).await, "Content")?;
        Some(BASE64_STANDARD.decode(content).unwrap())
    }

    /// From the application to the bill.
    pub async fn bill(&self) -> Bill {
        let [application] = elements(&self.agree().await, ["AgrID"]);
        self.make(&application).await;
        let [order, amount] = elements(&self.create_bill(&application, "").await, ["BillISN", "BillSum"]);
        let [url] = elements(&self.online(&order).await, ["PayURL"]);
        Bill { application, order, url, amount }
    }
}

impl Renessans<'_> {
    /// The number of a new calculation that is ready.
    pub async fn quote(&self) -> String {
        let id = self.create(&risks::renessans()).await["data"][0]["id"].as_str().unwrap().to_owned();
        while self.poll(&id).await["data"]["status"] == "wait" {}
        id
    }

    /// `create/` with these fields besides the usual ones.
    pub async fn apply(&self, segment: &str, calculation: &str, more: &[(&str, &str)]) -> Value {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("key", &self.insurer.key)
            .append_pair("CheckSegment", segment)
            .append_pair("calculationId", calculation)
            .extend_pairs([
                ("cabinet[email]", "a@example.org"),
                ("car[year]", "2020"),
                ("car[sts][number]", "123456"),
                ("insurer[lastname]", "Иванов"),
            ])
            .extend_pairs(more);
        let url = format!("{}create/", self.insurer.base_url);
        let kind = "application/x-www-form-urlencoded";
        let request = self.http.post(url).header("Content-Type", kind).body(form.finish());
        lower(client::json(request.send().await.unwrap()).await)
    }

    /// `GET policy/{id}/{what}`, keys in lower case.
    pub async fn policy(&self, id: &str, what: &str) -> Value {
        let response = self.get(id, what).await;
        lower(client::json(response).await)
    }

    pub async fn get(&self, id: &str, what: &str) -> reqwest::Response {
        let glue = if what.contains('?') { "&" } else { "/?" };
        let url = format!("{}policy/{id}/{what}{glue}key={}", self.insurer.base_url, self.insurer.key);
        self.http.get(url).send().await.unwrap()
    }

    /// The file, in whichever of the two shapes it comes; none where it is not there yet.
    pub async fn print(&self, id: &str) -> Option<Vec<u8>> {
        let response = self.get(id, "pdf").await;
        if response.headers()["Content-Type"] == "application/pdf" {
            return Some(response.bytes().await.unwrap().to_vec());
        }
        let answer = lower(client::json(response).await);
        let content = answer["data"]["pdf"].as_str()?;
        Some(BASE64_STANDARD.decode(content).unwrap())
    }

    /// The trial and then the application, which is returned when its checks are over.
    pub async fn applied(&self, more: &[(&str, &str)]) -> String {
        let calculation = self.quote().await;
        let mut id = String::new();
        for (segment, more) in [("1", &[][..]), ("0", more)] {
            let created = self.apply(segment, &calculation, more).await;
            id = created["data"]["policyid"].to_string();
            while self.policy(&id, "status").await["data"]["return"]["status"] == "wait" {}
        }
        id
    }

    /// From the calculation to the bill.
    pub async fn bill(&self) -> Bill {
        let application = self.applied(&[]).await;
        let answer = self.policy(&application, "acquiring/renins").await;
        let url = answer["data"]["url"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let amount = answer["data"]["amount"].to_string();
        Bill { order: application.clone(), application, url, amount }
    }
}

/// A bill at each of the three.
pub async fn bills(simulation: &Simulation) -> [(Wire, Bill); 3] {
    [
        (Wire::Alfastrah, Alfastrah::new(simulation).bill().await),
        (Wire::Ingosstrakh, Ingosstrakh::new(simulation).bill().await),
        (
            Wire::Renessans,
            Renessans { insurer: client::of(simulation, Wire::Renessans), http: client::http() }.bill().await,
        ),
    ]
}

/// What a page answers to an act: its status and its text.
pub async fn act(url: &str, action: &str) -> (u16, String) {
    let body = format!("action={action}");
    let response = client::http().post(url).body(body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// The operations of the journal that make something, of one insurer.
pub fn creates(simulation: &Simulation, insurer: &str) -> Vec<&'static str> {
    let calls = simulation.journal().into_iter();
    calls.filter(|call| call.creates && call.insurer == insurer).map(|call| call.operation).collect()
}
