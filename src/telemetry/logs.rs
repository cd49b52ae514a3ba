//! Logs: structured, to standard error, without personal data.
//!
//! Ids, insurers' codes, verdicts and durations are logged; requests, replies and error texts of parsers
//! are not. A panic is logged with its place and without its message, which may quote a value.

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::{LogFormat, TelemetryConfig};

/// The filter of the configuration is not one.
#[derive(Debug, thiserror::Error)]
#[error("telemetry.log: `{0}` is no log filter; write a level as `info`, or `info,veer::upstream=debug`")]
pub struct BadFilter(String);

/// Starts logging. Once a process; a second call changes nothing.
pub fn start(config: &TelemetryConfig) -> Result<(), BadFilter> {
    let filter = EnvFilter::try_new(&config.log).map_err(|_| BadFilter(config.log.clone()))?;
    let registry = tracing_subscriber::registry().with(filter);
    // A line that cannot be written, because the disk is full, is lost. To say so would go the same way, and the
    // standard library panics there.
    let lines = fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let started = match config.format {
        LogFormat::Json => {
            registry.with(lines.json().flatten_event(true).with_current_span(false)).try_init()
        }
        LogFormat::Text => registry.with(lines).try_init(),
    };
    if started.is_ok() {
        quiet_panics();
    }
    Ok(())
}

/// Logs where a panic happened instead of what it said.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        tracing::error!(place, "panicked; the message is left out, it may hold personal data");
    }));
}
