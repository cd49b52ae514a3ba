//! What every wire is.

use std::sync::Arc;

use actix_web::web::ServiceConfig;
use reqwest::RequestBuilder;

use super::Writing;
use crate::{
    company::{Company, Credentials},
    exchange::{Operation, Reply},
};

/// One insurer of a wire.
pub(crate) trait Speaks: Sized {
    /// What the insurer is called on its pages and papers, and the same in Latin letters.
    const NAMES: (&'static str, &'static str);
    /// The operations that faults can hit.
    const OPERATIONS: &'static [&'static Operation];
    /// How its dictionary is written.
    const WRITING: Writing = Writing::PLAIN;

    /// Whether it listens with TLS and wants a client certificate. Payment pages stay open to every browser.
    const MUTUAL_TLS: bool = false;

    /// A wire with nothing to remember yet.
    fn new(company: Arc<Company>) -> Self;

    /// Puts its paths into an application.
    fn configure(config: &mut ServiceConfig);

    /// How it says that it is broken.
    fn technical_error() -> Reply;

    /// How it says that the register does not answer.
    fn registry_down(operation: &str) -> Reply;

    /// The settings of the gateway's account with it, by the names of the adapter's manifest; those with a
    /// default that suits are left out.
    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)>;

    /// The insurer's own call after a payment, proven by `secret`; none from who makes no such calls.
    fn notice(
        request: RequestBuilder,
        secret: &str,
        order: &str,
        application: &str,
    ) -> Option<RequestBuilder> {
        let _ = (request, secret, order, application);
        None
    }
}
