//! The manifest's claims, held against the adapter and against themselves.

use std::collections::BTreeSet;

use veer_contract::{
    Manifest, OperationKind, Scope,
    manifest::{Setting, Signature},
};

/// The version of the contract that the kit tests.
const CONTRACT: u32 = 1;
/// Headers of replies that the host passes on to every adapter.
pub(super) const PASSED_ON: [&str; 3] = ["content-type", "location", "retry-after"];
/// Settings of such names, or ending so, are secrets.
const SECRET_NAMES: [&str; 4] = ["password", "token", "secret", "api_key"];

/// What a manifest says of itself that is not so.
pub(super) fn problems(manifest: &Manifest, code: &str, operations: &[OperationKind]) -> Vec<String> {
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
            manifest.partner_code != 0 || !manifest.companies.is_empty(),
            "partner_code is missing: an offer names its insurer by it".into(),
        );
    } else {
        let empty = manifest.scope == Scope::default();
        demand(empty, "[scope] is there without `quote`: a source that sells nothing takes no risks".into());
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
    problems.extend(manifest.settings.iter().flat_map(|(name, setting)| setting_problems(name, setting)));
    problems.extend(reply_headers(manifest));
    problems.extend(signature(manifest));
    problems
}

fn setting_problems(name: &str, setting: &Setting) -> Vec<String> {
    let mut problems = Vec::new();
    if setting.doc.trim().is_empty() {
        problems.push(format!("[settings.{name}] has no doc: an operator reads there what it is"));
    }
    let sounds_secret = SECRET_NAMES.iter().any(|word| name == *word || name.ends_with(&format!("_{word}")));
    if sounds_secret && !setting.secret {
        problems.push(format!(
            "[settings.{name}] is shown to whoever reads the settings: add secret = true, and write {{{{secret:{name}}}}} \
             where a call holds it"
        ));
    }
    problems
}

fn reply_headers(manifest: &Manifest) -> Vec<String> {
    let problem = |header: &String| {
        if *header != header.to_lowercase() {
            return Some(format!("reply_headers has `{header}`, which is not in lower case"));
        }
        PASSED_ON
            .contains(&header.as_str())
            .then(|| format!("reply_headers has `{header}`, which every adapter is given: leave it out"))
    };
    manifest.reply_headers.iter().filter_map(problem).collect()
}

fn signature(manifest: &Manifest) -> Vec<String> {
    let Some(Signature { header, secret, .. }) = &manifest.signature else { return Vec::new() };
    let mut problems = Vec::new();
    if *header != header.to_lowercase() || header.is_empty() {
        problems.push(format!("[signature] header `{header}` is not in lower case"));
    }
    if !manifest.settings.get(secret).is_some_and(|setting| setting.secret) {
        problems.push(format!(
            "[signature] signs with `{secret}`: declare [settings.{secret}] with secret = true"
        ));
    }
    problems
}
