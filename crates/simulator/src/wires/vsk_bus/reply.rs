//! What the insurer calls back with. Prefixes differ by message, as they do in public traces; names of root elements
//! are of our own making.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::header::{HeaderName, HeaderValue},
};
use quick_xml::escape::escape;
use veer_contract::domain::Kopecks;

use super::{
    Insurer, acknowledgement,
    message::{Kind, Message},
};
use crate::{
    Fault, Outcome,
    draws::Draws,
    exchange::{self, Exchange, Reply},
    sale::Letter,
    spoil,
};

/// What a reply says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    /// `errorCode` and `errorMessage`.
    error: Option<(&'static str, String)>,
    /// Leaves of the message's own.
    leaves: Vec<(&'static str, String)>,
}

const CORRELATION_ID: &str = "x-vsk-correlationid";
/// Lets the acknowledgement reach the wire before the reply goes.
const BEHIND: Duration = Duration::from_millis(5);

// === impl Said ===

impl Said {
    /// These leaves.
    pub(super) fn well(leaves: &[(&'static str, &str)]) -> Self {
        let leaves = leaves.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        Self { error: None, leaves }
    }

    /// An amount.
    pub(super) fn amount(amount: Kopecks) -> Self {
        Self::well(&[("amount", &amount.get().to_string())])
    }

    /// An error.
    pub(super) fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { error: Some((code, message.into())), leaves: Vec::new() }
    }

    /// A no of the insurer, or of its processes, in words.
    pub(super) fn no(reason: &str) -> Self {
        Self::error("PROCESS_ERROR", format!("Errors: {reason} Warnings: "))
    }

    /// Fields that are missing or wrong.
    pub(super) fn wrong(problems: &[String]) -> Self {
        Self::error("VALIDATIONERROR", problems.join("; "))
    }

    /// What the registry answered.
    pub(super) fn registry(code: u32, reason: &str) -> Self {
        Self::error("RSA_CHECK_ERROR", format!("Code={code}, Message={reason}"))
    }

    /// The registry could not be asked.
    pub(super) fn registry_down() -> Self {
        Self::registry(34_030_023, "Государственный реестр не отвечает")
    }

    /// The session is not there.
    pub(super) fn session_over() -> Self {
        Self::no("Session not found or expired")
    }

    /// The same with a policy's number that came all the same.
    pub(super) fn and(mut self, name: &'static str, text: &str) -> Self {
        self.leaves.push((name, text.to_owned()));
        self
    }

    /// The document that answers a message of that kind.
    fn document(&self, kind: Kind, root: &str, id: Option<&str>) -> String {
        let (prefix, schema) = match kind {
            Kind::Login => ("sch1", "auth"),
            Kind::Calculate | Kind::Save | Kind::Sign => ("pol", "policy"),
            Kind::Buy if root == PAID => ("pol", "policy"),
            Kind::Buy => ("pay", "payment"),
        };
        let leaf = |prefix: &str, name: &str, text: &str| format!("<{prefix}:{name}>{}</{prefix}:{name}>", escape(text));
        let common = if kind == Kind::Login { prefix } else { "com" };
        let mut inner = id.map(|id| leaf(common, "messageId", id)).unwrap_or_default();
        if let Some((code, message)) = &self.error {
            inner += &leaf("com", "errorCode", code);
            inner += &leaf("com", "errorMessage", message);
        }
        inner.extend(self.leaves.iter().map(|(name, text)| leaf(prefix, name, text)));
        let schemas = "http://www.vsk.ru/schema/partners";
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><{prefix}:{root} xmlns:{prefix}=\"{schemas}/{schema}\" \
             xmlns:com=\"{schemas}/common\">{inner}</{prefix}:{root}>"
        )
    }
}

/// The notice of a payment.
const PAID: &str = "policyPaid";

const fn root(kind: Kind) -> &'static str {
    match kind {
        Kind::Login => "loginResponse",
        Kind::Calculate => "calculatePolicyResponse",
        Kind::Save => "savePolicyResponse",
        Kind::Sign => "signPolicyResponse",
        Kind::Buy => "buyPolicyResponse",
    }
}

// === impl Insurer ===

