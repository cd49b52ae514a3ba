//! The front door's manners, over a real socket: statuses, shapes and headers of everything that is not a
//! calculation.
//!
//! Each behaviour is a function over a [`Door`], so it can be held against any gateway that runs: one in
//! this process or a binary.

use std::{net::SocketAddr, sync::Arc};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Contract, House, plan};

const UNKNOWN: &str = "01890000-0000-7000-8000-000000000000";
const CALLERS: &str = "11111111-2222-4333-8444-555555555555";

/// A gateway's partner port, and credentials that open it.
pub struct Door {
    /// Where it listens.
    pub address: SocketAddr,
    /// A bearer token.
    pub token: String,
    /// More bytes than it reads.
    pub too_many_bytes: usize,
    /// What its answers are held against.
    pub contract: Arc<Contract>,
}

/// One answer.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    head: String,
    /// Its body.
    pub body: Value,
}

// === impl Door ===

impl Door {
    /// Sends one request as it is and reads the answer until the gateway hangs up.
    pub async fn send(&self, request: impl AsRef<[u8]>) -> Reply {
        let mut socket = TcpStream::connect(self.address).await.expect("a listening gateway");
        // A gateway that has seen enough may hang up before it has read everything.
        let _ = socket.write_all(request.as_ref()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        let reply = Reply::read(&answer);
        let line =
            String::from_utf8_lossy(request.as_ref().split(|byte| *byte == b'\r').next().unwrap_or_default());
        if let [method, target, _] = line.split(' ').collect::<Vec<_>>()[..] {
            self.contract.hold(method, target, reply.status, &reply.body);
        }
        reply
    }

    /// A GET or another request without a body.
    pub async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(head(method, target, headers)).await
    }

    /// The same with credentials.
    pub async fn ask_in(&self, method: &str, target: &str) -> Reply {
        self.ask(method, target, &[("Authorization", &self.bearer())]).await
    }

    /// A POST of a calculation with credentials.
    pub async fn post(&self, body: &[u8], headers: &[(&str, &str)]) -> Reply {
        let (bearer, length) = (self.bearer(), body.len().to_string());
        let mut all = vec![("Authorization", bearer.as_str()), ("Content-Length", length.as_str())];
        all.extend(headers);
        let mut request = head("POST", "/osago/calculate", &all).into_bytes();
        request.extend_from_slice(body);
        self.send(request).await
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {target} HTTP/1.1\r\nHost: veer\r\nConnection: close\r\n{headers}\r\n")
}

// === impl Reply ===

impl Reply {
    fn read(answer: &[u8]) -> Self {
        let split = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let split = split.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(answer)));
        let head = String::from_utf8_lossy(&answer[..split]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let body = serde_json::from_slice(&answer[split + 4..])
            .unwrap_or_else(|_| panic!("no JSON: {:?}", String::from_utf8_lossy(answer)));
        Self { status, head, body }
    }

    /// A header's value, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&prefix))
    }

    /// It is an error of the contract's shape with that status.
    #[track_caller]
    pub fn assert_error(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert_eq!(self.header("x-request-id").map(str::len), Some(36), "{self:?}");
        assert!(self.body["message"].as_str().is_some_and(|message| !message.is_empty()), "{self:?}");
        assert_eq!(self.body["request_id"].as_str().map(str::len), Some(36), "{self:?}");
        self
    }

    /// It is a 400 that names exactly these fields.
    #[track_caller]
    pub fn assert_wrong(&self, paths: &[&str]) -> &Self {
        self.assert_error(400);
        let named: Vec<_> = self.body["properties"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|wrong| wrong["property"].as_str().expect("a path"))
            .collect();
        assert_eq!(named, paths, "{self:?}");
        self
    }
}

// === the behaviours ===

/// No credentials or wrong ones: 403, whatever else is wrong.
pub async fn strangers_are_turned_away(door: &Door) {
    let target = format!("/osago/calculate?request_id={UNKNOWN}");
    for credentials in [None, Some("Bearer wrong"), Some("Basic eDp5"), Some("Digest x"), Some("")] {
        let headers: Vec<_> = credentials.map(|value| ("Authorization", value)).into_iter().collect();
        let refused = door.ask("GET", &target, &headers).await;
        assert_eq!(refused.assert_error(403).body["request_id"], UNKNOWN);
        door.ask("GET", "/osago/calculate/status", &headers).await.assert_error(403);
        door.ask("POST", "/osago/calculate", &headers).await.assert_error(403);
    }
}

