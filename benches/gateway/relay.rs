//! A place between the gateway and one insurer, where it is seen when an answer arrives.
//!
//! It hands bytes on as they come. The VIN in a request tells whose it is; the moment in which the first
//! bytes of its answer are handed to the gateway's socket is the moment in which the insurer answered. It also
//! writes down when each POST arrived, as the insurer's own counter of its callers would.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::sample::VIN_PREFIX;

const VIN_LENGTH: usize = 17;

/// What a request begins with that asks for something new.
const CREATES: &[u8] = b"POST ";

/// What was seen.
#[derive(Default)]
struct Seen {
    /// When which VIN was answered.
    answered: HashMap<String, Instant>,
    /// When each POST arrived.
    created: Vec<Instant>,
}

type Book = Arc<Mutex<Seen>>;

/// A running relay.
pub(crate) struct Relay {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    listener: Option<TcpListener>,
    accepting: Option<JoinHandle<()>>,
    book: Book,
}

// === impl Relay ===

impl Relay {
    /// Listens; nothing is relayed yet.
    pub(crate) async fn bind() -> Result<Self, String> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        Ok(Self { address, listener: Some(listener), accepting: None, book: Book::default() })
    }

    /// Relays to `insurer` from now on.
    pub(crate) fn to(&mut self, insurer: SocketAddr) {
        let Some(listener) = self.listener.take() else { return };
        let book = self.book.clone();
        self.accepting = Some(tokio::spawn(async move {
            while let Ok((gateway, _)) = listener.accept().await {
                let book = book.clone();
                tokio::spawn(async move {
                    // A connection that breaks, breaks for both; the gateway says what it thinks of that.
                    let _ = relay(gateway, insurer, &book).await;
                });
            }
        }));
    }

    /// When the insurer answered about `vin`.
    pub(crate) fn answered(&self, vin: &str) -> Option<Instant> {
        lock(&self.book).answered.get(vin).copied()
    }

    /// When each POST arrived, counted from the first, in order.
    pub(crate) fn created(&self) -> Vec<Duration> {
        let mut created = lock(&self.book).created.clone();
        created.sort();
        let first = created.first().copied();
        created.into_iter().filter_map(|at| Some(at.duration_since(first?))).collect()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

async fn relay(mut gateway: TcpStream, insurer: SocketAddr, book: &Book) -> std::io::Result<()> {
    let mut insurer = TcpStream::connect(insurer).await?;
    gateway.set_nodelay(true)?;
    insurer.set_nodelay(true)?;
    let (mut request, mut answer) = (Vec::with_capacity(32 * 1024), Vec::with_capacity(32 * 1024));
    let mut asked = Vec::new();
    let mut vin = None;
    loop {
        tokio::select! {
            read = gateway.read_buf(&mut request) => {
                if read? == 0 {
                    return Ok(());
                }
                // One request at a time goes over a connection, so this is the first of one.
                if asked.is_empty() && request.starts_with(CREATES) {
                    lock(book).created.push(Instant::now());
                }
                insurer.write_all(&request).await?;
                asked.append(&mut request);
                vin = vin_in(&asked).or(vin);
            }
            read = insurer.read_buf(&mut answer) => {
                if read? == 0 {
                    return Ok(());
                }
                // A call that is sent again with a new nonce is answered twice: the last time counts.
                if let Some(vin) = vin.take() {
                    lock(book).answered.insert(vin, Instant::now());
                }
                gateway.write_all(&answer).await?;
                answer.clear();
                asked.clear();
            }
        }
    }
}

fn lock(book: &Book) -> MutexGuard<'_, Seen> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
}

fn vin_in(request: &[u8]) -> Option<String> {
    let prefix = VIN_PREFIX.as_bytes();
    let at = request.windows(prefix.len()).position(|bytes| bytes == prefix)?;
    String::from_utf8(request.get(at..at + VIN_LENGTH)?.to_vec()).ok()
}
