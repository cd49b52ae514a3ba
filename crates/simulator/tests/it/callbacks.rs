//! The insurers' own calls after a payment.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use veer_simulator::{Callbacks, Knobs, Simulation, Wire};

use crate::{
    client::{self, Alfastrah},
    sell::{act, bills},
};

/// One call that the gateway's stand-in took.
#[derive(Debug, Clone)]
pub struct Call {
    pub path: String,
    pub query: String,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Call {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// A stand-in for a gateway; it refuses the first few calls.
pub struct Gateway {
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Gateway {
    pub async fn start(refusing: usize) -> Self {
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let taken = calls.clone();
        let server = HttpServer::new(move || {
            let taken = taken.clone();
            let take = move |request: HttpRequest, body: web::Bytes| {
                let headers = request
                    .headers()
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                    .collect();
                let body = String::from_utf8(body.to_vec()).unwrap();
                let mut taken = taken.lock().unwrap();
                let (path, query) = (request.path().to_owned(), request.query_string().to_owned());
                taken.push(Call { path, query, headers, body });
                let refused = taken.len() <= refusing;
                async move { if refused { HttpResponse::BadGateway() } else { HttpResponse::Ok() }.finish() }
            };
            App::new().default_service(web::to(take))
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        tokio::spawn(server);
        Self { url, calls }
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
}

async fn telling(callbacks: Callbacks) -> Simulation {
    client::with(Knobs { callbacks, ..Knobs::default() }).await
}

#[tokio::test]
async fn every_payment_is_told_of_in_the_wires_way_with_its_proof() {
    let gateway = Gateway::start(0).await;
    let simulation = telling(Callbacks { share: 1.0, ..Callbacks::default() }).await;
    simulation.notify(&gateway.url);
    for (wire, bill) in bills(&simulation).await {
        let before = gateway.calls().len();
        act(&bill.url, "pay").await;
        client::until(|| gateway.calls().len() > before).await;
        let call = gateway.calls().pop().unwrap();
        let insurer = client::of(&simulation, wire);
        assert_eq!(call.path, format!("/insurers/{}/callback", insurer.code));
        let secret = &insurer.callback_secret;
        match wire {
            Wire::Alfastrah => {
                let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
                assert_eq!(
                    (body["order_id"].as_str(), body["payment_status"].as_str()),
                    (Some(&*bill.order), Some("PAID"))
                );
                let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
                mac.update(call.body.as_bytes());
                let proof: String =
                    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(call.header("x-signature"), proof);
            }
            Wire::Ingosstrakh => {
                assert_eq!(client::element(&call.body, "BillISN").as_ref(), Some(&bill.order));
                assert_eq!(client::element(&call.body, "Paid").as_deref(), Some("2"));
                let proof = BASE64_STANDARD.encode(format!("ingosstrakh:{secret}"));
                assert_eq!(call.header("authorization"), format!("Basic {proof}"));
            }
            Wire::Renessans => {
                let fields: Vec<_> = url::form_urlencoded::parse(call.body.as_bytes()).into_owned().collect();
                let expected =
                    [("key", secret.as_str()), ("policy_id", &bill.application), ("status", "Оплачен")];
                assert_eq!(fields, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
            }
            _ => unreachable!("no bill of it is among them"),
        }
    }
}

#[tokio::test]
async fn the_same_notice_comes_as_often_as_the_knob_says_and_once_a_payment() {
    let gateway = Gateway::start(0).await;
    let simulation = telling(Callbacks { share: 1.0, copies: 3, ..Callbacks::default() }).await;
    simulation.notify(&gateway.url);
    let bill = Alfastrah::new(&simulation).bill().await;
    act(&bill.url, "pay").await;
    act(&bill.url, "pay").await;
    client::until(|| gateway.calls().len() >= 3).await;
    let other = Alfastrah::new(&simulation).bill().await;
    act(&other.url, "pay").await;
    client::until(|| gateway.calls().len() >= 6).await;
    let calls = gateway.calls();
    let of = |order: &str| calls.iter().filter(|call| call.body.contains(order)).count();
    assert_eq!((of(&bill.order), of(&other.order)), (3, 3));
}

#[tokio::test]
async fn a_gateway_that_refuses_is_tried_again() {
    let gateway = Gateway::start(2).await;
    let simulation = telling(Callbacks { share: 1.0, ..Callbacks::default() }).await;
    simulation.notify(&gateway.url);
    let bill = Alfastrah::new(&simulation).bill().await;
    act(&bill.url, "pay").await;
    client::until(|| gateway.calls().len() == 3).await;
    assert!(gateway.calls().iter().all(|call| call.body.contains(&bill.order)));
}

#[tokio::test]
async fn a_delayed_notice_comes_after_the_payment_is_said_and_a_cancelled_bill_has_none() {
    let gateway = Gateway::start(0).await;
    let delay = Duration::from_secs(600);
    let callbacks = Callbacks { share: 1.0, delay, gateway: gateway.url.clone(), ..Callbacks::default() };
    let simulation = telling(callbacks.clone()).await;
    let alfastrah = Alfastrah::new(&simulation);
    let late = alfastrah.bill().await;
    act(&late.url, "pay").await;
    assert_eq!(alfastrah.paid(&late.application, &late.order).await, "PAID");
    let at_once = Callbacks { delay: Duration::ZERO, ..callbacks };
    simulation.set_knobs("alfastrah", Knobs { callbacks: at_once, ..Knobs::default() }).unwrap();
    let cancelled = alfastrah.bill().await;
    act(&cancelled.url, "cancel").await;
    let told = alfastrah.bill().await;
    act(&told.url, "pay").await;
    client::until(|| !gateway.calls().is_empty()).await;
    let [call] = &gateway.calls()[..] else { panic!("one notice, the others are late or none") };
    assert!(call.body.contains(&told.order));
}

#[tokio::test]
async fn without_the_knob_nobody_is_told() {
    let gateway = Gateway::start(0).await;
    let simulation = client::fast().await;
    simulation.notify(&gateway.url);
    let alfastrah = Alfastrah::new(&simulation);
    act(&alfastrah.bill().await.url, "pay").await;
    let callbacks = Callbacks { share: 1.0, ..Callbacks::default() };
    simulation.set_knobs("alfastrah", Knobs { callbacks, ..Knobs::default() }).unwrap();
    let told = alfastrah.bill().await;
    act(&told.url, "pay").await;
    client::until(|| !gateway.calls().is_empty()).await;
    assert!(gateway.calls().iter().all(|call| call.body.contains(&told.order)));
}
