//! The insurer's own calls: proven by a secret that an account may lack, and shown by fixtures.

use std::collections::BTreeMap;

use veer_contract::{CallbackProof, Manifest};

use crate::{callbacks::CallbackFixture, folder::CALLBACK};

/// What a manifest says of the insurer's own calls that is not so.
pub(super) fn problems(manifest: &Manifest, fixtures: &BTreeMap<String, CallbackFixture>) -> Vec<String> {
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
