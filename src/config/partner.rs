//! The partner API: the front door that Yandex calls.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use url::Url;

use super::{AccountConfig, form::Size, section::Section};

/// `[partner]`.
#[derive(Debug, Clone, PartialEq)]
pub struct PartnerConfig {
    /// Where the partner API listens.
    pub listen: SocketAddr,
    /// The aggregator's own code, the `code` of an answer's `partner`.
    pub code: i64,
    /// The aggregator's own name as users see it.
    pub name: String,
    /// Address of the aggregator's logo.
    pub logo_url: Option<String>,
    /// How browsers reach the partner API: files' addresses begin with it.
    pub public_url: Option<Url>,
    /// Bytes of a request's body; a longer one is refused.
    pub max_body: usize,
    /// Until a request's body has arrived whole.
    pub body_timeout: Duration,
    /// Threads that serve the API; 0 is one a core.
    pub workers: usize,
    /// Who may call, by name.
    pub accounts: Vec<AccountConfig>,
}

// === impl PartnerConfig ===

impl PartnerConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let config = Self {
            listen: section.or("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))),
            code: section.or("code", 1),
            name: section.or("name", "Veer".to_owned()),
            logo_url: section.maybe("logo_url"),
            public_url: section.maybe("public_url"),
            max_body: section.or("max_body", Size(256 << 10)).0,
            body_timeout: section.or("body_timeout", Duration::from_secs(10)),
            workers: section.or("workers", 0),
            accounts: section.children("accounts", AccountConfig::read),
        };
        section.rule(config.max_body >= 16 << 10, "max_body", "a calculation's request needs at least 16KiB");
        section.rule(!config.body_timeout.is_zero(), "body_timeout", "must be longer than nothing");
        section.rule(config.workers <= 1024, "workers", "must be at most 1024; 0 is one a core");
        section.child("accounts", |accounts| config.check_accounts(section, accounts));
        config
    }

    fn check_accounts(&self, section: &Section<'_>, accounts: &Section<'_>) {
        accounts.accept_all();
        if accounts.names().next().is_none() {
            section.problem(
                "accounts",
                "nobody may call the partner API; add a section [partner.accounts.<name>] with `client_id` and `client_secret`",
            );
        }
        // Credentials name the account, so no two accounts may share any.
        let (mut ids, mut tokens) = (BTreeMap::new(), BTreeMap::new());
        for account in &self.accounts {
            if let Some(other) = ids.insert(&account.client_id, &account.name) {
                accounts.problem(
                    &account.name,
                    format!("has the same `client_id` as `{other}`; each account needs its own"),
                );
            }
            for token in &account.tokens {
                if let Some(other) = tokens.insert(token.reveal(), &account.name) {
                    accounts.problem(
                        &account.name,
                        format!("has a token that `{other}` has too; each account needs its own"),
                    );
                }
            }
            if account.is_published() && !self.listen.ip().is_loopback() {
                accounts.problem(
                    &account.name,
                    format!("its secret or token is the published one of the demo, and {} can be reached from outside; set your own", self.listen),
                );
            }
        }
    }
}
