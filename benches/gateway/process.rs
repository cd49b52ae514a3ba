//! A process beside the bench: started here, watched through `/proc`, ended here.
//!
//! It never outlives the bench: dropped, it is killed. Its processor time is the kernel's own account of
//! user and system time over all its threads, those that have ended included.

use std::{
    fs::{self, File},
    path::Path,
    process::Stdio,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// Linux counts processor time for users in hundredths of a second, on every machine.
const TICK: Duration = Duration::from_millis(10);
/// Lifts the soft limit of open files to the hard one: a calculation has a socket for every insurer.
const WITH_MANY_FILES: &str = "ulimit -n \"$(ulimit -Hn)\" && exec \"$0\" \"$@\"";

/// A running process.
pub(crate) struct Process {
    name: String,
    pid: u32,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    // Killed when dropped.
    _child: Child,
}

// === impl Process ===

impl Process {
    /// Starts `program`; what it complains of goes to the file `log`.
    pub(crate) fn start(
        name: &str,
        program: &Path,
        arguments: &[&str],
        folder: &Path,
        log: &Path,
    ) -> Result<Self, String> {
        let failed = |what: &dyn std::fmt::Display| format!("{name} could not be started: {what}");
        let log = File::create(log).map_err(|error| failed(&error))?;
        let mut command = Command::new("sh");
        command.args(["-c", WITH_MANY_FILES]).arg(program).args(arguments).current_dir(folder);
        // The configuration is the bench's alone.
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("VEER__") {
                command.env_remove(variable);
            }
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| failed(&error))?;
        let (Some(pid), Some(input), Some(output)) = (child.id(), child.stdin.take(), child.stdout.take())
        else {
            return Err(failed(&"it has no pipes"));
        };
        let output = BufReader::new(output).lines();
        Ok(Self { name: name.to_owned(), pid, input, output, _child: child })
    }

    /// Writes a line to its input.
    pub(crate) async fn tell(&mut self, line: &str) -> Result<(), String> {
        let line = format!("{line}\n");
        self.input.write_all(line.as_bytes()).await.map_err(|error| format!("{}: {error}", self.name))
    }

    /// The next line of its output that begins with `beginning`, without that.
    pub(crate) async fn hear(&mut self, beginning: &str) -> Result<String, String> {
        loop {
            match self.output.next_line().await {
                Ok(Some(line)) => {
                    if let Some(rest) = line.strip_prefix(beginning) {
                        return Ok(rest.to_owned());
                    }
                }
                Ok(None) => return Err(format!("{} ended before it said `{beginning}`", self.name)),
                Err(error) => return Err(format!("{}: {error}", self.name)),
            }
        }
    }

    /// The processor time that it has taken so far.
    pub(crate) fn processor(&self) -> Result<Duration, String> {
        processor(&self.pid.to_string())
    }

    /// Its resident set in bytes.
    pub(crate) fn resident(&self) -> Result<u64, String> {
        let status = read(&format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        kib.map(|kib| kib * 1024).ok_or_else(|| format!("{} has no resident set", self.name))
    }
}

/// The processor time that this very process has taken so far.
pub(crate) fn own_processor() -> Result<Duration, String> {
    processor("self")
}

fn processor(process: &str) -> Result<Duration, String> {
    let stat = read(&format!("/proc/{process}/stat"))?;
    // The second field is the program's name in brackets and may hold blanks; `utime` and `stime` are the
    // 14th and 15th.
    let ticks = stat.rsplit_once(')').and_then(|(_, fields)| {
        let mut fields = fields.split_ascii_whitespace().skip(11).map(|field| field.parse::<u32>().ok());
        Some(fields.next()?? + fields.next()??)
    });
    ticks.map(|ticks| TICK * ticks).ok_or_else(|| format!("/proc/{process}/stat is not as expected"))
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error} (the bench needs Linux)"))
}
