//! A company whose offers come through an aggregator: who it is to the partner, and whether it is offered.

use std::collections::BTreeMap;

use veer_contract::{Manifest, Settings, manifest::Company};

use super::section::Section;

/// The setting of the adapter that names the companies that are switched on, with commas between them.
const ON: &str = "companies";
/// The one that names those that are not asked, where the manifest has it: a spec reads that one.
const OFF: &str = "companies_off";

/// `[insurers.<code>.companies.<company>]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyConfig {
    /// Whether its offers are wanted.
    pub enabled: bool,
    /// Its code at the partner.
    pub partner_code: i64,
    /// Its name as users see it.
    pub name: String,
    /// Address of its logo.
    pub logo_url: Option<String>,
}

// === impl CompanyConfig ===

impl CompanyConfig {
    /// Every company of the manifest; a section of another name is refused with the nearest known one.
    pub(super) fn read_all(section: &Section<'_>, manifest: &Manifest) -> BTreeMap<String, Self> {
        let companies = manifest.companies.iter();
        companies
            .map(|(code, known)| (code.clone(), section.child(code, |section| Self::read(section, known))))
            .collect()
    }

    fn read(section: &Section<'_>, known: &Company) -> Self {
        let logo_url: Option<String> = section.maybe("logo_url");
        Self {
            enabled: section.or("enabled", true),
            partner_code: section.or("partner_code", known.partner_code),
            name: section.or("name", known.name.clone()),
            logo_url: logo_url.or_else(|| known.logo_url.clone()),
        }
    }
}

/// Tells the adapter which of the companies are switched on.
pub(super) fn tell(settings: &mut Settings, companies: &BTreeMap<String, CompanyConfig>) {
    if companies.is_empty() {
        return;
    }
    let (on, mut off): (Vec<_>, Vec<_>) = companies.iter().partition(|(_, company)| company.enabled);
    let codes = |listed: &[(&String, &CompanyConfig)]| {
        listed.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>().join(",")
    };
    settings.0.insert(ON.to_owned(), codes(&on));
    if let Some(named) = settings.0.get_mut(OFF) {
        let is_named = |code: &str| named.split(',').any(|it| it.trim() == code);
        off.retain(|(code, _)| !is_named(code));
        let separator = if named.trim().is_empty() || off.is_empty() { "" } else { "," };
        *named = format!("{}{separator}{}", named.trim(), codes(&off));
    }
}
