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
/// Where modules lie that stand beside an insurer's folder, at the same root.
const SHARED: [&str; 2] = ["insurers", "crates/wire/src"];

// === impl Name ===

impl Name {
    /// The names of `code`, where nothing below `root` has it already.
    pub(super) fn new(code: &str, root: &Path) -> Result<Self, String> {
        let letters =
            code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !letters || !code.starts_with(|first: char| first.is_ascii_lowercase()) || code.ends_with('_') {
            return Err(format!(
                "`{code}` is no code: lower-case Latin letters, digits and `_`, a letter first, as in `alfastrah`"
            ));
        }
        let is_shared =
            SHARED.iter().any(|folder| root.join(folder).join(code).with_extension("rs").exists());
        if KEYWORDS.contains(&code) || code == PLACEHOLDERS[0] || is_shared {
            return Err(format!("`{code}` is taken by the house itself; choose another code"));
        }
        if root.join("insurers").join(code).exists() {
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
        let root = tempfile::tempdir().unwrap();
        for folder in ["insurers/taken", "crates/wire/src"] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        for file in ["insurers/register.rs", "crates/wire/src/loose.rs"] {
            std::fs::write(root.path().join(file), "").unwrap();
        }
        for odd in ["", "Alfa", "1a", "a-b", "a_", "register", "loose", "taken", "mod", "альфа", "../x"]
        {
            assert!(Name::new(odd, root.path()).is_err(), "{odd}");
        }
        let name = Name::new("my_insurer2", root.path()).unwrap();
        assert_eq!(name.put_into("novaya Novaya Новая"), "my_insurer2 MyInsurer2 MyInsurer2");
    }
}
