//! As much of an HTTP server as the fake gateway needs.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use url::Url;

use super::fake::Fake;

/// A request as it came.
pub struct Received {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub authorization: Option<String>,
    pub if_none_match: Option<String>,
    pub body: Vec<u8>,
}

/// An answer to be sent.
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub etag: Option<&'static str>,
    pub body: Vec<u8>,
}

impl Received {
    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All parameters of the query under that name.
    pub fn parameters<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        self.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Reply {
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, content_type: "application/json", etag: None, body: body.to_string().into_bytes() }
    }

    pub fn pdf(body: &[u8]) -> Self {
        Self { status: 200, content_type: "application/pdf", etag: None, body: body.to_vec() }
    }

    pub fn page(body: &str) -> Self {
        let content_type = "text/html; charset=utf-8";
        Self { status: 200, content_type, etag: None, body: body.as_bytes().to_vec() }
    }
}

/// Serves until the test ends.
pub async fn serve(make: impl FnOnce(String) -> Fake) -> (SocketAddr, Arc<Mutex<Fake>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let fake = Arc::new(Mutex::new(make(format!("http://{address}"))));
    let shared = fake.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let _ = talk(socket, &shared).await;
        }
    });
    (address, fake)
}

async fn talk(mut socket: TcpStream, fake: &Mutex<Fake>) -> std::io::Result<()> {
    let received = read(&mut socket).await?;
    let reply = fake.lock().unwrap().answer(&received);
    let etag = reply.etag.map(|etag| format!("ETag: {etag}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {} X\r\nContent-Type: {}\r\n{etag}Content-Length: {}\r\nConnection: close\r\n\r\n",
        reply.status,
        reply.content_type,
        reply.body.len()
    );
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(&reply.body).await?;
    socket.shutdown().await
}

async fn read(socket: &mut TcpStream) -> std::io::Result<Received> {
    let mut reader = BufReader::new(socket);
    let mut line = String::new();
    reader.read_line(&mut line).await?;
    let mut parts = line.split(' ').map(str::to_owned);
    let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (mut authorization, mut if_none_match, mut length) = (None, None, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).await?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.to_owned()),
            "if-none-match" => if_none_match = Some(value.to_owned()),
            "content-length" => length = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await?;
    let address: Url = format!("http://fake{target}").parse().unwrap();
    let query = address.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    Ok(Received { method, path: address.path().to_owned(), query, authorization, if_none_match, body })
}
