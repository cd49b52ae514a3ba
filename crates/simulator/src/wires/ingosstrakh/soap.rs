//! SOAP 1.1 envelopes, read by local names: the service's namespaces are not public, so a request's own
//! namespace is given back to it.

use quick_xml::{
    XmlVersion,
    escape::{escape, resolve_predefined_entity},
    events::{BytesStart, Event},
    name::ResolveResult,
    reader::NsReader,
};

use crate::exchange::Reply;

/// A request: the first element of the body.
pub(in crate::wires) struct Request {
    /// Its name without prefix and without a `Request` at its end.
    pub(in crate::wires) operation: String,
    /// Its namespace.
    pub(in crate::wires) namespace: Option<String>,
    /// The element.
    pub(in crate::wires) body: Node,
}

/// An element.
#[derive(Default)]
pub(in crate::wires) struct Node {
    /// Local name.
    pub(in crate::wires) name: String,
    /// Attributes by local name.
    pub(in crate::wires) attributes: Vec<(String, String)>,
    /// Text of its own, trimmed.
    pub(in crate::wires) text: String,
    /// Elements inside.
    pub(in crate::wires) children: Vec<Node>,
    namespace: Option<String>,
}

/// Deeper documents are refused.
const DEEPEST: usize = 64;

// === impl Request ===

impl Request {
    /// Reads an envelope; none where there is none.
    pub(in crate::wires) fn read(text: &str) -> Option<Self> {
        let envelope = Node::read(text).filter(|root| root.name == "Envelope")?;
        let body = envelope.children.into_iter().find(|child| child.name == "Body")?;
        let body = body.children.into_iter().next()?;
        let operation = body.name.strip_suffix("Request").unwrap_or(&body.name).to_owned();
        Some(Self { operation, namespace: body.namespace.clone(), body })
    }

    /// The answer with `data`, which is XML already.
    pub(super) fn success(&self, data: &str) -> Reply {
        response(&self.operation, self.namespace.as_deref(), 0, "OK", data)
    }

    /// The text of the first element of that name, at any depth; empty where there is none.
    pub(in crate::wires) fn text(&self, name: &str) -> &str {
        self.body.find(name).map(|node| node.text.as_str()).unwrap_or_default()
    }

    /// The answer that says no.
    pub(super) fn refusal(&self, code: i32, message: &str) -> Reply {
        response(&self.operation, self.namespace.as_deref(), code, message, "")
    }
}

/// A response of the service.
pub(super) fn response(
    operation: &str,
    namespace: Option<&str>,
    code: i32,
    message: &str,
    data: &str,
) -> Reply {
    let namespace = namespace.map(|uri| format!(" xmlns=\"{}\"", escape(uri))).unwrap_or_default();
    let operation = escape(operation);
    let message = escape(message);
    Reply::xml(
        200,
        envelope(&format!(
            "<{operation}Response{namespace}><ResponseStatus><ErrorCode>{code}</ErrorCode>\
             <ErrorMessage>{message}</ErrorMessage></ResponseStatus><ResponseData>{data}</ResponseData>\
             </{operation}Response>"
        )),
    )
}

/// The fault of the SOAP layer itself.
pub(crate) fn soap_fault(message: &str) -> Reply {
    let message = escape(message);
    let fault = format!(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring xml:lang=\"ru-RU\">{message}</faultstring>\
         </s:Fault>"
    );
    Reply::xml(500, envelope(&fault))
}

/// An envelope around `body`.
pub(in crate::wires) fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>{body}</s:Body></s:Envelope>"
    )
}

// === impl Node ===

impl Node {
    /// The first element of that name, at any depth, itself included.
    pub(in crate::wires) fn find(&self, name: &str) -> Option<&Node> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The text at a path from here: `DriverList.Driver[1].DrvDateBeg`, `SubjectList.Subject@SbjKey`.
    pub(in crate::wires) fn text_at(&self, path: &str) -> Option<String> {
        let (path, attribute) = match path.split_once('@') {
            Some((path, attribute)) => (path, Some(attribute)),
            None => (path, None),
        };
        let node = path.split('.').try_fold(self, Node::child)?;
        match attribute {
            Some(name) => node.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()),
            None => Some(node.text.clone()),
        }
    }

    /// The child `Name` or `Name[index]`.
    pub(in crate::wires) fn child(&self, part: &str) -> Option<&Node> {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse().ok()?),
            None => (part, 0),
        };
        self.children.iter().filter(|child| child.name == name).nth(index)
    }

    /// Reads a document; none where there is none.
    pub(in crate::wires) fn read(text: &str) -> Option<Self> {
        let mut reader = NsReader::from_str(text);
        let mut open = vec![Node::default()];
        loop {
            let (namespace, event) = reader.read_resolved_event().ok()?;
            let namespace = match namespace {
                ResolveResult::Bound(namespace) => Some(namespace.0.to_owned()),
                _ => None,
            };
            match event {
                Event::Start(start) if open.len() < DEEPEST => open.push(Node::of(&start, namespace)?),
                Event::Start(_) => return None,
                Event::Empty(start) => open.last_mut()?.children.push(Node::of(&start, namespace)?),
                Event::End(_) => {
                    let mut done = open.pop()?;
                    done.text = done.text.trim().to_owned();
                    open.last_mut()?.children.push(done);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(entity) => {
                    let text = &mut open.last_mut()?.text;
                    match entity.resolve_char_ref().ok()? {
                        Some(letter) => text.push(letter),
                        None => text.push_str(resolve_predefined_entity(&entity)?),
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let [document] = open.try_into().ok()?;
        document.children.into_iter().next()
    }

    fn of(start: &BytesStart<'_>, namespace: Option<String>) -> Option<Self> {
        let attribute = |attribute: Result<quick_xml::events::attributes::Attribute<'_>, _>| {
            let attribute = attribute.ok()?;
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).ok()?;
            Some((attribute.key.local_name().as_ref().to_owned(), value.into_owned()))
        };
        Some(Self {
            name: start.local_name().as_ref().to_owned(),
            attributes: start.attributes().map(attribute).collect::<Option<_>>()?,
            namespace,
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_read_by_local_names() {
        let text = "<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Header/>\
            <soap:Body><x:GetTariffRequest xmlns:x='urn:a'><x:SessionToken>a&amp;&#1073;</x:SessionToken>\
            <List><Item Key='1'>one</Item><Item Key='2'><![CDATA[<two>]]></Item></List>\
            </x:GetTariffRequest></soap:Body></soap:Envelope>";
        let request = Request::read(text).unwrap();
        assert_eq!(request.operation, "GetTariff");
        assert_eq!(request.body.find("SessionToken").unwrap().text, "a&б");
        assert_eq!(request.body.text_at("List.Item[1]").as_deref(), Some("<two>"));
        assert_eq!(request.body.text_at("List.Item[1]@Key").as_deref(), Some("2"));
        assert_eq!(request.body.text_at("List.Item[2]"), None);
        assert!(request.success("").text().contains("<GetTariffResponse xmlns=\"urn:a\">"));
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        assert!(Request::read("").is_none());
        assert!(Request::read("<a/>").is_none());
        assert!(Request::read("<Envelope><Body></Envelope>").is_none());
        assert!(Request::read(&"<a>".repeat(100)).is_none());
    }
}
