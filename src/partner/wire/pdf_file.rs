//! A file, as an answer carries it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Serialize;
use utoipa::ToSchema;

/// What a data URL of a PDF begins with.
const BEGINNING: &str = "data:application/pdf;base64,";

/// A file inside the JSON.
#[derive(Serialize, ToSchema)]
pub struct PdfFile {
    /// How the data is written.
    pub r#type: FileEncoding,
    /// A data URL.
    #[schema(examples("data:application/pdf;base64,JVBERi0xLjUK..."))]
    pub data: String,
}

/// How a file is written in JSON.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileEncoding {
    /// As base64.
    Base64,
}

/// A PDF itself. It only describes the answer.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Pdf(#[expect(dead_code, reason = "the bytes are sent as they are")] Vec<u8>);

// === impl PdfFile ===

impl PdfFile {
    /// That PDF.
    pub fn of(bytes: &[u8]) -> Self {
        let mut data = String::with_capacity(BEGINNING.len() + bytes.len().div_ceil(3) * 4);
        data.push_str(BEGINNING);
        STANDARD.encode_string(bytes, &mut data);
        Self { r#type: FileEncoding::Base64, data }
    }
}
