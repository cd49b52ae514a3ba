//! tinkoff: SOAP 1.1 with quote sets.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use veer_simulator::{Knobs, Running, Simulation, Wire};

use crate::client::{self, element};

/// A client of tinkoff.
pub struct Tinkoff<'a> {
    pub insurer: &'a Running,
    pub http: Client,
}

impl<'a> Tinkoff<'a> {
    pub fn new(simulation: &'a Simulation) -> Self {
        Self { insurer: client::of(simulation, Wire::Tinkoff), http: client::http() }
    }

    /// One call of a method with this account.
    pub async fn send_as(&self, account: [&str; 3], method: &str, inner: &str) -> Response {
        let [user, password, producer] = account;
        let envelope = format!(
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><{method}>\
             <Header><user>{user}</user><password>{password}</password></Header>\
             <producerCode>{producer}</producerCode>{inner}</{method}></soap:Body></soap:Envelope>"
        );
        let url = format!("{}services/partner", self.insurer.base_url);
        let request = self.http.post(url).header("Content-Type", "text/xml; charset=utf-8").body(envelope);
        request.send().await.unwrap()
    }

    /// The body of an answer.
    pub async fn call(&self, method: &str, inner: &str) -> String {
        let account = [self.insurer.user.as_str(), &self.insurer.password, "VEER"];
        self.send_as(account, method, inner).await.text().await.unwrap()
    }

    pub async fn calculate(&self, inner: &str) -> String {
        self.call("calcPartnerFQuote", inner).await
    }

    /// A call about a set.
    pub async fn about(&self, method: &str, set: &str) -> String {
        self.call(method, &format!("<setNumber>{set}</setNumber>")).await
    }

    /// An answer of the dictionary service.
    pub async fn list(&self, method: &str, mut about: Value) -> Value {
        about["Header"] = json!({"user": self.insurer.user, "password": self.insurer.password});
        let url = format!("{}services/dictionary", self.insurer.base_url);
        let body = json!({format!("{method}Request"): about}).to_string();
        let request = self.http.post(url).header("Content-Type", "application/json").body(body);
        client::json(request.send().await.unwrap()).await
    }
}

/// The documented example in the wire's words.
pub fn set() -> String {
    let address = |kind: &str| {
        format!(
            "<address><addressType>{kind}</addressType><country>RU</country><region>77</region>\
             <KLADR1>7700000000000</KLADR1><building>1</building></address>"
        )
    };
    let document = |kind: &str, series: &str, number: &str| {
        format!(
            "<document><documentType>{kind}</documentType><series>{series}</series><number>{number}</number>\
             <dateIssue>2010-10-05</dateIssue></document>"
        )
    };
    format!(
        "<subjectInfo><subjectNumber>1</subjectNumber><subjectDetails><lastName>Иванов</lastName>\
         <firstName>Иван</firstName><middleName>Иванович</middleName><birthdate>1980-06-12</birthdate>\
         <gender>male</gender><citizenship>RU</citizenship>{}{}{}{}</subjectDetails></subjectInfo>\
         <vehicleInfo><vehicleDetails><vehicleReferenceInfo><vehicleReferenceDetails><modelID>100000101</modelID>\
         <engPwrHP>150</engPwrHP></vehicleReferenceDetails></vehicleReferenceInfo>\
         <VIN><isVINMissing>false</isVINMissing><isIrregularVIN>false</isIrregularVIN><VIN>{}</VIN></VIN>\
         <registrationNumber><isNoRegistrationNumber>true</isNoRegistrationNumber></registrationNumber>\
         <chassis><isChassisMissing>true</isChassisMissing></chassis>\
         <kuzovNumber><isKuzovMissing>true</isKuzovMissing></kuzovNumber>\
         <countryOfRegistration><isNoCountryOfRegistration>true</isNoCountryOfRegistration></countryOfRegistration>\
         <isUsedWithTrailer>false</isUsedWithTrailer><sourceAcquisition>PURCHASED_FROM_PERSON</sourceAcquisition>\
         <vehicleUsage>taxi</vehicleUsage><vehicleUseRegion>77</vehicleUseRegion><year>2020</year>\
         <vehicleDocument><documentType>STS</documentType><documentNumber>123456</documentNumber>\
         <documentIssued>2020-05-15</documentIssued></vehicleDocument></vehicleDetails></vehicleInfo>\
         <OSAGOFQ><effectiveDate>2023-12-01T00:00:00+03:00</effectiveDate>\
         <expirationDate>2024-11-30T23:59:59+03:00</expirationDate><isEOSAGO>true</isEOSAGO>\
         <insurant><subjectNumber>1</subjectNumber></insurant><carOwner><subjectNumber>1</subjectNumber></carOwner>\
         <driversList><isMultidrive>false</isMultidrive><namedList><driver><subjectNumber>1</subjectNumber>\
         <drivingLicenseIssueDateOriginal>2015-06-10</drivingLicenseIssueDateOriginal></driver></namedList>\
         </driversList></OSAGOFQ>",
        address("registration"),
        address("home"),
        document("passport_russian", "1234", "567890"),
        document("driver_license_russian_B", "77АА", "123456"),
        crate::risks::VIN,
    )
}

