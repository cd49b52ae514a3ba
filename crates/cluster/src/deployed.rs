//! The files of `deploy/`, with the addresses of this machine instead of the containers' names.
//!
//! What runs on loopback is configured by the very files that the containers mount, so that these are known to work.
//! An address to be exchanged that is not in a file is an error: then the two have drifted apart.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The replica whose lines stand for all further ones.
const LAST: &str = "replica-2";

/// One file, as it goes to this machine.
#[derive(Debug)]
pub struct Deployed {
    path: PathBuf,
    text: String,
}

// === impl Deployed ===

impl Deployed {
    /// `deploy/{name}` of the workspace in `root`.
    pub fn read(root: &Path, name: &str) -> Result<Self, String> {
        let path = root.join("deploy").join(name);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { path, text })
    }

    /// Has so many replicas: a line about the second one is repeated for each further one, and left out where there is
    /// only one.
    pub fn replicas(mut self, count: usize) -> Result<Self, String> {
        self.must_hold(LAST)?;
        let mut text = String::new();
        for line in self.text.lines() {
            let times = if line.contains(LAST) { count.saturating_sub(1) } else { 1 };
            for number in 0..times {
                text.push_str(&line.replace(LAST, &format!("replica-{}", number + 2)));
                text.push('\n');
            }
        }
        self.text = text;
        Ok(self)
    }

    /// Puts `to` wherever `from` stands.
    pub fn exchange(mut self, from: &str, to: &str) -> Result<Self, String> {
        self.must_hold(from)?;
        self.text = self.text.replace(from, to);
        Ok(self)
    }

    /// Writes it into `folder`; where it is then.
    pub fn write(&self, folder: &Path) -> Result<PathBuf, String> {
        let path = folder.join(self.path.file_name().unwrap_or_default());
        fs::write(&path, &self.text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn must_hold(&self, wanted: &str) -> Result<(), String> {
        match self.text.contains(wanted) {
            true => Ok(()),
            false => Err(format!("{} does not speak of `{wanted}` any more", self.path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Deployed {
        Deployed { path: "deploy/x.conf".into(), text: text.into() }
    }

    #[test]
    fn each_further_replica_has_a_line_like_the_second_one() {
        let text = "a\nserver replica-1:80;\nserver replica-2:80;\nz\n";
        let with = |count| file(text).replicas(count).unwrap().text;
        assert_eq!(with(1), "a\nserver replica-1:80;\nz\n");
        assert_eq!(with(2), text);
        assert_eq!(with(3), "a\nserver replica-1:80;\nserver replica-2:80;\nserver replica-3:80;\nz\n");
    }

    #[test]
    fn an_address_that_is_not_there_is_told() {
        assert_eq!(file("a b a").exchange("a", "c").unwrap().text(), "c b c");
        let told = file("a").exchange("b", "c").unwrap_err();
        assert_eq!(told, "deploy/x.conf does not speak of `b` any more");
    }
}
