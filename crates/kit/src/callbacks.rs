//! Insurers' own calls: what [`Adapter::callback`] makes of each fixture's, and of everything broken that
//! can be derived from it.
//!
//! The host has checked who calls, and no more than that. So the body may be anything: the adapter must
//! not panic, must not put the caller's words into a fault, and must not be led astray by a key that it
//! does not know.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Deserialize;
use veer_contract::{Adapter, Callback, Fault, Reply};

use crate::{
    Report,
    failures::broken::{self, Broken, Demand},
    fixture::{ExpectedFault, GivenReply},
    secrecy::SENTINEL,
};

/// One call of an insurer, as its fixture writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallbackFixture {
    /// What it shows, in a sentence; for readers.
    #[expect(dead_code, reason = "it must stand there, and nothing else reads it")]
    about: String,
    /// Headers, names in lower case.
    #[serde(default)]
    headers: Vec<(String, String)>,
    /// The body.
    body: String,
    /// The correlation that the adapter reads from it.
    correlation: Option<String>,
    /// The fault that it ends with.
    fault: Option<ExpectedFault>,
}

/// The tag of a call that the gateway did not ask for.
const TAG: &str = "callback";
/// Nobody's name, unlike every other text.
const PERSONAL: &str = "Проверкин Испытан Тестович";

// === impl CallbackFixture ===

impl CallbackFixture {
    /// Reads a fixture; the error says where and what.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let fixture: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        match (&fixture.correlation, &fixture.fault) {
            (Some(_), Some(_)) | (None, None) => Err("a callback has a `correlation` or a `fault`".into()),
            _ => Ok(fixture),
        }
    }

    fn expected(&self) -> Result<Callback, Fault> {
        match (&self.correlation, &self.fault) {
            (_, Some(fault)) => Err(Fault::new(fault.kind, fault.detail.as_str())),
            (correlation, None) => Ok(Callback { correlation: correlation.clone().unwrap_or_default() }),
        }
    }

    fn given(&self) -> GivenReply {
        GivenReply { headers: self.headers.clone(), ..GivenReply::saying(&self.body) }
    }
}

/// Plays the fixture, then everything broken that can be derived from it.
pub(crate) fn check(adapter: &dyn Adapter, fixture: &CallbackFixture, name: &str, report: &mut Report) {
    let given = fixture.given();
    let expected = fixture.expected();
    report.replayed += 1;
    match received(adapter, &given.tagged(TAG)) {
        Ok(outcome) if outcome == expected => {}
        Ok(outcome) => {
            return report.add(name, format!("the fixture says {expected:?}, the adapter {outcome:?}"));
        }
        Err(problem) => return report.add(name, problem),
    }
    let mut all = broken::derive(&given, Some(PERSONAL));
    all.extend(broken_form(&given));
    for broken in all {
        report.failures += 1;
        let mut say = |problem: &str| report.add(name, format!("{}: {problem}", broken.what));
        match received(adapter, &broken.reply.tagged(TAG)) {
            Err(problem) => say(&problem),
            Ok(outcome) if broken.demand == Demand::Same && outcome != expected => say("the outcome changes"),
            Ok(Err(fault)) if fault.detail.contains(PERSONAL) || fault.detail.contains(SENTINEL) => {
                say("the fault's detail repeats what was received: it goes to logs");
            }
            Ok(_) => {}
        }
    }
    for bytes in [&[0xff, 0xfe, 0x00, 0xd8][..], &[0x00], b"\xef\xbb\xbf{}"] {
        report.failures += 1;
        let reply = Reply { body: bytes.to_vec(), ..given.tagged(TAG) };
        if let Err(problem) = received(adapter, &reply) {
            report.add(name, format!("as the bytes {bytes:?}: {problem}"));
        }
    }
}

fn received(adapter: &dyn Adapter, reply: &Reply) -> Result<Result<Callback, Fault>, String> {
    catch_unwind(AssertUnwindSafe(|| adapter.callback(reply))).map_err(|_| "`callback` panicked".into())
}

/// The broken forms of a form: each field missing, empty, badly escaped, repeated, or naming a person.
fn broken_form(given: &GivenReply) -> Vec<Broken> {
    let body = given.text().unwrap_or_default();
    let fields: Vec<&str> = body.trim().split('&').collect();
    if !fields.iter().all(|field| field.contains('=')) || body.trim_start().starts_with(['{', '<']) {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut add = |what: String, fields: Vec<String>, demand| {
        all.push(Broken::new(what, given.with_body(fields.join("&").into_bytes()), demand));
    };
    let owned = || fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>();
    add("with an unknown field".into(), [owned(), vec!["x_unknown=1".into()]].concat(), Demand::Same);
    for at in 0..fields.len() {
        let name = fields[at].split('=').next().unwrap_or_default();
        let changed = |value: &str| {
            let mut copy = owned();
            copy[at] = format!("{name}={value}");
            copy
        };
        let mut less = owned();
        less.remove(at);
        add(format!("without `{name}`"), less, Demand::Orderly);
        add(format!("with `{name}` twice"), [owned(), vec![fields[at].to_owned()]].concat(), Demand::Orderly);
        for value in ["", "%", "%z", "%zz", "%ff%fe", "%00", "+", PERSONAL, SENTINEL] {
            add(format!("with `{name}` as `{value}`"), changed(value), Demand::Orderly);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_read_strictly() {
        let whole = "about = 'x'\nbody = 'a=1'\ncorrelation = '1'\n";
        assert!(CallbackFixture::parse(whole).is_ok());
        assert!(CallbackFixture::parse(&format!("{whole}surprise = 1")).unwrap_err().contains("surprise"));
        let error = CallbackFixture::parse("about = 'x'\nbody = ''\n").unwrap_err();
        assert_eq!(error, "a callback has a `correlation` or a `fault`");
    }

    #[test]
    fn a_form_is_broken_field_by_field() {
        let broken = broken_form(&GivenReply::saying("key=a&id=7"));
        let bodies: Vec<_> = broken.iter().map(|broken| broken.reply.text().unwrap()).collect();
        for body in ["key=a", "key=a&id=", "key=a&id=7&id=7", "key=%zz&id=7"] {
            assert!(bodies.contains(&body), "{body}: {bodies:?}");
        }
        assert_eq!(broken_form(&GivenReply::saying("{\"a\": \"b=c\"}")).len(), 0);
    }
}
