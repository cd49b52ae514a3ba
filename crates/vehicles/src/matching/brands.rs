//! Which brand a column, or the beginning of a text, names.

use crate::{
    catalogue::Catalogue,
    names::{Sense, Token, says_other, senses, tokens},
};

use super::{
    How,
    names::{Found, Names, Rank, latin},
    synonyms,
};

/// The names of all brands.
#[derive(Debug, Clone, Default)]
pub(super) struct Brands {
    names: Names,
    /// Names in Latin letters, for what is misspelt.
    spellings: Vec<(String, u32)>,
}

/// What a brand column says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// Nothing: it is empty, or says `иномарка`.
    Nothing,
    /// A brand, and words that belong to the model.
    Brand(Read, Vec<Token>),
    /// Either of two.
    Either(Read, Read),
    /// Something else.
    Unknown,
}

/// A brand that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub brand: u32,
    pub how: How,
    /// What is found with it is at most so sure.
    pub confidence: u8,
}

/// Words of companies.
const COMPANY: [&str; 20] = [
    "motor",
    "motors",
    "мотор",
    "моторс",
    "company",
    "co",
    "ltd",
    "inc",
    "ag",
    "group",
    "corporation",
    "corp",
    "trucks",
    "truck",
    "тракс",
    "трак",
    "bus",
    "завод",
    "оао",
    "ооо",
];

/// As sure as one can be where the text stands in doubtful company.
const BESIDE_OTHERS: u8 = 90;
/// As sure as one can be where two brands are named.
const ONE_OF_TWO: u8 = 85;
/// The shortest name in which a wrong letter is forgiven.
const SHORTEST_MISSPELT: usize = 5;

// === impl Brands ===

impl Brands {
    /// Of this catalogue; brands are numbered as they stand in it.
    pub fn new(catalogue: &Catalogue) -> Self {
        let mut brands = Self::default();
        for (brand, entry) in catalogue.brands().iter().enumerate() {
            for name in entry.names() {
                let rank = if name == entry.name { Rank::Own } else { Rank::Other };
                brands.add(&tokens(name), brand as u32, rank);
            }
        }
        for synonym in synonyms::brands() {
            let canonical = brands.names.find(&tokens(synonym.canonical), |_| true);
            let name = tokens(synonym.name);
            if let Some(brand) = canonical.filter(|it| it.rank == Rank::Own).and_then(|it| it.single()) {
                brands.add(&name, brand, Rank::Derived);
            }
        }
        brands
    }

    fn add(&mut self, name: &[Token], brand: u32, rank: Rank) {
        self.names.add(name, brand, rank);
        self.spellings.push((latin(name), brand));
    }

    /// What `column` says.
    pub fn column(&self, column: &[Token]) -> Column {
        if let Some(read) = self.whole(column) {
            return Column::Brand(read, Vec::new());
        }
        let told = told(column);
        if told.is_empty() || says_other(column) {
            return Column::Nothing;
        }
        if let Some(read) = self.whole(&told) {
            return Column::Brand(read, Vec::new());
        }
        let divided = told.iter().any(|token| token.part != told[0].part);
        if let Some(column) = divided.then(|| self.parts(&told)).flatten() {
            return column;
        }
        match self.leading(&told) {
            Some((read, length)) => Column::Brand(read, told[length..].to_vec()),
            None => Column::Unknown,
        }
    }

    /// The brand that this is a name of.
    pub fn whole(&self, name: &[Token]) -> Option<Read> {
        let found = self.names.find(name, |_| true).or_else(|| self.names.heard(name, |_| true))?;
        read(&found)
    }

    /// The brand that a text begins with, by the longest name, and how many tokens that takes.
    pub fn leading(&self, text: &[Token]) -> Option<(Read, usize)> {
        (1..=text.len().min(5)).rev().find_map(|length| {
            let found = self.names.find(&text[..length], |_| true)?;
            Some((read(&found)?, length))
        })
    }

    /// Whether this is a name of the brand.
    pub fn is(&self, name: &[Token], brand: u32) -> bool {
        self.names.find(name, |it| it == brand).is_some()
    }

