//! The wire formats: one folder each. A wire parses the call, checks the credentials, has the risk
//! priced and writes the answer; what then happens to the answer is the [exchange](crate::exchange)'s.
//!
//! A new wire is a folder whose `Insurer` [`Speaks`], and one line in `wires!`.

mod fields;
mod oauth;
#[macro_use]
mod register;
mod speaks;
mod tokens;
mod upsales;
mod writing;

pub(crate) use speaks::Speaks;
pub(crate) use writing::Writing;

wires! {
    insurers {
        /// JSON with HTTP Digest.
        Alfastrah alfastrah;
        /// SOAP 1.1 with sessions.
        Ingosstrakh ingosstrakh;
        /// Bracketed form fields, create then poll.
        Renessans renessans;
        /// JSON with OAuth 2, calls that become operations to ask for.
        Vsk vsk;
        /// JSON and SOAP with HTTP Basic in two variants.
        Soglasie soglasie;
        /// SOAP 1.1 with quote sets; models go by years.
        Tinkoff tinkoff;
        /// Another aggregator: one stored form, one calculation for each of its insurers.
        Elmarket elmarket;
        /// Plain REST: OAuth 2, signed bodies, create then poll; an invented insurer.
        Obrazets obrazets;
        /// XML with a client certificate, answered by calls of the insurer's own.
        VskBus vsk_bus;
    }
    sources {
        /// JSON with a token: reports about vehicles, and nothing to buy.
        Avtocod avtocod;
    }
}

/// What insurers say when the register of drivers and policies does not answer.
const REGISTRY_DOWN: &str = "Сервис РСА временно недоступен, повторите запрос позже (34030023)";

/// The names of the operations that faults can hit, of all wires.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    Wire::all().flat_map(Wire::operations)
}
