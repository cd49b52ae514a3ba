//! What the manifest claims, held against what the spec describes.

use toml::de::DeTable;
use veer_contract::{Manifest, OperationKind};

use crate::{
    model::{Operation, Step},
    sheet::Sheet,
    table::{Item, Table},
};

/// The version of the contract that specs are compiled for.
const CONTRACT: u32 = 1;

/// Notes every difference.
pub(super) fn check(
    manifest_sheet: &Sheet<'_>,
    manifest: &Manifest,
    spec: &Table<'_>,
    described: &[(OperationKind, Item<'_>)],
    operations: &[Operation],
) {
    let place = places(manifest_sheet.text());
    if manifest.contract != CONTRACT {
        let what = format!("this is for contract {}", manifest.contract);
        manifest_sheet.problem(place("contract"), what, Some(format!("write `contract = {CONTRACT}`")));
    }
    for kind in OperationKind::ALL {
        let claimed = manifest.operations.contains(&kind);
        let item = described.iter().find(|(other, _)| *other == kind).map(|(_, item)| item);
        match (claimed, item) {
            (true, None) => {
                let what = format!("it claims `{kind}`, which insurer.toml does not describe");
                let instead = format!("write `[[{kind}.step]]` there, or leave `{kind}` out here");
                manifest_sheet.problem(place("operations"), what, Some(instead));
            }
            (false, Some(item)) => {
                let what = format!("`{kind}` is described, and the manifest does not claim it");
                item.problem(what, Some(format!("add `\"{kind}\"` to `operations` there")));
            }
            _ => {}
        }
    }
    let login = described.iter().any(|(kind, _)| *kind == OperationKind::Login);
    if login != manifest.session.is_some() {
        let (what, instead) = match login {
            true => (
                "there is a login, and nothing says how long its session lives",
                "write `[session]` with `seconds`",
            ),
            false => ("[session] is there, and no operation `login` makes one", "leave [session] out"),
        };
        manifest_sheet.problem(place("session"), what, Some(instead.into()));
    }
    if let Some(signature) = &manifest.signature
        && !manifest.settings.get(&signature.secret).is_some_and(|setting| setting.secret)
    {
        let what = format!("bodies are signed with `{}`, which is no secret setting", signature.secret);
        let instead = format!("write `[settings.{}]` with `secret = true`", signature.secret);
        manifest_sheet.problem(place("signature"), what, Some(instead));
    }
    match (spec.get("callback"), manifest.callback.is_some()) {
        (Some(item), false) => {
            item.problem(
                "the manifest does not say how the insurer's calls are proven",
                Some("write `[callback]` there".into()),
            );
        }
        (None, true) => {
            let what = "the insurer calls back, and insurer.toml does not read what it says";
            let instead = "write `callback = \"reply.json.id\"` there";
            manifest_sheet.problem(place("callback"), what, Some(instead.into()));
        }
        _ => {}
    }
    let off = operations.iter().any(|operation| operation.companies_off.is_some());
    let each = operations.iter().flat_map(|operation| &operation.steps).any(Step::is_companies);
    if off
        && !each
        && let Some(item) = spec.get("quote")
    {
        item.problem("`companies_off` is there, and no step has `each = \"company\"`", None);
    }
}

/// Where a key of the manifest stands.
fn places(text: &str) -> impl Fn(&str) -> usize {
    let whole = DeTable::parse(text).ok();
    let places: Vec<(String, usize)> = whole
        .iter()
        .flat_map(|whole| whole.get_ref())
        .map(|(key, _)| (key.get_ref().to_string(), key.span().start))
        .collect();
    move |key| places.iter().find(|(name, _)| name == key).map_or(0, |(_, at)| *at)
}
