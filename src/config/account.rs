//! A partner's account: whose credentials open the partner API.

use super::{ConfirmConfig, Secret, section::Section};

/// `[partner.accounts.<name>]`.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountConfig {
    /// The section's name; the account's name in logs and in the store.
    pub name: String,
    /// The user of HTTP Basic.
    pub client_id: String,
    /// The password of HTTP Basic.
    pub client_secret: Secret,
    /// Bearer tokens that open the API too.
    pub tokens: Vec<Secret>,
    /// Whether offers without a price are left out of answers.
    pub priced_only: bool,
    /// Where this account's sales are confirmed; without it they wait.
    pub confirm: Option<ConfirmConfig>,
}

/// What the README prints for trying things out on one's own machine.
const PUBLISHED: [&[u8]; 2] = [b"demo-secret", b"demo-token"];

// === impl AccountConfig ===

impl AccountConfig {
    pub(super) fn read(section: &Section<'_>, name: &str) -> Option<Self> {
        let client_id = section.required::<String>("client_id", "the user of HTTP Basic");
        if let Some(id) = &client_id {
            section.rule(!id.contains(':'), "client_id", "must not hold `:`, where HTTP Basic ends the user");
        }
        let client_secret = section.required_secret("client_secret", "the password of HTTP Basic");
        let tokens = Self::read_tokens(section);
        let priced_only = section.or("priced_only", false);
        let confirm = section.child("confirm", ConfirmConfig::read);
        Some(Self {
            name: name.to_owned(),
            client_id: client_id?,
            client_secret: client_secret?,
            tokens,
            priced_only,
            confirm,
        })
    }

    fn read_tokens(section: &Section<'_>) -> Vec<Secret> {
        let list = section.maybe::<Vec<Secret>>("tokens");
        section.rule(
            list.is_none() || !section.has_secret("token"),
            "tokens",
            "`token` or `token_file` is set too; put all tokens into `tokens` or leave it out",
        );
        let one = section.secret("token");
        let tokens = list.unwrap_or_else(|| one.into_iter().collect());
        section.rule(tokens.iter().all(|token| !token.reveal().is_empty()), "tokens", "a token is empty");
        tokens
    }

    /// Whether anybody can know how to open this account.
    pub(super) fn is_published(&self) -> bool {
        let secrets = self.tokens.iter().chain([&self.client_secret]);
        secrets.into_iter().any(|secret| PUBLISHED.iter().any(|known| secret.matches(known)))
    }
}