impl Insurer {
    /// Acknowledges a message and calls back with the reply, as the knobs want.
    pub(super) async fn answer(
        &self,
        exchange: Exchange<'_>,
        outcome: Outcome,
        message: &Message,
        said: Said,
    ) -> HttpResponse {
        let id = correlation(&exchange, message);
        let (draws, replies) = (*exchange.draws(), exchange.knobs().replies);
        let pace = exchange.knobs().drip;
        let fault = exchange.fault();
        let mut latency = if message.kind == Kind::Login { Duration::ZERO } else { exchange.latency() };
        if let Some(mut letter) = self.letter(message, &id, spoilt(fault, &draws, &said)) {
            if fault == Some(Fault::Malformed) || fault == Some(Fault::Truncated) {
                let broken = spoil::malformed(Reply::xml(200, letter.body));
                letter.body = broken.text().to_owned();
            }
            if fault == Some(Fault::Drip) {
                let pauses = u32::try_from(letter.body.len() / pace.bytes).unwrap_or(u32::MAX);
                latency = latency.saturating_add(pace.pause.saturating_mul(pauses));
            }
            if draws.happens("early reply", replies.early) && !draws.happens("lost reply", replies.lost) {
                tokio::time::sleep(latency + replies.delay).await;
                self.company.post_now(&letter).await;
            } else {
                self.company.clone().post(letter, latency.max(BEHIND), &draws);
            }
        }
        let mut response = exchange.answer(outcome, acknowledgement()).await;
        if response.status().is_success()
            && let Ok(id) = HeaderValue::from_str(&id)
        {
            response.headers_mut().insert(HeaderName::from_static(CORRELATION_ID), id);
        }
        response
    }

    /// When that bill is paid, the insurer tells of it as of a second reply to `message`.
    pub(super) fn promise(&self, exchange: &Exchange<'_>, message: &Message, order: &str, policy: &str) {
        let digits: String = order.chars().filter(char::is_ascii_digit).collect();
        let said = Said::well(&[("policyId", &digits), ("policyNumber", policy)]);
        let id = correlation(exchange, message);
        self.company.notices.promise(order, self.written(message, PAID, &id, &said));
    }

    /// The reply to a message; none to one that was not carried out.
    fn letter(&self, message: &Message, id: &str, said: Option<Said>) -> Option<Letter> {
        said.map(|said| self.written(message, root(message.kind), id, &said))
    }

    fn written(&self, message: &Message, root: &str, id: &str, said: &Said) -> Letter {
        let own = (self.company.knobs().replies.message_ids && !message.id.is_empty()).then_some(message.id.as_str());
        Letter {
            url: message.reply_to.clone(),
            headers: vec![(CORRELATION_ID, id.to_owned())],
            content_type: "application/xml",
            body: said.document(message.kind, root, own),
        }
    }
}

/// The insurer's own id of a message, which all replies to it carry.
fn correlation(exchange: &Exchange<'_>, message: &Message) -> String {
    exchange.draws().with("correlation").with(&message.id).uuid("id")
}

/// What the reply says where something goes wrong with the message; nothing where it is not carried out.
fn spoilt(fault: Option<Fault>, draws: &Draws, said: &Said) -> Option<Said> {
    match fault {
        Some(Fault::Error) if exchange::is_own_error(draws) => Some(Said::no("Validator internal error")),
        Some(Fault::Error | Fault::TooMany) => None,
        Some(Fault::RegistryDown) => Some(Said::registry_down()),
        Some(Fault::Nulls) => {
            let leaves = said.leaves.iter().map(|(name, _)| (*name, String::new())).collect();
            Some(Said { error: None, leaves })
        }
        None | Some(Fault::Hang | Fault::Drip | Fault::Truncated | Fault::Malformed) => Some(said.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_differ_by_message_and_words_are_escaped() {
        let login = Said::well(&[("sessionId", "s-1")]).document(Kind::Login, "loginResponse", Some("Login.1"));
        assert!(login.contains("<sch1:messageId>Login.1</sch1:messageId><sch1:sessionId>s-1</sch1:sessionId>"));
        let no = Said::no("<нет>").document(Kind::Save, "savePolicyResponse", None);
        assert!(no.contains("<com:errorMessage>Errors: &lt;нет&gt; Warnings: </com:errorMessage>"), "{no}");
        let paid = Said::well(&[("policyId", "7")]).document(Kind::Buy, PAID, Some("BuyPolicy.1"));
        assert!(paid.contains("<com:messageId>BuyPolicy.1</com:messageId><pol:policyId>7</pol:policyId>"));
    }

    #[test]
    fn a_message_that_is_not_carried_out_is_not_answered() {
        let (draws, said) = (Draws::new(1), Said::amount(Kopecks::new(912_345)));
        assert_eq!(spoilt(Some(Fault::TooMany), &draws, &said), None);
        assert_eq!(spoilt(Some(Fault::Nulls), &draws, &said), Some(Said::well(&[("amount", "")])));
        assert_eq!(spoilt(None, &draws, &said), Some(said));
    }
}
