//! What a configuration is held to, from outside.

mod environment;
mod insurers;
mod problems;
mod secrets;
mod shipped;
mod specs;

use std::path::Path;

use veer_contract::{
    Manifest, Scope,
    domain::{Purpose, VehicleCategory},
    manifest::{LaneDefaults, Setting, VehicleNames},
};

use super::Config;

/// The least that is a configuration.
const LEAST: &str = "[partner.accounts.a]\nclient_id = 'a'\nclient_secret = 's'\n";

/// Two insurers that exist nowhere; the second one's quotes can be bought once only.
fn manifests() -> [Manifest; 2] {
    [manifest("northern", 11), Manifest { reuse: false, ..manifest("southern", 12) }]
}

fn manifest(code: &str, partner_code: i64) -> Manifest {
    let lane = LaneDefaults {
        rate: vec!["5/s".into(), "1000/h burst 20".into()],
        concurrent: 4,
        connect: "3s".into(),
        first_byte: "20s".into(),
        total: "25s".into(),
        max_reply: "1MiB".into(),
        useful: "500ms".into(),
    };
    let setting = |doc: &str, secret, default: Option<&str>| Setting {
        doc: doc.into(),
        secret,
        default: default.map(str::to_owned),
    };
    Manifest {
        contract: 1,
        code: code.into(),
        partner_code,
        name: format!("Страховщик {code}"),
        logo_url: None,
        protocol: "carrier pigeon".into(),
        operations: vec![veer_contract::OperationKind::Quote],
        scope: Scope {
            categories: vec![VehicleCategory::B],
            purposes: vec![Purpose::Personal],
            ..Scope::default()
        },
        vehicles: VehicleNames::Names,
        session: None,
        signature: None,
        client_certificate: false,
        reuse: true,
        reply_headers: Vec::new(),
        companies: std::collections::BTreeMap::new(),
        callback: None,
        lanes: [(veer_contract::Lane::Create, lane)].into(),
        settings: [
            ("user".into(), setting("the login", false, None)),
            ("password".into(), setting("the password", true, None)),
            ("channel".into(), setting("the channel", false, Some("web"))),
        ]
        .into(),
    }
}

/// Reads `text` as `veer.toml`, with two insurers built in; the problems as lines.
fn read_with(text: &str, env: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let manifests = manifests();
    Config::parse(text, Path::new("veer.toml"), env, &manifests.each_ref())
        .map_err(|problems| problems.to_string().lines().map(str::to_owned).collect())
}

fn read(text: &str) -> Result<Config, Vec<String>> {
    read_with(text, &[])
}

/// The problems of a configuration that must have some.
fn problems_of(text: &str) -> Vec<String> {
    read(text).expect_err("it was read without a problem")
}
