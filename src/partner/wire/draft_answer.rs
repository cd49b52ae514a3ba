//! The answer to `GET /osago/offer/draft`.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::PdfFile;

/// The draft policy, or the word that it is still being made.
#[derive(Serialize, ToSchema)]
#[serde(tag = "status")]
pub enum DraftAnswer<'a> {
    /// It is there.
    #[serde(rename = "success")]
    Success {
        /// The calculation.
        request_id: Uuid,
        /// The offer of it.
        offer_id: &'a str,
        /// Where a browser can open it, for a while.
        #[schema(required = false)]
        url: String,
        /// The file.
        #[schema(required = false)]
        file: PdfFile,
    },
    /// It is still being made.
    #[serde(rename = "inProcess")]
    InProcess {
        /// The calculation.
        request_id: Uuid,
        /// The offer of it.
        offer_id: &'a str,
    },
}
