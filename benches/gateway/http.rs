//! A kept-alive HTTP/1.1 connection that does as little as it can: the load must not be the limit.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const HEAD_END: &[u8] = b"\r\n\r\n";

/// One connection; one request at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// One answer.
pub(crate) struct Answer<'a> {
    /// Its status.
    pub(crate) status: u16,
    /// Its body.
    pub(crate) body: &'a [u8],
}

/// A request in the demo account's name.
pub(crate) fn request(method: &str, target: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {target} HTTP/1.1\r\nHost: veer\r\nAuthorization: Bearer demo-token\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

// === impl Connection ===

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| format!("{address}: {error}"))?;
        Ok(Self { stream, received: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a complete request and receives its answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<Answer<'_>, String> {
        self.stream.write_all(request).await.map_err(|error| format!("a request was not sent: {error}"))?;
        self.received.clear();
        let (status, body_at, end) = loop {
            self.receive().await?;
            if let Some(head) = head(&self.received)? {
                break head;
            }
        };
        while self.received.len() < end {
            self.receive().await?;
        }
        Ok(Answer { status, body: &self.received[body_at..end] })
    }

    /// The same, with an answer that must be a 200.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<&[u8], String> {
        let answer = self.send(request).await?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        Err(format!("status {}: {}", answer.status, String::from_utf8_lossy(answer.body)))
    }

    async fn receive(&mut self) -> Result<(), String> {
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) => Err("a connection was closed in the middle of an answer".into()),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("an answer was not received: {error}")),
        }
    }
}

/// Status, where the body begins and where it ends; `None` while the head is not complete.
pub(crate) fn head(received: &[u8]) -> Result<Option<(u16, usize, usize)>, String> {
    let Some(at) = received.windows(HEAD_END.len()).position(|bytes| bytes == HEAD_END) else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&received[..at]);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse::<usize>().ok() } else { None }
    });
    match (status, length) {
        (Some(status), Some(length)) => {
            let body_at = at + HEAD_END.len();
            Ok(Some((status, body_at, body_at + length)))
        }
        _ => Err("an answer has no status or no Content-Length".into()),
    }
}
