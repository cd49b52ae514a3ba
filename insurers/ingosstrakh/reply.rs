//! What the service answers: an envelope with `ResponseStatus` and `ResponseData`, or a SOAP fault.

use std::borrow::Cow;

use veer_contract::{Fault, FaultKind, Reply, create_then_poll::Refusal, domain::Kopecks};

use super::fragment;
use crate::{registry, soap, xml::Element};

/// The codes that mean: log in again. A call answered so was not carried out.
const SESSION_OVER: [i64; 5] = [-20852, -20841, -20812, -20808, -20807];

/// An envelope with a status.
pub(super) struct Answer<'r> {
    /// `ErrorCode`; 0 is success.
    pub(super) code: i64,
    document: Cow<'r, str>,
    tree: Element,
    tag: &'r str,
}

// === impl Answer ===

impl<'r> Answer<'r> {
    /// Reads an envelope; a SOAP fault is the insurer's error.
    pub(super) fn read(reply: &'r Reply) -> Result<Self, Fault> {
        let broken = |what: &str| soap::broken(reply, what);
        let document = reply.text();
        let tree = Element::parse(&document).map_err(|_| broken("is not XML"))?;
        if let Some(fault) = tree.find("Fault") {
            // `soap:Server` is told; the fault's words are not, for they may repeat what was sent.
            let code = fault.find_text("faultcode").filter(|code| is_fault_code(code)).unwrap_or("no code");
            let detail = format!("the service answered a SOAP fault ({code}) to `{}`", reply.tag);
            return Err(Fault::new(FaultKind::InsurerError, detail));
        }
        let status = tree.find("ResponseStatus").ok_or_else(|| broken("has no ResponseStatus"))?;
        let code = status.find_text("ErrorCode").and_then(|code| code.parse().ok());
        let code = code.ok_or_else(|| broken("has no ErrorCode"))?;
        Ok(Self { code, document, tree, tag: &reply.tag })
    }

    /// Reads the reply to a call in a session. The host logs in again by itself, so a session that is over
    /// still was refused right after a Login: the credentials are.
    pub(super) fn in_session(reply: &'r Reply) -> Result<Self, Fault> {
        let answer = Self::read(reply)?;
        if SESSION_OVER.contains(&answer.code) {
            let detail =
                format!("the session was refused with ErrorCode {} right after a Login", answer.code);
            return Err(Fault::new(FaultKind::CredentialsRefused, detail));
        }
        Ok(answer)
    }

    /// Reads the reply to a call that the insurer may say no to: any other code is a no in its words, or
    /// in these where it has none.
    pub(super) fn granted(reply: &'r Reply, otherwise: &str) -> Result<Self, Refusal> {
        let answer = Self::in_session(reply)?;
        if answer.code == 0 { Ok(answer) } else { Err(answer.refusal(otherwise)) }
    }

    /// Reads the reply to a call that asks how something stands. A code there is no answer to it: the
    /// insurer does not refuse what it has accepted because it cannot look it up.
    pub(super) fn told(reply: &'r Reply) -> Result<Self, Refusal> {
        let answer = Self::in_session(reply)?;
        let message = answer.message();
        if answer.code == 0 {
            Ok(answer)
        } else if registry::is_outage(message) || registry::is_failed_check(message) {
            Err(answer.refusal(""))
        } else {
            // The code is told and the words are not: they may repeat what was sent.
            let detail = format!("the service answered ErrorCode {} to `{}`", answer.code, answer.tag);
            Err(Fault::new(FaultKind::InsurerError, detail).into())
        }
    }

    /// The end that the insurer's words mean.
    pub(super) fn refusal(&self, otherwise: &str) -> Refusal {
        registry::refusal(self.message(), otherwise)
    }

    /// The insurer's words; empty where it gave none.
    pub(super) fn message(&self) -> &str {
        self.tree
            .find("ResponseStatus")
            .and_then(|status| status.find_text("ErrorMessage"))
            .unwrap_or_default()
    }

    /// What the reply is about.
    pub(super) fn data(&self) -> Option<&Element> {
        self.tree.find("ResponseData")
    }

    /// A text of the data.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.data()?.find_text(name)
    }

    /// A text of the data that a success cannot lack.
    pub(super) fn needs(&self, name: &str) -> Result<&str, Fault> {
        self.text(name)
            .ok_or_else(|| Fault::not_understood(format!("a successful {} has no {name}", self.tag)))
    }

    /// An amount of the data that a success cannot lack.
    pub(super) fn roubles(&self, name: &str) -> Result<Kopecks, Fault> {
        Kopecks::parse_roubles(self.needs(name)?)
            .map_err(|error| Fault::not_understood(format!("{name}: {error}")))
    }

    /// An element of the data as it stands in the reply.
    pub(super) fn fragment(&self, name: &str) -> Option<&str> {
        fragment::first(fragment::first(&self.document, "ResponseData")?, name)
    }
}

/// Whether this reply says that the session is over.
pub(super) fn session_expired(reply: &Reply) -> bool {
    Answer::read(reply).is_ok_and(|answer| SESSION_OVER.contains(&answer.code))
}

/// The codes that SOAP 1.1 names, with whatever prefix: nothing else can hide a client's data.
fn is_fault_code(text: &str) -> bool {
    let local = text.rsplit(':').next().unwrap_or(text);
    text.len() < 40
        && text.is_ascii()
        && ["Client", "Server", "VersionMismatch", "MustUnderstand"]
            .iter()
            .any(|known| local == *known || local.starts_with(&format!("{known}.")))
}

#[cfg(test)]
mod tests {
    use veer_contract::Decline;

    use super::*;

    fn reply(code: i64, message: &str) -> Reply {
        let status = format!(
            "<ResponseStatus><ErrorCode>{code}</ErrorCode><ErrorMessage>{message}</ErrorMessage></ResponseStatus>"
        );
        Reply {
            tag: "GetBill".into(),
            status: 200,
            headers: Vec::new(),
            body: format!("<GetBillResponse>{status}<ResponseData/></GetBillResponse>").into_bytes(),
        }
    }

    #[test]
    fn a_session_that_is_refused_after_a_login_means_refused_credentials() {
        for code in SESSION_OVER {
            let reply = reply(code, "Сессия не найдена");
            assert!(session_expired(&reply));
            let detail = format!("the session was refused with ErrorCode {code} right after a Login");
            let fault = Refusal::Fault(Fault::new(FaultKind::CredentialsRefused, detail));
            assert_eq!(Answer::granted(&reply, "").err(), Some(fault.clone()));
            assert_eq!(Answer::told(&reply).err(), Some(fault));
        }
        assert!(!session_expired(&reply(-1, "Сессия не найдена")));
    }

    #[test]
    fn a_code_is_a_no_to_an_order_and_a_failure_to_a_question() {
        let no = reply(-20400, "Оформление невозможно");
        let declined = Decline::declined("Оформление невозможно");
        assert_eq!(Answer::granted(&no, "").err(), Some(Refusal::Decline(declined)));
        let failure =
            Fault::new(FaultKind::InsurerError, "the service answered ErrorCode -20400 to `GetBill`");
        assert_eq!(Answer::told(&no).err(), Some(Refusal::Fault(failure)));
        let outage = reply(-20500, "Сервис РСА недоступен");
        assert!(matches!(
            Answer::told(&outage).err(),
            Some(Refusal::Fault(Fault { kind: FaultKind::RegistryDown, .. }))
        ));
    }
}
