//! A vehicle's document.

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use veer_contract::domain::{VehicleDocument, VehicleDocumentKind};

use crate::partner::fields::{Choice, Fields};

/// A vehicle's document.
#[derive(Serialize, ToSchema)]
pub struct CarDocument {
    /// Series; may be empty on an ЭПТС, which has none.
    pub series: String,
    /// Number.
    pub number: String,
    /// Issue date.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Which document.
    pub document_type: DocumentType,
}

/// A kind of vehicle document.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentType {
    /// СТС, the registration certificate.
    Sts,
    /// ПТС, the paper vehicle passport.
    Pts,
    /// ЭПТС, the electronic vehicle passport.
    Epts,
}

// === impl CarDocument ===

impl CarDocument {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let document_type = fields.choice("document_type");
        Self {
            series: match document_type {
                DocumentType::Epts => fields.text_or_empty("series"),
                DocumentType::Sts | DocumentType::Pts => fields.text("series"),
            },
            number: fields.text("number"),
            date: fields.date("date"),
            document_type,
        }
    }
}

impl From<&VehicleDocument> for CarDocument {
    fn from(document: &VehicleDocument) -> Self {
        Self {
            series: document.series.reveal().clone(),
            number: document.number.reveal().clone(),
            date: *document.date.reveal(),
            document_type: match document.kind {
                VehicleDocumentKind::Sts => DocumentType::Sts,
                VehicleDocumentKind::Pts => DocumentType::Pts,
                VehicleDocumentKind::Epts => DocumentType::Epts,
            },
        }
    }
}

impl Choice for DocumentType {
    // Not the СТС first: the placeholder of a wrong word must not demand a plate.
    const WORDS: &'static [(&'static str, Self)] =
        &[("pts", Self::Pts), ("sts", Self::Sts), ("epts", Self::Epts)];
}
