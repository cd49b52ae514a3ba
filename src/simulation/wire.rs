//! The way to the insurers: every call that leaves is held against what must hold, and then meets its fate.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt as _, future::BoxFuture, stream};
use reqwest::{Body, Response, header::HeaderMap};
use tokio::time::sleep;

use super::{fault::Fault, ledger::Departure, stage::Stage, world::Sent};
use crate::upstream::{error::CallError, request::Request};

/// A call that is under way; over when dropped, however it ends.
struct UnderWay {
    stage: Arc<Stage>,
    departure: Departure,
    told: String,
}

/// Carries a request. It leaves at the first look at what is returned.
pub(super) fn carry(
    stage: &Arc<Stage>,
    request: &Request,
    headers: &HeaderMap,
) -> BoxFuture<'static, Result<Response, CallError>> {
    let insurer = request.url.host_str().unwrap_or("").to_owned();
    let path = request.url.path().trim_start_matches('/').to_owned();
    let body = serde_json::from_slice(&request.body).unwrap();
    let session = headers.get("x-session").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let departure = Departure { insurer, path, body };
    let stage = stage.clone();
    Box::pin(async move {
        let now = stage.now();
        let Sent { fault, answer, pause } = stage.world().send(&departure, session.as_deref(), now);
        let mut under_way = UnderWay { stage: stage.clone(), departure, told: "given up".to_owned() };
        sleep(pause).await;
        let (body, said) = (answer.body.to_string(), answer.body);
        let (status, retry, body) = match fault {
            Fault::None | Fault::Late | Fault::Trickle | Fault::Truncated | Fault::Huge => {
                (answer.status, None, body)
            }
            Fault::Garbage => (200, None, "<html>".to_owned()),
            Fault::Status(status) => (status, None, String::new()),
            Fault::NotNow(status, seconds) => (status, Some(seconds), String::new()),
            Fault::Connect => return Err(under_way.fails(CallError::Connect("simulated".into()))),
            Fault::Tls => return Err(under_way.fails(CallError::Tls("simulated".into()))),
            Fault::Broken => return Err(under_way.fails(CallError::Broken("simulated".into()))),
            Fault::Silence => std::future::pending().await,
        };
        let content = match fault {
            Fault::Huge => Body::from(vec![b' '; 2 << 20]),
            Fault::Truncated => {
                let broken = Err(io::Error::new(io::ErrorKind::UnexpectedEof, "simulated"));
                Body::wrap_stream(stream::iter([Ok(Bytes::from_static(b"{")), broken]))
            }
            Fault::Trickle => Body::wrap_stream(stream::iter(0..).then(|_| async {
                sleep(Duration::from_millis(700)).await;
                Ok::<_, io::Error>(Bytes::from_static(b" "))
            })),
            _ => {
                under_way.told(status, retry, &said);
                Body::from(body)
            }
        };
        let mut response =
            http::Response::builder().status(status).header("content-type", "application/json");
        if let Some(seconds) = retry {
            response = response.header("retry-after", seconds);
        }
        Ok(Response::from(response.body(content).unwrap()))
    })
}

// === impl UnderWay ===

impl UnderWay {
    fn fails(&mut self, error: CallError) -> CallError {
        self.told = error.to_string();
        error
    }

    /// The gateway is told this, whole.
    fn told(&mut self, status: u16, retry: Option<u64>, body: &serde_json::Value) {
        self.told = status.to_string();
        let now = self.stage.now();
        self.stage.world().told(&self.departure, status, retry.map(Duration::from_secs), body, now);
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let now = self.stage.now();
        self.stage.world().over(&self.departure, &self.told, now);
    }
}
