//! What the fixtures' calls and replies use, held against what the manifest declares.

use veer_contract::{Auth, Manifest, OperationKind, manifest::VehicleNames, scope::Risk};

use super::{claims::PASSED_ON, texts};
use crate::{
    Report,
    fixture::{Exchange, Fixture},
    folder::Folder,
};

/// Looks at every fixture.
pub(super) fn check(manifest: &Manifest, folder: &Folder, report: &mut Report) {
    for ((kind, name), fixture) in &folder.fixtures {
        let place = format!("fixtures/{kind}/{name}.toml");
        if *kind == OperationKind::Quote {
            quote(manifest, name, fixture).into_iter().for_each(|problem| report.add(&place, problem));
        }
        for exchange in fixture.exchanges() {
            for problem in undeclared(manifest, exchange) {
                report.add("manifest.toml", format!("`{kind}/{name}`: {problem}"));
            }
            for problem in slots(manifest, exchange).into_iter().chain(not_passed_on(manifest, exchange)) {
                report.add(&place, problem);
            }
        }
    }
    let signs = |fixture: &Fixture| fixture.exchanges().any(|exchange| exchange.auth == Auth::Signed);
    if manifest.signature.is_some() && !folder.fixtures.values().any(signs) {
        report
            .add("manifest.toml", "[signature] is there, and no fixture shows a call with auth = \"signed\"");
    }
    let tells = folder.readme.as_deref().unwrap_or_default().to_lowercase().contains("certificate");
    if manifest.client_certificate && !tells {
        report.add("README.md", "the insurer wants a client certificate: tell how an operator comes by one");
    }
}

fn quote(manifest: &Manifest, name: &str, fixture: &Fixture) -> Vec<String> {
    let mut problems = Vec::new();
    let given = fixture.given.vehicle.as_ref();
    if manifest.vehicles == VehicleNames::Codes && given.is_none_or(|vehicle| vehicle.code.is_none()) {
        problems.push("the insurer names vehicles by codes: write given.vehicle.code".into());
    }
    let refusal =
        fixture.given.request().ok().and_then(|request| manifest.scope.refuses(&Risk::of(&request)));
    if let Some(refusal) = refusal.filter(|_| name == "ok") {
        problems.push(format!("the manifest's own [scope] would skip this request: {refusal}"));
    }
    for company in fixture.outcome.results.iter().filter_map(|result| result.get("company")?.as_str()) {
        if !manifest.companies.contains_key(company) {
            problems.push(format!(
                "an offer is of the company `{company}`, which the manifest does not declare: add [companies.{company}]"
            ));
        }
    }
    problems
}

/// What a call needs of the manifest.
fn undeclared(manifest: &Manifest, exchange: &Exchange) -> Vec<String> {
    let mut problems = Vec::new();
    if !manifest.lanes.contains_key(&exchange.lane) {
        problems.push(format!("calls on a lane without defaults: add [lanes.{}]", exchange.lane));
    }
    let needed: &[&str] = match exchange.auth {
        Auth::Basic | Auth::Digest => &["user", "password"],
        Auth::Session | Auth::Signed | Auth::None => &[],
    };
    for setting in needed.iter().filter(|setting| !manifest.settings.contains_key(**setting)) {
        problems.push(format!("calls with {:?} need [settings.{setting}]", exchange.auth));
    }
    for slot in texts::of(exchange).into_iter().flat_map(|(_, text)| texts::slots(text)) {
        match slot.split_once(':') {
            Some(("secret", name)) if !manifest.settings.get(name).is_some_and(|setting| setting.secret) => {
                problems.push(format!(
                    "a call holds the secret `{name}`: declare [settings.{name}] with secret = true"
                ));
            }
            Some(("basic", names)) => {
                let absent = names.split(':').filter(|name| !manifest.settings.contains_key(*name));
                problems.extend(
                    absent.map(|name| {
                        format!("a call proves who asks with `{name}`: declare [settings.{name}]")
                    }),
                );
            }
            _ => {}
        }
    }
    problems
}

/// Slots that the host could not fill.
fn slots(manifest: &Manifest, exchange: &Exchange) -> Vec<String> {
    let mut problems = Vec::new();
    let mut say = |what: &str| problems.push(format!("the call `{}` {what}", exchange.tag));
    let texts = texts::of(exchange);
    let slots: Vec<&str> = texts.iter().flat_map(|(_, text)| texts::slots(text)).collect();
    for slot in &slots {
        let known = matches!(*slot, "session" | "callback_url")
            || slot.split_once(':').is_some_and(|(kind, _)| matches!(kind, "secret" | "basic"));
        if !known {
            say(&format!(
                "holds `{{{{{slot}}}}}`, which is no slot; they are session, secret:name, basic:user:password and \
                 callback_url"
            ));
        }
    }
    match (exchange.auth == Auth::Session, slots.contains(&"session")) {
        (true, false) => say("has a session and holds no {{session}}: its token would go nowhere"),
        (false, true) => say("holds {{session}} without auth = \"session\": the host would not log in"),
        _ => {}
    }
    if exchange.auth == Auth::Session && manifest.session.is_none() {
        say("has a session, and the manifest no [session]");
    }
    if exchange.auth == Auth::Signed && manifest.signature.is_none() {
        say("is signed, and the manifest has no [signature]");
    }
    if slots.contains(&"callback_url") && manifest.callback.is_none() {
        say(
            "holds {{callback_url}}, and the manifest has no [callback]: nobody would take the insurer's call",
        );
    }
    if exchange.accepts.contains(&401) {
        say(
            "accepts 401, which the host keeps to itself: it means refused credentials or an expired session",
        );
    }
    problems
}

/// Headers of a reply that the host would keep to itself.
fn not_passed_on(manifest: &Manifest, exchange: &Exchange) -> Vec<String> {
    let headers = exchange.reply.iter().flat_map(|reply| &reply.headers);
    let problem = |(name, _): &(String, String)| {
        if *name != name.to_lowercase() {
            return Some(format!("the reply's header `{name}` is not in lower case"));
        }
        let known = PASSED_ON.contains(&name.as_str()) || manifest.reply_headers.contains(name);
        (!known).then(|| {
            format!("the host would not pass on the reply's header `{name}`: add it to the manifest's reply_headers")
        })
    };
    headers.filter_map(problem).collect()
}