/// Every answer has an `X-Request-Id`: the caller's where it is a UUID.
pub async fn every_answer_carries_a_correlation_id(door: &Door) {
    for target in ["/", "/osago/calculate", "/osago/calculate/status", "/osago/calculate/"] {
        for (sent, adopted) in [(CALLERS, true), ("17", false)] {
            let answer = door.ask("GET", target, &[("X-Request-Id", sent)]).await;
            let id = answer.header("x-request-id").expect("an id");
            assert_eq!(id == sent, adopted, "{target} {answer:?}");
            assert_eq!(answer.body["request_id"], id);
        }
    }
}

/// A query without one good request_id is a 400 that names it; an id that nobody knows is a 404.
pub async fn the_query_needs_one_known_id(door: &Door) {
    for path in ["/osago/calculate", "/osago/calculate/status"] {
        for query in [
            "",
            "?",
            "?request_id=",
            "?request_id=17",
            &format!("?request_id={UNKNOWN}&request_id={UNKNOWN}"),
        ] {
            door.ask_in("GET", &format!("{path}{query}")).await.assert_wrong(&["request_id"]);
        }
        let unknown = door.ask_in("GET", &format!("{path}?request_id={UNKNOWN}")).await;
        assert_eq!(unknown.assert_error(404).body["request_id"], UNKNOWN);
        assert_eq!(unknown.body.get("properties"), None);
    }
}

/// Another path is a 404, another method a 405 that names the right ones.
pub async fn other_addresses_and_methods_are_told_so(door: &Door) {
    for target in ["/", "/osago", "/osago/calculate/", "/osago/calculate/none", "/OSAGO/calculate", "/%00"] {
        door.ask_in("GET", target).await.assert_error(404);
        door.ask_in("POST", target).await.assert_error(404);
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        let refused = door.ask_in(method, "/osago/calculate").await;
        assert_eq!(refused.assert_error(405).header("allow"), Some("get, post"));
        let refused = door.ask_in(method, "/osago/calculate/status").await;
        assert_eq!(refused.assert_error(405).header("allow"), Some("get"));
    }
}

/// A body that cannot be read is a 400 that says why and quotes nothing.
pub async fn an_unreadable_body_is_told_apart(door: &Door) {
    let message = async |body: &[u8], headers: &[(&str, &str)]| {
        let reply = door.post(body, headers).await;
        reply.assert_wrong(&[]);
        reply.body["message"].as_str().expect("a message").to_owned()
    };
    assert!(message(b"", &[]).await.contains("empty"));
    let broken = message("{\n\"owner\": Иванов}".as_bytes(), &[]).await;
    assert!(broken.contains("line 2, column 10") && !broken.contains("Иван"), "{broken}");
    assert!(message(b"{\"owner\": ", &[]).await.contains("ends too early"));
    assert!(message(b"[]", &[]).await.contains("object"));
    assert!(message(b"{}", &[("Content-Encoding", "gzip")]).await.contains("compressed"));
    let large = vec![b' '; door.too_many_bytes];
    assert!(message(&large, &[]).await.contains("larger"));
}

/// The content type does not matter; what is wrong is told with the request's own id.
pub async fn wrong_fields_are_named_whatever_the_content_type(door: &Door) {
    let body = format!("{{\"request_id\": \"{UNKNOWN}\", \"partner\": null, \"purpose\": 17}}");
    for content_type in ["application/json", "application/json; charset=utf-8", "text/plain", ""] {
        let refused = door.post(body.as_bytes(), &[("Content-Type", content_type)]).await;
        refused.assert_wrong(&[
            "product_type",
            "partner",
            "is_cross_allowed",
            "purpose",
            "policy_start_date",
            "vehicle",
            "drivers_info",
            "owner",
            "insurer",
        ]);
        assert_eq!(refused.body["request_id"], UNKNOWN);
    }
}

// === against a gateway in this process ===

macro_rules! holds_for_a_gateway {
    ($($behaviour:ident),* $(,)?) => {
        mod gateway {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $behaviour() {
                let house = super::House::open(super::plan::healthy()).await;
                super::$behaviour(&super::door(&house)).await;
                assert!(house.simulation.journal().is_empty(), "nobody was to be asked");
            })*
        }
    };
}

holds_for_a_gateway!(
    strangers_are_turned_away,
    every_answer_carries_a_correlation_id,
    the_query_needs_one_known_id,
    other_addresses_and_methods_are_told_so,
    an_unreadable_body_is_told_apart,
    wrong_fields_are_named_whatever_the_content_type,
);

fn door(house: &House) -> Door {
    let (address, contract) = (house.client.partner, house.client.contract.clone());
    Door { address, token: "demo-token".into(), too_many_bytes: 300 << 10, contract }
}
