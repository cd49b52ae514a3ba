//! Every adapter that a gateway can speak through.
//!
//! An adapter in Rust is what it is. A spec that is shipped can be replaced by one of the operator's folder under
//! the same code; an adapter in Rust cannot, because what a folder says must not hide what was programmed.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use veer_contract::{Adapter, Manifest, OperationKind, adapter};

use super::{Compile, Compiled, Texts, folder};
use crate::{config::Manifests, upstream::speaker::Revision};

/// Every adapter.
#[derive(Default, Clone)]
pub struct Adapters {
    built_in: Vec<&'static dyn Adapter>,
    compile: Option<Compile>,
    specs: BTreeMap<String, Spec>,
    broken: BTreeSet<String>,
}

/// A spec that is in order.
#[derive(Clone)]
pub struct Spec {
    /// What it was compiled from.
    pub texts: Texts,
    /// What it was compiled to.
    pub compiled: Compiled,
    /// Its folder, where it is not a shipped one.
    pub folder: Option<PathBuf>,
}

/// A manifest claims operations that the adapter has not, or leaves out some that it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the manifest claims {}, but the adapter has {}", listed(.claimed), listed(.found))]
pub struct FalseClaims {
    /// What the manifest says.
    pub claimed: Vec<OperationKind>,
    /// What is there.
    pub found: Vec<OperationKind>,
}

// === impl Adapters ===

impl From<&[&'static dyn Adapter]> for Adapters {
    /// Those that are built in, each as it is.
    fn from(built_in: &[&'static dyn Adapter]) -> Self {
        Self { built_in: built_in.to_vec(), ..Self::default() }
    }
}

impl Adapters {
    /// Knows how specs are compiled, and the texts of those that are shipped. A shipped one that does not compile
    /// stays what it is among the built-in ones.
    #[must_use]
    pub fn with_specs(mut self, compile: Compile, shipped: impl IntoIterator<Item = Texts>) -> Self {
        self.compile = Some(compile);
        for texts in shipped {
            if let Ok(compiled) = compile(&texts.manifest, &texts.spec) {
                let code = compiled.adapter.manifest().code.clone();
                self.specs.insert(code, Spec { texts, compiled, folder: None });
            }
        }
        self
    }

    /// The adapter of that name.
    pub fn find(&self, code: &str) -> Option<Revision> {
        let spec = self.specs.get(code).map(|spec| {
            let Compiled { adapter, revision } = &spec.compiled;
            Revision::of_spec(adapter.clone(), *revision)
        });
        spec.or_else(|| self.in_rust(code).map(Revision::built_in))
    }

    /// The spec of that name, where it is one.
    pub fn spec(&self, code: &str) -> Option<&Spec> {
        self.specs.get(code)
    }

    /// How specs are compiled, where this program can.
    pub fn compiler(&self) -> Option<Compile> {
        self.compile
    }

    /// The first adapter whose manifest claims what is not so.
    pub fn check_claims(&self) -> Result<(), (String, FalseClaims)> {
        let mut codes: BTreeSet<&str> =
            self.all().into_iter().map(|manifest| manifest.code.as_str()).collect();
        while let Some(code) = codes.pop_first() {
            if let Some(adapter) = self.find(code) {
                check_claims(&*adapter).map_err(|claims| (code.to_owned(), claims))?;
            }
        }
        Ok(())
    }

    fn in_rust(&self, code: &str) -> Option<&'static dyn Adapter> {
        self.built_in.iter().copied().find(|adapter| adapter.manifest().code == code)
    }

    /// The insurer of one folder; its mistakes begin with the file's name.
    fn read_insurer(&self, code: &str, folder: &Path) -> Result<Spec, Vec<String>> {
        let problem = |text: String| vec![text];
        let is_shipped_spec = self.specs.get(code).is_some_and(|spec| spec.folder.is_none());
        if self.in_rust(code).is_some() && !is_shipped_spec {
            return Err(problem(format!(
                "{}: `{code}` is an adapter that is built in and written in Rust; give this insurer another code",
                folder::MANIFEST
            )));
        }
        let Some(compile) = self.compile else {
            return Err(problem(format!("{}: this program cannot read specs", folder::SPEC)));
        };
        let texts = folder::read(folder).map_err(problem)?;
        let compiled = compile(&texts.manifest, &texts.spec)?;
        let named = &compiled.adapter.manifest().code;
        if named != code {
            return Err(problem(format!(
                "{}: `code` is \"{named}\", and the folder is named `{code}`; they must be the same",
                folder::MANIFEST
            )));
        }
        check_claims(&*compiled.adapter)
            .map_err(|claims| problem(format!("{}: {claims}", folder::MANIFEST)))?;
        Ok(Spec { texts, compiled, folder: Some(folder.to_owned()) })
    }
}

