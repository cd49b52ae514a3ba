//! XML, written and read by local names.
//!
//! Insurers' SOAP differs in prefixes and wrappers from one installation to the next, so replies are read
//! as a small tree in which namespaces play no part. Reading is bounded in depth and builds without
//! recursion: a hostile reply ends as an error.

use quick_xml::{
    Reader, XmlVersion,
    escape::{escape, resolve_predefined_entity},
    events::{BytesStart, Event},
};

/// Nothing that an insurer sends is nested deeper.
const MAX_DEPTH: usize = 64;

/// One element of a reply.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// The reply is not well-formed XML, or too deep.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// Writes a document piece by piece; names are the adapter's own, texts are escaped.
#[derive(Debug, Default)]
pub struct Writer(String);

// === impl Element ===

impl Element {
    /// Reads a document.
    pub fn parse(document: &str) -> Result<Self, Malformed> {
        let mut reader = Reader::from_str(document);
        let mut open: Vec<Element> = Vec::new();
        loop {
            match reader.read_event().map_err(|_| Malformed)? {
                Event::Start(tag) if open.len() < MAX_DEPTH => {
                    open.push(Self::opened(&tag));
                }
                Event::Start(_) => return Err(Malformed),
                Event::Empty(tag) => {
                    let element = Self::opened(&tag);
                    match open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => return Ok(element),
                    }
                }
                Event::End(_) => {
                    let element = open.pop().ok_or(Malformed)?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(element),
                        None => return Ok(element),
                    }
                }
                Event::Text(text) => add_text(&mut open, &text.xml10_content()),
                Event::CData(text) => add_text(&mut open, &text.xml10_content()),
                Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(|_| Malformed)? {
                    Some(character) => add_text(&mut open, character.encode_utf8(&mut [0; 4])),
                    None => add_text(&mut open, resolve_predefined_entity(&reference).ok_or(Malformed)?),
                },
                Event::Eof => return Err(Malformed),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// The first element of that local name, at any depth, in the document's order.
    pub fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The text of the first element of that local name; `None` where it is absent or empty.
    pub fn find_text(&self, name: &str) -> Option<&str> {
        self.find(name).map(|element| element.text.trim()).filter(|text| !text.is_empty())
    }

    /// Whether its local name is this.
    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// The elements directly inside.
    pub fn children(&self) -> &[Element] {
        &self.children
    }

    /// The attribute of that local name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// An attribute that is not well-formed is left out: most replies have none that matters.
    fn opened(tag: &BytesStart<'_>) -> Self {
        let attributes = tag.attributes().flatten().filter_map(|attribute| {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
            Some((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
        });
        Self {
            name: tag.local_name().as_ref().to_owned(),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

// === impl Writer ===

impl Writer {
    /// An element with elements in it; `name` may carry attributes.
    pub fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.0.push_str(&format!("<{name}>"));
        inside(self);
        self.0.push_str(&format!("</{}>", name.split(' ').next().unwrap_or(name)));
    }

    /// An element with text in it.
    pub fn leaf(&mut self, name: &str, text: &str) {
        // XML 1.0 has no place for control characters, escaped or not.
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        self.0.push_str(&format!("<{name}>{}</{name}>", escape(text.as_str())));
    }

    /// An attribute for [`Writer::element`]'s name, escaped.
    pub fn attribute(name: &str, value: &str) -> String {
        format!(" {name}=\"{}\"", escape(value))
    }

    /// The document.
    pub fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_play_no_part() {
        let tree =
            Element::parse("<s:A xmlns:s='x'><n:B n:D='&#x41; '>1 &lt; 2 &#x41;</n:B><C/></s:A>").unwrap();
        assert_eq!(tree.find_text("B"), Some("1 < 2 A"));
        assert_eq!(tree.find_text("C"), None);
        assert!(tree.find("C").is_some());
        let inside: Vec<_> = tree.children().iter().map(|child| child.attribute("D")).collect();
        assert!(tree.is("A"));
        assert_eq!(inside, [Some("A "), None]);
    }

    #[test]
    fn broken_and_bottomless_documents_are_refused() {
        assert_eq!(Element::parse("<a><b></a>"), Err(Malformed));
        assert_eq!(Element::parse("<a>"), Err(Malformed));
        assert_eq!(Element::parse(""), Err(Malformed));
        assert_eq!(Element::parse(&"<a>".repeat(100_000)), Err(Malformed));
        assert_eq!(Element::parse("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>"), Err(Malformed));
    }

    #[test]
    fn texts_are_escaped() {
        let mut xml = Writer::default();
        xml.element("A x=\"1\"", |xml| xml.leaf("B", "a<b&\u{1}"));
        assert_eq!(Writer::attribute("n", "a\"b"), " n=\"a&quot;b\"");
        assert_eq!(xml.finish(), "<A x=\"1\"><B>a&lt;b&amp;</B></A>");
    }
}