pub fn price(answer: &str) -> f64 {
    element(answer, "totalPremium").unwrap_or_else(|| panic!("no price in {answer}")).parse().unwrap()
}

#[tokio::test]
async fn the_example_is_priced_under_the_number_of_a_new_set() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    let answer = tinkoff.calculate(&set()).await;
    assert_eq!(element(&answer, "status").as_deref(), Some("OK"), "{answer}");
    assert!((1000.0..60_000.0).contains(&price(&answer)), "{answer}");
    assert_eq!(element(&answer, "isTerminalG").as_deref(), Some("false"));
    assert!(element(&answer, "KBM").is_some(), "{answer}");
    let number = element(&answer, "setNumber").unwrap();
    assert_eq!(element(&answer, "ID"), Some(format!("{number}1")));
    let other = tinkoff.calculate(&set()).await;
    assert_ne!(element(&other, "setNumber"), Some(number), "every first quote makes a set");
    assert_eq!(price(&other), price(&answer));
}

#[tokio::test]
async fn another_account_is_refused_in_result_info() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    let (user, password) = (tinkoff.insurer.user.as_str(), tinkoff.insurer.password.as_str());
    for (account, word) in [
        ([user, "x", "VEER"], "пароль"),
        (["nobody", password, "VEER"], "логин"),
        ([user, password, "PC1"], "producerCode"),
    ] {
        let answer = tinkoff.send_as(account, "calcPartnerFQuote", &set()).await.text().await.unwrap();
        assert_eq!(element(&answer, "status").as_deref(), Some("ERROR"));
        assert!(element(&answer, "descr").unwrap().contains(word), "{answer}");
    }
    assert!(simulation.journal().is_empty(), "such calls are not taken");
}

#[tokio::test]
async fn every_wrong_field_is_named_with_a_code_behind_it() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    for (good, bad, named) in [
        ("<modelID>100000101<", "<modelID>1<", "modelID"),
        ("<year>2020<", "<year>2010<", "modelID"),
        ("<addressType>home<", "<addressType>other<", "addressType=home"),
        ("<documentType>passport_russian<", "<documentType>PASSPORT<", "documentType=passport_russian"),
        ("<documentType>driver_license_russian_B<", "<documentType>20<", "driver_license_russian_B"),
        ("<isVINMissing>false<", "<isVINMissing>true<", "isVINMissing"),
        ("<isIrregularVIN>false</isIrregularVIN>", "", "isIrregularVIN"),
        ("<vehicleUsage>taxi<", "<vehicleUsage>Такси<", "vehicleUsage"),
        ("<gender>male<", "<gender>М<", "gender"),
        ("T00:00:00+03:00<", "<", "effectiveDate"),
        ("<carOwner><subjectNumber>1<", "<carOwner><subjectNumber>2<", "subjectNumber=2"),
        ("<isKuzovMissing>true</isKuzovMissing>", "", "isKuzovMissing"),
        ("<isMultidrive>false<", "<isMultidrive>0<", "isMultidrive"),
        ("<citizenship>", "<phone><numberPhone>79000000011</numberPhone></phone><citizenship>", "typePhone"),
        ("<building>1<", "<KLADR5>50000000000000000</KLADR5><building>1<", "KLADR5"),
    ] {
        assert!(set().contains(good), "{good}");
        let answer = tinkoff.calculate(&set().replacen(good, bad, 1)).await;
        assert_eq!(element(&answer, "status").as_deref(), Some("ERROR"), "{bad}");
        assert_eq!(element(&answer, "setNumber"), None);
        let described = element(&answer, "description").unwrap_or_else(|| panic!("{answer}"));
        assert!(answer.contains(named) && described.contains(";1001"), "{named} is missing in {answer}");
    }
}

