//! The folder of specs: where it is, and what is told of what stands in it.

use std::{fs, iter, path::Path};

use veer_contract::Manifest;

use super::{LEAST, manifests};
use crate::config::{Config, Manifests};

/// A folder in which one insurer is in order and another is not.
struct Folder {
    known: Vec<Manifest>,
    found: Manifest,
    was_read: bool,
}

impl Manifests for Folder {
    fn read_folder(&mut self, folder: &Path) -> Vec<(String, String)> {
        self.was_read = true;
        self.known.push(self.found.clone());
        let place = folder.join("broken/insurer.toml:3:7").display().to_string();
        vec![(place, "there is no function `mony`; did you mean `money`?".to_owned())]
    }

    fn all(&self) -> Vec<&Manifest> {
        self.known.iter().collect()
    }

    fn is_broken(&self, code: &str) -> bool {
        self.was_read && code == "broken"
    }
}

fn read(text: &str) -> (Result<Config, String>, bool) {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("specs")).unwrap();
    let path = home.path().join("veer.toml");
    fs::write(&path, format!("{LEAST}{text}")).unwrap();
    let [northern, found] = manifests();
    let mut folder = Folder { known: vec![northern], found, was_read: false };
    let config = Config::load_with(&path, iter::empty(), &mut folder);
    let shown = |text: String| text.replace(&home.path().display().to_string(), "");
    (config.map_err(|problems| shown(problems.to_string())), folder.was_read)
}

#[test]
fn a_specs_mistakes_are_told_with_their_places_along_with_all_others() {
    let text = "[upstream]\nspecs = 'specs'\nrepeat = 1\n[insurers.broken]\nbase_url = 'x'\n\
                [insurers.southern]\nbase_url = 'https://s.example/'\nsettings = { user = 'u' }\n";
    let (read, _) = read(text);
    let told = read.unwrap_err();
    for expected in [
        "/specs/broken/insurer.toml:3:7: there is no function `mony`; did you mean `money`?",
        "upstream.repeat: unknown key",
        "insurers.southern.settings.password: missing",
    ] {
        assert!(told.contains(expected), "{expected} is not in\n{told}");
    }
    assert_eq!(told.lines().count(), 3, "of the broken one nothing else is said:\n{told}");
}

#[test]
fn a_folder_that_is_not_named_is_not_read_and_one_that_is_not_there_is_told() {
    let (config, was_read) = read("");
    assert!(config.is_ok() && !was_read);
    let (told, was_read) = read("[upstream]\nspecs = 'elsewhere'\n");
    assert!(told.unwrap_err().contains("upstream.specs: there is no folder /elsewhere") && !was_read);
}
