//! The kit finds what it is there to find: one small adapter, sound or with one flaw at a time.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path, sync::OnceLock};

use veer_contract::{
    Adapter, Body, Call, Context, Effect, Erased, ErasedFlow, Event, Fault, Flow, Lane, Manifest, Method,
    Reply, Step,
    domain::{Kopecks, Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};
use veer_kit::Report;

/// What is wrong with the adapter.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Flaw {
    None,
    /// It trusts the reply.
    Panics,
    /// It starts anew where it does not understand.
    CreatesAgain,
    /// It repeats the reply in a fault.
    RepeatsTheReply,
    /// It puts the plate into a path.
    PlateInPath,
    /// It asks for ever.
    NeverEnds,
    /// It refuses what it does not know.
    RefusesUnknownKeys,
}

struct Shop {
    manifest: Manifest,
    quote: Erased<Asking, Quote>,
}

#[derive(Clone, Copy)]
struct Asking(Flaw);

#[derive(serde::Serialize, serde::Deserialize)]
enum State {
    Making { reference: String },
    Called { reference: String, id: String },
}

impl Asking {
    fn make(self, input: &QuoteRequest, reference: &str) -> Vec<Call> {
        let mut path = "make".to_owned();
        if self.0 == Flaw::PlateInPath {
            path = format!("make/{}", input.vehicle.plate.as_ref().map_or("", |plate| plate.as_str()));
        }
        let body = format!("{{\"reference\": \"{reference}\", \"year\": {}}}", input.vehicle.year);
        vec![
            Call::new("make", Lane::Create, Effect::Creates, Method::Post, path).with_body(Body::Json(body)),
            Call::new("hint", Lane::Poll, Effect::Read, Method::Get, "hint").optional(),
        ]
    }

    fn not_understood(self, input: &QuoteRequest, reference: String, reply: &Reply) -> Step<State, Offer> {
        match self.0 {
            Flaw::Panics => panic!("an adapter that trusts the reply"),
            Flaw::CreatesAgain => Step::calls(self.make(input, &reference), State::Making { reference }),
            Flaw::RepeatsTheReply => Step::fail(Fault::not_understood(reply.text())),
            Flaw::NeverEnds => Step::wait(std::time::Duration::from_secs(1), State::Making { reference }),
            _ => Step::fail(Fault::not_understood("no id")),
        }
    }
}

impl Flow<Quote> for Asking {
    type State = State;

    fn start(&self, input: &QuoteRequest, cx: &Context<'_>) -> Step<State, Offer> {
        let reference = (cx.new_id)();
        Step::calls(self.make(input, &reference), State::Making { reference })
    }

    fn resume(
        &self,
        input: &QuoteRequest,
        state: State,
        event: Event<'_>,
        _cx: &Context<'_>,
    ) -> Step<State, Offer> {
        match state {
            State::Making { reference } => {
                let Ok(reply) = event.reply("make") else {
                    return Step::wait(std::time::Duration::from_secs(1), State::Making { reference });
                };
                let value: Option<serde_json::Value> = reply.json().ok();
                let known = value.as_ref().and_then(|value| value.as_object()).map(|fields| fields.len());
                if self.0 == Flaw::RefusesUnknownKeys && known != Some(1) {
                    return Step::fail(Fault::not_understood("unknown keys"));
                }
                let id = value.as_ref().and_then(|value| value["id"].as_str());
                match id.filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())) {
                    Some(id) => {
                        let id = id.to_owned();
                        let first = Offer::priced(
                            "one",
                            OfferRef::of("id", &id),
                            Premium::Preliminary(Kopecks::new(1)),
                        );
                        Step::wait_for_callback(format!("r-{reference}"), State::Called { reference, id })
                            .emitting(first)
                    }
                    None => self.not_understood(input, reference, reply),
                }
            }
            State::Called { id, .. } => {
                let Event::Callback(reply) = event else {
                    return Step::fail(Fault::not_understood("no call"));
                };
                match Kopecks::parse_roubles(&reply.text()) {
                    Ok(price) => {
                        Step::done(Offer::priced("one", OfferRef::of("id", id), Premium::Final(price)))
                    }
                    Err(error) => Step::fail(Fault::not_understood(error.to_string())),
                }
            }
        }
    }
}

impl Adapter for Shop {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn quote(&self) -> &dyn ErasedFlow<Quote> {
        &self.quote
    }
}

const MANIFEST: &str = r#"
contract = 1
code = "shop"
partner_code = 9
name = "Лавка"
protocol = "invented"
operations = ["quote"]
vehicles = "names"
scope = { categories = ["B"], purposes = ["personal"] }
[lanes.create]
concurrent = 1
first_byte = "5s"
total = "5s"
[lanes.poll]
rate = ["5/s", "10000/day burst 50"]
concurrent = 1
first_byte = "5s"
total = "5s"
"#;

const README: &str = "# Лавка\n## Protocol\n## Quirks\n## How its facts are known\n## Unknown\n";

