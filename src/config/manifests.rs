//! Who knows the adapters' manifests, against which insurers' sections are read.
//!
//! Most adapters are built in; others are described by a folder that the configuration itself names. So the reader
//! asks once it has read where that folder is.

use std::path::Path;

use veer_contract::Manifest;

/// Knows the manifests of all adapters.
pub trait Manifests {
    /// The adapters that stand in this folder are known from now on. What is wrong there, each mistake with its
    /// place: `specs/mutual/insurer.toml:12:5`, what to do.
    fn read_folder(&mut self, folder: &Path) -> Vec<(String, String)>;

    /// Every manifest.
    fn all(&self) -> Vec<&Manifest>;

    /// Whether there is an adapter of that name which could not be read: that has been told.
    fn is_broken(&self, code: &str) -> bool;
}

/// Only what is built in: a folder of specs is not looked at.
pub(super) struct BuiltIn<'m>(pub(super) &'m [&'m Manifest]);

// === impl BuiltIn ===

impl Manifests for BuiltIn<'_> {
    fn read_folder(&mut self, _: &Path) -> Vec<(String, String)> {
        Vec::new()
    }

    fn all(&self) -> Vec<&Manifest> {
        self.0.to_vec()
    }

    fn is_broken(&self, _: &str) -> bool {
        false
    }
}
