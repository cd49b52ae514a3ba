//! A configuration for a gateway in front of simulated insurers.
//!
//! `demo` starts a gateway with it, `simulate` writes it to files for a gateway started elsewhere.

use std::{fmt::Write as _, path::Path};

use veer_contract::{Adapter, Lane, Manifest, OperationKind};
use veer_simulator::{Player, Running, Simulation, Wire};

use super::insurers::quoted;

/// The addresses and places of the gateway.
pub(super) struct Place<'a> {
    /// Where the configuration will stand, and the files that it names.
    pub folder: &'a Path,
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

/// Whether it sells, and has no simulator of its own.
pub(super) fn is_played(manifest: &Manifest) -> bool {
    let simulated = Wire::all().any(|wire| wire.name() == manifest.code);
    !simulated && manifest.operations.contains(&OperationKind::Quote)
}

/// Plays the insurers that have no simulator of their own from their fixtures; where the folder is not there any more
/// they stay away, and are named.
pub(super) async fn players(adapters: &[&'static dyn Adapter]) -> Result<Vec<Player>, String> {
    let mut players = Vec::new();
    for adapter in adapters {
        let manifest = adapter.manifest();
        if !is_played(manifest) {
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

/// Writes the configuration, `veer.toml`, and the certificates that it names into the place's folder. Everything in them
/// is invented.
pub(super) fn configure(
    simulation: &Simulation,
    players: &[Player],
    place: &Place<'_>,
) -> Result<(), String> {
    let text = configuration(simulation, players, place);
    let certificates =
        simulation.insurers().iter().filter_map(|insurer| Some((insurer, insurer.tls.as_ref()?)));
    let files = certificates.flat_map(|(insurer, tls)| {
        [
            (ca_file(&insurer.code), tls.ca_pem.as_str()),
            (identity_file(&insurer.code), tls.identity_pem.as_str()),
        ]
    });
    let written = std::fs::create_dir_all(place.folder).and_then(|()| {
        let mut files = files.chain([("veer.toml".to_owned(), text.as_str())]);
        files.try_for_each(|(name, text)| std::fs::write(place.folder.join(name), text))
    });
    written.map_err(|error| format!("{} cannot be written: {error}", place.folder.display()))
}

fn ca_file(code: &str) -> String {
    format!("{code}-ca.pem")
}

fn identity_file(code: &str) -> String {
    format!("{code}-identity.pem")
}

/// The configuration file. Codes of aliases are quoted.
fn configuration(simulation: &Simulation, players: &[Player], place: &Place<'_>) -> String {
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
    if insurer.tls.is_some() {
        let (ca, identity) = (ca_file(&insurer.code), identity_file(&insurer.code));
        let _ = writeln!(text, "ca_file = {}\nclient_certificate_file = {}", quoted(&ca), quoted(&identity));
    }
    let manifest = veer_insurers::find(insurer.wire.name()).map(|adapter| adapter.manifest());
    if manifest.is_some_and(|manifest| manifest.lanes.contains_key(&Lane::Dictionary)) {
        // Nobody waits for two thousand calls at the pace that a real insurer allows.
        let _ = writeln!(text, "lanes.dictionary.rate = []");
    }
    let _ = writeln!(text, "[insurers.{code}.settings]");
    for (name, value) in insurer.settings() {
        let _ = writeln!(text, "{name} = {}", quoted(&value));
    }
    text
}
