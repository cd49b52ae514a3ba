//! A small client of vsk_bus, written apart from the gateway's adapter: it sends a message and waits for the
//! insurer's own call.

use std::{cell::Cell, time::Duration};

use reqwest::{Certificate, Client, Identity, Response};
use veer_simulator::{Running, Simulation, Wire};

use crate::{
    callbacks::{Call, Gateway},
    client, risks,
};

/// The client, with the address that it is called back at.
pub struct Bus<'a> {
    pub insurer: &'a Running,
    pub http: Client,
    pub gateway: Gateway,
    sent: Cell<usize>,
}

/// What a session is known by.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: String,
    pub bp: String,
}

const SCHEMAS: &str = "http://www.vsk.ru/schema/partners";

/// The text of the first element of that local name, whatever its prefix.
pub fn leaf(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!(":{name}>"))?;
    Some(rest.split_once("</")?.0.to_owned())
}

/// A client that is let in.
pub fn with_certificate(insurer: &Running) -> Client {
    client::http();
    let tls = insurer.tls.as_ref().expect("it wants a certificate");
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .tls_certs_only([Certificate::from_pem(tls.ca_pem.as_bytes()).unwrap()])
        .identity(Identity::from_pem(tls.identity_pem.as_bytes()).unwrap())
        .build()
        .unwrap()
}

impl<'a> Bus<'a> {
    pub async fn new(simulation: &'a Simulation) -> Self {
        let insurer = client::of(simulation, Wire::VskBus);
        let gateway = Gateway::start(0).await;
        Self { insurer, http: with_certificate(insurer), gateway, sent: Cell::new(0) }
    }

    pub fn address(&self, path: &str) -> String {
        format!("{}cxf/rest/partners/api/v2/osago/{path}", self.insurer.base_url)
    }

    /// Sends a message as it is; its id is the name and how many-eth message it is.
    pub async fn send(&self, name: &str, inner: &str) -> (Response, String) {
        self.sent.set(self.sent.get() + 1);
        let id = format!("{name}.{}", self.sent.get());
        let mut root = name.to_owned();
        root[..1].make_ascii_lowercase();
        let folder = if name == "Login" { "Auth" } else { "Policy" };
        let body = format!(
            "<x:{root}Request xmlns:x=\"{SCHEMAS}/policy\" xmlns:c=\"{SCHEMAS}/common\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><c:messageId>{id}</c:messageId>{inner}</x:{root}Request>"
        );
        let request = self.http.post(self.address(&format!("{folder}/{name}")));
        let request = request.header("Content-Type", "application/xml");
        let request = request.header("ReplyTo", format!("{}/back?token=t", self.gateway.url));
        (request.body(body).send().await.unwrap(), id)
    }

    /// The calls that answer the message of that id.
    pub fn replies(&self, id: &str) -> Vec<Call> {
        let id = format!("messageId>{id}<");
        self.gateway.calls().into_iter().filter(|call| call.body.contains(&id)).collect()
    }

    /// The reply to a message.
    pub async fn ask(&self, name: &str, inner: &str) -> String {
        let (response, id) = self.send(name, inner).await;
        assert_eq!(response.status(), 200);
        client::until(|| !self.replies(&id).is_empty()).await;
        self.replies(&id).remove(0).body
    }

    pub async fn login(&self) -> Session {
        let reply = self.ask("Login", "<partnerClientId>79000000011</partnerClientId>").await;
        Session { id: leaf(&reply, "sessionId").unwrap(), bp: leaf(&reply, "bpId").unwrap() }
    }

    pub async fn calculate(&self, policy: &str) -> String {
        self.ask("CalculatePolicy", policy).await
    }

    pub async fn save(&self, session: &Session) -> String {
        self.ask("SavePolicy", &(session.written() + &risks::vsk_bus())).await
    }

    pub async fn sign(&self, session: &Session, code: &str) -> String {
        self.ask("SignPolicy", &format!("{}<code>{code}</code>", session.written())).await
    }

    pub async fn buy(&self, session: &Session, number: &str, amount: &str) -> String {
        let inner = format!(
            "{}<policyNumber>{number}</policyNumber><returnUrl>https://shop.example/yes</returnUrl>\
             <failUrl>https://shop.example/no</failUrl><amount>{amount}</amount>",
            session.written()
        );
        self.ask("BuyPolicy", &inner).await
    }
}

impl Session {
    pub fn written(&self) -> String {
        format!("<c:bpId>{}</c:bpId><c:sessionId>{}</c:sessionId>", self.bp, self.id)
    }
}
