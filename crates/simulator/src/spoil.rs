//! Answers that are wrong on purpose.

use quick_xml::{Reader, Writer, events::Event};
use serde_json::Value;

use crate::exchange::{Format, Reply};

/// A proxy's page.
pub(crate) fn page(status: u16, reason: &str) -> Reply {
    let title = format!("{status} {reason}");
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    Reply::html(status, body)
}

/// The same answer, broken off: complete as HTTP, but no JSON and no XML. A file would still look like
/// one, so a page comes in its place.
pub(crate) fn malformed(mut reply: Reply) -> Reply {
    if reply.format == Format::Pdf {
        return Reply { status: reply.status, ..page(503, "Service Temporarily Unavailable") };
    }
    let end = reply.text().floor_char_boundary(reply.body.len() * 2 / 3);
    reply.body.truncate(end);
    reply
}

/// The same answer with every value in it empty.
pub(crate) fn nulls(mut reply: Reply) -> Reply {
    reply.body = match reply.format {
        Format::Json => json_nulls(reply.text()).into_bytes(),
        Format::Xml => xml_nulls(reply.text()).into_bytes(),
        Format::Html | Format::Pdf => Vec::new(),
    };
    reply
}

fn json_nulls(body: &str) -> String {
    fn clear(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(clear),
            Value::Object(members) => members.values_mut().for_each(clear),
            leaf => *leaf = Value::Null,
        }
    }
    let mut value = serde_json::from_str(body).unwrap_or(Value::Null);
    clear(&mut value);
    value.to_string()
}

fn xml_nulls(body: &str) -> String {
    let mut reader = Reader::from_str(body);
    let mut writer = Writer::new(Vec::new());
    loop {
        match reader.read_event() {
            Ok(Event::Eof) | Err(_) => break,
            Ok(Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)) => {}
            // Writing to memory does not fail.
            Ok(event) => drop(writer.write_event(event)),
        }
    }
    String::from_utf8(writer.into_inner()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_is_emptied_and_the_shape_stays() {
        assert_eq!(json_nulls(r#"{"a":{"b":1,"c":["x",{}]}}"#), r#"{"a":{"b":null,"c":[null,{}]}}"#);
        assert_eq!(xml_nulls("<a x=\"1\"><b>1</b><c/>t</a>"), "<a x=\"1\"><b></b><c/></a>");
    }

    #[test]
    fn a_broken_off_answer_no_longer_parses() {
        let whole = Reply::json(200, &serde_json::json!({"цена": 9123.45, "ид": "я"}));
        let broken = malformed(whole);
        assert_eq!(broken.status, 200);
        assert!(serde_json::from_slice::<Value>(&broken.body).is_err());
    }
}
