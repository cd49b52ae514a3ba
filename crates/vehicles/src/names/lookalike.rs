//! Letters of two alphabets that look the same.
//!
//! Dictionaries are typed by people with two keyboard layouts: `Х5` with a Cyrillic letter is the commonest
//! of all wrong writings, and `СAMRY` half in one alphabet is found in most. What looks the same is the same.

/// `text` (lower case) with each Cyrillic letter that has a Latin double replaced by it. Capitals decide what
/// looks alike: `В` is `B` and `Н` is `H`, whatever the small letters look like.
pub(crate) fn shape(text: &str) -> String {
    text.chars().map(double).collect()
}

fn double(letter: char) -> char {
    match letter {
        'а' => 'a',
        'в' => 'b',
        'е' => 'e',
        'к' => 'k',
        'м' => 'm',
        'н' => 'h',
        'о' => 'o',
        'р' => 'p',
        'с' => 'c',
        'т' => 't',
        'у' => 'y',
        'х' => 'x',
        'і' | 'ӏ' => 'i',
        'ѕ' => 's',
        'ј' => 'j',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_eq!(shape("х5"), shape("x5"));
        assert_eq!(shape("сamry"), "camry", "the first letter is Cyrillic");
        assert_eq!(shape("becta"), shape("веста"), "Latin capitals that spell a Russian name");
        assert_ne!(shape("камри"), shape("camry"));
    }
}
