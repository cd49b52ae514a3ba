//! The real binary, as a process that can be killed.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use serde_json::Value;

use super::{Client, Settings, eventually};

/// The program under test.
pub const VEER: &str = env!("CARGO_BIN_EXE_veer");

/// A running `veer serve`. Killed when dropped.
pub struct Process {
    /// A partner of it.
    pub client: Client,
    child: Child,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

// === impl Process ===

impl Process {
    /// Starts it with files and store in `folder`; returns when it listens.
    pub async fn start(settings: &Settings, folder: &Path) -> Self {
        let config = settings.write(folder);
        let mut child = Command::new(VEER)
            .args(["serve", "--config"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary");
        let (log, lines) = (Arc::new(Mutex::new(String::new())), child.stderr.take().expect("a pipe"));
        let kept = log.clone();
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                let mut kept = kept.lock().expect("no panic");
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        let listening = eventually("veer listens", async || {
            let exited = child.try_wait().expect("a child");
            let log = log.lock().expect("no panic");
            assert!(exited.is_none(), "veer ended: {exited:?}\n{log}");
            log.lines().find_map(addresses)
        });
        let (partner, operations) = listening.await;
        let client = Client::new(partner, operations).await;
        Self { client, child, log, reader: Some(reader) }
    }

    /// Kills it as a power cut does.
    pub fn kill(mut self) -> String {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
        self.whole_log()
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends it that signal.
    pub fn signal(&self, signal: &str) {
        let told = Command::new("kill").arg(signal).arg(self.child.id().to_string()).status();
        assert!(told.expect("kill").success());
    }

    /// Waits for its end; the status and everything that it logged.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = eventually("veer ends", async || self.child.try_wait().expect("a child")).await;
        (status, self.whole_log())
    }

    fn whole_log(&mut self) -> String {
        self.reader.take().map(JoinHandle::join).transpose().expect("no panic");
        std::mem::take(&mut *self.log.lock().expect("no panic"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn addresses(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let line: Value = serde_json::from_str(line).ok()?;
    let address = |name: &str| line[name].as_str()?.parse().ok();
    (line["message"] == "veer is listening").then_some((address("partner")?, address("operations")?))
}
