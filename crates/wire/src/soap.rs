//! SOAP 1.1: the envelope around a question, and what is said of a reply that is not understood.

use veer_contract::{Body, Fault, FaultKind, Reply};

use crate::xml::Writer;

/// The body of a call: an envelope around what `inside` writes.
pub fn body(inside: impl FnOnce(&mut Writer)) -> Body {
    let mut xml = Writer::default();
    xml.element("soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"", |xml| {
        xml.element("soap:Body", inside);
    });
    Body::Xml { content_type: "text/xml; charset=utf-8".into(), text: xml.finish() }
}

/// The fault of a reply that is no answer; `what` says why. A service that breaks need not say so in SOAP: a page of
/// its proxy is its own error.
pub fn broken(reply: &Reply, what: &str) -> Fault {
    let Reply { tag, status, .. } = reply;
    if *status >= 500 {
        return Fault::new(FaultKind::InsurerError, format!("the service answered {status} to `{tag}`"));
    }
    let bytes = reply.body.len();
    Fault::not_understood(format!("the reply to `{tag}` (status {status}, {bytes} bytes) {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_proxy_is_the_insurers_error() {
        let reply = |status| Reply { tag: "m".into(), status, headers: Vec::new(), body: b"<html>".to_vec() };
        assert_eq!(broken(&reply(500), "is not XML").kind, FaultKind::InsurerError);
        let odd = Fault::not_understood("the reply to `m` (status 200, 6 bytes) is not XML");
        assert_eq!(broken(&reply(200), "is not XML"), odd);
    }
}
