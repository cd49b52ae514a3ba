//! One process, and what can be done to it.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, prlimit, setrlimit};

use crate::launch::launch;

/// A process that ends with its starter. Killed when dropped, frozen or not.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

// === impl Process ===

impl Process {
    /// Starts `command` (its program, arguments, variables) in the folder of `log`, to which what it says is appended.
    /// A signal from the terminal does not reach it.
    pub fn start(name: &str, command: &Command, log: &Path) -> Result<Self, String> {
        let problem = |error: std::io::Error| format!("{name} does not start: {error}");
        let output = File::options().create(true).append(true).open(log).map_err(problem)?;
        let errors = output.try_clone().map_err(problem)?;
        let child = launch(command, |bound| {
            bound.stdin(Stdio::null()).stdout(output).stderr(errors).process_group(0);
        });
        let child = child.map_err(problem)?;
        Ok(Self { name: name.to_owned(), child, log: log.to_owned(), ended: None })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything that it has said, in all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How it ended, where it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// Fails with its last words where it has ended.
    pub fn must_run(&mut self) -> Result<(), String> {
        match self.ended() {
            None => Ok(()),
            Some(status) => Err(format!("{} ended with {status}:\n{}", self.name, self.last_words())),
        }
    }

    /// Ends it as a power cut does (SIGKILL).
    pub fn kill(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        self.ended = self.child.wait().ok().or(self.ended);
    }

    /// Freezes it (SIGSTOP): its connections stand, and it does nothing.
    pub fn freeze(&mut self) -> Result<(), String> {
        self.signal(Signal::STOP)
    }

    /// Thaws it (SIGCONT); what it had begun goes on as if no time had passed.
    pub fn thaw(&mut self) -> Result<(), String> {
        self.signal(Signal::CONT)
    }

    /// Asks it to stop (SIGTERM).
    pub fn terminate(&mut self) -> Result<(), String> {
        self.signal(Signal::TERM)
    }

    /// Waits for its end; none where that takes longer than `patience`.
    pub fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        while self.ended().is_none() && began.elapsed() < patience {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.ended
    }

    /// From now on no file of its can grow beyond `bytes`; none: as it may again. Writing beyond is an error to whoever
    /// was started with SIGXFSZ ignored, and the end of everybody else.
    pub fn limit_files(&mut self, bytes: Option<u64>) -> Result<(), String> {
        // Only the lower of the two bounds moves, so anybody may take it back.
        let limit = Rlimit { current: bytes, maximum: None };
        let set = prlimit(Some(self.pid()?), Resource::Fsize, limit);
        set.map(|_| ())
            .map_err(|error| format!("{}: the size of its files cannot be bounded: {error}", self.name))
    }

    /// The most memory that it ever had in use, in bytes.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
    }

    fn signal(&mut self, signal: Signal) -> Result<(), String> {
        // A number that was given back may be somebody else's by now.
        self.must_run()?;
        kill_process(self.pid()?, signal)
            .map_err(|error| format!("{} cannot be sent {signal:?}: {error}", self.name))
    }

    fn pid(&self) -> Result<Pid, String> {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
        id.ok_or_else(|| format!("{} has no number", self.name))
    }

    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Lets this program and whoever it starts from now on have so many files and connections open at once; a sentence
/// where the system forbids it.
pub fn may_open(files: u64) -> Result<(), String> {
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= files) {
        return Ok(());
    }
    if now.maximum.is_some_and(|most| most < files) {
        let most = now.maximum.unwrap_or_default();
        return Err(format!(
            "{files} open files are needed, and {most} are allowed: raise the hard limit (ulimit -Hn)"
        ));
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(files), maximum: now.maximum })
        .map_err(|error| format!("{files} open files are not allowed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(folder: &Path) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; while :; do echo x; sleep 0.02; done"]);
        Process::start("a sleeper", &command, &folder.join("log")).unwrap()
    }

    fn grows(process: &Process) -> bool {
        let before = process.log().len();
        std::thread::sleep(Duration::from_millis(300));
        process.log().len() > before
    }

    #[test]
    fn it_can_be_frozen_thawed_and_killed() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = sleeper(folder.path());
        assert!(grows(&process));
        process.freeze().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert!(!grows(&process), "frozen");
        assert!(process.ended().is_none());
        process.thaw().unwrap();
        assert!(grows(&process), "thawed");
        process.kill();
        assert!(process.ended().is_some() && process.freeze().unwrap_err().contains("ended with"));
    }

    #[test]
    fn its_files_stop_growing_and_grow_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = sleeper(folder.path());
        assert!(grows(&process));
        process.limit_files(Some(1)).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert!(!grows(&process), "bounded");
        process.limit_files(None).unwrap();
        assert!(grows(&process), "not bounded any more");
    }

    #[test]
    fn it_is_gone_when_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let process = sleeper(folder.path());
        let place = format!("/proc/{}", process.id());
        assert!(Path::new(&place).exists());
        drop(process);
        assert!(!Path::new(&place).exists());
    }
}
