//! What a name may stand for.

use crate::catalogue::EntryId;

/// An entry that a name may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The entry: a model, or a brand for its others.
    pub entry: EntryId,
    /// How it was found: the weakest step of the way.
    pub how: How,
    /// How sure that is, in percent.
    pub confidence: u8,
}

/// How a name was found to stand for an entry, from the surest to the least sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// Written as the catalogue writes it.
    Exact,
    /// The catalogue's name but for case, blanks, punctuation, look-alike letters, and words that say nothing.
    Normalised,
    /// Another name that the catalogue or the list of synonyms knows.
    Synonym,
    /// A name of the catalogue in the letters of the other alphabet.
    Transliterated,
    /// Like a name of the catalogue.
    Fuzzy,
    /// A person said so. The matcher never does.
    Person,
}

// === impl How ===

impl How {
    /// Every way.
    pub const ALL: [How; 6] =
        [How::Exact, How::Normalised, How::Synonym, How::Transliterated, How::Fuzzy, How::Person];

    /// Their names in files and replies, in the same order.
    pub const NAMES: &'static [&'static str] =
        &["exact", "normalised", "synonym", "transliterated", "fuzzy", "person"];

    /// Its name.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The way with that name.
    pub fn parse(name: &str) -> Option<How> {
        Self::ALL.into_iter().find(|how| how.name() == name)
    }

    /// How sure one can be of what was found so, in percent.
    pub(super) const fn confidence(self) -> u8 {
        match self {
            How::Exact | How::Person => 100,
            How::Normalised => 99,
            How::Synonym => 98,
            How::Transliterated => 97,
            How::Fuzzy => 96,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_has_a_name_of_its_own() {
        for how in How::ALL {
            assert_eq!(How::parse(how.name()), Some(how));
        }
        assert_eq!(How::parse("guessed"), None);
    }
}
