//! The calls that a folder's fixtures show, with their replies.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::{PAGE, resemblance::Words};

/// Every call, in the order of operations and steps.
pub(super) struct Script {
    calls: Vec<Shown>,
    /// How often each call was answered.
    answered: Mutex<BTreeMap<usize, usize>>,
}

/// One call of a fixture: what tells it from others, and its replies in order.
struct Shown {
    method: String,
    path: String,
    words: Words,
    replies: Vec<Reply>,
}

/// A reply as it leaves.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// The operations in the order of a sale; the others come behind.
const ORDER: [&str; 8] =
    ["login", "vehicles", "quote", "finalise", "draft", "confirm", "payment_status", "policy"];

// What is read of a fixture; the kit reads the rest.

#[derive(Deserialize)]
struct Fixture {
    #[serde(default, rename = "step")]
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default, rename = "call")]
    calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    method: String,
    path: String,
    #[serde(default)]
    body: Body,
    reply: Option<Given>,
}

#[derive(Default, Deserialize)]
struct Body {
    json: Option<String>,
    xml: Option<String>,
    form: Option<Vec<(String, String)>>,
}

#[derive(Deserialize)]
struct Given {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    body_base64: Option<String>,
    #[serde(default)]
    lost: bool,
    #[serde(default)]
    session_expired: bool,
}

fn ok() -> u16 {
    200
}

// === impl Script ===

impl Script {
    /// Reads `fixtures/*/ok.toml` of the folder; addresses below `.example` are led to `base_url`.
    pub(super) fn read(folder: &Path, base_url: &str) -> Result<Self, String> {
        let fixtures = folder.join("fixtures");
        let entries = fs::read_dir(&fixtures).map_err(|error| format!("{}: {error}", fixtures.display()))?;
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path().join("ok.toml")).collect();
        files.retain(|file| file.is_file());
        // One address may tell of everything from the application to the policy: its replies come in a sale's order.
        files.sort_by_key(|file| order(file));
        let mut script = Self { calls: Vec::new(), answered: Mutex::default() };
        for file in files {
            let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
            let text = fs::read_to_string(&file).map_err(|error| failed(&error))?;
            let fixture: Fixture = toml::from_str(&text).map_err(|error| failed(&error))?;
            fixture.steps.into_iter().flat_map(|step| step.calls).for_each(|call| script.add(call, base_url));
        }
        if script.calls.is_empty() {
            return Err(format!("{} shows no call: write fixtures/quote/ok.toml", fixtures.display()));
        }
        Ok(script)
    }

    fn add(&mut self, call: Call, base_url: &str) {
        let Some(given) = call.reply.filter(|reply| !reply.lost && !reply.session_expired) else { return };
        let reply = Reply::of(given, base_url);
        let words = call.body.words();
        let same = |shown: &&mut Shown| {
            shown.method == call.method && shown.path == call.path && shown.words == words
        };
        match self.calls.iter_mut().find(same) {
            Some(shown) => shown.replies.push(reply),
            None => {
                let Call { method, path, .. } = call;
                self.calls.push(Shown { method, path, words, replies: vec![reply] });
            }
        }
    }

    /// The reply to a call: of those at this address, that of the most alike. A call that was shown several times
    /// has its replies in turn, the last one from then on.
    pub(super) fn answer(&self, method: &str, path: &str, body: &[u8]) -> Option<&Reply> {
        let words = Words::of(body);
        let here = self.calls.iter().enumerate().filter(|(_, shown)| {
            shown.method.eq_ignore_ascii_case(method)
                && shown.path.trim_end_matches('/') == path.trim_end_matches('/')
        });
        // Of equals the first.
        let (at, shown) = here.rev().max_by_key(|(_, shown)| shown.words.resemblance(&words))?;
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let times = answered.entry(at).or_default();
        let reply = shown.replies.get(*times).or_else(|| shown.replies.last());
        *times += 1;
        reply
    }

    /// What could be asked.
    pub(super) fn shown(&self) -> Vec<String> {
        self.calls.iter().map(|shown| format!("{} {}", shown.method, shown.path)).collect()
    }
}

/// The place of a fixture's operation in a sale.
fn order(file: &Path) -> usize {
    let operation = file.parent().and_then(Path::file_name).unwrap_or_default();
    ORDER.iter().position(|known| *known == operation).unwrap_or(ORDER.len())
}

// === impl Reply ===

