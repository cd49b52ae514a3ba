//! The bus: a message is acknowledged with nothing, and its reply comes later as the insurer's own call.
//!
//! *Correlation.* A message carries an id of ours (`SavePolicy.<uuid>`), which the reply repeats. So what to wait
//! for is known before the message leaves, and a message whose acknowledgement is lost is waited for all the same:
//! nothing is sent twice. Where the service is known not to repeat it (the setting `correlation`), the id of the
//! acknowledgement's header is waited for, and a lost acknowledgement is the end.

use serde::{Deserialize, Serialize};
use veer_contract::{Body, Call, Context, Effect, Event, Fault, Lane, Method, Reply, Step, slot};

use crate::xml::Writer;

/// The header of acknowledgements and of the insurer's calls, in lower case.
pub(super) const CORRELATION_ID: &str = "x-vsk-correlationid";
/// The value of the setting `correlation` for a service that does not repeat our ids.
const BY_HEADER: &str = "correlation_id";
/// No service's id is longer.
const LONGEST: usize = 128;

const ROOT: &str = "cxf/rest/partners/api/v2/osago";
const SCHEMAS: &str = "http://www.vsk.ru/schema/partners";

/// The messages, in the order of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    Login,
    CalculatePolicy,
    SavePolicy,
    SignPolicy,
    BuyPolicy,
}

/// A message on its way: what its reply will be found by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Sent(String);

/// What came of a message so far.
pub(super) enum Heard<'a> {
    /// It arrived: its reply is waited for.
    Acknowledged(Sent),
    /// Its reply.
    Answered(&'a Reply),
}

// === impl Message ===

impl Message {
    /// The call that brings it, and what its reply will be found by; `inside` writes what follows the id.
    pub(super) fn send(self, cx: &Context<'_>, inside: impl FnOnce(&mut Writer)) -> (Call, Sent) {
        let id = format!("{}.{}", self.name(), (cx.new_id)());
        let mut xml = Writer::default();
        xml.element(&format!("{}{}", self.element(), self.namespaces()), |xml| {
            if self == Message::CalculatePolicy {
                xml.leaf("common:systemId", cx.settings.get("system_id"));
            }
            xml.leaf("common:messageId", &id);
            inside(xml);
        });
        let path = format!("{ROOT}/{}", self.path());
        let reply_to = format!("{}?token={}", slot::callback_url(), slot::secret("callback_token"));
        let call = Call::new(self.name(), self.lane(), self.effect(), Method::Post, path)
            .with_header("ReplyTo", reply_to)
            .with_body(Body::Xml { content_type: "application/xml".into(), text: xml.finish() });
        (call, Sent(id))
    }

    const fn name(self) -> &'static str {
        match self {
            Message::Login => "Login",
            Message::CalculatePolicy => "CalculatePolicy",
            Message::SavePolicy => "SavePolicy",
            Message::SignPolicy => "SignPolicy",
            Message::BuyPolicy => "BuyPolicy",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Message::Login => "Auth/Login",
            Message::CalculatePolicy => "Policy/CalculatePolicy",
            Message::SavePolicy => "Policy/SavePolicy",
            Message::SignPolicy => "Policy/SignPolicy",
            Message::BuyPolicy => "Policy/BuyPolicy",
        }
    }

    const fn element(self) -> &'static str {
        match self {
            Message::Login => "auth:loginRequest",
            Message::CalculatePolicy => "policy:calculatePolicyRequest",
            Message::SavePolicy => "policy:savePolicyRequest",
            Message::SignPolicy => "policy:signPolicyRequest",
            Message::BuyPolicy => "policy:buyPolicyRequest",
        }
    }

    /// The namespaces of its prefixes; the policy tree of a calculation has one of its own.
    fn namespaces(self) -> String {
        let of = |prefix: &str, schema: &str| {
            Writer::attribute(&format!("xmlns:{prefix}"), &format!("{SCHEMAS}/{schema}"))
        };
        let own = match self {
            Message::Login => of("auth", "auth"),
            _ => of("policy", "policy"),
        };
        let tree = match self {
            Message::CalculatePolicy => of("model", "model/calc"),
            Message::SavePolicy => of("model", "model"),
            _ => return own + &of("common", "common"),
        };
        let types = Writer::attribute("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
        own + &of("common", "common") + &tree + &types
    }

    const fn lane(self) -> Lane {
        match self {
            Message::Login => Lane::Session,
            Message::CalculatePolicy | Message::SavePolicy | Message::SignPolicy => Lane::Create,
            Message::BuyPolicy => Lane::Payment,
        }
    }

    const fn effect(self) -> Effect {
        match self {
            Message::Login | Message::CalculatePolicy => Effect::Read,
            Message::SavePolicy | Message::SignPolicy | Message::BuyPolicy => Effect::Creates,
        }
    }
}

// === impl Sent ===

impl Sent {
    /// What the event says of the message.
    pub(super) fn heard<'a>(&self, event: Event<'a>, cx: &Context<'_>) -> Result<Heard<'a>, Fault> {
        match event {
            Event::Callback(reply) => Ok(Heard::Answered(reply)),
            Event::Replies([reply, ..]) => {
                // What has no id is a page of somebody on the way, and nobody would ever call back.
                let id = header_id(reply).ok_or_else(|| {
                    let detail = format!("the acknowledgement of `{}` has no X-VSK-CorrelationId", reply.tag);
                    Fault::not_understood(detail)
                })?;
                Ok(Heard::Acknowledged(if by_header(cx) { Sent(id.to_owned()) } else { self.clone() }))
            }
            Event::Replies([]) | Event::Woke => {
                Err(Fault::not_understood("neither an acknowledgement nor a reply is here"))
            }
        }
    }

    /// Waits for the reply.
    pub(super) fn wait<S, T>(&self, then: S) -> Step<S, T> {
        Step::wait_for_callback(self.0.as_str(), then)
    }

    /// Waits for the reply although the acknowledgement was lost; `None` where only that would tell what to
    /// wait for.
    pub(super) fn wait_unacknowledged<S, T>(&self, then: S, cx: &Context<'_>) -> Option<Step<S, T>> {
        (!by_header(cx)).then(|| self.wait(then))
    }

    /// What the notice of the payment that this message began will be found by.
    pub(super) fn payment(&self) -> String {
        format!("{}/paid", self.0)
    }

    /// The message that this call of the insurer answers; `id` is what it carries.
    pub(super) fn called_back(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The id itself.
    pub(super) fn into_id(self) -> String {
        self.0
    }
}

/// The service's own id of a message.
pub(super) fn header_id(reply: &Reply) -> Option<&str> {
    reply.header(CORRELATION_ID).and_then(checked)
}

/// An id that may be kept and shown: printable and of a decent length.
pub(super) fn checked(id: &str) -> Option<&str> {
    let id = id.trim();
    let sound = !id.is_empty() && id.len() <= LONGEST && id.bytes().all(|byte| byte.is_ascii_graphic());
    sound.then_some(id)
}

fn by_header(cx: &Context<'_>) -> bool {
    cx.settings.get("correlation") == BY_HEADER
}
