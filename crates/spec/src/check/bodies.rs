//! Whether a body can be JSON or XML at all.
//!
//! Nothing is known of the values yet, and it does not matter: a comma that is missing between two of them is missing
//! whatever they are. So the template is rendered dry, each value as an empty text, every condition both ways, and
//! parsed. A body that is well formed on no way through it is a mistake of the spec, told where the first one is.

use minijinja::machinery::{self, Token};
use serde::de::IgnoredAny;

use crate::{engine::Place, sheet::Placed, xml::Element};

/// A body with more conditions than these is not looked at here: some way would not be tried. Sending looks again.
const MOST_CONDITIONS: u32 = 8;

/// One piece of a template, with the bytes where it stands.
enum Piece<'p> {
    Data(&'p str),
    Value,
    If,
    Else,
    For,
    End,
    /// Sets a name, or is another branch that is not tried.
    Nothing,
}

/// Where a text is not what it should be, where that is known.
type Reading = fn(&str) -> Result<(), Option<usize>>;

/// Notes a body that cannot be what it says.
pub(super) fn check(placed: &Placed<'_>, place: Place) {
    let (well_formed, kind): (Reading, _) = match place {
        Place::Json => (json, "JSON"),
        Place::Xml => (xml, "XML"),
        Place::Path | Place::Text | Place::Header => return,
    };
    let pieces = pieces(&placed.text);
    let conditions = pieces.iter().filter(|(piece, _)| matches!(piece, Piece::If)).count();
    if conditions > MOST_CONDITIONS as usize {
        return;
    }
    let ways = 1_u32 << u32::try_from(conditions).unwrap_or(MOST_CONDITIONS).min(MOST_CONDITIONS);
    let mut first = None;
    for way in 0..ways {
        match well_formed(&dry(&placed.text, &pieces, way)) {
            Ok(()) => return,
            Err(at) => first = first.or(Some(at)),
        }
    }
    let what = format!("this is no {kind}, whatever the values are");
    let instead = match place {
        Place::Json => "look at the commas and brackets just before; a value needs no quotes",
        _ => "look at the tags: each is closed by its own name",
    };
    match first.flatten() {
        Some(at) => placed.problem_at(at, what, Some(instead.into())),
        None => placed.problem(what, Some(instead.into())),
    }
}

fn pieces(text: &str) -> Vec<(Piece<'_>, usize)> {
    let mut found = Vec::new();
    let mut tokens = machinery::tokenize(text, false, Default::default()).map_while(Result::ok).peekable();
    while let Some((token, span)) = tokens.next() {
        let at = span.start_offset as usize;
        match token {
            Token::TemplateData(data) => found.push((Piece::Data(data), at)),
            Token::VariableStart => found.push((Piece::Value, at)),
            Token::BlockStart => {
                let piece = match tokens.peek() {
                    Some((Token::Ident("if"), _)) => Piece::If,
                    Some((Token::Ident("else"), _)) => Piece::Else,
                    Some((Token::Ident("for"), _)) => Piece::For,
                    Some((Token::Ident("endif" | "endfor"), _)) => Piece::End,
                    _ => Piece::Nothing,
                };
                // Another branch is no end of the first one, and nothing of it is tried.
                let is_elif = matches!(tokens.peek(), Some((Token::Ident("elif"), _)));
                found.push((if is_elif { Piece::Else } else { piece }, at));
            }
            _ => {}
        }
    }
    found
}

/// The text as long as the template, every character where it stands: what is not written is blank. The `n`th condition
/// holds where the bit is not set.
fn dry(text: &str, pieces: &[(Piece<'_>, usize)], way: u32) -> String {
    let mut out: Vec<u8> = text.bytes().map(|byte| if byte == b'\n' { b'\n' } else { b' ' }).collect();
    let mut conditions = 0;
    let mut open: Vec<bool> = Vec::new();
    let mut active = true;
    // Whether the branch before an `else` was written.
    let mut taken: Vec<bool> = Vec::new();
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(place) = out.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    for (piece, at) in pieces {
        match piece {
            Piece::Data(data) if active => put(*at, data.as_bytes()),
            Piece::Value if active => put(*at, b"\"\""),
            Piece::If => {
                let holds = way & (1 << conditions) == 0;
                conditions += 1;
                open.push(active);
                taken.push(holds);
                active = active && holds;
            }
            Piece::For => {
                open.push(active);
                taken.push(true);
            }
            Piece::Else => {
                let was_taken = taken.last_mut().is_some_and(|taken| std::mem::replace(taken, true));
                active = open.last().copied().unwrap_or(true) && !was_taken;
            }
            Piece::End => {
                active = open.pop().unwrap_or(true);
                taken.pop();
            }
            Piece::Data(_) | Piece::Value | Piece::Nothing => {}
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

fn json(text: &str) -> Result<(), Option<usize>> {
    let blank = without_last_commas(text);
    serde_json::from_str::<IgnoredAny>(&blank)
        .map(drop)
        .map_err(|error| Some(offset(&blank, error.line(), error.column())))
}

fn xml(text: &str) -> Result<(), Option<usize>> {
    // The values' quotes are texts of XML, or stand in an attribute's own.
    Element::parse(text.replace("\"\"", "  ").trim()).map(drop).map_err(|_| None)
}

/// The byte at that place, as the parser counts.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    before + column.saturating_sub(1)
}

/// Commas before closing brackets as blanks, as sending drops them.
fn without_last_commas(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let mut comma = None;
    let (mut in_text, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b',' => comma = comma.is_none().then_some(at),
            b']' | b'}' => {
                if let Some(place) = comma.take().and_then(|comma| out.get_mut(comma)) {
                    *place = b' ';
                }
            }
            b'"' => (in_text, comma) = (true, None),
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(text: &str, well_formed: Reading) -> Vec<Result<(), Option<usize>>> {
        let pieces = pieces(text);
        (0..4).map(|way| well_formed(&dry(text, &pieces, way))).collect()
    }

    #[test]
    fn a_missing_comma_is_found_where_it_is_missing() {
        let text = "{\n \"year\": {{ y }}\n \"power\": {{ p }}\n}";
        let at = text.find("\"power\"").unwrap();
        assert!(ways(text, json).iter().all(|way| *way == Err(Some(at))), "{:?}", ways(text, json));
    }

    #[test]
    fn conditions_loops_and_last_commas_are_well_formed_on_some_way() {
        for text in [
            "{ {% if a is there %}\"a\": {{ a }},{% endif %} {% if b %}\"b\": 1{% else %}\"b\": 2{% endif %}, }",
            "[{% for x in xs %}{ \"x\": {{ x.y | map(\"}}\") }} },{% endfor %}]",
            "{ \"a\": {% if a %}1{% endif %}{% if not a %}2{% endif %} }",
            "{ \"a\": \"п,]\", {% set b = 1 %} \"b\": {{ b }}, }",
        ] {
            assert!(ways(text, json).contains(&Ok(())), "{text}: {:?}", ways(text, json));
        }
        assert!(ways("<a b=\"{{ x }}\">{% if c %}<c/>{% endif %}{{ y }}</a>", xml).contains(&Ok(())));
        assert!(!ways("<a>{{ y }}</b>", xml).contains(&Ok(())));
    }
}
