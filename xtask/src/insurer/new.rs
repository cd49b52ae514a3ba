//! `cargo xtask insurer new <code> --from spec|rust`: a folder that compiles, passes the kit and answers in the demo,
//! and its one line in `insurers/lib.rs`. Nothing else is touched.

use std::{fs, path::Path};

use super::{name::Name, registration, trial};
use crate::run::root;

/// Makes the folder and registers it.
pub(super) fn run(code: &str, tier: Tier) -> Result<(), String> {
    if trial::is_trial(code) {
        return Err(format!("`{code}` is what `insurer trial` makes and removes; choose another code"));
    }
    let made = make(root(), code, tier)?;
    println!("{}", made.join("\n"));
    println!(
        "\nIt passes the kit as it is:  cargo xtask insurer check {code}\n\
         and sells in the demo:       cargo run --release -- demo --sell {code}\n\
         What to do next stands in docs/INSURERS.md."
    );
    Ok(())
}

/// What a new folder is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    /// `insurer.toml`, without code.
    Spec,
    /// Rust.
    Rust,
}

// === impl Tier ===

impl Tier {
    /// The word in the command and in `insurers/lib.rs`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Tier::Spec => "spec",
            Tier::Rust => "rust",
        }
    }

    /// The tier of that word.
    pub(super) fn of(word: &str) -> Result<Self, String> {
        [Tier::Spec, Tier::Rust]
            .into_iter()
            .find(|tier| tier.word() == word)
            .ok_or_else(|| format!("--from is `spec` or `rust`, not `{word}`"))
    }
}

/// Makes the folder below `root` and registers it; the paths that were written.
pub(super) fn make(root: &Path, code: &str, tier: Tier) -> Result<Vec<String>, String> {
    let insurers = root.join("insurers");
    let name = Name::new(code, root)?;
    let templates = root.join("xtask/templates/insurer");
    let folder = insurers.join(code);
    let partner_code = free_partner_code(&insurers)?;
    let list = registration::with(&read(&insurers.join("lib.rs"))?, tier.word(), code)?;
    let mut written = Vec::new();
    // Both kinds have the same fixtures: an insurer that outgrows the one becomes the other, and they prove it.
    let mut parts = files(&templates.join("common"), Path::new(""))?;
    parts.extend(files(&templates.join(tier.word()), Path::new(""))?);
    for (path, text) in parts {
        let text = name.put_into(&text).replace("9001", &partner_code.to_string());
        write(&folder.join(&path), &text)?;
        written.push(format!("insurers/{code}/{}", path.display()));
    }
    write(&insurers.join("lib.rs"), &list)?;
    written.push(format!("insurers/lib.rs (the line `{} {code};`)", tier.word()));
    Ok(written)
}

/// Every file of the template with its path in it.
fn files(template: &Path, below: &Path) -> Result<Vec<(std::path::PathBuf, String)>, String> {
    let folder = template.join(below);
    let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let path = below.join(name);
        if template.join(&path).is_dir() {
            found.extend(files(template, &path)?);
        } else {
            let text = read(&template.join(&path))?;
            found.push((path, text));
        }
    }
    Ok(found)
}

/// The partner's codes are not public: a placeholder that no other folder has.
fn free_partner_code(insurers: &Path) -> Result<i64, String> {
    let entries = fs::read_dir(insurers).map_err(|error| format!("{}: {error}", insurers.display()))?;
    let manifests =
        entries.flatten().filter_map(|entry| fs::read_to_string(entry.path().join("manifest.toml")).ok());
    let codes = manifests.filter_map(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("partner_code = ").map(str::to_owned))?;
        line.trim().parse::<i64>().ok()
    });
    Ok(codes.filter(|code| *code >= 9001).max().map_or(9001, |code| code + 1))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_touches_nothing_but_itself_and_one_line() {
        let scratch = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| write(&scratch.path().join(path), text).unwrap();
        put("insurers/lib.rs", "register! {\n    rust alfa;\n}\n");
        put("insurers/alfa/manifest.toml", "partner_code = 9001\n");
        put("xtask/templates/insurer/rust/mod.rs", "struct Novaya;");
        put("xtask/templates/insurer/common/fixtures/quote/ok.toml", "novaya 9001");
        let written = make(scratch.path(), "new_one", Tier::Rust).unwrap();
        assert_eq!(
            written,
            [
                "insurers/new_one/fixtures/quote/ok.toml",
                "insurers/new_one/mod.rs",
                "insurers/lib.rs (the line `rust new_one;`)"
            ]
        );
        let text = |path: &str| read(&scratch.path().join(path)).unwrap();
        assert_eq!(text("insurers/new_one/mod.rs"), "struct NewOne;");
        assert_eq!(text("insurers/new_one/fixtures/quote/ok.toml"), "new_one 9002");
        assert_eq!(text("insurers/lib.rs"), "register! {\n    rust alfa;\n    rust new_one;\n}\n");
        assert!(make(scratch.path(), "new_one", Tier::Rust).unwrap_err().contains("is there already"));
    }
}
