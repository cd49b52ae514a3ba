//! The shape of an insurer's folder: every folder has the same files, names and order, so that reading
//! one is reading all.

use std::collections::{BTreeMap, BTreeSet};

use veer_contract::{
    Adapter, Auth, CallbackProof, Lane, Manifest, OperationKind, Scope,
    manifest::{LaneDefaults, VehicleNames},
};

use crate::{
    Report,
    body::{self, Kind},
    callbacks::CallbackFixture,
    folder::{CALLBACK, Folder},
};

/// What a README tells, as its headings.
const HEADINGS: [&str; 4] = ["## Protocol", "## Quirks", "## How its facts are known", "## Unknown"];
/// The situations that every quote has.
const OF_A_QUOTE: [&str; 3] = ["ok", "declined", "error_inside_200"];
/// The version of the contract that the kit tests.
const CONTRACT: u32 = 1;

/// Looks at the folder as a whole.
pub(crate) fn check(adapter: &dyn Adapter, folder: &Folder, report: &mut Report) {
    match &folder.readme {
        None => {
            report.add("README.md", "is missing; it tells who the insurer is and how its facts are known")
        }
        Some(text) => {
            for heading in HEADINGS.into_iter().filter(|heading| !text.contains(heading)) {
                report.add(
                    "README.md",
                    format!("has no `{heading}`; every insurer's README has the same headings"),
                );
            }
        }
    }
    if !folder.files.iter().any(|file| file == "mod.rs" || file == "insurer.toml") {
        report.add("mod.rs", "is missing; an adapter is `mod.rs` or `insurer.toml`");
    }
    if let Some(odd) = folder.files.iter().find(|file| !belongs(file)) {
        report.add(
            odd,
            "does not belong here; a folder holds *.rs, insurer.toml, manifest.toml, README.md, fixtures/",
        );
    }
    match &folder.manifest {
        None => report.add("manifest.toml", "is missing"),
        Some(Err(error)) => report.add("manifest.toml", error),
        Some(Ok(manifest)) => {
            if manifest != adapter.manifest() {
                report.add(
                    "manifest.toml",
                    "is not what the adapter's `manifest()` says: is it this folder's?",
                );
            }
            for problem in claims(manifest, &folder.code, &veer_contract::adapter::operations(adapter)) {
                report.add("manifest.toml", problem);
            }
            for problem in callback_claims(manifest, &folder.callbacks) {
                report.add("manifest.toml", problem);
            }
            used(manifest, folder, report);
        }
    }
    for kind in veer_contract::adapter::operations(adapter) {
        let needed: &[&str] = if kind == OperationKind::Quote { &OF_A_QUOTE } else { &["ok"] };
        for name in needed {
            if !folder.fixtures.contains_key(&(kind, (*name).to_owned())) {
                report.add(
                    &format!("fixtures/{kind}/{name}.toml"),
                    "is missing; every insurer shows this situation",
                );
            }
        }
    }
    for (kind, name) in folder.fixtures.keys() {
        if !veer_contract::adapter::operations(adapter).contains(kind) {
            report.add(&format!("fixtures/{kind}/{name}.toml"), "the adapter has no such operation");
        }
    }
}

/// What a manifest says of itself that is not so.
fn claims(manifest: &Manifest, code: &str, operations: &[OperationKind]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut demand = |holds: bool, problem: String| {
        if !holds {
            problems.push(problem);
        }
    };
    demand(manifest.contract == CONTRACT, format!("contract is {}, this is {CONTRACT}", manifest.contract));
    demand(manifest.code == code, format!("code is `{}`, the folder's name is `{code}`", manifest.code));
    let claimed: BTreeSet<_> = manifest.operations.iter().collect();
    for kind in claimed.iter().filter(|kind| !operations.contains(kind)) {
        demand(false, format!("it claims `{kind}`, which the adapter lacks: implement `Adapter::{kind}`"));
    }
    for kind in operations.iter().filter(|kind| !claimed.contains(kind)) {
        demand(false, format!("the adapter has `{kind}`, which it does not claim: add it to `operations`"));
    }
    let login = operations.contains(&OperationKind::Login);
    demand(login == manifest.session.is_some(), "[session] is there exactly where `login` is".into());
    if operations.contains(&OperationKind::Quote) {
        let asked = |what: &str| format!("scope.{what} is empty: nothing would be asked");
        demand(!manifest.scope.categories.is_empty(), asked("categories"));
        demand(!manifest.scope.purposes.is_empty(), asked("purposes"));
        demand(
            manifest.partner_code != 0,
            "partner_code is missing: an offer names its insurer by it".into(),
        );
    } else {
        let empty = manifest.scope == Scope::default();
        demand(empty, "[scope] is there without `quote`: a source that sells nothing takes no risks".into());
    }
    for (lane, defaults) in &manifest.lanes {
        for problem in lane_problems(defaults) {
            demand(false, format!("[lanes.{lane}] {problem}"));
        }
    }
    for (name, setting) in &manifest.settings {
        demand(
            !(setting.secret && setting.default.as_deref().is_some_and(|default| !default.is_empty())),
            format!(
                "[settings.{name}] is a secret with a default: a secret is set by the operator (`default = \"\"` is \
                 for one that need not be)"
            ),
        );
    }
    problems
}

