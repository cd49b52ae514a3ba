//! `calcProduct` as XML: the parameters by number, whichever way they are named, and the answers.

use std::collections::HashMap;

use quick_xml::escape::escape;
use serde::Deserialize;

use crate::exchange::Reply;

/// The short names of parameters, with their numbers.
const BRIEFS: [(&str, &str); 15] = [
    ("МодельТС", "22"),
    ("СрокСтрах", "29"),
    ("Мощность", "3"),
    ("ТСИностранное", "43"),
    ("ТипТСОСАГО", "642"),
    ("Кбм", "687"),
    ("Пролонгация", "722"),
    ("ТранзитныйНомер", "763"),
    ("ТипСобственникаТС", "961"),
    ("ТерриторияИспользования", "1122"),
    ("ДопускБезОграничений", "1128"),
    ("ПериодИсп", "1129"),
    ("ПотокВвода", "1322"),
    ("ПризнСтрахПрицеп", "1402"),
    ("ИДРасчетаКБМ", "5823"),
];

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Body")]
    body: Body,
}

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "calcProduct")]
    calc_product: Method,
}

#[derive(Deserialize)]
struct Method {
    data: Data,
}

/// What a calculation is asked with.
#[derive(Deserialize)]
pub(super) struct Data {
    pub(super) subuser: Option<String>,
    product: Option<Product>,
    pub(super) contract: Contract,
    calc: Option<Calc>,
}

#[derive(Deserialize)]
struct Product {
    brief: Option<String>,
}

#[derive(Deserialize)]
struct Calc {
    #[serde(rename = "saveOnError")]
    save_on_error: Option<String>,
}

/// A contract.
#[derive(Deserialize)]
pub(super) struct Contract {
    pub(super) datebeg: Option<String>,
    pub(super) dateend: Option<String>,
    pub(super) datecalc: Option<String>,
    #[serde(default)]
    param: Vec<Param>,
    #[serde(default)]
    coeff: Vec<Param>,
}

#[derive(Deserialize)]
struct Param {
    id: Option<String>,
    brief: Option<String>,
    #[serde(default)]
    val: Vec<String>,
}

/// Reads an envelope; none where it is none of a `calcProduct`.
pub(super) fn read(text: &str) -> Option<Data> {
    quick_xml::de::from_str::<Envelope>(text).ok().map(|envelope| envelope.body.calc_product.data)
}

// === impl Data ===

impl Data {
    /// The product's short name.
    pub(super) fn product(&self) -> Option<String> {
        self.product.as_ref()?.brief.clone()
    }

    /// Whether a failed calculation is to be kept.
    pub(super) fn save_on_error(&self) -> Option<String> {
        self.calc.as_ref()?.save_on_error.clone()
    }
}

// === impl Contract ===

impl Contract {
    /// Parameters by number, or by name where they have none.
    pub(super) fn params(&self) -> HashMap<String, Vec<String>> {
        by_number(&self.param)
    }

    /// Coefficients likewise.
    pub(super) fn coefficients(&self) -> HashMap<String, Vec<String>> {
        by_number(&self.coeff)
    }
}

fn by_number(params: &[Param]) -> HashMap<String, Vec<String>> {
    let name = |param: &Param| {
        let brief = param.brief.as_deref().unwrap_or_default();
        let number = BRIEFS.iter().find(|(known, _)| *known == brief).map(|(_, number)| *number);
        param.id.clone().unwrap_or_else(|| number.unwrap_or(brief).to_owned())
    };
    params.iter().map(|param| (name(param), param.val.clone())).collect()
}

/// A price.
pub(super) fn price(premium: &str) -> Reply {
    contract(&format!("<result>{premium}</result>"))
}

/// A no.
pub(super) fn refusal(words: &str) -> Reply {
    contract(&format!("<result>0</result><error level=\"error\">{}</error>", escape(words)))
}

/// The fault of the SOAP layer itself.
pub(super) fn fault(message: &str) -> Reply {
    let message = escape(message);
    Reply::xml(
        500,
        envelope(&format!(
            "<S:Fault><faultcode>S:Client</faultcode><faultstring>{message}</faultstring></S:Fault>"
        )),
    )
}

fn contract(inside: &str) -> Reply {
    Reply::xml(
        200,
        envelope(&format!(
            "<ccm:calcProductResponse xmlns:ccm=\"http://ccm.b2b.soglasie.ru/\"><data><contract>{inside}</contract>\
             </data></ccm:calcProductResponse>"
        )),
    )
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body>{body}</S:Body></S:Envelope>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_by_either_name_whatever_the_prefixes() {
        let text = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Header/><e:Body>\
            <c:calcProduct xmlns:c='urn:x'><data><subuser>s</subuser><product><brief>ОСАГО</brief></product>\
            <contract><param><brief>Мощность</brief><val>123</val></param><datebeg>2026-11-20</datebeg>\
            <param><id>11</id><val>41</val><val>36</val></param><param><brief>ВидДокумента</brief><val>x</val></param>\
            <coeff><id>687</id><val>0.63</val></coeff></contract></data></c:calcProduct></e:Body></e:Envelope>";
        let data = read(text).unwrap();
        let params = data.contract.params();
        assert_eq!(params["3"], ["123"]);
        assert_eq!(params["11"], ["41", "36"]);
        assert_eq!(params["ВидДокумента"], ["x"]);
        assert_eq!(data.contract.coefficients()["687"], ["0.63"]);
        assert_eq!(data.product().as_deref(), Some("ОСАГО"));
        assert!(read("<a/>").is_none());
    }
}
