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
    time::Duration,
};

use url::Url;
use veer_contract::{Lane, Manifest, OperationKind, Settings};

use super::{
    BreakerConfig, CompanyConfig, LaneConfig, Manifests, Secret, StandingConfig, company, form::Plain,
    nearest::hint, section::Section,
};

/// Prices change by the day, and what is known of a driver within the hour.
const LONGEST_REUSE: Duration = Duration::from_secs(30 * 60);

/// `[insurers.<code>]`.
#[derive(Debug, Clone, PartialEq)]
pub struct InsurerConfig {
    /// The section's name; the insurer's name in metrics and timelines.
    pub code: String,
    /// The adapter that speaks to it.
    pub adapter: String,
    /// When it is asked, and whether what it says is shown: what the gateway starts with.
    pub standing: StandingConfig,
    /// Calculations that are complete when the fast ones have answered do not wait for it.
    pub slow: bool,
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
    /// For how long after an answer the same risk, asked again, is answered with the same offers without a call; while it
    /// is being asked, an equal one waits for that answer. Zero: every calculation asks by itself.
    pub reuse: Duration,
    /// A certificate authority (PEM) trusted for this insurer besides the usual ones.
    pub ca_file: Option<PathBuf>,
    /// Our certificate with its key (PEM), for an insurer that wants one in the TLS handshake.
    pub client_certificate_file: Option<PathBuf>,
    /// The companies of an aggregator, by its codes.
    pub companies: BTreeMap<String, CompanyConfig>,
}

// === impl InsurerConfig ===

impl InsurerConfig {
    pub(super) fn read_all(root: &Section<'_>, known: &dyn Manifests, breaker: &BreakerConfig) -> Vec<Self> {
        let manifests = known.all();
        let sections = root.child("insurers", |section| {
            section.accept_all();
            section.names().map(str::to_owned).collect::<BTreeSet<_>>()
        });
        let insurers =
            root.children("insurers", |section, code| Self::read(section, code, known, &sections, breaker));
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
        known: &dyn Manifests,
        sections: &BTreeSet<String>,
        breaker: &BreakerConfig,
    ) -> Option<Self> {
        let adapter = section.or("adapter", code.to_owned());
        let found = find(section, code, &adapter, known, sections);
        let Some(manifest) = found else {
            // Which other keys are right depends on the adapter.
            section.accept_all();
            return None;
        };
        let base_url = section
            .required::<Url>("base_url", "the insurer's address, as in \"https://api.example.ru/osago/\"");
        let (mut settings, secrets) = section.child("settings", |section| read_settings(section, manifest));
        let companies = section.child("companies", |section| CompanyConfig::read_all(section, manifest));
        company::tell(&mut settings, &companies);
        let client_certificate_file = section.file("client_certificate_file");
        let is_needed =
            manifest.client_certificate && base_url.as_ref().is_some_and(|url| url.scheme() == "https");
        section.rule(
            !is_needed || client_certificate_file.is_some(),
            "client_certificate_file",
            "missing: this insurer wants a client certificate; name a PEM file with the certificate that it issued \
             to you and its key",
        );
        let logo_url: Option<String> = section.maybe("logo_url");
        let quotes = has_quotes(manifest);
        let (partner_code, other_models, slow, reuse) = match quotes {
            true => (
                section.or("partner_code", manifest.partner_code),
                section.or("other_models", false),
                section.or("slow", false),
                read_reuse(section, manifest),
            ),
            false => (0, false, false, Duration::ZERO),
        };
        Some(Self {
            code: code.to_owned(),
            standing: StandingConfig::read(section, quotes),
            slow,
            partner_code,
            name: section.or("name", manifest.name.clone()),
            logo_url: logo_url.or_else(|| manifest.logo_url.clone()),
            settings,
            secrets,
            lanes: section.child("lanes", |section| read_lanes(section, manifest, breaker)),
            other_models,
            reuse,
            ca_file: section.file("ca_file"),
            client_certificate_file,
            companies,
            base_url: base_url?,
            adapter,
        })
    }

    /// The partner tells insurers apart by their codes alone, whoever hands their offers on.
    fn check_partner_codes<'a>(insurers: impl Iterator<Item = &'a Self>, section: &Section<'_>) {
        let mut seen = BTreeMap::new();
        for insurer in insurers {
            if let Some(other) = seen.insert(insurer.partner_code, insurer.code.clone()) {
                section.problem(
                    &insurer.code,
                    format!("`partner_code` is {}, as of `{other}`; the partner tells insurers apart by it, so set another one", insurer.partner_code),
                );
            }
            for (code, company) in insurer.companies.iter().filter(|(_, company)| company.enabled) {
                let name = format!("{}.companies.{code}", insurer.code);
                if let Some(other) = seen.insert(company.partner_code, name) {
                    let rule = format!(
                        "`companies.{code}.partner_code` is {}, as of `{other}`; the partner tells insurers apart by \
                         it, so set another one, or this company's `enabled = false`",
                        company.partner_code
                    );
                    section.problem(&insurer.code, rule);
                }
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
    known: &'m dyn Manifests,
    sections: &BTreeSet<String>,
) -> Option<&'m Manifest> {
    if known.is_broken(adapter) {
        // What is wrong with it has been told.
        return None;
    }
    let manifests = known.all();
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

fn read_reuse(section: &Section<'_>, manifest: &Manifest) -> Duration {
    let reuse = section.or("reuse", Duration::ZERO);
    section.rule(
        reuse <= LONGEST_REUSE,
        "reuse",
        "must be at most 30m: an older answer may not be what the insurer would say now",
    );
    section.rule(
        manifest.reuse || reuse.is_zero(),
        "reuse",
        "this insurer's quote can be bought once only (`reuse = false` in its manifest), so it cannot stand in two \
         calculations; leave the key out",
    );
    reuse
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

fn read_lanes(
    section: &Section<'_>,
    manifest: &Manifest,
    breaker: &BreakerConfig,
) -> BTreeMap<Lane, LaneConfig> {
    let lanes = manifest.lanes.iter();
    let read = |(lane, defaults): (&Lane, _)| {
        let name = lane.name();
        let lane_of =
            |section: &Section<'_>| LaneConfig::read(section, defaults, breaker, &manifest.code, name);
        (*lane, section.child(name, lane_of))
    };
    lanes.map(read).collect()
}
