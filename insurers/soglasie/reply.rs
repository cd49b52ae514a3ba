//! What `calcProduct` answers: `data/contract` with a `result`, or with errors, or a SOAP fault.

use veer_contract::{Fault, FaultKind, Reply, create_then_poll::Refusal, domain::Kopecks};

use crate::{registry, soap, xml::Element};

/// A price.
pub(super) struct Priced {
    /// The amount.
    pub(super) premium: Kopecks,
    /// What the service warns of.
    pub(super) warnings: String,
}

/// Reads the answer. An error is a no in its words; a warning is not.
pub(super) fn read(reply: &Reply) -> Result<Priced, Refusal> {
    let broken = |what: &str| soap::broken(reply, what);
    let tree = Element::parse(&reply.text()).map_err(|_| broken("is not XML"))?;
    if let Some(fault) = tree.find("Fault") {
        return Err(failed(fault));
    }
    let contract = tree.find("contract").ok_or_else(|| broken("has no contract"))?;
    let errors = told(contract, |level| level == "error");
    let warnings = told(contract, |level| level == "warning");
    if !errors.is_empty() {
        return Err(registry::refusal(&errors, ""));
    }
    let result = contract.find_text("result").unwrap_or_default();
    let premium = if result.is_empty() { Ok(Kopecks::ZERO) } else { Kopecks::parse_roubles(result) };
    let premium = premium.map_err(|error| Fault::not_understood(format!("result: {error}")))?;
    if premium <= Kopecks::ZERO {
        // Without a price, whatever is said says why: a warning, or a text of a level that is not known.
        let words = told(contract, |_| true);
        return Err(if words.is_empty() {
            Fault::not_understood("a successful calcProduct has neither a price nor an error").into()
        } else {
            registry::refusal(&words, "")
        });
    }
    Ok(Priced { premium, warnings })
}

/// The texts of one level; without one it is a warning.
fn told(contract: &Element, wanted: impl Fn(&str) -> bool) -> String {
    let rows = contract.children().iter().filter(|child| child.is("error"));
    let rows = rows.filter(|row| wanted(&row.attribute("level").unwrap_or("warning").to_lowercase()));
    rows.filter_map(|row| row.find_text("error")).collect::<Vec<_>>().join("; ")
}

/// The fault's words are read for an outage of the registry and not told: they may repeat what was sent.
fn failed(fault: &Element) -> Refusal {
    let words = fault.find_text("faultstring").unwrap_or_default();
    if registry::is_outage(words)
        && let outage @ Refusal::Fault(_) = registry::refusal(words, "")
    {
        return outage;
    }
    Fault::new(FaultKind::InsurerError, "the service answered a SOAP fault to `calcProduct`").into()
}

#[cfg(test)]
mod tests {
    use veer_contract::Decline;

    use super::*;

    fn read_contract(inside: &str) -> Result<Kopecks, Refusal> {
        let body = format!("<r><data><contract>{inside}</contract></data></r>").into_bytes();
        read(&Reply { tag: "calcProduct".into(), status: 200, headers: Vec::new(), body })
            .map(|priced| priced.premium)
    }

    #[test]
    fn an_error_beside_a_price_is_a_no_and_a_warning_is_none() {
        let price = Kopecks::new(912_345);
        assert_eq!(read_contract("<result>9123.45</result>"), Ok(price));
        let warned = "<result>9123.45</result><error level='Warning'>Проверьте</error>";
        assert_eq!(read_contract(warned), Ok(price));
        let refused = "<result>9123.45</result><error level='ERROR'>Нельзя</error>";
        assert_eq!(read_contract(refused), Err(Decline::declined("Нельзя").into()));
    }

    #[test]
    fn without_a_price_every_text_says_why() {
        let why = "<result>0</result><error level='warning'>Нет тарифа</error>";
        assert_eq!(read_contract(why), Err(Decline::declined("Нет тарифа").into()));
        let odd = "<error level='fatal'>Нет тарифа</error>";
        assert_eq!(read_contract(odd), Err(Decline::declined("Нет тарифа").into()));
        assert!(matches!(read_contract("<result/>"), Err(Refusal::Fault(_))));
    }
}
