//! One `veer serve`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{Process, ask, ports};

/// How a gateway is started, and started again.
#[derive(Debug, Clone)]
pub struct Serve {
    /// What it is called in messages; its log has this name too.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// The configuration; addresses come over it from the environment.
    pub config: PathBuf,
    /// Where its log goes.
    pub folder: PathBuf,
    /// Where it listens for partners.
    pub partner: SocketAddr,
    /// Where it listens for operators.
    pub operations: SocketAddr,
    /// More variables.
    pub environment: Vec<(String, String)>,
}

/// A gateway that runs, or was killed and can be started again.
pub struct Replica {
    /// How it is started; a change holds from the next start on.
    pub serve: Serve,
    process: Process,
}

/// A debug build on a busy machine takes its time to read the catalogue.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longer than `server.stop_grace` and what comes behind it.
const STOP: Duration = Duration::from_secs(45);
/// Whoever ignores SIGXFSZ is told by an error that a file may not grow. The shell becomes the program.
const IGNORE_FULL_FILES: &str = r#"trap '' XFSZ; exec "$0" "$@""#;

// === impl Serve ===

impl Serve {
    /// `program` with `config`, on free ports, with its log in `folder`.
    pub fn new(name: &str, program: &Path, config: &Path, folder: &Path) -> Result<Self, String> {
        Ok(Self {
            name: name.to_owned(),
            program: program.to_owned(),
            config: config.to_owned(),
            folder: folder.to_owned(),
            partner: ports::free_address()?,
            operations: ports::free_address()?,
            environment: Vec::new(),
        })
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Starts it; returns when it answers.
    pub fn start(self) -> Result<Replica, String> {
        let mut replica = self.begin()?;
        replica.answers()?;
        Ok(replica)
    }

    /// Starts it without waiting, so that several can start together.
    pub fn begin(self) -> Result<Replica, String> {
        let process = self.process()?;
        Ok(Replica { serve: self, process })
    }

    fn process(&self) -> Result<Process, String> {
        let mut command = Command::new("sh");
        command
            .args(["-c", IGNORE_FULL_FILES])
            .arg(&self.program)
            .args(["serve", "--config"])
            .arg(&self.config);
        command.env("VEER__PARTNER__LISTEN", self.partner.to_string());
        command.env("VEER__OPERATIONS__LISTEN", self.operations.to_string());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        Process::start(&self.name, &command, &self.folder.join(format!("{}.log", self.name)))
    }
}

// === impl Replica ===

impl Replica {
    /// Its process, to be frozen, starved or looked at.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Stops it gently and waits; killed where that takes too long, which is an error.
    pub fn stop(&mut self) -> Result<(), String> {
        self.process.terminate()?;
        if self.process.wait(STOP).is_some() {
            return Ok(());
        }
        self.process.kill();
        Err(format!("{} did not stop within {} s", self.serve.name, STOP.as_secs()))
    }

    /// Starts it again, on the same ports; returns when it answers. One that still runs is killed first.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.process.kill();
        self.process = self.serve.process()?;
        self.answers()
    }

    /// Its metrics: the value of every series, as Prometheus reads it.
    pub fn metrics(&self) -> Result<String, String> {
        match ask::get(self.serve.operations, "/metrics") {
            Ok((200, text)) => Ok(text),
            Ok((status, _)) => Err(format!("/metrics answers {status}")),
            Err(error) => Err(format!("/metrics does not answer: {error}")),
        }
    }

    /// Waits until it answers operators, which it does when it has taken up what was left unfinished.
    pub fn answers(&mut self) -> Result<(), String> {
        let (process, address) = (&mut self.process, self.serve.operations);
        ask::until(&format!("{} answers", self.serve.name), PATIENCE, || {
            process.must_run()?;
            Ok(ask::get(address, "/health/live").is_ok_and(|(status, _)| status == 200))
        })
    }
}
