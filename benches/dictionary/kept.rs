//! An answer of the gateway as it came over the wire, kept for those who are to send the same.

use std::{fs, net::SocketAddr, path::Path};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The file that lists what a folder holds.
const LIST: &str = "answers.json";
/// Every server writes these itself, as they are.
const OWN: [&str; 3] = ["content-length", "date", "connection"];

/// One answer. Its body is a file of its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// What it is called here.
    pub(crate) name: String,
    /// Its headers, without those that every server writes itself.
    pub(crate) headers: Vec<(String, String)>,
    /// How many bytes its body has.
    pub(crate) size: usize,
}

/// A request for `target` as a partner's program sends it.
pub(crate) fn request(target: &str, coding: &str, connection: &str) -> Vec<u8> {
    format!(
        "GET {target} HTTP/1.1\r\nHost: veer\r\nAuthorization: Bearer demo-token\r\n\
         Accept: application/json\r\nAccept-Encoding: {coding}\r\nConnection: {connection}\r\n\r\n"
    )
    .into_bytes()
}

/// Writes down what `folder` holds.
pub(crate) fn list(folder: &Path, answers: &[Kept]) -> Result<(), String> {
    let text = serde_json::to_vec(answers).map_err(|error| error.to_string())?;
    write(&folder.join(LIST), &text)
}

/// What `folder` holds.
pub(crate) fn listed(folder: &Path) -> Result<Vec<Kept>, String> {
    let text = fs::read(folder.join(LIST)).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

fn write(path: &Path, content: &[u8]) -> Result<(), String> {
    fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))
}

// === impl Kept ===

impl Kept {
    /// Asks for it and puts its body into `folder`.
    pub(crate) async fn fetch(
        gateway: SocketAddr,
        name: &str,
        target: &str,
        coding: &str,
        folder: &Path,
    ) -> Result<Self, String> {
        let failed = |what: &dyn std::fmt::Display| format!("GET {target} ({coding}): {what}");
        let mut stream = TcpStream::connect(gateway).await.map_err(|error| failed(&error))?;
        stream.write_all(&request(target, coding, "close")).await.map_err(|error| failed(&error))?;
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await.map_err(|error| failed(&error))?;
        let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let end = end.ok_or_else(|| failed(&"the answer has no head"))?;
        let (head, body) = (String::from_utf8_lossy(&received[..end]), &received[end + 4..]);
        let mut lines = head.lines();
        let status = lines.next().unwrap_or_default();
        if !status.contains(" 200 ") {
            return Err(failed(&status));
        }
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: Vec<(String, String)> = headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .filter(|(name, _)| !OWN.contains(&&**name))
            .collect();
        let answered = headers.iter().find(|(name, _)| name == "content-encoding");
        let answered = answered.map_or("identity", |(_, coding)| coding);
        if answered != coding {
            return Err(failed(&format!("the answer is {answered}")));
        }
        write(&folder.join(name), body)?;
        Ok(Self { name: name.to_owned(), headers, size: body.len() })
    }
}
