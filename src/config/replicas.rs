//! Several gateways on one PostgreSQL store.

use std::time::Duration;

use super::section::Section;

/// `[replicas]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicasConfig {
    /// A replica whose beat is not seen for so long is dead, and another takes over its work.
    pub lease: Duration,
    /// Where other replicas reach this one's partner API, as `http://host:port`; none is found out.
    pub address: Option<String>,
}

/// Beats are a tenth of it apart, and each is a round trip to the database.
const SHORTEST: Duration = Duration::from_secs(1);
/// Longer than a calculation lasts, nobody would be left to take it over for.
const LONGEST: Duration = Duration::from_secs(120);

// === impl ReplicasConfig ===

impl Default for ReplicasConfig {
    fn default() -> Self {
        Self { lease: Duration::from_secs(10), address: None }
    }
}

impl ReplicasConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let default = Self::default();
        let address: Option<String> = section.maybe("address");
        let config = Self {
            lease: section.or("lease", default.lease),
            address: address.map(|address| address.trim_end_matches('/').to_owned()),
        };
        section.rule(
            (SHORTEST..=LONGEST).contains(&config.lease),
            "lease",
            "must be 1s to 2m: shorter, and a busy machine counts as dead; longer, and the calculations of one that is \
             dead are over before they are taken over",
        );
        if let Some(address) = &config.address {
            section.rule(
                is_origin(address),
                "address",
                "must be an address without a path, as http://10.0.0.7:8080: other replicas send the partner's \
                 requests there",
            );
        }
        config
    }
}

fn is_origin(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty()
    })
}
