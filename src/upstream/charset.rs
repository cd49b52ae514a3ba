//! Replies in other charsets than UTF-8, turned into UTF-8 once, for all adapters.
//!
//! Old cores answer in windows-1251. The charset is the one of the `Content-Type`, else the one of an XML
//! declaration, else UTF-8. Files are left alone.

use encoding_rs::{Encoding, UTF_8};

/// `body` as UTF-8 where it is text; without a byte order mark.
pub fn to_utf8(content_type: &str, body: Vec<u8>) -> Vec<u8> {
    let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let textual = kind.is_empty()
        || kind.starts_with("text/")
        || kind.ends_with("json")
        || kind.ends_with("xml")
        || kind.ends_with("javascript");
    if !textual {
        return body;
    }
    let encoding = declared(content_type).or_else(|| xml_declared(&body)).unwrap_or(UTF_8);
    if encoding == UTF_8 && !body.starts_with(b"\xEF\xBB\xBF") {
        return body;
    }
    let (text, _, _) = encoding.decode(&body);
    text.into_owned().into_bytes()
}

fn declared(content_type: &str) -> Option<&'static Encoding> {
    let value = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    })?;
    Encoding::for_label(value.trim().trim_matches('"').as_bytes())
}

fn xml_declared(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(120)];
    if !head.starts_with(b"<?xml") {
        return None;
    }
    let head = String::from_utf8_lossy(head);
    let (_, after) = head.split_once("encoding=")?;
    let quote = after.chars().next()?;
    Encoding::for_label(after[1..].split(quote).next()?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_1251_is_understood_by_header_and_by_declaration() {
        let cp1251 = |text| encoding_rs::WINDOWS_1251.encode(text).0.into_owned();
        assert_eq!(to_utf8("text/plain; charset=windows-1251", cp1251("Отказ")), "Отказ".as_bytes());
        let xml = "<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>Отказ</a>";
        assert_eq!(to_utf8("text/xml", cp1251(xml)), xml.as_bytes());
    }

    #[test]
    fn utf8_and_files_are_left_alone() {
        assert_eq!(to_utf8("application/json", "Отказ".into()), "Отказ".as_bytes());
        assert_eq!(to_utf8("application/json", b"\xEF\xBB\xBF{}".to_vec()), b"{}");
        assert_eq!(to_utf8("application/pdf; charset=windows-1251", vec![0xCE]), [0xCE]);
    }
}
