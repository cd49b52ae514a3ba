//! One conversation as a script.
//!
//! A fixture shows one situation and is named by it. It says what is given, what the adapter calls step
//! by step, what the insurer replies, and how it ends. It is read strictly: a key that nothing asserts
//! cannot stand in it. Slots are written as `{{session}}` and `{{secret:name}}`.

use serde::Deserialize;
use serde_json::Value;
use veer_contract::{Auth, Decline, DeclineKind, Effect, Fault, FaultKind, Lane, Method};

pub use crate::reply::GivenReply;
use crate::{body::Normal, given::Given};

/// A whole fixture.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// What it shows, in a sentence.
    pub about: String,
    /// What the adapter is given.
    pub given: Given,
    /// What happens, in order; empty where the adapter ends without a call.
    #[serde(default, rename = "step")]
    pub steps: Vec<Step>,
    /// How it ends.
    pub outcome: Outcome,
}

/// One step of the adapter: calls, or a wait, or waiting to be called.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How many results the adapter publishes along with it.
    #[serde(default)]
    pub emits: usize,
    /// The calls, all at once.
    #[serde(default, rename = "call")]
    pub calls: Vec<Exchange>,
    /// A wait of at least so many milliseconds.
    pub wait_ms: Option<u64>,
    /// The insurer will call back.
    pub callback: Option<Callback>,
}

/// A call and the reply to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of a `Call`")]
pub struct Exchange {
    pub tag: String,
    pub lane: Lane,
    pub effect: Effect,
    pub method: Method,
    pub path: String,
    #[serde(default)]
    pub query: Vec<(String, String)>,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    pub auth: Auth,
    /// Statuses besides success that come back to the adapter.
    #[serde(default)]
    pub accepts: Vec<u16>,
    #[serde(default)]
    pub optional: bool,
    #[serde(default)]
    pub body: Normal,
    /// What the insurer replies; only an optional call may find no reply.
    pub reply: Option<GivenReply>,
}

/// What the insurer will call back with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// How the adapter says that the conversation will be found.
    pub correlation: String,
    /// What arrives.
    pub reply: GivenReply,
}

/// How a conversation ends. Neither a decline nor a fault: it is done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Everything that was published, in order and whole; nulls are left out.
    #[serde(default, rename = "result")]
    pub results: Vec<Value>,
    /// The insurer says no.
    pub decline: Option<ExpectedDecline>,
    /// It broke.
    pub fault: Option<ExpectedFault>,
}

/// A decline, whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedDecline {
    /// Its kind.
    pub kind: DeclineKind,
    /// Its message.
    pub message: String,
}

/// A fault, whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFault {
    /// Its kind.
    pub kind: FaultKind,
    /// Its detail.
    pub detail: String,
}

/// How a conversation really ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Decline(Decline),
    Fault(Fault),
}

// === impl Fixture ===

impl Fixture {
    /// Reads a fixture; the error says where and what.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fixture: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if fixture.outcome.decline.is_some() && fixture.outcome.fault.is_some() {
            return Err("the outcome is a decline or a fault, not both".into());
        }
        for (at, step) in fixture.steps.iter().enumerate() {
            let kinds = [!step.calls.is_empty(), step.wait_ms.is_some(), step.callback.is_some()];
            if kinds.into_iter().filter(|there| *there).count() != 1 {
                return Err(format!("step {at} needs exactly one of `call`, `wait_ms` and `callback`"));
            }
            if let Some(call) = step.calls.iter().find(|call| call.reply.is_none() && !call.optional) {
                return Err(format!("step {at}: the call `{}` has no reply and is not optional", call.tag));
            }
            for call in &step.calls {
                call.lost_as_can_be().map_err(|why| format!("step {at}: the call `{}`: {why}", call.tag))?;
            }
            if step.callback.as_ref().is_some_and(|callback| callback.reply.lost) {
                return Err(format!("step {at}: a callback is not lost; leave the step out"));
            }
        }
        Ok(fixture)
    }

    /// Every exchange with its step.
    pub(crate) fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        self.steps.iter().flat_map(|step| &step.calls)
    }
}

// === impl Exchange ===

impl Exchange {
    /// Whether the call is carried out and nobody learns how.
    pub(crate) fn is_lost(&self) -> bool {
        self.reply.as_ref().is_some_and(|reply| reply.lost)
    }

    fn lost_as_can_be(&self) -> Result<(), &'static str> {
        let Some(reply) = self.reply.as_ref().filter(|reply| reply.lost) else { return Ok(()) };
        if self.effect != Effect::Creates {
            return Err("only the reply to a call that creates is lost; the host repeats the others");
        }
        match reply.says_nothing() {
            true => Ok(()),
            false => Err("a lost reply says nothing: leave out everything but `lost`"),
        }
    }
}

// === impl Outcome ===

impl Outcome {
    pub(crate) fn end(&self) -> End {
        match (&self.decline, &self.fault) {
            (Some(decline), _) => End::Decline(Decline::new(decline.kind, decline.message.as_str())),
            (None, Some(fault)) => End::Fault(Fault::new(fault.kind, fault.detail.as_str())),
            (None, None) => End::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One key of each table, after which a surprise can stand.
    const KEYS: [&str; 9] = [
        "about = 'x'",
        "today = 2026-11-16",
        "brand = 'Kia'",
        "emits = 0",
        "tag = 'a'",
        "json = '{}'",
        "status = 200",
        "correlation = 'c'",
        "kind = 'declined'",
    ];
    const WHOLE: &str = "about = 'x'\n[given]\ntoday = 2026-11-16\n\
        [given.vehicle]\nbrand = 'Kia'\nmodel = 'Rio'\n\
        [[step]]\nemits = 0\n[[step.call]]\ntag = 'a'\nlane = 'create'\neffect = 'read'\nmethod = 'GET'\n\
        path = 'p'\nauth = 'none'\n[step.call.body]\njson = '{}'\n[step.call.reply]\nstatus = 200\n\
        [[step]]\n[step.callback]\ncorrelation = 'c'\nreply.body = ''\n\
        [outcome.decline]\nkind = 'declined'\nmessage = 'm'\n";
    const LEAST: &str = "about = 'x'\n[given]\ntoday = 2026-11-16\n[outcome]\n";

    #[test]
    fn an_unknown_key_fails_wherever_it_stands() {
        assert!(Fixture::parse(WHOLE).is_ok());
        for key in KEYS {
            let text = WHOLE.replacen(key, &format!("{key}\nsurprise = 1"), 1);
            let error = Fixture::parse(&text).expect_err(key);
            assert!(error.contains("surprise"), "{key}: {error}");
        }
    }

    #[test]
    fn only_what_creates_is_lost_and_it_says_nothing() {
        let with = |effect: &str, reply: &str| {
            let whole = WHOLE.replace("effect = 'read'", effect);
            Fixture::parse(&whole.replace("status = 200", reply)).map(drop)
        };
        assert_eq!(with("effect = 'creates'", "lost = true"), Ok(()));
        let error = with("effect = 'read'", "lost = true").unwrap_err();
        assert!(error.contains("the host repeats the others"), "{error}");
        let error = with("effect = 'creates'", "lost = true\nbody = '{}'").unwrap_err();
        assert!(error.contains("leave out everything but `lost`"), "{error}");
    }

    #[test]
    fn a_step_is_one_thing() {
        let error = Fixture::parse(&format!("{LEAST}[[step]]\nemits = 1\n")).unwrap_err();
        assert!(error.contains("exactly one of"), "{error}");
    }
}
