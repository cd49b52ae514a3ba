//! An insurer's account: whose adapter speaks, with what address, settings, secrets and limits.
//!
//! A section is an adapter's code (`[insurers.alfastrah]`) or, with `adapter = "alfastrah"`, another name
//! for one: an alias has its own address, credentials and limits. A section that stands in the file is
//! enabled unless it says `enabled = false`, and is checked in full either way, so switching an insurer
//! on brings no surprises.
//!
//! A source of vehicle data has such a section too. It makes no offers, so the keys that shape offers are not its.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use url::Url;
use veer_contract::{Lane, Manifest, OperationKind, Settings};

use super::{LaneConfig, Secret, form::Plain, nearest::hint, section::Section};

/// `[insurers.<code>]`.
#[derive(Debug, Clone, PartialEq)]
pub struct InsurerConfig {
    /// The section's name; the insurer's name in metrics and timelines.
    pub code: String,
    /// The adapter that speaks to it.
    pub adapter: String,
    /// Whether it is asked; if not, calculations say so (verdict 100).
    pub enabled: bool,
    /// The address below which every call goes; ends with `/`.
    pub base_url: Url,
    /// The insurer's code at the partner; 0 for a source without quotes, which has none.
    pub partner_code: i64,
    /// The insurer's name as users see it.
    pub name: String,
    /// Address of its logo.
    pub logo_url: Option<String>,
    /// Every setting of the manifest that is no secret, defaults filled in.
    pub settings: Settings,
    /// The secret settings that are set.
    pub secrets: BTreeMap<String, Secret>,
    /// Limits and timeouts of every lane that the manifest has.
    pub lanes: BTreeMap<Lane, LaneConfig>,
    /// Whether a vehicle that the insurer's dictionary lacks is sent as its brand's other model (`Прочие`),
    /// where the dictionary has that.
    pub other_models: bool,
    /// A certificate authority (PEM) trusted for this insurer besides the usual ones.
    pub ca_file: Option<PathBuf>,
}

// === impl InsurerConfig ===

impl InsurerConfig {
    pub(super) fn read_all(root: &Section<'_>, manifests: &[&Manifest]) -> Vec<Self> {
        let sections = root.child("insurers", |section| {
            section.accept_all();
            section.names().map(str::to_owned).collect::<BTreeSet<_>>()
        });
        let insurers =
            root.children("insurers", |section, code| Self::read(section, code, manifests, &sections));
        root.child("insurers", |section| {
            section.accept_all();
            let quotes = |insurer: &&Self| {
                manifests.iter().any(|manifest| manifest.code == insurer.adapter && has_quotes(manifest))
            };
            Self::check_partner_codes(insurers.iter().filter(quotes), section);
        });
        insurers
    }

    fn read(
        section: &Section<'_>,
        code: &str,
        manifests: &[&Manifest],
        sections: &BTreeSet<String>,
    ) -> Option<Self> {
        let adapter = section.or("adapter", code.to_owned());
        let Some(manifest) = find(section, code, &adapter, manifests, sections) else {
            // Which other keys are right depends on the adapter.
            section.accept_all();
            return None;
        };
        let base_url = section
            .required::<Url>("base_url", "the insurer's address, as in \"https://api.example.ru/osago/\"");
        let (settings, secrets) = section.child("settings", |section| read_settings(section, manifest));
        let logo_url: Option<String> = section.maybe("logo_url");
        let (partner_code, other_models) = match has_quotes(manifest) {
            true => (section.or("partner_code", manifest.partner_code), section.or("other_models", false)),
            false => (0, false),
        };
        Some(Self {
            code: code.to_owned(),
            enabled: section.or("enabled", true),
            partner_code,
            name: section.or("name", manifest.name.clone()),
            logo_url: logo_url.or_else(|| manifest.logo_url.clone()),
            settings,
            secrets,
            lanes: section.child("lanes", |section| read_lanes(section, manifest)),
            other_models,
            ca_file: section.file("ca_file"),
            base_url: base_url?,
            adapter,
        })
    }

    /// The partner tells insurers apart by their codes alone.
    fn check_partner_codes<'a>(insurers: impl Iterator<Item = &'a Self>, section: &Section<'_>) {
        let mut seen = BTreeMap::new();
        for insurer in insurers {
            if let Some(other) = seen.insert(insurer.partner_code, &insurer.code) {
                section.problem(
                    &insurer.code,
                    format!("`partner_code` is {}, as of `{other}`; the partner tells insurers apart by it, so set another one", insurer.partner_code),
                );
            }
        }
    }
}

fn has_quotes(manifest: &Manifest) -> bool {
    manifest.operations.contains(&OperationKind::Quote)
}

fn find<'m>(
    section: &Section<'_>,
    code: &str,
    adapter: &str,
    manifests: &[&'m Manifest],
    sections: &BTreeSet<String>,
) -> Option<&'m Manifest> {
    let named = |code: &str| manifests.iter().copied().find(|manifest| manifest.code == code);
    let codes = || manifests.iter().map(|manifest| manifest.code.as_str());
    if code == adapter {
        let found = named(code);
        if found.is_none() {
            let hint = hint(code, codes());
            section.own_problem(format!(
                "there is no adapter of this name (to run one under a name of your own, set `adapter`); {hint}"
            ));
        }
        return found;
    }
    if named(code).is_some() {
        section
            .problem("adapter", format!("`{code}` is an adapter itself; give the alias a name of its own"));
        return None;
    }
    let found = named(adapter);
    if found.is_none() && sections.contains(adapter) {
        section.problem(
            "adapter",
            format!("`{adapter}` is an alias itself; name the adapter that it stands for"),
        );
    } else if found.is_none() {
        section.problem("adapter", format!("there is no adapter `{adapter}`; {}", hint(adapter, codes())));
    }
    found
}

fn read_settings(section: &Section<'_>, manifest: &Manifest) -> (Settings, BTreeMap<String, Secret>) {
    let (mut settings, mut secrets) = (BTreeMap::new(), BTreeMap::new());
    for (name, setting) in &manifest.settings {
        let default = setting.default.as_ref();
        if setting.secret {
            let secret = match default {
                None => section.required_secret(name, &setting.doc),
                Some(default) => section.secret(name).or_else(|| Some(Secret::new(default))),
            };
            secrets.extend(secret.map(|secret| (name.clone(), secret)));
        } else {
            let text = match default {
                None => section.required(name, &setting.doc),
                Some(default) => Some(section.or(name, Plain(default.clone()))),
            };
            if let (Some(Plain(text)), None) = (&text, default) {
                section.rule(!text.trim().is_empty(), name, format!("is empty: {}", setting.doc));
            }
            settings.extend(text.map(|Plain(text)| (name.clone(), text)));
        }
    }
    (Settings(settings), secrets)
}

fn read_lanes(section: &Section<'_>, manifest: &Manifest) -> BTreeMap<Lane, LaneConfig> {
    let lanes = manifest.lanes.iter();
    let read = |(lane, defaults): (&Lane, _)| {
        let name = lane.name();
        (*lane, section.child(name, |section| LaneConfig::read(section, defaults, &manifest.code, name)))
    };
    lanes.map(read).collect()
}