/// What a manifest says of the insurer's own calls that is not so.
fn callback_claims(manifest: &Manifest, fixtures: &BTreeMap<String, CallbackFixture>) -> Vec<String> {
    let Some(proof) = &manifest.callback else {
        let stray = !fixtures.is_empty();
        return stray
            .then(|| format!("fixtures/{CALLBACK}/ is there and [callback] is not"))
            .into_iter()
            .collect();
    };
    let mut problems = Vec::new();
    if !fixtures.contains_key("ok") {
        problems.push(format!("[callback] is there and fixtures/{CALLBACK}/ok.toml is not"));
    }
    let secret = proof.secret();
    match manifest.settings.get(secret) {
        Some(setting) if setting.secret && setting.default.as_deref() == Some("") => {}
        _ => problems.push(format!(
            "[callback] is proven by `{secret}`: declare [settings.{secret}] with secret = true and default = \"\", \
             so that an account without it takes no callbacks"
        )),
    }
    match proof {
        CallbackProof::Basic { user, .. } if !manifest.settings.contains_key(user) => {
            problems.push(format!("[callback] names the user `{user}`: declare [settings.{user}]"));
        }
        CallbackProof::HmacSha256 { header, .. } if *header != header.to_lowercase() => {
            problems.push(format!("[callback] header `{header}` is not in lower case"));
        }
        _ => {}
    }
    problems
}

fn lane_problems(lane: &LaneDefaults) -> Vec<String> {
    let LaneDefaults { rate, concurrent, connect, first_byte, total, max_reply, useful } = lane;
    let mut problems = Vec::new();
    if *concurrent == 0 {
        problems.push("concurrent is 0: nothing would be called".to_owned());
    }
    for (name, text) in
        [("connect", connect), ("first_byte", first_byte), ("total", total), ("useful", useful)]
    {
        if !is_amount(text, &["ms", "s", "m"]) {
            problems.push(format!("{name} `{text}` is no duration such as `5s`, `300ms`, `2m`"));
        }
    }
    if !is_amount(max_reply, &["B", "KiB", "MiB"]) {
        problems.push(format!("max_reply `{max_reply}` is no size such as `512KiB`, `20MiB`"));
    }
    for text in rate {
        let (window, burst) = text.split_once(" burst ").unwrap_or((text, "1"));
        if !is_amount(window, &["/s", "/min", "/hour", "/day"]) || burst.parse::<u32>().is_err() {
            problems.push(format!("rate `{text}` is no rate such as `5/s`, `200/min`, `10000/day burst 50`"));
        }
    }
    problems
}

/// What the fixtures' calls use and the manifest does not declare.
fn used(manifest: &Manifest, folder: &Folder, report: &mut Report) {
    for ((kind, name), fixture) in &folder.fixtures {
        let place = format!("fixtures/{kind}/{name}.toml");
        if manifest.vehicles == VehicleNames::Codes
            && *kind == OperationKind::Quote
            && fixture.given.vehicle.as_ref().is_none_or(|vehicle| vehicle.code.is_none())
        {
            report.add(&place, "the insurer names vehicles by codes: write given.vehicle.code");
        }
        for exchange in fixture.exchanges() {
            if !manifest.lanes.contains_key(&exchange.lane) {
                report.add(
                    "manifest.toml",
                    format!("`{name}` calls on a lane without defaults: add {}", Lanes(exchange.lane)),
                );
            }
            let needed: &[&str] = match exchange.auth {
                Auth::Basic | Auth::Digest => &["user", "password"],
                Auth::Session | Auth::Signed | Auth::None => &[],
            };
            for setting in needed.iter().filter(|setting| !manifest.settings.contains_key(**setting)) {
                report.add(
                    "manifest.toml",
                    format!("calls with {:?} need [settings.{setting}]", exchange.auth),
                );
            }
            if exchange.auth == Auth::Signed && manifest.signature.is_none() {
                report.add(&place, "a call is signed, and the manifest has no [signature]");
            }
            if exchange.auth == Auth::Session && manifest.session.is_none() {
                report.add(&place, "a call has a session, and the manifest no [session]");
            }
            for secret in secrets_of(exchange) {
                if !manifest.settings.get(secret).is_some_and(|setting| setting.secret) {
                    report.add("manifest.toml", format!("a call holds the secret `{secret}`: declare [settings.{secret}] with secret = true"));
                }
            }
        }
    }
}

fn secrets_of(exchange: &crate::fixture::Exchange) -> Vec<&str> {
    let pairs = exchange.query.iter().chain(&exchange.headers);
    let mut found: Vec<&str> = pairs.flat_map(|(_, value)| body::secrets(value)).collect();
    match &exchange.body.0 {
        Kind::Form(pairs) => found.extend(pairs.iter().flat_map(|(_, value)| body::secrets(value))),
        Kind::Xml { root, .. } => {
            let places = root.places();
            found.extend(places.iter().flat_map(|place| body::secrets(&root.at(place).text)));
        }
        Kind::Json(value) => collect_secrets(value, &mut found),
        Kind::Empty => {}
    }
    found
}

fn collect_secrets<'v>(value: &'v serde_json::Value, found: &mut Vec<&'v str>) {
    match value {
        serde_json::Value::String(text) => found.extend(body::secrets(text)),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect_secrets(item, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| collect_secrets(field, found)),
        _ => {}
    }
}

struct Lanes(Lane);

impl std::fmt::Display for Lanes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[lanes.{}]", self.0)
    }
}

fn is_amount(text: &str, units: &[&str]) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && units.contains(&&text[digits..])
}

fn belongs(file: &str) -> bool {
    ["insurer.toml", "manifest.toml", "README.md", "fixtures"].contains(&file) || file.ends_with(".rs")
}
