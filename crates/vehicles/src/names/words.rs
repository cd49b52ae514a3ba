//! A name in pieces that can be compared.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{latin::latin, lookalike::shape};

/// A run of letters, a number, or a plus: `Q7 2.5TDI` is `q`, `7`, `2.5`, `tdi`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// In small letters, without accents.
    pub text: String,
    /// With look-alike letters in one alphabet.
    pub shape: String,
    /// In Latin letters.
    pub latin: String,
    /// Of which word: tokens of one word stand together without a blank.
    pub word: u16,
    /// Of which part: brackets, slashes and commas divide a name into parts.
    pub part: u16,
    /// Whether only a hyphen, or nothing, stands between it and the one before.
    pub joined: bool,
    /// Whether it stands in brackets.
    pub aside: bool,
}

/// A word before it is divided.
struct Word {
    text: String,
    part: u16,
    joined: bool,
    aside: bool,
}

// === impl Token ===

impl Token {
    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether it is a whole number.
    pub fn is_whole(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The same token with another text.
    pub fn renamed(&self, text: &str) -> Token {
        Token { text: text.to_owned(), shape: shape(text), latin: latin_of(text), ..self.clone() }
    }
}

/// `name` in tokens. Words of series and classes are made one: `3er`, `3-я серия` and `Series 3` are `3 series`,
/// `E-Klasse` and `Е класс` are `e class`.
pub(crate) fn tokens(name: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (number, word) in words(name).into_iter().enumerate() {
        let mut first = true;
        for piece in pieces(&word.text) {
            tokens.push(Token {
                text: piece.to_owned(),
                shape: shape(piece),
                latin: latin_of(piece),
                word: number as u16,
                part: word.part,
                joined: word.joined || !first,
                aside: word.aside,
            });
            first = false;
        }
    }
    series(&mut tokens);
    tokens
}

/// A word of a few letters that all have Latin doubles is a code: `С5`, `АМС`.
fn latin_of(text: &str) -> String {
    let shape = shape(text);
    if text.chars().count() <= 3 && shape.is_ascii() { shape } else { latin(text) }
}

/// Small letters without accents; `й` is a letter, not an accented one.
fn plain(name: &str) -> Vec<char> {
    let plain = name.nfkc().flat_map(char::to_lowercase).flat_map(|c| {
        let base = if c == 'ё' {
            'е'
        } else if c.is_alphabetic() && !('\u{400}'..'\u{500}').contains(&c) {
            std::iter::once(c).nfd().find(|c| !is_combining_mark(*c)).unwrap_or(c)
        } else {
            c
        };
        (!is_combining_mark(base)).then_some(base)
    });
    plain.collect()
}

fn words(name: &str) -> Vec<Word> {
    let letters = plain(name);
    let mut words: Vec<Word> = Vec::new();
    let mut word = String::new();
    // What stands between the last word and this one.
    let mut between = String::new();
    let (mut part, mut aside) = (0, false);
    for (at, &letter) in letters.iter().enumerate() {
        if letter.is_alphanumeric() || letter == '+' || is_point(&letters, at) {
            word.push(if letter == ',' { '.' } else { letter });
            continue;
        }
        // An apostrophe is no border: cee'd.
        if matches!(letter, '\'' | '’' | '‘' | '`' | '´') {
            continue;
        }
        push(&mut words, &mut word, &mut between, part, aside);
        between.push(letter);
        if matches!(letter, '(' | ')' | '[' | ']' | '/' | '\\' | ',' | ';' | '|') {
            part += 1;
        }
        aside = (aside || matches!(letter, '(' | '[')) && !matches!(letter, ')' | ']');
    }
    push(&mut words, &mut word, &mut between, part, aside);
    words
}

/// Ends a word. Single letters with a point or a slash between them are one: `а/м`, `л.с.`, `S.W.`
fn push(words: &mut Vec<Word>, word: &mut String, between: &mut String, part: u16, aside: bool) {
    if word.is_empty() {
        return;
    }
    let text = std::mem::take(word);
    let between = std::mem::take(between);
    let is_letter = |text: &str| text.chars().count() == 1 && text.chars().all(char::is_alphabetic);
    let abbreviates = matches!(between.trim(), "." | "/") && is_letter(&text);
    if let Some(last) = words.last_mut().filter(|last| abbreviates && is_letter(&last.text)) {
        last.text.push_str(&text);
    } else {
        words.push(Word { text, part, joined: between == "-", aside });
    }
}

/// Whether the point or comma at `at` divides a decimal: `1.6`, `18.413`, but not `2107,2109` or `01.02.2010`.
fn is_point(letters: &[char], at: usize) -> bool {
    let digits =
        |letters: &mut dyn Iterator<Item = &char>| letters.take_while(|c| c.is_ascii_digit()).count();
    let before = digits(&mut letters[..at].iter().rev());
    let after = digits(&mut letters[at + 1..].iter());
    let beside = |at: Option<usize>| at.and_then(|at| letters.get(at));
    let is_mark = |c: Option<&char>| c.is_some_and(|c| matches!(c, '.' | ','));
    let longest = if letters[at] == ',' { 1 } else { 3 };
    matches!(letters[at], '.' | ',')
        && (1..=2).contains(&before)
        && (1..=longest).contains(&after)
        && !is_mark(beside(at.checked_sub(before + 1)))
        && !is_mark(
            beside(Some(at + after + 1))
                .filter(|_| beside(Some(at + after + 2)).is_some_and(char::is_ascii_digit)),
        )
}

/// Runs of letters, numbers and pluses.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let kind = |c: char| match c {
        '+' => 0,
        '.' => 1,
        c if c.is_ascii_digit() => 1,
        _ => 2,
    };
    let mut rest = word;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| kind(c) != kind(first) || kind(c) == 0).filter(|end| *end > 0);
        let (piece, tail) = rest.split_at(end.unwrap_or(if kind(first) == 0 { 1 } else { rest.len() }));
        rest = tail;
        Some(piece)
    })
}

