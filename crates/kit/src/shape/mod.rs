//! The shape of an insurer's folder: every folder has the same files, names and order, so that reading
//! one is reading all.

mod callback;
mod claims;
mod lanes;
mod scope;
mod secrets;
mod texts;
mod used;

use veer_contract::{Adapter, DeclineKind, OperationKind};

use crate::{
    Report, fields,
    fixture::{End, Fixture},
    folder::Folder,
    probe::named_field,
};

/// What a README tells, as its headings.
const HEADINGS: [&str; 4] = ["## Protocol", "## Quirks", "## How its facts are known", "## Unknown"];
/// The situations that every quote has.
const OF_A_QUOTE: [&str; 3] = ["ok", "declined", "error_inside_200"];

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
            let operations = veer_contract::adapter::operations(adapter);
            let problems = claims::problems(manifest, &folder.code, &operations)
                .into_iter()
                .chain(callback::problems(manifest, &folder.callbacks))
                .chain(lanes::problems(manifest))
                .chain(scope::problems(manifest));
            problems.for_each(|problem| report.add("manifest.toml", problem));
            used::check(manifest, folder, report);
            secrets::check(manifest, folder, report);
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
    for ((kind, name), fixture) in &folder.fixtures {
        let place = format!("fixtures/{kind}/{name}.toml");
        let lie = name_lies(*kind, name, fixture).map(str::to_owned);
        for problem in lie.into_iter().chain(missing_field(fixture)) {
            report.add(&place, problem);
        }
        if !veer_contract::adapter::operations(adapter).contains(kind) {
            report.add(&place, "the adapter has no such operation");
        }
    }
}

fn belongs(file: &str) -> bool {
    ["insurer.toml", "manifest.toml", "README.md", "fixtures"].contains(&file) || file.ends_with(".rs")
}

/// Whether a fixture shows what its name says.
fn name_lies(kind: OperationKind, name: &str, fixture: &Fixture) -> Option<&'static str> {
    let end = fixture.outcome.end();
    match name {
        // Elsewhere a bank's no is a state that is told.
        "declined" | "error_inside_200" if kind != OperationKind::Quote => None,
        "ok" if end != End::Done => Some("is named `ok` and does not end well"),
        "declined" if !matches!(end, End::Decline(_)) => {
            Some("is named `declined` and ends without a decline")
        }
        "error_inside_200" if end == End::Done => Some("is named `error_inside_200` and ends well"),
        _ => None,
    }
}

/// What is wrong with a decline for a missing field.
fn missing_field(fixture: &Fixture) -> Option<String> {
    let decline =
        fixture.outcome.decline.as_ref().filter(|decline| decline.kind == DeclineKind::NeedsField)?;
    let Some(field) = named_field(&decline.message) else {
        return Some(format!(
            "a decline with needs_field names no field of the partner API: «{}»; make it with Decline::needs_field, as in \
             `owner.passport`",
            decline.message
        ));
    };
    let request = fixture.given.request().ok()?;
    // One that is required may be there and unusable.
    fields::optional(&request).iter().any(|optional| optional == field).then(|| {
        format!("the adapter says that it needs `{field}`, which is there: leave it out with given.without")
    })
}