impl Reply {
    fn of(given: Given, base_url: &str) -> Self {
        let bytes = given.body_base64.and_then(|text| BASE64_STANDARD.decode(text.trim()).ok());
        let body = bytes.unwrap_or_else(|| led_home(&given.body, base_url).into_bytes());
        let mut headers = given.headers;
        if !headers.iter().any(|(name, _)| name == "content-type") {
            let kind = match body.trim_ascii_start().first() {
                Some(b'<') => "text/xml; charset=utf-8",
                Some(b'%') => "application/pdf",
                _ => "application/json",
            };
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        Self { status: given.status, headers, body }
    }
}

// === impl Body ===

impl Body {
    fn words(&self) -> Words {
        let form = || {
            let pairs = self.form.iter().flatten();
            let mut text = url::form_urlencoded::Serializer::new(String::new());
            text.extend_pairs(pairs).finish()
        };
        let text = self.json.clone().or_else(|| self.xml.clone()).unwrap_or_else(form);
        Words::of(text.as_bytes())
    }
}

/// The text with every `https://….example/` led to a page of the player's.
fn led_home(text: &str, base_url: &str) -> String {
    let mut parts = text.split("https://");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let host =
            part.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-').unwrap_or(part.len());
        let (name, rest) = part.split_at(host);
        if name.ends_with(".example") {
            out.push_str(&format!("{base_url}{PAGE}{name}{rest}"));
        } else {
            out.push_str(&format!("https://{part}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(files: &[(&str, &str)]) -> Result<Script, String> {
        let folder = tempfile::tempdir().unwrap();
        for (operation, text) in files {
            let place = folder.path().join("fixtures").join(operation);
            fs::create_dir_all(&place).unwrap();
            fs::write(place.join("ok.toml"), text).unwrap();
        }
        Script::read(folder.path(), "http://127.0.0.1:1/")
    }

    fn body(script: &Script, method: &str, path: &str, body: &str) -> Option<String> {
        let reply = script.answer(method, path, body.as_bytes())?;
        Some(String::from_utf8_lossy(&reply.body).into_owned())
    }

    const QUOTE: &str = "[[step]]\n[[step.call]]\nmethod = 'POST'\npath = 'calc'\nbody.json = '{\"car\": 1}'\n\
        reply.body = '{\"id\": \"7\"}'\n[[step]]\nwait_ms = 5\n\
        [[step]]\n[[step.call]]\nmethod = 'GET'\npath = 'calc/7'\nreply.body = '1'\n\
        [[step]]\n[[step.call]]\nmethod = 'GET'\npath = 'calc/7'\nreply.body = '2'\n";

    #[test]
    fn a_call_that_is_shown_twice_has_its_replies_in_turn() {
        let script = script(&[("quote", QUOTE)]).unwrap();
        assert_eq!(body(&script, "POST", "calc", "{\"car\": 5}").as_deref(), Some("{\"id\": \"7\"}"));
        let polls = [0; 3].map(|_| body(&script, "GET", "calc/7", "").unwrap());
        assert_eq!(polls, ["1", "2", "2"]);
        assert_eq!(body(&script, "GET", "calc/8", ""), None);
        assert_eq!(script.shown(), ["POST calc", "GET calc/7"]);
    }

    #[test]
    fn one_address_tells_of_a_sale_in_its_order() {
        let asked = |state: &str| {
            format!("[[step]]\n[[step.call]]\nmethod = 'GET'\npath = 'a/7'\nreply.body = '{state}'\n")
        };
        let files = [
            ("confirm", asked("2")),
            ("finalise", asked("1")),
            ("policy", asked("4")),
            ("payment_status", asked("3")),
        ];
        let files = files.each_ref().map(|(operation, text)| (*operation, text.as_str()));
        let script = script(&files).unwrap();
        let told = [0; 5].map(|_| body(&script, "GET", "a/7", "").unwrap());
        assert_eq!(told, ["1", "2", "3", "4", "4"]);
    }

    #[test]
    fn calls_at_one_address_are_told_apart_by_their_words() {
        let soap = |name: &str| {
            format!(
                "[[step]]\n[[step.call]]\nmethod = 'POST'\npath = 's'\nbody = {{ xml = '<E><B><{name}><X/></{name}></B></E>', \
                 content_type = 'text/xml' }}\nreply.body = '<{name}Response/>'\n"
            )
        };
        let script = script(&[("login", &soap("Login")), ("quote", &soap("Calc"))]).unwrap();
        let asked = body(&script, "POST", "s", "<s:E xmlns:s='u'><s:B><Calc><X>1</X></Calc></s:B></s:E>");
        assert_eq!(asked.as_deref(), Some("<CalcResponse/>"));
    }

    #[test]
    fn addresses_that_exist_nowhere_lead_to_the_players_page() {
        let led =
            led_home("{\"url\":\"https://pay.example/o-1?a=b\",\"x\":\"https://real.ru/1\"}", "http://h/");
        assert_eq!(led, "{\"url\":\"http://h/page/pay.example/o-1?a=b\",\"x\":\"https://real.ru/1\"}");
    }

    #[test]
    fn a_folder_without_calls_is_refused_with_what_to_write() {
        let problem = script(&[("quote", "about = 'nothing'")]).map(|_| ()).unwrap_err();
        assert!(problem.ends_with("write fixtures/quote/ok.toml"), "{problem}");
    }
}
