//! Files of drafts and policies, as insurers hand them out: the bytes themselves, or base64 in a reply.
//!
//! What is kept and served again must be a PDF: a page that says «попробуйте позже» with status 200 must not
//! become a client's policy.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use veer_contract::{Fault, domain::Document};

/// How every PDF begins (ISO 32000-1, 7.5.2).
const MAGIC: &[u8] = b"%PDF";
/// Some writers pad, some do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether the bytes begin as a PDF does.
pub fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The file with these bytes; a fault where they are no PDF. The fault shows none of them: they may name
/// the client.
pub fn from_bytes(bytes: &[u8]) -> Result<Document, Fault> {
    if !is_pdf(bytes) {
        return Err(Fault::not_understood(format!(
            "the file of {} bytes is no PDF: it does not begin with %PDF",
            bytes.len()
        )));
    }
    Ok(Document { content_type: "application/pdf".into(), bytes: bytes.to_vec() })
}

/// The file that a reply holds as base64, broken into lines or not, padded or not.
pub fn from_base64(text: &str) -> Result<Document, Fault> {
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = BASE64
        .decode(&text)
        .map_err(|_| Fault::not_understood(format!("the file of {} characters is no base64", text.len())))?;
    from_bytes(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_is_told_from_everything_else() {
        let document = from_bytes(b"%PDF-1.7 x").unwrap();
        assert_eq!(
            (document.content_type.as_str(), document.bytes.as_slice()),
            ("application/pdf", &b"%PDF-1.7 x"[..])
        );
        assert!(from_bytes(b"<html>").is_err());
        assert!(from_bytes(b"").is_err());
    }

    #[test]
    fn base64_is_read_with_and_without_padding_and_lines() {
        let bytes = |text| from_base64(text).map(|document| document.bytes);
        assert_eq!(bytes("JVBERi0xLjcK\n").as_deref(), Ok(&b"%PDF-1.7\n"[..]));
        assert_eq!(bytes("JVBERi\r\n0xLg==").as_deref(), Ok(&b"%PDF-1."[..]));
        assert_eq!(bytes("JVBERi0xLg").as_deref(), Ok(&b"%PDF-1."[..]));
        // «not a pdf»
        assert!(bytes("bm90IGEgcGRm").is_err());
        assert!(bytes("!").is_err());
    }
}
