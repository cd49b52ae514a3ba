//! The shipped `config/veer.toml` is the manual, so it is held to what the reader really does.
//!
//! In it a blank behind `#` is prose; no blank is a key or a section that is switched off.

use std::{fs, iter, path::Path};

use veer_contract::Manifest;

use super::LEAST;
use crate::config::{
    Config,
    manifests::BuiltIn,
    section::Asked,
    tree::{self, Table, Value},
};

const SHIPPED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/veer.toml"));

/// Shown with everything; the others `veer insurers` prints.
const WHOLE: [&str; 2] = ["alfastrah", "avtocod"];

/// The manifests of every insurer's folder.
fn real_manifests() -> Vec<Manifest> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("insurers");
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.map(|folder| folder.join("manifest.toml")).filter(|file| file.is_file());
    files.map(|file| toml::from_str(&fs::read_to_string(file).unwrap()).unwrap()).collect()
}

/// The shipped text with everything that is switched off switched on, except `tokens`, which cannot
/// stand beside `token`; the store is the server, without the file's key.
fn everything_on() -> String {
    let on = |line: &str| match line.strip_prefix('#') {
        Some(key) if key.starts_with(|c: char| !c.is_whitespace()) && !key.starts_with("tokens") => {
            key.to_owned()
        }
        _ => line.replace("engine = \"sqlite\"", "engine = \"postgres\""),
    };
    SHIPPED.lines().filter(|line| *line != "path = \"veer.db\"").map(on).collect::<Vec<_>>().join("\n")
}

fn stands(table: &Table, path: &str) -> bool {
    match path.split_once('.') {
        None => table.contains_key(path),
        Some((key, rest)) => match table.get(key).map(|node| &node.value) {
            Some(Value::Table(inner)) => stands(inner, rest),
            _ => false,
        },
    }
}

#[test]
fn it_loads_and_equals_the_defaults() {
    let shipped = Config::parse(SHIPPED, Path::new("config/veer.toml"), iter::empty(), &[]).unwrap();
    let defaults = Config::parse(LEAST, Path::new("config/veer.toml"), iter::empty(), &[]).unwrap();
    let with_its_account = Config {
        partner: crate::config::PartnerConfig {
            accounts: shipped.partner.accounts.clone(),
            ..defaults.partner.clone()
        },
        ..defaults
    };
    assert_eq!(shipped, with_its_account);
    let [demo] = &shipped.partner.accounts[..] else { panic!("not one account") };
    assert_eq!((demo.name.as_str(), demo.client_id.as_str(), demo.priced_only), ("demo", "demo", false));
    assert!(demo.client_secret.matches(b"demo-secret"));
    assert!(demo.tokens[0].matches(b"demo-token"));
}

