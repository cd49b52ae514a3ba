//! Letters of plates and document series.

/// The Cyrillic letter that looks like this capital Latin one: plates and series use the twelve that both
/// alphabets share (ГОСТ Р 50577), and people type either. Every other letter is itself.
pub const fn cyrillic_look_alike(letter: char) -> char {
    match letter {
        'A' => 'А',
        'B' => 'В',
        'C' => 'С',
        'E' => 'Е',
        'H' => 'Н',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'P' => 'Р',
        'T' => 'Т',
        'X' => 'Х',
        'Y' => 'У',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_twelve_change_their_alphabet() {
        let written: String = "A123BC77 ДЖZ".chars().map(cyrillic_look_alike).collect();
        assert_eq!(written, "А123ВС77 ДЖZ");
        assert_eq!(('A'..='Z').filter(|letter| cyrillic_look_alike(*letter) != *letter).count(), 12);
    }
}