const CLASS: [&str; 5] = ["класс", "class", "klasse", "klass", "clase"];
const SERIES: [&str; 6] = ["серия", "серии", "series", "serie", "сериа", "reihe"];

fn series(tokens: &mut Vec<Token>) {
    for at in 0..tokens.len() {
        let token = &tokens[at];
        let after_number = at > 0 && tokens[at - 1].is_whole() && tokens[at - 1].text.len() <= 2;
        if CLASS.contains(&token.text.as_str()) {
            tokens[at] = token.renamed("class");
        } else if SERIES.contains(&token.text.as_str())
            || (token.text == "er" && after_number && token.joined)
        {
            tokens[at] = token.renamed("series");
        }
    }
    let mut at = 0;
    while at < tokens.len() {
        let is_series = tokens[at].text == "series";
        // 3-я серия
        if is_series
            && at >= 2
            && matches!(&*tokens[at - 1].text, "я" | "ая" | "й")
            && tokens[at - 2].is_whole()
        {
            tokens.remove(at - 1);
            continue;
        }
        // Series 3
        let numbered = at > 0 && tokens[at - 1].is_whole();
        let short = |token: &Token| token.is_whole() && token.text.len() <= 2;
        if is_series && !numbered && tokens.get(at + 1).is_some_and(short) {
            tokens.swap(at, at + 1);
            at += 1;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(name: &str) -> String {
        tokens(name).into_iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_are_cut_at_blanks_marks_and_digits() {
        for (name, expected) in [
            ("Q7 2.5TDI", "q 7 2.5 tdi"),
            ("RAV\u{a0}4", "rav 4"),
            ("CITROËN  C4", "citroen c 4"),
            ("Kia cee'd", "kia ceed"),
            ("ID.3", "id 3"),
            ("TGA 18.413 / 1,6", "tga 18.413 1.6"),
            ("01.02.2010", "01 02 2010"),
            ("ВАЗ-2107,2109", "ваз 2107 2109"),
            ("а/м 105 л.с.", "ам 105 лс"),
            ("Q5+", "q 5 +"),
            ("Киа Йети Ёлка", "киа йети елка"),
            ("", ""),
        ] {
            assert_eq!(cut(name), expected, "{name}");
        }
    }

    #[test]
    fn series_and_classes_have_one_word() {
        for name in ["3 Series", "3er", "3-серия", "3-я серия", "Series 3", "серия 3", "3 серии"]
        {
            assert_eq!(cut(name), "3 series", "{name}");
        }
        for name in ["e-class", "E-Klasse", "E класс"] {
            assert_eq!(cut(name), "e class", "{name}");
        }
        assert_eq!(cut("Defender"), "defender");
        assert_eq!(cut("X5 er"), "x 5 er");
    }

    #[test]
    fn parts_and_joints_are_remembered() {
        let cut = tokens("ГАЗ 3302-288 (тент) 4x4");
        let parts: Vec<u16> = cut.iter().map(|token| token.part).collect();
        assert_eq!(parts, [0, 0, 0, 1, 2, 2, 2]);
        assert!(cut[2].joined && !cut[1].joined && cut[3].aside && !cut[4].aside);
        assert_eq!((cut[4].word, cut[6].word), (4, 4));
    }
}
