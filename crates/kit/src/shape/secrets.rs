//! Secrets stand in fixtures as slots only: a fixture is public.

use veer_contract::Manifest;

use super::texts;
use crate::{Report, fixture::Exchange, folder::Folder};

/// Names that hold secrets wherever they stand, without their punctuation.
const SECRET: [&str; 8] =
    ["authorization", "password", "passwd", "pwd", "clientsecret", "apikey", "xapikey", "secretkey"];

/// Looks for secrets that stand in fixtures as they are.
pub(super) fn check(manifest: &Manifest, folder: &Folder, report: &mut Report) {
    for ((kind, name), fixture) in &folder.fixtures {
        let place = format!("fixtures/{kind}/{name}.toml");
        let secret = |name: &str| manifest.settings.get(name).is_some_and(|setting| setting.secret);
        for (setting, value) in fixture.given.settings.iter().filter(|(name, _)| secret(name)) {
            report.add(
                &place,
                format!("[given.settings] has the secret `{setting}`: a fixture holds none, take it out"),
            );
            for exchange in fixture.exchanges().filter(|exchange| holds(exchange, value)) {
                report.add(
                    &place,
                    format!(
                        "the call `{}` holds the secret `{setting}` as it is: write {{{{secret:{setting}}}}}, and \
                         `slot::secret(\"{setting}\")` in the adapter",
                        exchange.tag
                    ),
                );
            }
        }
        for exchange in fixture.exchanges() {
            for (name, _) in texts::of(exchange).into_iter().filter(|(name, text)| is_literal(name, text)) {
                report.add(
                    &place,
                    format!(
                        "the call `{}` holds a secret as it is in `{name}`: declare a secret setting and write \
                         {{{{secret:…}}}} or {{{{basic:…}}}}",
                        exchange.tag
                    ),
                );
            }
        }
    }
}

fn holds(exchange: &Exchange, secret: &str) -> bool {
    !secret.is_empty()
        && (exchange.path.contains(secret)
            || texts::of(exchange).into_iter().any(|(_, text)| text.contains(secret)))
}

fn is_literal(name: &str, text: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let secret = SECRET.contains(&plain.to_ascii_lowercase().as_str());
    secret && !text.trim().is_empty() && texts::slots(text).next().is_none()
}
