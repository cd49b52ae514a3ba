//! An insurer's folder, read: its texts, its manifest and all fixtures.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use veer_contract::{Manifest, OperationKind};

use crate::{Report, callbacks::CallbackFixture, fixture::Fixture, secrecy};

/// The folder of fixtures that are no operation's: the insurer's own calls.
pub(crate) const CALLBACK: &str = "callback";
/// An insurer's folder, read.
pub(crate) struct Folder {
    pub(crate) code: String,
    pub(crate) readme: Option<String>,
    pub(crate) manifest: Option<Result<Manifest, String>>,
    pub(crate) files: Vec<String>,
    pub(crate) fixtures: BTreeMap<(OperationKind, String), Fixture>,
    pub(crate) callbacks: BTreeMap<String, CallbackFixture>,
}

/// The codes of the insurers' folders below `root`: every folder with a manifest.
pub fn folders(root: &Path) -> Vec<String> {
    let mut found: Vec<String> = entries(root)
        .into_iter()
        .filter(|path| path.join("manifest.toml").is_file())
        .filter_map(|path| name_of(&path))
        .collect();
    found.sort();
    found
}

// === impl Folder ===

impl Folder {
    /// Reads everything; what cannot be read becomes a problem.
    pub(crate) fn read(path: &Path, report: &mut Report) -> Self {
        let manifest = fs::read_to_string(path.join("manifest.toml")).ok();
        let manifest = manifest.map(|text| toml::from_str(&text).map_err(|error| error.to_string()));
        let mut folder = Self {
            code: name_of(path).unwrap_or_default(),
            readme: fs::read_to_string(path.join("README.md")).ok(),
            manifest,
            files: entries(path).iter().filter_map(|path| name_of(path)).collect(),
            fixtures: BTreeMap::new(),
            callbacks: BTreeMap::new(),
        };
        for operation in entries(&path.join("fixtures")) {
            let name = name_of(&operation).unwrap_or_default();
            match OperationKind::ALL.into_iter().find(|kind| kind.name() == name) {
                Some(kind) => {
                    for (name, fixture) in read_each(&name, &operation, Fixture::parse, report) {
                        folder.fixtures.insert((kind, name), fixture);
                    }
                }
                None if name == CALLBACK => {
                    folder.callbacks.extend(read_each(CALLBACK, &operation, CallbackFixture::parse, report));
                }
                None => {
                    let known = OperationKind::ALL.map(OperationKind::name).join(", ");
                    report.add(
                        &format!("fixtures/{name}"),
                        format!("no operation has that name; they are {known}, and `{CALLBACK}`"),
                    );
                }
            }
        }
        folder
    }

    /// The calls whose paths may hold personal data, as the README names them.
    pub(crate) fn in_paths(&self) -> Vec<String> {
        secrecy::in_paths(self.readme.as_deref().unwrap_or_default())
    }

    /// The fixtures of one operation, with their places.
    pub(crate) fn fixtures(&self, kind: OperationKind) -> impl Iterator<Item = (String, &Fixture)> {
        self.fixtures
            .iter()
            .filter(move |((other, _), _)| *other == kind)
            .map(|((kind, name), fixture)| (format!("fixtures/{kind}/{name}.toml"), fixture))
    }

    /// The fixtures of the insurer's own calls, with their places.
    pub(crate) fn callbacks(&self) -> impl Iterator<Item = (String, &CallbackFixture)> {
        self.callbacks.iter().map(|(name, fixture)| (format!("fixtures/{CALLBACK}/{name}.toml"), fixture))
    }
}

/// Every fixture of one folder by its name; what cannot be read becomes a problem.
fn read_each<T>(
    what: &str,
    folder: &Path,
    parse: impl Fn(&str) -> Result<T, String>,
    report: &mut Report,
) -> Vec<(String, T)> {
    let mut found = Vec::new();
    for path in entries(folder) {
        let file = name_of(&path).unwrap_or_default();
        let place = format!("fixtures/{what}/{file}");
        let Some(name) = file.strip_suffix(".toml").filter(|name| is_snake_case(name)) else {
            report.add(&place, "a fixture is named by what it shows: `polls_twice.toml`");
            continue;
        };
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        match text.and_then(|text| parse(&text)) {
            Ok(fixture) => found.push((name.to_owned(), fixture)),
            Err(error) => report.add(&place, error),
        }
    }
    found
}

fn is_snake_case(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn name_of(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}
