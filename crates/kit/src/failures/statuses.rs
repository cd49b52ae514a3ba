//! Replies with another status: some are the adapter's, most are the host's.

use super::broken::{self, Broken, Demand, HTML};
use crate::fixture::{Exchange, GivenReply};

/// What insurers answer besides success.
const STATUSES: [u16; 8] = [400, 401, 403, 404, 429, 500, 502, 503];

/// The good reply of `exchange` with other statuses: each that the call accepts with every kind of body, the
/// others as the host sees them.
pub(super) fn derive(exchange: &Exchange, good: &GivenReply) -> Vec<Broken> {
    let mut all = Vec::new();
    let empty = GivenReply { status: 204, ..good.with_body(&b""[..]) };
    all.push(Broken::new("without content (204)", empty, Demand::Orderly));
    for status in STATUSES.into_iter().filter(|status| !exchange.accepts.contains(status)) {
        let mut reply = GivenReply { status, ..good.clone() };
        if status == 429 {
            reply.headers.push(("retry-after".into(), "7".into()));
        }
        if status == 502 {
            reply = reply.with_body(HTML.as_bytes());
        }
        all.push(Broken::new(format!("with status {status}"), reply, Demand::Orderly));
    }
    for status in exchange.accepts.iter().copied().filter(|status| *status != good.status) {
        let reply = GivenReply { status, ..good.clone() };
        for broken in broken::bodies(&reply) {
            all.push(Broken { what: format!("with status {status}, {}", broken.what), ..broken });
        }
        all.push(Broken::new(format!("with status {status}"), reply, Demand::Orderly));
    }
    // The host logs in and asks again, and gets what it would have got.
    if exchange.auth == veer_contract::Auth::Session && !good.session_expired {
        let reply = GivenReply { status: 401, ..good.clone() };
        all.push(Broken { once: true, ..Broken::new("with status 401 once", reply, Demand::Same) });
    }
    if exchange.effect == veer_contract::Effect::Creates {
        let reply = GivenReply { lost: true, ..GivenReply::saying("") };
        all.push(Broken::new("lost", reply, Demand::Orderly));
    }
    all
}
