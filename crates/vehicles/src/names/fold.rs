//! The form in which names are equal that differ in writing only.

/// `name` without case, blanks, punctuation and the difference of ё and е. Letters stay in their alphabet.
pub fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric() || *c == '+')
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_makes_no_difference() {
        assert_eq!(fold("Mercedes-Benz"), fold("MERCEDES BENZ"));
        assert_eq!(fold(" Хёндэ\u{a0}"), fold("хендэ"));
        assert_ne!(fold("C5"), fold("С5"), "the second is Cyrillic");
        assert_ne!(fold("Q5"), fold("Q5+"));
    }
}