    /// A brand that was meant, but for one letter.
    pub fn misspelt(&self, column: &[Token]) -> Option<Read> {
        let written = latin(&told(column));
        if written.chars().count() < SHORTEST_MISSPELT {
            return None;
        }
        let long = |name: &str| name.len() >= SHORTEST_MISSPELT && name.len().abs_diff(written.len()) <= 1;
        let mut near =
            self.spellings.iter().filter(|(name, _)| long(name) && strsim::osa_distance(name, &written) == 1);
        let brand = near.next()?.1;
        let single = near.all(|(_, other)| *other == brand);
        // A make that the catalogue lacks may be one letter away from another: `Polaris` and `Solaris`.
        single.then_some(Read { brand, how: How::Fuzzy, confidence: 90 })
    }

    /// Alternatives: `LADA (ВАЗ)`, `ВАЗ/LADA`.
    fn parts(&self, told: &[Token]) -> Option<Column> {
        let parts: Vec<&[Token]> = told.chunk_by(|one, other| one.part == other.part).collect();
        let reads: Vec<Option<Read>> = parts.iter().map(|part| self.whole(part)).collect();
        let first = reads.iter().position(Option::is_some)?;
        let read = reads[first]?;
        let other = reads.iter().flatten().find(|other| other.brand != read.brand);
        let before = parts[..first].iter().any(|part| part.iter().any(|token| !token.aside));
        let confidence = if before { BESIDE_OTHERS.min(read.confidence) } else { read.confidence };
        match other {
            None => Some(Column::Brand(Read { confidence, ..read }, Vec::new())),
            // Brackets explain: MINI (BMW).
            Some(_) if parts[first + 1..].iter().all(|part| part[0].aside) => {
                Some(Column::Brand(Read { confidence, ..read }, Vec::new()))
            }
            Some(other) => {
                let doubt = |read: Read| Read { confidence: ONE_OF_TWO, ..read };
                Some(Column::Either(doubt(read), doubt(*other)))
            }
        }
    }
}

fn read(found: &Found) -> Option<Read> {
    Some(Read { brand: found.single()?, how: found.how, confidence: found.confidence })
}

/// Without words that name no brand.
fn told(column: &[Token]) -> Vec<Token> {
    let senses = senses(column);
    let told = column.iter().zip(senses).filter(|(token, sense)| {
        !matches!(sense, Sense::Filler | Sense::Body(_)) && !COMPANY.contains(&&*token.text)
    });
    told.map(|(token, _)| token.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::tests::catalogue;

    fn brand_of(column: &str) -> Option<String> {
        let catalogue = catalogue();
        match Brands::new(&catalogue).column(&tokens(column)) {
            Column::Brand(read, rest) if rest.is_empty() => {
                Some(catalogue.brands()[read.brand as usize].name.clone())
            }
            _ => None,
        }
    }

    #[test]
    fn a_brand_is_known_by_every_name() {
        for (column, brand) in [
            ("LADA (ВАЗ)", "LADA"),
            ("ВАЗ/LADA", "LADA"),
            ("lada\u{a0}", "LADA"),
            ("Жигули", "LADA"),
            ("Hyundai (Хендай)", "Hyundai"),
            ("HУUNDАI", "Hyundai"),
            ("MERCEDES-BENZ (МЕРСЕДЕС)", "Mercedes-Benz"),
            ("мерседес бенц", "Mercedes-Benz"),
            ("МВ", "Mercedes-Benz"),
            ("LAND-ROVER", "Land Rover"),
            ("Тоёта", "Toyota"),
            ("а/м TOYOTA (Япония)", "Toyota"),
            ("Toyota Motor", "Toyota"),
            ("GAZ", "ГАЗ"),
        ] {
            assert_eq!(brand_of(column).as_deref(), Some(brand), "{column}");
        }
        for column in ["", "Иномарка", "Прочие", "Тарпан", "LADA/Toyota"] {
            assert_eq!(brand_of(column), None, "{column}");
        }
    }

    #[test]
    fn a_text_begins_with_a_brand_of_two_words() {
        let catalogue = catalogue();
        let brands = Brands::new(&catalogue);
        let (read, length) = brands.leading(&tokens("Land Rover Discovery")).unwrap();
        assert_eq!((catalogue.brands()[read.brand as usize].name.as_str(), length), ("Land Rover", 2));
        assert!(brands.misspelt(&tokens("Toyoto")).is_some());
        assert!(brands.misspelt(&tokens("Gaz")).is_none());
    }
}
