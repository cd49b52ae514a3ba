//! An answer that is a file.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    },
};

use super::correlation::CorrelationId;
use crate::store::DocumentKind;

/// What becomes of the file at the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It is saved.
    Attachment,
    /// A browser shows it.
    Inline,
}

/// The PDF. It is about a person, so no cache may keep it; and it is a PDF, whatever its bytes look like.
pub fn answer(
    correlation: CorrelationId,
    kind: DocumentKind,
    disposition: Disposition,
    bytes: Vec<u8>,
) -> HttpResponse {
    let disposition = match (disposition, kind) {
        (Disposition::Attachment, DocumentKind::Draft) => "attachment; filename=\"osago-draft.pdf\"",
        (Disposition::Attachment, DocumentKind::Policy) => "attachment; filename=\"osago-policy.pdf\"",
        (Disposition::Inline, DocumentKind::Draft) => "inline; filename=\"osago-draft.pdf\"",
        (Disposition::Inline, DocumentKind::Policy) => "inline; filename=\"osago-policy.pdf\"",
    };
    correlation
        .answer(StatusCode::OK)
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("application/pdf")))
        .insert_header((CONTENT_DISPOSITION, HeaderValue::from_static(disposition)))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("private, no-store")))
        .insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .body(bytes)
}
