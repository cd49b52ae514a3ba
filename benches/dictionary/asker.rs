//! A kept-alive connection that reads an answer's head and lets its body pass: with bodies of megabytes,
//! keeping them would cost more than sending them.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::http::head;

/// As much as is read at once; a head is a part of it.
const AT_ONCE: usize = 128 << 10;

/// One connection; one request at a time.
pub(crate) struct Asker {
    stream: TcpStream,
    buffer: Vec<u8>,
}

// === impl Asker ===

impl Asker {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(|error| format!("{address}: {error}"))?;
        stream.set_nodelay(true).map_err(|error| format!("{address}: {error}"))?;
        Ok(Self { stream, buffer: vec![0; AT_ONCE] })
    }

    /// Sends a complete request; how many bytes the body of its answer has, which must be a 200.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<usize, String> {
        self.stream.write_all(request).await.map_err(|error| format!("a request was not sent: {error}"))?;
        let mut received = 0;
        let (status, body_at, end) = loop {
            received += self.receive(received).await?;
            if let Some(head) = head(&self.buffer[..received])? {
                break head;
            }
        };
        while received < end {
            received += self.receive(0).await?;
        }
        if status == 200 { Ok(end - body_at) } else { Err(format!("an answer has status {status}")) }
    }

    async fn receive(&mut self, at: usize) -> Result<usize, String> {
        match self.stream.read(&mut self.buffer[at..]).await {
            Ok(0) => Err("a connection was closed in the middle of an answer".into()),
            Ok(count) => Ok(count),
            Err(error) => Err(format!("an answer was not received: {error}")),
        }
    }
}
