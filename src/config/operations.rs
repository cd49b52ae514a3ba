//! The operations port: health, metrics, the API's description, and who may change things there.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
};

use super::{Secret, section::Section};

/// `[operations]`.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationsConfig {
    /// Where the operations port listens. Only changes of settings ask for a token: keep it off public networks.
    pub listen: SocketAddr,
    /// Who may change limits and other settings, by name. Without any, nobody may.
    pub accounts: Vec<OperatorConfig>,
}

/// `[operations.accounts.<name>]`: an operator.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorConfig {
    /// The section's name; it stands in the history of changes.
    pub name: String,
    /// The bearer token.
    pub token: Secret,
}

/// A shorter token can be guessed.
const SHORTEST_TOKEN: usize = 16;

// === impl OperationsConfig ===

impl OperationsConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let config = Self {
            listen: section.or("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 9090))),
            accounts: section.children("accounts", OperatorConfig::read),
        };
        section.child("accounts", |accounts| {
            accounts.accept_all();
            let mut tokens = BTreeMap::new();
            for account in &config.accounts {
                if let Some(other) = tokens.insert(account.token.reveal(), &account.name) {
                    let rule = format!("has the same token as `{other}`; the token says who somebody is");
                    accounts.problem(&account.name, rule);
                }
            }
        });
        config
    }
}

// === impl OperatorConfig ===

impl OperatorConfig {
    fn read(section: &Section<'_>, name: &str) -> Option<Self> {
        let token = section.required_secret("token", "the bearer token of this operator")?;
        let is_long = token.reveal().len() >= SHORTEST_TOKEN;
        let rule =
            format!("must have at least {SHORTEST_TOKEN} letters, as `openssl rand -hex 16` makes them");
        section.rule(is_long, "token", rule);
        Some(Self { name: name.to_owned(), token })
    }
}
