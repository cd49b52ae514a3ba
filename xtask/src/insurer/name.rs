//! The names of a new insurer: its code, its type in Rust, what users read.

use std::path::Path;

/// A code that a folder can have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Name {
    code: String,
    type_name: String,
}

/// What stands in the templates: the code, the type and the name for users.
const PLACEHOLDERS: [&str; 3] = ["novaya", "Novaya", "Новая"];
/// Words that no module can be called.
const KEYWORDS: [&str; 10] = ["as", "crate", "fn", "impl", "mod", "self", "super", "type", "use", "where"];

// === impl Name ===

impl Name {
    /// The names of `code`, where nothing below `insurers` has it already.
    pub(super) fn new(code: &str, insurers: &Path) -> Result<Self, String> {
        let letters =
            code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !letters || !code.starts_with(|first: char| first.is_ascii_lowercase()) || code.ends_with('_') {
            return Err(format!(
                "`{code}` is no code: lower-case Latin letters, digits and `_`, a letter first, as in `alfastrah`"
            ));
        }
        if KEYWORDS.contains(&code) || code == PLACEHOLDERS[0] || insurers.join(format!("{code}.rs")).exists()
        {
            return Err(format!("`{code}` is taken by the house itself; choose another code"));
        }
        if insurers.join(code).exists() {
            return Err(format!("insurers/{code} is there already; choose another code, or remove it"));
        }
        let capital = |word: &str| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        };
        let type_name = code.split('_').map(capital).collect();
        Ok(Self { code: code.to_owned(), type_name })
    }

    /// The template's text with these names.
    pub(super) fn put_into(&self, text: &str) -> String {
        let [code, type_name, name] = PLACEHOLDERS;
        text.replace(code, &self.code).replace(type_name, &self.type_name).replace(name, &self.type_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_modules_name_that_is_free() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("loose.rs"), "").unwrap();
        std::fs::create_dir(folder.path().join("taken")).unwrap();
        for odd in ["", "Alfa", "1a", "a-b", "a_", "loose", "taken", "mod", "альфа", "../x"] {
            assert!(Name::new(odd, folder.path()).is_err(), "{odd}");
        }
        let name = Name::new("my_insurer2", folder.path()).unwrap();
        assert_eq!(name.put_into("novaya Novaya Новая"), "my_insurer2 MyInsurer2 MyInsurer2");
    }
}
