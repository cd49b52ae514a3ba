//! One request, one reply: timeouts, size cap, charset.
//!
//! Timeouts are the lane's, cut to the calculation's budget; whose it was is told apart, because the
//! verdict differs. The size cap counts decoded bytes, so a small compressed reply cannot grow without
//! bound. Redirects are not followed.

use std::{collections::BTreeMap, error::Error as _, path::Path, sync::Arc, time::Duration};

use reqwest::{Client, Identity, header};
use veer_contract::{Lane, Reply};

use super::{
    budget::{Bound, Budget},
    charset,
    error::CallError,
    request::Request,
};
use crate::{config::LaneConfig, telemetry};

/// The pooled clients of one insurer: one for each connect timeout that its lanes have.
#[derive(Debug, Clone)]
pub struct Clients {
    by_connect: BTreeMap<Duration, Client>,
    /// The headers of a reply that the adapter may see, with those that its manifest names.
    passed_on: Arc<[header::HeaderName]>,
}

/// What the clients of one insurer are made of.
#[derive(Debug)]
pub struct Wire<'a> {
    /// Its lanes.
    pub lanes: &'a BTreeMap<Lane, LaneConfig>,
    /// An idle connection is closed after this.
    pub idle: Duration,
    /// A PEM file with authorities, for insurers behind a national root.
    pub extra_root: Option<&'a Path>,
    /// A PEM file with our certificate and its key, for insurers that want one.
    pub identity: Option<&'a Path>,
    /// Headers of replies that the adapter reads besides the usual ones.
    pub reply_headers: &'a [String],
}

/// A client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The insurer's certificate file.
    #[error("the file {0} holds no certificate that can be read")]
    Certificate(String),
    /// Our own certificate.
    #[error("the file {file} {problem}")]
    Identity {
        /// The file.
        file: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// A name in the manifest's `reply_headers`.
    #[error("the manifest's `reply_headers` name `{0}`, which is no header")]
    ReplyHeader(String),
    /// The HTTP library.
    #[error("the HTTP client could not be built: {0}")]
    Build(String),
}

/// The headers of a reply that every adapter may see; the rest is the host's.
const PASSED_ON: [header::HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::RETRY_AFTER];

// === impl Clients ===

impl Clients {
    /// Clients for every lane of `wire`.
    pub fn build(wire: &Wire<'_>) -> Result<Self, ClientError> {
        let root = wire.extra_root.map(certificates).transpose()?.unwrap_or_default();
        let own = wire.identity.map(identity).transpose()?;
        let mut passed_on = PASSED_ON.to_vec();
        for name in wire.reply_headers {
            let known = header::HeaderName::from_bytes(name.as_bytes());
            passed_on.push(known.map_err(|_| ClientError::ReplyHeader(name.clone()))?);
        }
        let mut by_connect = BTreeMap::new();
        #[cfg(test)]
        if crate::simulation::stage::is_on() {
            return Ok(Self { by_connect, passed_on: passed_on.into() });
        }
        for lane in wire.lanes.values() {
            if by_connect.contains_key(&lane.connect) {
                continue;
            }
            let mut client = Client::builder();
            if let Some(own) = &own {
                client = client.identity(own.clone());
            }
            let client = client
                .connect_timeout(lane.connect)
                .pool_idle_timeout(wire.idle)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .tcp_nodelay(true)
                .tls_certs_merge(root.clone())
                .user_agent(concat!("veer/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| ClientError::Build(error.without_url().to_string()))?;
            by_connect.insert(lane.connect, client);
        }
        Ok(Self { by_connect, passed_on: passed_on.into() })
    }

    /// Sends `request` once.
    pub async fn send(
        &self,
        tag: &str,
        request: &Request,
        authorization: Option<&str>,
        lane: &LaneConfig,
        budget: &Budget,
    ) -> Result<Exchange, CallError> {
        let mut headers = request.headers.clone();
        if let Some(value) = authorization {
            let value = header::HeaderValue::from_str(value)
                .map_err(|_| CallError::Unsendable("the credentials cannot stand in a header".into()))?;
            headers.insert(header::AUTHORIZATION, value);
        }
        let total = budget.bound(lane.total);
        let first_byte = budget.bound(lane.first_byte);
        let whole = async {
            let response = tokio::time::timeout(first_byte.duration(), self.carry(request, headers, lane))
                .await
                .map_err(|_| match first_byte {
                    Bound::Lane(limit) => CallError::FirstByte(limit),
                    Bound::Budget(_) => CallError::OutOfBudget("the insurer began to answer"),
                })??;
            receive(tag, response, lane.max_reply, &self.passed_on).await
        };
        tokio::time::timeout(total.duration(), whole).await.unwrap_or({
            Err(match total {
                Bound::Lane(limit) => CallError::Total(limit),
                Bound::Budget(_) => CallError::OutOfBudget("the answer was complete"),
            })
        })
    }

    /// Carries the request to the insurer; returns when its answer begins.
    async fn carry(
        &self,
        request: &Request,
        headers: header::HeaderMap,
        lane: &LaneConfig,
    ) -> Result<reqwest::Response, CallError> {
        #[cfg(test)]
        if let Some(carried) = crate::simulation::stage::with(|stage| stage.carry(request, &headers)) {
            return carried.await;
        }
        let Some(client) = self.by_connect.get(&lane.connect) else {
            return Err(CallError::Unsendable("the lane has no client".into()));
        };
        let outgoing = client.request(request.method.clone(), request.url.clone()).headers(headers);
        outgoing.body(request.body.clone()).send().await.map_err(|error| refused(&error))
    }
}

/// A reply with the headers that only the host looks at.
#[derive(Debug)]
pub struct Exchange {
    /// The reply as the adapter may see it.
    pub reply: Reply,
    /// Every `WWW-Authenticate`, of a 401.
    pub challenges: Vec<String>,
}

async fn receive(
    tag: &str,
    mut response: reqwest::Response,
    cap: usize,
    passed_on: &[header::HeaderName],
) -> Result<Exchange, CallError> {
    let text = |name: &header::HeaderName, response: &reqwest::Response| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let challenges = response.headers().get_all(header::WWW_AUTHENTICATE);
    let challenges = challenges.iter().filter_map(|value| value.to_str().ok()).map(str::to_owned).collect();
    let headers: Vec<(String, String)> = passed_on
        .iter()
        .filter_map(|name| text(name, &response).map(|value| (name.as_str().to_owned(), value)))
        .collect();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| CallError::Truncated(cause(&error)))? {
        if body.len() + chunk.len() > cap {
            return Err(CallError::TooLarge(cap));
        }
        body.extend_from_slice(&chunk);
    }
    let content_type = headers.first().filter(|(name, _)| name == "content-type").map_or("", |(_, v)| v);
    let body = charset::to_utf8(content_type, body);
    Ok(Exchange { reply: Reply { tag: tag.to_owned(), status, headers, body }, challenges })
}

/// Only what failed while connecting is known to have sent nothing: a TLS alert can also come as the
/// answer to a request.
fn refused(error: &reqwest::Error) -> CallError {
    if !error.is_connect() {
        return CallError::Broken(cause(error));
    }
    let mut source = error.source();
    while let Some(inner) = source {
        if is_tls(inner) {
            return CallError::Tls(inner.to_string());
        }
        source = inner.source();
    }
    CallError::Connect(cause(error))
}

/// An I/O error gives the error that it was made of by `get_ref` only, and such errors are nested.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let within = || error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || within().is_some_and(|inner| is_tls(inner))
}

/// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
pub fn retry_after(value: &str) -> Option<Duration> {
    let until = || {
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value.trim()).ok()?;
        Duration::try_from(at.duration_since(telemetry::now())).ok()
    };
    value.trim().parse().ok().map(Duration::from_secs).or_else(until)
}

/// The innermost cause: the outer ones only repeat it, and the outermost quotes the address.
pub fn cause(error: &reqwest::Error) -> String {
    let mut innermost: Option<&dyn std::error::Error> = error.source();
    while let Some(next) = innermost.and_then(std::error::Error::source) {
        innermost = Some(next);
    }
    innermost.map_or_else(|| "no further cause was given".to_owned(), ToString::to_string)
}

/// The certificates of a PEM file.
pub fn certificates(path: &Path) -> Result<Vec<reqwest::Certificate>, ClientError> {
    let unreadable = || ClientError::Certificate(path.display().to_string());
    let pem = std::fs::read(path).map_err(|_| unreadable())?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|_| unreadable())?;
    if certificates.is_empty() { Err(unreadable()) } else { Ok(certificates) }
}

/// Our own certificate and its key, of one PEM file.
pub fn identity(path: &Path) -> Result<Identity, ClientError> {
    let refused = |problem: String| ClientError::Identity { file: path.display().to_string(), problem };
    let pem = std::fs::read(path).map_err(|error| refused(format!("cannot be read: {error}")))?;
    // An encrypted key says so in its first line or, in the older form, in its second.
    let is_locked = [&b"BEGIN ENCRYPTED PRIVATE KEY"[..], b"Proc-Type: 4,ENCRYPTED"]
        .iter()
        .any(|mark| pem.windows(mark.len()).any(|part| part == *mark));
    if is_locked {
        let way = "openssl pkey -in key.pem -out open-key.pem";
        return Err(refused(format!(
            "holds a key behind a password, which nobody could type at the start; take the password off ({way}) and \
             let nobody else read the file"
        )));
    }
    let identity = Identity::from_pem(&pem).map_err(|_| {
        refused("must hold a certificate and its private key, both as PEM, one after the other".into())
    })?;
    // Certificate and key are held against each other when a client is made of them.
    let fits = Client::builder().no_proxy().tls_certs_only([]).identity(identity.clone()).build();
    fits.map_err(|error| {
        refused(format!("holds a certificate and a key that do not fit: {}", cause(&error)))
    })?;
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> String {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/certificates").join(name);
        identity(&path).map_or_else(|error| error.to_string(), |_| "in order".to_owned())
    }

    #[test]
    fn a_file_without_our_certificate_and_its_key_says_what_it_lacks() {
        assert_eq!(told("client.pem"), "in order");
        assert!(told("authority.pem").ends_with(
            "authority.pem must hold a certificate and its private key, both as PEM, one after the other"
        ));
        assert!(told("locked.pem").contains("holds a key behind a password"), "{}", told("locked.pem"));
        assert!(
            told("unfit.pem").contains("holds a certificate and a key that do not fit"),
            "{}",
            told("unfit.pem")
        );
        assert!(told("none.pem").contains("none.pem cannot be read"), "{}", told("none.pem"));
    }
}
