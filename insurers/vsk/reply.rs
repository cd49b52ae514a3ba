//! What the platform answers, and what its errors mean.
//!
//! An error is a list of `errorCode` and `errorDescription`, or one such object, mostly with 400. The codes are not
//! public, so the words decide whose fault it is.

use serde_json::Value;
use veer_contract::{
    Decline, DeclineKind, Fault, FaultKind, Reply, create_then_poll::Refusal, domain::Kopecks,
};

use super::operation::Handle;
use crate::{loose::Loose, registry, required};

/// A reply that is no error.
pub(super) struct Answer(Value);

/// What a good reply is about, one of these; besides them an error's words say nothing.
const HEARTS: [&str; 4] = ["premium", "paymenturl", "paymentlink", "policypdf"];
/// The dictionary of makes and models does not have the vehicle.
const NO_VEHICLE: &str = "rdm data";
/// The platform's word of itself («Validator internal error»).
const BROKEN: &str = "internal error";
/// How words about wrong data go on, wherever they begin.
const DATA: [&str; 8] =
    ["обязательн", "не заполнен", "не указан", "неверн", "некорректн", "недопустим", "формат", "validat"];

// === impl Answer ===

impl Answer {
    /// Reads a reply; an error is the end that it means.
    pub(super) fn read(reply: &Reply) -> Result<Self, Refusal> {
        if reply.status >= 500 {
            return Err(outage(reply));
        }
        let answer = Self(reply.json()?);
        let has_errors = answer.errors().next().is_some();
        if (200..300).contains(&reply.status) && (!has_errors || answer.has_heart()) {
            return Ok(answer);
        }
        Err(answer.refusal(reply.status))
    }

    /// The reply itself.
    pub(super) fn root(&self) -> Loose<'_> {
        Loose::of(&self.0)
    }

    /// The operation to ask for, where the reply says that it takes longer.
    pub(super) fn unfinished(&self) -> Result<Option<Handle>, Fault> {
        if self.has_heart() { Ok(None) } else { self.operation() }
    }

    /// The operation that the reply names.
    pub(super) fn operation(&self) -> Result<Option<Handle>, Fault> {
        let (href, method) = (self.root().get("href"), self.root().get("method").trimmed());
        if !href.is_there() {
            return Ok(None);
        }
        if !method.is_empty() && !method.eq_ignore_ascii_case("GET") {
            return Err(Fault::not_understood("the operation is to be asked for in another way than by GET"));
        }
        Handle::of(&href.trimmed()).map(Some)
    }

    /// What it costs.
    pub(super) fn premium(&self) -> Result<Kopecks, Fault> {
        let premium = self.root().get("premium").number();
        let premium = premium.ok_or_else(|| Fault::not_understood("the reply has no premium"))?;
        premium.roubles().map_err(|error| Fault::not_understood(format!("premium: {error}")))
    }

    fn has_heart(&self) -> bool {
        HEARTS.iter().any(|heart| self.root().get(heart).is_there())
    }

    /// One error or several; none in a good reply.
    fn errors(&self) -> impl Iterator<Item = Loose<'_>> {
        let root = self.root();
        let one = std::iter::once(root);
        one.chain(root.items())
            .filter(|it| it.get("errorcode").is_there() || it.get("errordescription").is_there())
    }

    fn refusal(&self, status: u16) -> Refusal {
        let words = self.errors().map(|error| error.get("errordescription").trimmed());
        let words = words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ");
        if words.is_empty() {
            let detail = format!("the platform answered {status} with an error that has no words");
            return Fault::new(FaultKind::InsurerError, detail).into();
        }
        if registry::is_outage(&words) || registry::is_failed_check(&words) {
            return registry::refusal(&words, "");
        }
        let lower = words.to_lowercase();
        if lower.contains(NO_VEHICLE) {
            // Its English words are not for the user.
            return required::not_mapped().into();
        }
        if lower.contains(BROKEN) {
            let detail = "the platform says that it has an internal error";
            return Fault::new(FaultKind::InsurerError, detail).into();
        }
        let kind = if DATA.iter().any(|part| lower.contains(part)) {
            DeclineKind::RejectedData
        } else {
            DeclineKind::Declined
        };
        Decline::new(kind, words).into()
    }
}

/// The platform's own failure, with an error or with a page of its proxy; or the registry's, where it says so.
fn outage(reply: &Reply) -> Refusal {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if let Refusal::Fault(fault) = Answer(body).refusal(reply.status)
        && fault.kind == FaultKind::RegistryDown
    {
        return fault.into();
    }
    Fault::new(FaultKind::InsurerError, format!("the platform answered {}", reply.status)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> String {
        let reply =
            Reply { tag: "quotes".into(), status, headers: Vec::new(), body: body.as_bytes().to_vec() };
        match Answer::read(&reply) {
            Ok(_) => "good".into(),
            Err(Refusal::Decline(decline)) => format!("{:?}", decline.kind),
            Err(Refusal::Fault(fault)) => format!("{:?}", fault.kind),
        }
    }

    #[test]
    fn words_decide_what_an_error_means() {
        let one =
            |words: &str| kind(400, &format!(r#"{{"errorCode":"ERR-1","errorDescription":"{words}"}}"#));
        assert_eq!(one("Неверное значение поля vin"), "RejectedData");
        assert_eq!(one("Заключение договора невозможно"), "Declined");
        assert_eq!(one("Cannot find RDM data by Mark, Model, Modification"), "VehicleNotMapped");
        assert_eq!(one("Не пройдена проверка РСА"), "RegistryCheckFailed");
        assert_eq!(one("Code=34030023, Message=…"), "RegistryDown");
        assert_eq!(one("Validator internal error"), "InsurerError");
        assert_eq!(one(""), "InsurerError");
    }

    #[test]
    fn an_error_is_known_in_a_list_and_inside_a_success() {
        let list = r#"[{"errorCode":"E1","errorDescription":"Нет"},{"errorCode":"E2"}]"#;
        assert_eq!(kind(400, list), "Declined");
        assert_eq!(kind(200, list), "Declined");
        assert_eq!(kind(200, r#"{"premium":1,"errorCode":"0"}"#), "good");
        assert_eq!(kind(400, r#"{"premium":1}"#), "InsurerError");
        assert_eq!(kind(503, list), "InsurerError");
        assert_eq!(kind(503, "<html>"), "InsurerError");
        assert_eq!(kind(503, r#"{"errorDescription":"РСА недоступен"}"#), "RegistryDown");
    }
}