impl Manifests for Adapters {
    fn read_folder(&mut self, folder: &Path) -> Vec<(String, String)> {
        let insurers = match folder::insurers(folder) {
            Ok(insurers) => insurers,
            Err(error) => return vec![(folder.display().to_string(), format!("cannot be read: {error}"))],
        };
        let mut problems = Vec::new();
        for (code, path) in insurers {
            match self.read_insurer(&code, &path) {
                Ok(spec) => drop(self.specs.insert(code, spec)),
                Err(mistakes) => {
                    problems.extend(mistakes.into_iter().map(|mistake| placed(&path, &mistake)));
                    // What is built in under that name is an adapter all the same.
                    if self.in_rust(&code).is_none() {
                        self.broken.insert(code);
                    }
                }
            }
        }
        problems
    }

    fn all(&self) -> Vec<&Manifest> {
        let built_in = self.built_in.iter().map(|adapter| adapter.manifest());
        let built_in = built_in.filter(|manifest| !self.specs.contains_key(&manifest.code));
        built_in.chain(self.specs.values().map(|spec| spec.compiled.adapter.manifest())).collect()
    }

    fn is_broken(&self, code: &str) -> bool {
        self.broken.contains(code)
    }
}

/// A mistake's place, from the configuration's point of view, and what is wrong there.
pub(super) fn placed(folder: &Path, mistake: &str) -> (String, String) {
    match mistake.split_once(": ") {
        Some((place, rule)) => (folder.join(place).display().to_string(), rule.to_owned()),
        None => (folder.display().to_string(), mistake.to_owned()),
    }
}

/// Holds an adapter's manifest against the operations that it really has.
pub fn check_claims(adapter: &dyn Adapter) -> Result<(), FalseClaims> {
    let mut claimed = adapter.manifest().operations.clone();
    let mut found = adapter::operations(adapter);
    claimed.sort_unstable();
    found.sort_unstable();
    if claimed == found { Ok(()) } else { Err(FalseClaims { claimed, found }) }
}

fn listed(operations: &[OperationKind]) -> String {
    let names: Vec<&str> = operations.iter().map(|operation| operation.name()).collect();
    if names.is_empty() { "no operations".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use super::*;

    struct Named(Manifest);

    impl Adapter for Named {
        fn manifest(&self) -> &Manifest {
            &self.0
        }
    }

    fn texts(code: &str, name: &str) -> Texts {
        let manifest = format!(
            "contract = 1\ncode = '{code}'\nname = '{name}'\nprotocol = 'none'\noperations = []\nlanes = {{}}\n"
        );
        Texts { manifest, spec: name.into() }
    }

    fn compile(manifest: &str, _: &str) -> Result<Compiled, Vec<String>> {
        let manifest =
            toml::from_str(manifest).map_err(|_| vec!["manifest.toml:1:1: no manifest".to_owned()])?;
        Ok(Compiled { adapter: Arc::new(Named(manifest)), revision: 7 })
    }

    fn built_in(code: &str) -> &'static dyn Adapter {
        Box::leak(Box::new(Named(toml::from_str(&texts(code, "built in").manifest).unwrap())))
    }

    fn name(adapters: &Adapters, code: &str) -> String {
        adapters.find(code).map(|adapter| adapter.manifest().name.clone()).unwrap_or_default()
    }

    #[test]
    fn a_folder_replaces_a_shipped_spec_and_no_adapter_in_rust() {
        let built_in = [built_in("rust"), built_in("shipped")];
        let mut adapters = Adapters::from(&built_in[..]).with_specs(compile, [texts("shipped", "shipped")]);
        assert_eq!(name(&adapters, "shipped"), "shipped");
        let home = tempfile::tempdir().unwrap();
        for code in ["rust", "shipped", "own"] {
            let folder = home.path().join(code);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(folder::MANIFEST), texts(code, "of the folder").manifest).unwrap();
            fs::write(folder.join(folder::SPEC), "x").unwrap();
        }
        fs::create_dir(home.path().join("..data")).unwrap();
        let problems = adapters.read_folder(home.path());
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].0.ends_with("rust/manifest.toml"), "{problems:?}");
        let names = ["rust", "shipped", "own"].map(|code| name(&adapters, code));
        assert_eq!(names, ["built in", "of the folder", "of the folder"]);
        let codes: Vec<&str> = adapters.all().iter().map(|manifest| manifest.code.as_str()).collect();
        assert_eq!(codes, ["rust", "own", "shipped"], "each once");
        assert_eq!(adapters.find("own").and_then(|it| it.number()), Some(7));
        assert_eq!(adapters.find("rust").and_then(|it| it.number()), None);
    }

    #[test]
    fn a_program_without_a_compiler_says_so() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("own")).unwrap();
        fs::write(home.path().join("own").join(folder::SPEC), "x").unwrap();
        let mut adapters = Adapters::default();
        let problems = adapters.read_folder(home.path());
        assert_eq!(problems[0].1, "this program cannot read specs");
        assert!(adapters.is_broken("own"));
    }
}
