//! Russian names in Latin letters, and what is left of a name when it is only heard.

/// `text` (lower case) in Latin letters. Like ГОСТ Р 52535.1, but `х` is `h`: this is for names of vehicles,
/// which came into Russian from Latin letters and go back there (`Хонда`, `Хантер`).
pub(crate) fn latin(text: &str) -> String {
    let mut latin = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter_of(letter) {
            Some(letters) => latin.push_str(letters),
            None => latin.push(letter),
        }
    }
    latin
}

fn letter_of(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' | 'є' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' | 'ї' => "i",
        'й' | 'ы' => "y",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' => "u",
        'ф' => "f",
        'х' => "h",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "sch",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        _ => return None,
    })
}

/// Spellings of one sound, in the order in which they are replaced. Capitals are sounds of two letters.
const SOUNDS: [(&str, &str); 31] = [
    ("shch", "S"),
    ("sch", "S"),
    ("sh", "S"),
    ("tch", "C"),
    ("ch", "C"),
    ("dzh", "J"),
    ("dj", "J"),
    ("zh", "J"),
    ("j", "J"),
    ("kh", "h"),
    ("ph", "f"),
    ("th", "t"),
    ("ck", "k"),
    ("qu", "kv"),
    ("q", "k"),
    ("x", "ks"),
    ("w", "v"),
    ("tz", "s"),
    ("tts", "s"),
    ("ts", "s"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "si"),
    ("c", "k"),
    ("oo", "u"),
    ("ou", "u"),
    ("ee", "i"),
    ("ii", "i"),
    ("iy", "i"),
    ("yi", "i"),
    ("y", "i"),
];

/// What is heard of a name in Latin letters: spellings of the same sound are made one, so that `kamri` meets
/// `camry` and `solyaris` meets `solaris`. Digits stay. It is no measure of likeness: two names have the same
/// sound or they have not.
pub(crate) fn sound(latin: &str) -> String {
    let mut heard = latin.to_owned();
    for (spelling, sound) in SOUNDS {
        if heard.contains(spelling) {
            heard = heard.replace(spelling, sound);
        }
    }
    let mut sound = String::with_capacity(heard.len());
    let mut letters = heard.chars().peekable();
    while let Some(letter) = letters.next() {
        // `ia` in the middle is an `a` behind a soft consonant; at the end it is heard.
        let softens = letter == 'i' && matches!(letters.peek(), Some('a' | 'u' | 'e'));
        let vowel = letters.clone().nth(1).is_some_and(char::is_alphabetic);
        if softens && vowel && !sound.is_empty() {
            continue;
        }
        if letter.is_ascii_digit() || !sound.ends_with(letter) {
            sound.push(letter);
        }
    }
    if sound.len() > 4 && sound.ends_with('e') {
        sound.pop();
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_names_have_latin_letters() {
        assert_eq!(latin("патриот"), "patriot");
        assert_eq!(latin("щука-2 объём"), "schuka-2 obёm", "ё is folded before");
        assert_eq!(latin("ховер h5"), "hover h5");
    }

    #[test]
    fn spellings_of_one_sound_meet() {
        for (russian, original) in [
            ("камри", "camry"),
            ("солярис", "solaris"),
            ("фокус", "focus"),
            ("дастер", "daster"),
            ("витц", "vitz"),
            ("круз", "cruze"),
            ("кашкай", "kashkai"),
            ("каптюр", "kaptur"),
            ("джетта", "jetta"),
            ("ниссан", "nisan"),
            ("вольво", "volwo"),
        ] {
            assert_eq!(sound(&latin(russian)), sound(original), "{russian}");
        }
        assert_ne!(sound("tiggo7"), sound("tiggo77"));
        assert_ne!(sound("vesta"), sound("vista"));
        assert_ne!(sound("oktava"), sound("octavia"));
    }
}
