//! `/files/{offer_id}/draft.pdf` and `policy.pdf`: addresses that a person opens in a browser.
//!
//! There are no credentials here: the address itself is the permission, signed and good for a while (see
//! [`links`](crate::offers::links)). Whatever does not open is told in plain sentences, because the reader is
//! the one who bought the policy; and one that was tampered with looks the same as one of nothing. The
//! address must not travel on: it is in no `Referer`, and no cache keeps what it opened.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    web,
};
use jiff::Timestamp;
use url::form_urlencoded;

use super::{correlation::CorrelationId, pdf, pdf::Disposition, state::PartnerState};
use crate::{
    offers::{
        OfferError,
        links::{FileLinks, LinkError},
    },
    store::DocumentKind,
    telemetry,
};

/// Why nothing opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closed {
    /// There is no such file, or the address is not one of ours.
    Unknown,
    /// The address is too old.
    Expired,
    /// The store failed.
    Unavailable,
}

pub(super) async fn open(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    let correlation = CorrelationId::of(&request);
    let part = |name| request.match_info().get(name).unwrap_or_default();
    let offer_id = part("offer_id");
    let kind = permitted(&state.links, offer_id, part("file"), request.query_string(), telemetry::now());
    let opened = match kind {
        Ok(kind) => {
            Box::pin(state.offers.opened(offer_id, kind)).await.map(|file| (kind, file)).map_err(closed)
        }
        Err(closed) => Err(closed),
    };
    let mut answer = match opened {
        Ok((kind, file)) => pdf::answer(correlation, kind, Disposition::Inline, file.bytes),
        Err(closed) => closed.answer(correlation),
    };
    answer.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

/// The file that the address opens at `now`.
fn permitted(
    links: &FileLinks,
    offer_id: &str,
    file: &str,
    query: &str,
    now: Timestamp,
) -> Result<DocumentKind, Closed> {
    let kind = match file {
        "draft.pdf" => DocumentKind::Draft,
        "policy.pdf" => DocumentKind::Policy,
        _ => return Err(Closed::Unknown),
    };
    let sent = |name: &str| {
        let mut sent = form_urlencoded::parse(query.as_bytes());
        sent.find(|(sent, _)| sent == name).map(|(_, value)| value).ok_or(Closed::Unknown)
    };
    let expires = sent("expires")?.parse().map_err(|_| Closed::Unknown)?;
    match links.check(offer_id, kind, expires, &sent("signature")?, now) {
        Ok(()) => Ok(kind),
        Err(LinkError::Expired) => Err(Closed::Expired),
        Err(LinkError::Forged) => Err(Closed::Unknown),
    }
}

fn closed(error: OfferError) -> Closed {
    match error {
        OfferError::Store(error) => {
            tracing::error!(%error, "a file was not opened");
            Closed::Unavailable
        }
        _ => Closed::Unknown,
    }
}

// === impl Closed ===

impl Closed {
    fn answer(self, correlation: CorrelationId) -> HttpResponse {
        let (status, sentences) = match self {
            Self::Unknown => (
                StatusCode::NOT_FOUND,
                "Такого файла нет. Откройте ссылку целиком или получите её заново там, где оформляли полис.\n\n\
                 There is no such file. Open the whole address, or get it anew where you bought the policy.\n",
            ),
            Self::Expired => (
                StatusCode::GONE,
                "Срок действия ссылки истёк. Получите её заново там, где оформляли полис.\n\n\
                 This address has expired. Get a new one where you bought the policy.\n",
            ),
            Self::Unavailable => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Файл сейчас недоступен. Откройте ссылку ещё раз через минуту.\n\n\
                 The file is not available right now. Open the address again in a minute.\n",
            ),
        };
        correlation
            .answer(status)
            .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")))
            .insert_header((CACHE_CONTROL, HeaderValue::from_static("private, no-store")))
            .insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
            .body(sentences)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_address_opens_one_file_for_a_while() {
        let links = FileLinks::new([7; 32], Duration::from_secs(3600));
        let address = links.address("o-1", DocumentKind::Policy);
        let (_, query) = address.split_once('?').unwrap();
        let (now, later) = (telemetry::now(), telemetry::now() + Duration::from_secs(3 * 86_400));
        let opens = |offer_id, file, query, now| permitted(&links, offer_id, file, query, now);
        assert_eq!(opens("o-1", "policy.pdf", query, now), Ok(DocumentKind::Policy));
        assert_eq!(opens("o-1", "policy.pdf", query, later), Err(Closed::Expired));
        for (offer_id, file) in [("o-2", "policy.pdf"), ("o-1", "draft.pdf"), ("o-1", "policy"), ("o-1", "")]
        {
            assert_eq!(opens(offer_id, file, query, now), Err(Closed::Unknown), "{offer_id} {file}");
            // What was never ours has not expired either.
            assert_eq!(opens(offer_id, file, query, later), Err(Closed::Unknown), "{offer_id} {file}");
        }
        let (expires, signature) = query.split_once('&').unwrap();
        for query in
            ["", expires, signature, &format!("expires=soon&{signature}"), &format!("{expires}&signature=")]
        {
            assert_eq!(opens("o-1", "policy.pdf", query, now), Err(Closed::Unknown), "{query}");
        }
    }
}
