//! The operations port: health, metrics, the API's description.

use std::net::{Ipv4Addr, SocketAddr};

use super::section::Section;

/// `[operations]`.
#[derive(Debug, Clone, PartialEq)]
pub struct OperationsConfig {
    /// Where the operations port listens. It has no credentials of its own: keep it off public networks.
    pub listen: SocketAddr,
}

// === impl OperationsConfig ===

impl OperationsConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        Self { listen: section.or("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 9090))) }
    }
}
