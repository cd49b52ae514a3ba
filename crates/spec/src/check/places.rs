//! Where in a body its values stand.
//!
//! A value brings its own quotes in JSON and its own escapes in XML. That keeps it inside its place only if
//! the place is one: not within a text of JSON, not within a tag of XML. At every brace the text before must
//! therefore be closed, on whatever way through the template one comes.

use minijinja::machinery::{self, Token};

use crate::{engine::Place, sheet::Placed};

/// Notes every value that stands where none can.
pub(super) fn check(placed: &Placed<'_>, place: Place) {
    match place {
        Place::Json => json(placed),
        Place::Xml => xml(placed),
        Place::Path => path(placed),
        Place::Text | Place::Header => {}
    }
}

/// Whether JSON's text is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Json {
    Between,
    InText,
    Escaped,
}

/// What of XML is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Xml {
    Text,
    Tag,
    Quoted(char),
    /// A comment, a CDATA section, an instruction or a declaration.
    Special,
}

fn tokens<'p>(placed: &'p Placed<'_>) -> impl Iterator<Item = (Token<'p>, usize)> {
    machinery::tokenize(&placed.text, false, Default::default())
        .map_while(Result::ok)
        .map(|(token, span)| (token, span.start_offset as usize))
}

fn json(placed: &Placed<'_>) {
    let mut state = Json::Between;
    for (token, at) in tokens(placed) {
        match token {
            Token::TemplateData(data) => {
                for c in data.chars() {
                    state = match (state, c) {
                        (Json::Between, '"') => Json::InText,
                        (Json::InText, '"') | (Json::Between, _) => Json::Between,
                        (Json::InText, '\\') => Json::Escaped,
                        (Json::InText | Json::Escaped, _) => Json::InText,
                    };
                }
            }
            Token::VariableStart | Token::BlockStart if state != Json::Between => {
                let instead =
                    "write `{{ x }}` without quotes around it, and join texts inside the braces with `~`";
                placed.problem_at(
                    at,
                    "braces stand inside a text of JSON, and a value brings its own quotes",
                    Some(instead.into()),
                );
                return;
            }
            _ => {}
        }
    }
}

fn xml(placed: &Placed<'_>) {
    let mut state = Xml::Text;
    for (token, at) in tokens(placed) {
        match token {
            Token::TemplateData(data) => state = after(state, data),
            Token::VariableStart if !matches!(state, Xml::Text | Xml::Quoted(_)) => {
                let instead = "write it between two tags, or in quotes as an attribute";
                placed.problem_at(at, "a value stands inside a tag of XML", Some(instead.into()));
                return;
            }
            Token::BlockStart if state != Xml::Text => {
                let instead = "write it between two tags";
                placed.problem_at(at, "`{% … %}` stands inside a tag of XML", Some(instead.into()));
                return;
            }
            _ => {}
        }
    }
}

fn after(mut state: Xml, data: &str) -> Xml {
    let mut chars = data.chars().peekable();
    while let Some(c) = chars.next() {
        state = match (state, c) {
            (Xml::Text, '<') => match chars.peek() {
                Some('!' | '?') => Xml::Special,
                _ => Xml::Tag,
            },
            (Xml::Tag | Xml::Special, '>') => Xml::Text,
            (Xml::Tag, '"' | '\'') => Xml::Quoted(c),
            (Xml::Quoted(quote), c) if c == quote => Xml::Tag,
            (same, _) => same,
        };
    }
    state
}

fn path(placed: &Placed<'_>) {
    const WHY: &str = "a path stands below the insurer's address, which the operator sets";
    let text = placed.text.as_str();
    for (odd, instead) in [
        ("://", "leave scheme and host out"),
        ("..", "leave `..` out"),
        ("\\", "leave `\\` out"),
        ("?", "write the query in `query = { … }`"),
        ("#", "leave `#` out"),
    ] {
        // Braces may hold texts with any character.
        for (token, at) in tokens(placed) {
            if let Token::TemplateData(data) = token
                && let Some(inside) = data.find(odd)
            {
                placed.problem_at(at + inside, format!("`{odd}`: {WHY}"), Some(instead.into()));
                return;
            }
        }
    }
    if text.starts_with('/') {
        placed.problem(format!("`/` at the beginning: {WHY}"), Some("leave the first `/` out".into()));
    }
    let blank = |(token, _): (Token<'_>, usize)| match token {
        Token::TemplateData(data) => data.chars().any(|c| c.is_whitespace() || c.is_control()),
        _ => false,
    };
    if tokens(placed).any(blank) {
        placed.problem("a path has no blanks", Some("leave the blank out".into()));
    }
}
