//! The kit finds what it is there to find: one small adapter, sound or with one flaw at a time.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path, sync::OnceLock};

use veer_contract::Erased;
use veer_kit::Report;

#[path = "flaws/shop.rs"]
mod shop;

use shop::{Asking, Flaw, Shop};

const MANIFEST: &str = r#"
contract = 1
code = "shop"
partner_code = 9
name = "Лавка"
protocol = "invented"
operations = ["quote"]
vehicles = "names"
scope = { categories = ["B"], purposes = ["personal"] }
[callback]
proof = "hmac_sha256"
header = "x-signature"
secret = "callback_secret"
[settings.callback_secret]
doc = "x"
secret = true
default = ""
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

const CALLBACK: &str = "about = 'x'\nbody = '{\"reference\": \"r-1\"}'\ncorrelation = 'r-1'\n";

fn fixture(reply: &str, hint: &str, rest: &str) -> String {
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
path = "make"
auth = "none"
body.json = '{{"reference": "id-0", "year": 2019}}'
reply{reply}
[[step.call]]
tag = "{hint}"
lane = "poll"
effect = "read"
method = "GET"
path = "hint"
auth = "none"
optional = true
{rest}"#
    )
}

fn ok(hint: &str) -> String {
    fixture(r#".body = '{"id": "7"}'"#, hint, PRICED)
}

/// The reply to the call that creates is lost; the adapter waits and asks.
fn lost(hint: &str) -> String {
    let found = r#"
[[step]]
wait_ms = 1000
[[step]]
[[step.call]]
tag = "find"
lane = "poll"
effect = "read"
method = "GET"
path = "find"
query = [["reference", "id-0"]]
auth = "none"
reply.body = '{"id": "7"}'
"#;
    fixture(".lost = true", hint, &format!("{found}{PRICED}"))
}

const PRICED: &str = r#"
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
"#;

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
    let hint = if flaw == Flaw::PlateInTag { "hint А001АА777" } else { "hint" };
    let failing =
        || fixture(".body = '{}'", hint, "[outcome.fault]\nkind = 'not_understood'\ndetail = 'no id'\n");
    folder(
        &shop,
        &[
            ("README.md", README.into()),
            ("mod.rs", String::new()),
            ("manifest.toml", MANIFEST.into()),
            ("fixtures/quote/ok.toml", ok(hint)),
            ("fixtures/quote/declined.toml", ok(hint)),
            ("fixtures/quote/reply_lost.toml", if flaw == Flaw::None { lost(hint) } else { ok(hint) }),
            ("fixtures/callback/ok.toml", CALLBACK.into()),
            ("fixtures/quote/error_inside_200.toml", if flaw == Flaw::None { failing() } else { ok(hint) }),
        ],
    );
    change(&shop);
    let adapter =
        Shop { flaw, manifest: toml::from_str(MANIFEST).unwrap(), quote: Erased::new(Asking(flaw)) };
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
    assert_eq!(report.replayed, 5);
    assert!(report.failures > 50 && report.flips > 50 && report.losses == 4, "{report}");
}

#[test]
fn every_flaw_is_found() {
    for (flaw, what) in [
        (Flaw::Panics, "panicked"),
        (Flaw::CreatesAgain, "creates something and is sent"),
        (Flaw::RepeatsTheReply, "fault's detail holds personal data"),
        (Flaw::PlateInTag, "holds personal data"),
        (Flaw::NeverEnds, "does not come to an end"),
        (Flaw::RefusesUnknownKeys, "the outcome changes"),
        (Flaw::RecoversByCreating, "`recover` sends `make`, which does more than read"),
        (Flaw::RecoversByCreatingLater, "`recover` sends `make`, which does more than read"),
        (Flaw::RecoversNever, "`recover` waits for ever"),
        (Flaw::CallbackPanics, "`callback` panicked"),
        (Flaw::CallbackIsRepeated, "the fault's detail repeats what was received"),
    ] {
        finds(&check(flaw, |_| {}), what);
    }
}

#[test]
fn a_fixture_that_says_something_else_fails() {
    let report = check(Flaw::None, |shop| {
        let text = ok("hint").replace("premium.final = 1250", "premium.final = 1251");
        fs::write(shop.join("fixtures/quote/ok.toml"), text).unwrap();
        let text = ok("hint").replace("ids = [\"id-0\"]", "ids = [\"id-0\", \"never\"]");
        fs::write(shop.join("fixtures/quote/declined.toml"), text).unwrap();
    });
    finds(&report, "result[1].premium.final: the fixture says 1251, the adapter 1250");
    finds(&report, "the fixture gives 2, the adapter draws 1");
}

#[test]
fn a_lost_reply_and_a_callback_that_go_otherwise_fail() {
    let report = check(Flaw::None, |shop| {
        let text = lost("hint").replace("wait_ms = 1000", "wait_ms = 2000");
        fs::write(shop.join("fixtures/quote/reply_lost.toml"), text).unwrap();
        let text = CALLBACK.replace("correlation = 'r-1'", "correlation = 'r-2'");
        fs::write(shop.join("fixtures/callback/other.toml"), text).unwrap();
        fs::write(shop.join("fixtures/callback/strict.toml"), format!("{CALLBACK}surprise = 1\n")).unwrap();
    });
    finds(&report, "fixtures/quote/reply_lost.toml: step 1: wait_ms: the adapter waits 1000 ms");
    finds(&report, "fixtures/callback/other.toml: the fixture says");
    finds(&report, "unknown field `surprise`");
    assert_eq!(report.problems.len(), 3, "{report}");
}

#[test]
fn the_folder_is_looked_at_as_a_whole() {
    let report = check(Flaw::None, |shop| {
        fs::remove_file(shop.join("README.md")).unwrap();
        fs::remove_file(shop.join("fixtures/quote/declined.toml")).unwrap();
        fs::remove_file(shop.join("fixtures/callback/ok.toml")).unwrap();
        fs::write(shop.join("notes.doc"), "").unwrap();
        let manifest = MANIFEST
            .replace("\"shop\"", "\"store\"")
            .replace("[\"quote\"]", "[\"quote\", \"draft\"]")
            .replace("5/s", "5 per s")
            .replace("x-signature", "X-Signature")
            .replace("default = \"\"", "");
        fs::write(shop.join("manifest.toml"), manifest).unwrap();
        folder(shop, &[("fixtures/quoting/ok.toml", ok("hint")), ("fixtures/login/ok.toml", ok("hint"))]);
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
        "fixtures/callback/ok.toml is not",
        "declare [settings.callback_secret] with secret = true and default",
        "header `X-Signature` is not in lower case",
    ] {
        finds(&report, what);
    }
}
