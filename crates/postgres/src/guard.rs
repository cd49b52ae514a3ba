//! Who watches over the server: a shell that does what it is told line by line, and cleans up when nobody can
//! tell it anything any more.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Stdio},
};

use crate::{account::Account, programs::Programs};

/// The signals of a terminal reach everybody in front of it; the guard must outlive them to clean up.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
cd "$1" || exit 1
ctl() { "$0" --pgdata=data --silent --wait --timeout=60 "$@" </dev/null >>log 2>&1; }
while read -r word; do
    case $word in
        start) ctl --log=log start ;;
        stop) ctl --mode=fast stop ;;
        crash) ctl --mode=immediate stop ;;
    esac && echo done || echo failed
done
ctl --mode=immediate stop
cd / && rm -rf "$1"
"#;

/// The shell.
pub(crate) struct Guard {
    child: Child,
    words: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

// === impl Guard ===

impl Guard {
    /// Over the server whose data are in `folder`/data.
    pub(crate) fn over(folder: &Path, account: Account, programs: &Programs) -> Result<Self, String> {
        let mut child = account
            .command(Path::new("/bin/sh"))
            .args(["-c", SCRIPT])
            .arg(programs.path("pg_ctl"))
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the shell that watches over PostgreSQL does not start: {error}"))?;
        let (Some(words), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the shell that watches over PostgreSQL has no pipes".into());
        };
        Ok(Self { child, words: Some(words), answers: BufReader::new(answers) })
    }

    /// Has it do one thing; whether that was done.
    pub(crate) fn tell(&mut self, word: &str) -> bool {
        let Some(words) = &mut self.words else { return false };
        let mut answer = String::new();
        writeln!(words, "{word}").is_ok()
            && self.answers.read_line(&mut answer).is_ok()
            && answer.trim() == "done"
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Its input closes, and it cleans up.
        self.words = None;
        let _ = self.child.wait();
    }
}