#[tokio::test]
async fn a_no_comes_in_words_or_as_the_terminal_mark_alone() {
    let simulation = client::with(Knobs { decline: 1.0, ..Knobs::default() }).await;
    let tinkoff = Tinkoff::new(&simulation);
    let mut forms = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let answer = tinkoff.calculate(&set()).await;
        assert_eq!(element(&answer, "totalPremium"), None, "{answer}");
        let terminal = element(&answer, "isTerminalG").as_deref() == Some("true");
        assert_eq!(terminal, element(&answer, "descr").is_none(), "{answer}");
        forms.insert((terminal, element(&answer, "status").unwrap()));
    }
    assert_eq!(Vec::from_iter(forms), [(false, "ERROR".to_owned()), (true, "OK".to_owned())]);
}

#[tokio::test]
async fn what_is_no_soap_call_is_refused_by_the_layer_below() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    let url = format!("{}services/partner", tinkoff.insurer.base_url);
    let post = |kind: &'static str, body: &'static str| {
        let request = tinkoff.http.post(&url).header("Content-Type", kind).body(body);
        async { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(post("application/json", "{}").await, 415);
    assert_eq!(post("text/xml", "<a>").await, 400);
    assert!(tinkoff.call("fly", "").await.contains("Fault"));
}

#[tokio::test]
async fn the_dictionary_is_read_by_type_year_and_maker() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    let types = tinkoff.list("listTypes", json!({})).await;
    assert_eq!(types["listTypesResponse"]["listTypes"].as_array().unwrap().len(), 8);
    let mut numbers = Vec::new();
    for year in [2010, 2020] {
        let question = json!({"vehicleType": 2, "year": year});
        let makers = tinkoff.list("listMakers", question.clone()).await;
        let makers = makers["listMakersResponse"]["listMakers"].as_array().unwrap().clone();
        let toyota = makers.iter().find(|maker| maker["name"] == "Toyota").unwrap()["id"].clone();
        let mut question = question;
        question["maker"] = toyota;
        let models = tinkoff.list("listModels", question).await;
        let models = models["listModelsResponse"]["listModels"].as_array().unwrap().clone();
        numbers.push(models.iter().find(|model| model["name"] == "Camry").unwrap()["id"].clone());
    }
    assert_eq!(numbers, [json!(2_100_000_101_u32), json!(100_000_101)]);
    let wrong = tinkoff.list("listMakers", json!({"year": 2020})).await;
    let problem = wrong["listMakersResponse"]["errorDescr"].as_str().unwrap();
    assert!(problem.contains("vehicleType"), "{problem}");
}

#[tokio::test]
async fn what_the_dictionary_lists_is_what_is_exported() {
    let simulation = client::fast().await;
    let tinkoff = Tinkoff::new(&simulation);
    let rows = async |method: &str, about: Value| {
        let answer = tinkoff.list(method, about).await;
        answer[format!("{method}Response")][method].as_array().unwrap().clone()
    };
    let mut listed = std::collections::BTreeSet::new();
    for kind in 1..=4 {
        for year in [2014, 2015] {
            for maker in rows("listMakers", json!({"vehicleType": kind, "year": year})).await {
                let question = json!({"vehicleType": kind, "year": year, "maker": maker["id"]});
                for model in rows("listModels", question).await {
                    listed.insert((
                        maker["name"].clone().to_string(),
                        model["name"].to_string(),
                        model["id"].to_string(),
                    ));
                }
            }
        }
    }
    let exported = veer_simulator::vehicles(Wire::Tinkoff);
    let text = |text: &str| json!(text).to_string();
    let expected = exported.iter().map(|row| (text(&row.brand), text(&row.model), row.code.clone().unwrap()));
    assert_eq!(listed, expected.collect());
    let years: std::collections::BTreeSet<_> = exported.iter().map(|row| row.years.unwrap()).collect();
    assert_eq!(Vec::from_iter(years), [(1996, 2014), (2015, 2027)]);
    let asked = rows("listYears", json!({"vehicleType": 2})).await;
    assert_eq!((asked[0]["id"].clone(), asked.len()), (json!(1996), 32));
}
