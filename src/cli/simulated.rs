//! A configuration for a gateway in front of simulated insurers.
//!
//! `demo` starts a gateway with it, `simulate` writes it to files for a gateway started elsewhere.

use std::{fmt::Write as _, path::Path};

use veer_contract::{Adapter, OperationKind};
use veer_simulator::{Player, Running, Simulation, Wire};

/// The addresses and places of the gateway.
pub(super) struct Place<'a> {
    /// The partner API.
    pub partner: &'a str,
    /// Operations.
    pub operations: &'a str,
    /// The store's file.
    pub store: &'a str,
    /// How often insurers' dictionaries are read by themselves.
    pub import_every: &'a str,
    /// Where sales are confirmed.
    pub confirm: Option<Confirm<'a>>,
}

/// A simulated partner.
pub(super) struct Confirm<'a> {
    /// Its `/confirm`.
    pub url: &'a str,
    /// Its token.
    pub token: &'a str,
    /// The aggregator's id there.
    pub partner_id: &'a str,
}

/// Where the insurers' folders were when this was built.
const FOLDERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/insurers");

/// Plays the insurers that have no simulator of their own from their fixtures; where the folder is not there any more
/// they stay away, and are named.
pub(super) async fn players(adapters: &[&'static dyn Adapter]) -> Result<Vec<Player>, String> {
    let mut players = Vec::new();
    for adapter in adapters {
        let manifest = adapter.manifest();
        let simulated = Wire::all().any(|wire| wire.name() == manifest.code);
        if simulated || !manifest.operations.contains(&OperationKind::Quote) {
            continue;
        }
        let folder = Path::new(FOLDERS).join(&manifest.code);
        if !folder.is_dir() {
            println!("{} has no simulator, and its fixtures are not at {}", manifest.code, folder.display());
            continue;
        }
        players.push(Player::start(&manifest.code, &folder).await.map_err(|error| error.to_string())?);
    }
    Ok(players)
}

/// The configuration file. `#` codes of aliases are quoted; everything in it is invented.
pub(super) fn configuration(simulation: &Simulation, players: &[Player], place: &Place<'_>) -> String {
    let mut text = format!(
        "[partner]\nlisten = {}\ncode = 1\nname = \"Веер\"\n\n\
         [partner.accounts.demo]\nclient_id = \"demo\"\nclient_secret = \"demo-secret\"\ntoken = \"demo-token\"\n\n\
         [operations]\nlisten = {}\n\n[store]\npath = {}\n\n[dictionary]\nimport_every = {}\n\n\
         [telemetry]\nlog = \"warn\"\nformat = \"text\"\n",
        quoted(place.partner),
        quoted(place.operations),
        quoted(place.store),
        quoted(place.import_every),
    );
    if let Some(confirm) = &place.confirm {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n[partner.accounts.demo.confirm]\nurl = {}\ntoken = {}\npartner_id = {}\n",
            quoted(confirm.url),
            quoted(confirm.token),
            quoted(confirm.partner_id),
        );
    }
    for (index, insurer) in simulation.insurers().iter().enumerate() {
        text.push_str(&section(insurer, index));
    }
    for player in players {
        text.push_str(&played(player));
    }
    text
}

/// A player looks at no credentials, so anything will do.
fn played(player: &Player) -> String {
    let code = quoted(player.code());
    let mut text = format!(
        "\n[insurers.{code}]\nbase_url = {}\n[insurers.{code}.settings]\n",
        quoted(player.base_url())
    );
    let manifest = veer_insurers::find(player.code()).map(|adapter| adapter.manifest());
    for (name, setting) in manifest.iter().flat_map(|manifest| &manifest.settings) {
        if setting.default.is_none() {
            let _ = writeln!(text, "{name} = \"demo\"");
        }
    }
    text
}

fn section(insurer: &Running, index: usize) -> String {
    let code = quoted(&insurer.code);
    let mut text = format!("\n[insurers.{code}]\nbase_url = {}\n", quoted(&insurer.base_url));
    if let Some((adapter, number)) = insurer.code.split_once('-') {
        let manifest = veer_insurers::find(adapter).map(|adapter| adapter.manifest());
        let name = manifest.map_or(adapter, |manifest| &manifest.name);
        let _ = write!(
            text,
            "adapter = {}\npartner_code = {}\nname = {}\n",
            quoted(adapter),
            100 + index,
            quoted(&format!("{name} {number}")),
        );
    }
    let _ = writeln!(text, "[insurers.{code}.settings]");
    for (name, value) in insurer.settings() {
        let _ = writeln!(text, "{name} = {}", quoted(&value));
    }
    text
}

/// A TOML basic string. What Rust escapes of these texts, TOML escapes alike.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
