//! Pieces of a reply as they stand in it.
//!
//! A reply's wrappers and prefixes differ from one installation to the next, so a piece is found by its
//! local name wherever it stands, and what is inside is then read with its lists and attributes.

use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

/// The first element of that local name, from its opening to its closing tag.
pub(super) fn first<'d>(document: &'d str, name: &str) -> Option<&'d str> {
    let named = |tag: &BytesStart<'_>| tag.local_name().as_ref() == name;
    let mut reader = Reader::from_str(document);
    let mut begun: Option<(usize, usize)> = None;
    let mut depth = 0_usize;
    loop {
        let before = position(&reader)?;
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                if begun.is_none() && named(&tag) {
                    begun = Some((before, depth));
                }
                depth += 1;
            }
            Event::Empty(tag) if begun.is_none() && named(&tag) => {
                return document.get(before..position(&reader)?);
            }
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                if let Some((start, _)) = begun.filter(|(_, outside)| *outside == depth) {
                    return document.get(start..position(&reader)?);
                }
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// The Russian texts inside, in order. Figures and Latin words are codes for machines.
pub(super) fn texts(document: &str) -> Vec<String> {
    let mut reader = Reader::from_str(document);
    let mut found = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Text(part)) => text.push_str(&part.xml10_content()),
            Ok(Event::CData(part)) => text.push_str(&part.xml10_content()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(character)) => text.push(character),
                _ => text.push_str(resolve_predefined_entity(&reference).unwrap_or_default()),
            },
            Ok(Event::Start(_) | Event::End(_) | Event::Empty(_)) => {
                let whole = std::mem::take(&mut text);
                if whole.chars().any(is_russian) {
                    found.push(whole.trim().to_owned());
                }
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

fn is_russian(letter: char) -> bool {
    matches!(letter, 'А'..='я' | 'Ё' | 'ё')
}

fn position(reader: &Reader<&[u8]>) -> Option<usize> {
    usize::try_from(reader.buffer_position()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_cut_out_with_its_attributes_and_all_that_is_in_it() {
        let document = "<s:A> <!-- <B/> --><s:B n='1'>x<B>y</B><C/></s:B> <B>z</B></s:A>";
        assert_eq!(first(document, "B"), Some("<s:B n='1'>x<B>y</B><C/></s:B>"));
        assert_eq!(first(document, "C"), Some("<C/>"));
        assert_eq!(first(document, "A"), Some(document));
        assert_eq!(first(document, "D"), None);
        assert_eq!(first("<A><B></A>", "B"), None);
        assert_eq!(first("", "B"), None);
    }

    #[test]
    fn texts_are_found_at_any_depth() {
        let document = "<L><W><Code>E12</Code><T> А &amp; &#x411; </T></W><W>В</W><W/> </L>";
        assert_eq!(texts(document), ["А & Б", "В"]);
        assert_eq!(texts("<L>Одно</L>"), ["Одно"]);
        assert_eq!(texts("<L/>"), [""; 0]);
    }
}
