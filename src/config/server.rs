//! The process: how it stops.

use std::time::Duration;

use super::section::Section;

/// `[server]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerConfig {
    /// After a signal to stop, polls are still answered for so long while conversations are saved.
    pub stop_grace: Duration,
}

// === impl ServerConfig ===

impl ServerConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        Self { stop_grace: section.or("stop_grace", Duration::from_secs(20)) }
    }
}
