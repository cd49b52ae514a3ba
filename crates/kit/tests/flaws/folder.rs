//! The shop's folder, whole, and changed by one mistake.

use std::{fs, path::Path};

use veer_contract::Erased;
use veer_kit::Report;

use super::shop::{Asking, Flaw, Shop};

pub const MANIFEST: &str = r#"
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
rate = ["5/s", "200/min burst 20", "10000/day"]
concurrent = 1
first_byte = "5s"
total = "5s"
"#;

pub const README: &str = "# Лавка\n## Protocol\n## Quirks\n## How its facts are known\n## Unknown\n";

pub const CALLBACK: &str = "about = 'x'\nbody = '{\"reference\": \"r-1\"}'\ncorrelation = 'r-1'\n";

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

pub fn ok(hint: &str) -> String {
    fixture(r#".body = '{"id": "7"}'"#, hint, PRICED)
}

/// The reply to the call that creates is lost; the adapter waits and asks.
pub fn lost(hint: &str) -> String {
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

pub fn folder(root: &Path, files: &[(&str, String)]) {
    for (name, text) in files {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

pub fn check(flaw: Flaw, change: impl FnOnce(&Path)) -> Report {
    let root = tempfile::tempdir().unwrap();
    let shop = root.path().join("shop");
    let hint = if flaw == Flaw::PlateInTag { "hint А001АА777" } else { "hint" };
    let declined =
        fixture(".body = '{\"no\": true}'", hint, "[outcome.decline]\nkind = 'declined'\nmessage = 'нет'\n");
    let failing =
        fixture(".body = '{}'", hint, "[outcome.fault]\nkind = 'not_understood'\ndetail = 'no id'\n");
    folder(
        &shop,
        &[
            ("README.md", README.into()),
            ("mod.rs", String::new()),
            ("manifest.toml", MANIFEST.into()),
            ("fixtures/quote/ok.toml", ok(hint)),
            ("fixtures/quote/declined.toml", declined),
            ("fixtures/quote/reply_lost.toml", if flaw == Flaw::None { lost(hint) } else { ok(hint) }),
            ("fixtures/callback/ok.toml", CALLBACK.into()),
            ("fixtures/quote/error_inside_200.toml", if flaw == Flaw::None { failing } else { ok(hint) }),
        ],
    );
    change(&shop);
    // A manifest that cannot be read is the kit's to find.
    let manifest = fs::read_to_string(shop.join("manifest.toml")).unwrap();
    let manifest = toml::from_str(&manifest).unwrap_or_else(|_| toml::from_str(MANIFEST).unwrap());
    let adapter = Shop { flaw, manifest, quote: Erased::new(Asking(flaw)) };
    veer_kit::check(&adapter, &shop)
}

#[track_caller]
pub fn finds(report: &Report, what: &str) {
    assert!(report.problems.iter().any(|problem| problem.contains(what)), "«{what}» is not in {report}");
}

/// The sound shop with one text of one file replaced.
#[track_caller]
pub fn with(file: &str, text: &str, replacement: &str) -> Report {
    check(Flaw::None, |shop| {
        let path = shop.join(file);
        let whole = fs::read_to_string(&path).unwrap();
        assert!(whole.contains(text), "{file} has no «{text}»");
        fs::write(&path, whole.replacen(text, replacement, 1)).unwrap();
    })
}
