//! Whether something answers.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// One question may take so long.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Status and text of what `address` answers to `GET path`, in HTTP as plain as it can be.
pub fn get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other("what came is not HTTP"))?;
    Ok((status, body.to_owned()))
}

/// Looks until `look` says that it is so; an error of its ends the wait, and so does `patience`.
pub fn until(
    what: &str,
    patience: Duration,
    mut look: impl FnMut() -> Result<bool, String>,
) -> Result<(), String> {
    let began = Instant::now();
    while !look()? {
        if began.elapsed() > patience {
            return Err(format!("waited {} s in vain: {what}", patience.as_secs()));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}
