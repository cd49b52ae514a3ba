//! Whose the server is.

use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
    process::Command,
};

/// PostgreSQL refuses to be root; these are there on every Debian, the first with the package.
const INSTEAD_OF_ROOT: [&str; 2] = ["postgres", "nobody"];

/// A system user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    user: u32,
    group: u32,
    is_own: bool,
}

// === impl Account ===

impl Account {
    /// The user who runs this, or where that is root somebody else.
    pub(crate) fn find(own_folder: &Path) -> Result<Self, String> {
        // Whoever has just made a folder owns it.
        let made = fs::metadata(own_folder).map_err(|error| format!("{}: {error}", own_folder.display()))?;
        if made.uid() != 0 {
            return Ok(Self { user: made.uid(), group: made.gid(), is_own: true });
        }
        let list = fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
        INSTEAD_OF_ROOT.iter().find_map(|name| listed(&list, name)).ok_or_else(|| {
            format!(
                "PostgreSQL refuses to be root, and there is no user {} to run it",
                INSTEAD_OF_ROOT.join(" or ")
            )
        })
    }

    /// `program`, run by this user.
    pub(crate) fn command(self, program: &Path) -> Command {
        if self.is_own {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command
            .arg(format!("--reuid={}", self.user))
            .arg(format!("--regid={}", self.group))
            .args(["--clear-groups", "--"])
            .arg(program);
        command
    }

    /// Makes this user the owner of `path`.
    pub(crate) fn give(self, path: &Path) -> Result<(), String> {
        if self.is_own {
            return Ok(());
        }
        chown(path, Some(self.user), Some(self.group))
            .map_err(|error| format!("{} cannot be given away: {error}", path.display()))
    }
}

fn listed(list: &str, name: &str) -> Option<Account> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let mut number = || fields.next()?.parse().ok();
        // The password's place comes first.
        let _: Option<u32> = number();
        Some(Account { user: number()?, group: number()?, is_own: false })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let list = "root:x:0:0:root:/root:/bin/bash\npostgres2:x:5:6::/:\npostgres:x:101:104:a,b:/var/lib:/bin/bash\n";
        let found = listed(list, "postgres").unwrap();
        assert_eq!((found.user, found.group, found.is_own), (101, 104, false));
        assert!(listed(list, "nobody").is_none());
    }
}
