//! XML as a tree, for comparing and for breaking: a name is a namespace and a local name, a prefix is
//! spelling.

use quick_xml::{
    NsReader, XmlVersion,
    escape::{escape, resolve_predefined_entity},
    events::{BytesStart, Event},
    name::{NamespaceResolver, ResolveResult},
};

/// One element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// Empty where there is none.
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// Names with their namespace before them in braces, where they have one.
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Node>,
}

// === impl Node ===

impl Node {
    /// Reads a document; texts are trimmed, attributes sorted.
    pub(crate) fn parse(document: &str) -> Result<Self, String> {
        let mut reader = NsReader::from_str(document);
        let mut open: Vec<Node> = Vec::new();
        let mut root = None;
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
            let namespace = match namespace {
                ResolveResult::Bound(namespace) => namespace.0.to_owned(),
                ResolveResult::Unbound | ResolveResult::Unknown(_) => String::new(),
            };
            let closed = match event {
                Event::Start(tag) => {
                    open.push(Self::opened(&tag, namespace, reader.resolver())?);
                    continue;
                }
                Event::Empty(tag) => Self::opened(&tag, namespace, reader.resolver())?,
                Event::End(_) => open.pop().ok_or("an element is closed that was not opened")?,
                Event::Text(text) => {
                    add_text(&mut open, &text.xml10_content());
                    continue;
                }
                Event::CData(text) => {
                    add_text(&mut open, &text.xml10_content());
                    continue;
                }
                Event::GeneralRef(reference) => {
                    match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                        Some(character) => add_text(&mut open, character.encode_utf8(&mut [0; 4])),
                        None => add_text(
                            &mut open,
                            resolve_predefined_entity(&reference).ok_or("an entity of its own")?,
                        ),
                    }
                    continue;
                }
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => continue,
            };
            match open.last_mut() {
                Some(parent) => parent.children.push(closed.trimmed()),
                None => root = Some(closed.trimmed()),
            }
        }
        if !open.is_empty() {
            return Err("an element is not closed".into());
        }
        root.ok_or_else(|| "there is no element".into())
    }

    /// The document again.
    pub(crate) fn write(&self) -> String {
        let mut attributes = format!(" xmlns=\"{}\"", escape(self.namespace.as_str()));
        for (at, (name, value)) in self.attributes.iter().enumerate() {
            let value = escape(value.as_str());
            attributes.push_str(&match name.strip_prefix('{').and_then(|name| name.split_once('}')) {
                Some((namespace, name)) => {
                    format!(" xmlns:a{at}=\"{}\" a{at}:{name}=\"{value}\"", escape(namespace))
                }
                None => format!(" {name}=\"{value}\""),
            });
        }
        let inside: String = self.children.iter().map(Self::write).collect();
        format!("<{0}{attributes}>{1}{inside}</{0}>", self.name, escape(self.text.as_str()))
    }

    /// Every element, depth first, by the places of children that lead to it.
    pub(crate) fn places(&self) -> Vec<Vec<usize>> {
        let mut found = vec![Vec::new()];
        for (at, child) in self.children.iter().enumerate() {
            for mut place in child.places() {
                place.insert(0, at);
                found.push(place);
            }
        }
        found
    }

    /// The element at `place`.
    pub(crate) fn at(&self, place: &[usize]) -> &Node {
        place.iter().fold(self, |node, child| &node.children[*child])
    }

    /// The tree with the element at `place` changed.
    pub(crate) fn changed(&self, place: &[usize], change: impl FnOnce(&mut Node)) -> Node {
        let mut copy = self.clone();
        change(place.iter().fold(&mut copy, |node, child| &mut node.children[*child]));
        copy
    }

    /// Every difference, with its place.
    pub(crate) fn differences(&self, actual: &Node, at: &str, found: &mut Vec<String>) {
        let here = format!("{at}/{}", self.name);
        if self.name != actual.name {
            found.push(format!("{at}: the fixture says <{}>, the adapter <{}>", self.name, actual.name));
            return;
        }
        if self.namespace != actual.namespace {
            let (expected, actual) = (&self.namespace, &actual.namespace);
            found.push(format!("{here}: the fixture's namespace is «{expected}», the adapter's «{actual}»"));
        }
        if self.attributes != actual.attributes {
            found.push(format!("{here}: attributes are {:?}, not {:?}", actual.attributes, self.attributes));
        }
        if self.text != actual.text {
            found.push(format!("{here}: the fixture says «{}», the adapter «{}»", self.text, actual.text));
        }
        if self.children.len() != actual.children.len() {
            let names = |node: &Node| {
                node.children.iter().map(|child| child.name.as_str()).collect::<Vec<_>>().join(", ")
            };
            found.push(format!("{here}: the fixture has [{}], the adapter [{}]", names(self), names(actual)));
            return;
        }
        for (mine, theirs) in self.children.iter().zip(&actual.children) {
            mine.differences(theirs, &here, found);
        }
    }

    fn opened(tag: &BytesStart<'_>, namespace: String, resolver: &NamespaceResolver) -> Result<Self, String> {
        let mut attributes = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let whole: &str = attribute.key.as_ref();
            if whole != "xmlns" && !whole.starts_with("xmlns:") {
                let value = attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map_err(|error| error.to_string())?
                    .into_owned();
                let (namespace, name) = resolver.resolve_attribute(attribute.key);
                let name: &str = name.as_ref();
                attributes.push(match namespace {
                    ResolveResult::Bound(namespace) => (format!("{{{}}}{name}", namespace.0), value),
                    ResolveResult::Unbound | ResolveResult::Unknown(_) => (name.to_owned(), value),
                });
            }
        }
        attributes.sort();
        Ok(Self { namespace, name: tag.local_name().as_ref().to_owned(), attributes, ..Self::default() })
    }

    fn trimmed(mut self) -> Self {
        self.text = self.text.trim().to_owned();
        self
    }
}

fn add_text(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_makes_no_difference_and_content_does() {
        let one = Node::parse("<s:A xmlns:s='u' b='1' a='2'> <B xmlns='n'>x &amp; y</B></s:A>").unwrap();
        let other = Node::parse("<A xmlns='u' a='2' b='1'><x:B xmlns:x='n'>x &#38; y</x:B></A>").unwrap();
        assert_eq!(one, other);
        let mut found = Vec::new();
        one.differences(&Node::parse("<A xmlns='u' a='2' b='1'><B>z</B></A>").unwrap(), "", &mut found);
        assert_eq!(
            found,
            [
                "/A/B: the fixture's namespace is «n», the adapter's «u»",
                "/A/B: the fixture says «x & y», the adapter «z»"
            ]
        );
        assert_eq!(Node::parse(&one.write()).unwrap(), one);
    }
}