fn fixture(reply: &str, path: &str, rest: &str) -> String {
    format!(
        r#"
about = "x"
[given]
today = 2026-11-16
ids = ["id-0"]
[[step]]
[[step.call]]
tag = "make"
lane = "create"
effect = "creates"
method = "POST"
path = "{path}"
auth = "none"
body.json = '{{"reference": "id-0", "year": 2019}}'
reply.body = '{reply}'
[[step.call]]
tag = "hint"
lane = "poll"
effect = "read"
method = "GET"
path = "hint"
auth = "none"
optional = true
{rest}"#
    )
}

fn ok(path: &str) -> String {
    fixture(
        r#"{"id": "7"}"#,
        path,
        r#"
[[step]]
emits = 1
callback.correlation = "r-id-0"
callback.reply.body = "12.50"
[[outcome.result]]
key = "one"
reference = { id = "7" }
premium.preliminary = 1
coefficients = {}
driver_coefficients = []
is_prolongation = false
is_external_prolongation = false
cross_sales = []
[[outcome.result]]
key = "one"
reference = { id = "7" }
premium.final = 1250
coefficients = {}
driver_coefficients = []
is_prolongation = false
is_external_prolongation = false
cross_sales = []
"#,
    )
}

fn folder(root: &Path, files: &[(&str, String)]) {
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn check(flaw: Flaw, change: impl FnOnce(&Path)) -> Report {
    static ROOT: OnceLock<tempfile::TempDir> = OnceLock::new();
    let root = ROOT.get_or_init(|| tempfile::tempdir().unwrap()).path();
    let shop = root.join(format!("{flaw:?}-{:?}", std::thread::current().id())).join("shop");
    let path = if flaw == Flaw::PlateInPath { "make/А001АА777" } else { "make" };
    let failing = || fixture("{}", path, "[outcome.fault]\nkind = 'not_understood'\ndetail = 'no id'\n");
    folder(
        &shop,
        &[
            ("README.md", README.into()),
            ("mod.rs", String::new()),
            ("manifest.toml", MANIFEST.into()),
            ("fixtures/quote/ok.toml", ok(path)),
            ("fixtures/quote/declined.toml", ok(path)),
            ("fixtures/quote/error_inside_200.toml", if flaw == Flaw::None { failing() } else { ok(path) }),
        ],
    );
    change(&shop);
    let adapter = Shop { manifest: toml::from_str(MANIFEST).unwrap(), quote: Erased::new(Asking(flaw)) };
    veer_kit::check(&adapter, &shop)
}

#[track_caller]
fn finds(report: &Report, what: &str) {
    assert!(report.problems.iter().any(|problem| problem.contains(what)), "«{what}» is not in {report}");
}

#[test]
fn a_sound_adapter_passes_and_something_was_done() {
    let report = check(Flaw::None, |_| {});
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.replayed, 3);
    assert!(report.failures > 50 && report.flips > 50, "{report}");
}

#[test]
fn every_flaw_is_found() {
    for (flaw, what) in [
        (Flaw::Panics, "panicked"),
        (Flaw::CreatesAgain, "creates something and is sent"),
        (Flaw::RepeatsTheReply, "fault's detail holds personal data"),
        (Flaw::PlateInPath, "holds personal data"),
        (Flaw::NeverEnds, "does not come to an end"),
        (Flaw::RefusesUnknownKeys, "the outcome changes"),
    ] {
        finds(&check(flaw, |_| {}), what);
    }
}

#[test]
fn a_fixture_that_says_something_else_fails() {
    let report = check(Flaw::None, |shop| {
        let text = ok("make").replace("premium.final = 1250", "premium.final = 1251");
        fs::write(shop.join("fixtures/quote/ok.toml"), text).unwrap();
        let text = ok("make").replace("ids = [\"id-0\"]", "ids = [\"id-0\", \"never\"]");
        fs::write(shop.join("fixtures/quote/declined.toml"), text).unwrap();
    });
    finds(&report, "result[1].premium.final: the fixture says 1251, the adapter 1250");
    finds(&report, "the fixture gives 2, the adapter draws 1");
}

#[test]
fn the_folder_is_looked_at_as_a_whole() {
    let report = check(Flaw::None, |shop| {
        fs::remove_file(shop.join("README.md")).unwrap();
        fs::remove_file(shop.join("fixtures/quote/declined.toml")).unwrap();
        fs::write(shop.join("notes.doc"), "").unwrap();
        let manifest = MANIFEST
            .replace("\"shop\"", "\"store\"")
            .replace("[\"quote\"]", "[\"quote\", \"draft\"]")
            .replace("5/s", "5 per s");
        fs::write(shop.join("manifest.toml"), manifest).unwrap();
        folder(shop, &[("fixtures/quoting/ok.toml", ok("make")), ("fixtures/login/ok.toml", ok("make"))]);
    });
    for what in [
        "README.md: is missing",
        "fixtures/quote/declined.toml: is missing",
        "notes.doc: does not belong here",
        "code is `store`",
        "claims `draft`, which the adapter lacks",
        "`5 per s` is no rate",
        "no operation has that name",
        "the adapter has no such operation",
    ] {
        finds(&report, what);
    }
}