#[test]
fn everything_in_it_can_be_switched_on_and_shows_the_manifests_defaults() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["catalogue", "specs"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    for file in [
        "catalogue/brands.csv",
        "catalogue/models.csv",
        "catalogue/modifications.csv",
        "vehicles.csv",
        "anna-token",
        "alfastrah-ca.pem",
        "alfastrah-client.pem",
        "alfastrah-password",
        "alfastrah-callback",
        "avtocod-token",
        "elmarket-token",
        "renessans-agency-key",
    ] {
        fs::write(folder.path().join(file), "sixteen letters!\n").unwrap();
    }
    fs::write(folder.path().join("store-url"), "postgres://veer@localhost/veer").unwrap();
    let (manifests, origin) = (real_manifests(), folder.path().join("veer.toml"));
    let manifests: Vec<&Manifest> = manifests.iter().collect();
    let on = Config::parse(&everything_on(), &origin, iter::empty(), &manifests)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let codes: Vec<&str> = on.insurers.iter().map(|insurer| insurer.code.as_str()).collect();
    assert_eq!(codes, ["alfastrah", "avtocod", "elmarket", "renessans-agency"]);
    let [.., aggregator, alias] = &on.insurers[..] else { panic!("{codes:?}") };
    assert_eq!((alias.adapter.as_str(), alias.partner_code), ("renessans", 103));
    assert!(!aggregator.companies["renins"].enabled && aggregator.companies["alpha"].enabled);

    // Only what has no default, and so must be shown with some value.
    let mut least = LEAST.to_owned();
    let whole = |insurer: &&crate::config::InsurerConfig| WHOLE.contains(&insurer.code.as_str());
    for insurer in on.insurers.iter().filter(whole) {
        least += &format!("[insurers.{}]\nbase_url = '{}'\n", insurer.code, insurer.base_url);
        let manifest = manifests.iter().find(|manifest| manifest.code == insurer.code).unwrap();
        if let Some(file) = insurer.client_certificate_file.as_ref().filter(|_| manifest.client_certificate) {
            least += &format!("client_certificate_file = '{}'\n", file.display());
        }
        least += "settings = { ";
        // Secrets that may stay empty are shown with a file.
        let required =
            manifest.settings.iter().filter(|(_, setting)| setting.default.is_none() || setting.secret);
        let value = |name: &str| match insurer.secrets.get(name) {
            Some(secret) => secret.reveal().to_owned(),
            None => insurer.settings.get(name).to_owned(),
        };
        least +=
            &required.map(|(name, _)| format!("{name} = '{}'", value(name))).collect::<Vec<_>>().join(", ");
        least += " }\n";
    }
    let least = Config::parse(&least, &origin, iter::empty(), &manifests)
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(least.insurers.len(), WHOLE.len());
    for (shown, default) in on.insurers.iter().filter(whole).cloned().zip(least.insurers) {
        let (logo_url, ca_file) = (shown.logo_url.clone(), shown.ca_file.clone());
        let client_certificate_file = shown.client_certificate_file.clone();
        let default = crate::config::InsurerConfig { logo_url, ca_file, client_certificate_file, ..default };
        assert_eq!(shown, default);
    }
}

#[test]
fn every_key_that_the_reader_asks_for_stands_in_it() {
    let manifests = real_manifests();
    let manifests: Vec<&Manifest> = manifests.iter().collect();
    // Everything is asked for, so it does not matter that some files are missing here.
    let (_, asked) =
        Config::parse_asking(SHIPPED, Path::new("config/veer.toml"), iter::empty(), &mut BuiltIn(&manifests))
            .unwrap();
    let as_it_is = tree::read(SHIPPED, "config/veer.toml").ok().unwrap();
    let all = tree::read(&everything_on(), "config/veer.toml").ok().unwrap();
    assert!(asked.len() > 25, "the reader asked for next to nothing: {asked:?}");
    for Asked { path, defaulted } in &asked {
        if *defaulted {
            assert!(stands(&as_it_is, path), "config/veer.toml does not show `{path}` with its default");
        }
        let key = path.rsplit('.').next().unwrap_or_default();
        let mentioned = SHIPPED.contains(&format!("`{key}`")) || SHIPPED.contains(&format!("\n#{key} = "));
        assert!(
            stands(&all, path) || stands(&as_it_is, path) || mentioned,
            "config/veer.toml does not show `{path}`"
        );
    }
}

#[test]
fn every_setting_and_key_of_an_insurer_stands_in_it() {
    let all = tree::read(&everything_on(), "config/veer.toml").ok().unwrap();
    for manifest in real_manifests().iter().filter(|manifest| WHOLE.contains(&manifest.code.as_str())) {
        for (name, setting) in &manifest.settings {
            let path = format!("insurers.{}.settings.{name}", manifest.code);
            let shown = stands(&all, &path) || (setting.secret && stands(&all, &format!("{path}_file")));
            assert!(shown, "config/veer.toml does not show `{path}`: {}", setting.doc);
        }
    }
    let keys = [
        "adapter",
        "enabled",
        "asked",
        "shadow",
        "hours",
        "maintenance",
        "slow",
        "base_url",
        "partner_code",
        "name",
        "logo_url",
        "reuse",
        "ca_file",
        "client_certificate_file",
    ];
    let lane = ["rate", "limits", "concurrent", "connect", "first_byte", "total", "max_reply", "useful"];
    let keys = keys.map(str::to_owned).into_iter().chain(lane.map(|key| format!("lanes.create.{key}")));
    for key in keys {
        assert!(stands(&all, &format!("insurers.alfastrah.{key}")), "config/veer.toml does not show `{key}`");
    }
}
