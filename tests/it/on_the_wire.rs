//! What leaves for an insurer and what comes back, beyond the call itself: our certificate, signatures, our own
//! address, and headers of replies.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use veer_contract::{Auth, Body, Context, Event, Step, slot};

use crate::{
    harness::{House, plan, request},
    scripted::{Recorder, Said, Scripted, call, manifest, offer},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_hands_out_our_own_address_and_reads_the_headers_that_its_manifest_names() {
    let more = "reply_headers = [\"x-correlation\"]";
    let says = |_: &str, event: Option<Event<'_>>, _: &Context<'_>| match event {
        Some(Event::Replies([reply])) => {
            let seen = (reply.header("x-correlation"), reply.header("x-other"));
            Step::done(offer("a", if seen == (Some("c-77"), None) { 5000 } else { 9999 }))
        }
        _ => Step::call(call().with_header("reply-to", slot::callback_url()), "asked".into()),
    };
    let recorder = Recorder::start(&[("X-Correlation", "c-77"), ("X-Other", "x")]).await;
    let rogue = Scripted::new(&manifest("rogue", more, ""), 1, says).built_in();
    let house = House::with_adapters(plan::of([]), &[rogue], |settings, _| {
        settings.set("insurers.rogue.base_url", recorder.base_url());
        settings.set("insurers.label.adapter", "rogue").set("insurers.label.base_url", recorder.base_url());
        settings.set("insurers.label.partner_code", 67);
    })
    .await;
    let answer = house.client.calculate(&request::sample()).await;
    assert_eq!(answer["offers"][0]["price"], 5000.0, "{answer}");
    let requests = recorder.requests().concat();
    for code in ["rogue", "label"] {
        let expected = format!("reply-to: http://{}/insurers/{code}/callback\r\n", house.client.partner);
        assert!(requests.contains(&expected), "{expected} is not in\n{requests}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_address_wins_over_the_one_that_is_listened_on() {
    let recorder = Recorder::start(&[]).await;
    let says = |_: &str, event: Option<Event<'_>>, _: &Context<'_>| match event {
        None => Step::call(call().with_query("back", slot::callback_url()), "asked".into()),
        Some(_) => Step::done(offer("a", 5000)),
    };
    let rogue = Scripted::new(&manifest("rogue", "", ""), 1, says).built_in();
    let house = House::with_adapters(plan::of([]), &[rogue], |settings, _| {
        settings.set("insurers.rogue.base_url", recorder.base_url());
        settings.set("partner.public_url", "https://osago.example.ru/");
    })
    .await;
    house.client.calculate(&request::sample()).await;
    let requests = recorder.requests().concat();
    let expected = "?back=https%3A%2F%2Fosago.example.ru%2Finsurers%2Frogue%2Fcallback ";
    assert!(requests.contains(expected), "{requests}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_body_carries_its_signature() {
    let sections = "[signature]\nheader = \"x-sign\"\nsecret = \"key\"";
    let text = format!("what do ya want for {}?", slot::secret("word"));
    let says = move |_: &str, event: Option<Event<'_>>, _: &Context<'_>| -> Said {
        let signed = || call().with_auth(Auth::Signed).with_body(Body::Json(text.clone()));
        match event {
            None => Step::call(signed(), "asked".into()),
            Some(_) => Step::done(offer("a", 5000)),
        }
    };
    let word = "[settings.word]\ndoc = \"a word\"\nsecret = true";
    let manifest = manifest("rogue", "", sections) + word;
    let recorder = Recorder::start(&[]).await;
    let house =
        House::with_adapters(plan::of([]), &[Scripted::new(&manifest, 1, says).built_in()], |settings, _| {
            settings.set("insurers.rogue.base_url", recorder.base_url());
            // RFC 4231, test case 2.
            settings
                .set("insurers.rogue.settings.key", "Jefe")
                .set("insurers.rogue.settings.word", "nothing");
        })
        .await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("rogue"), 0, "{explained:?}");
    let requests = recorder.requests().concat();
    let digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert!(requests.contains(&format!("x-sign: {digest}\r\n")), "{requests}");
    assert!(requests.ends_with("\r\n\r\nwhat do ya want for nothing?"), "{requests}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insurer_that_wants_our_certificate_gets_it() {
    let (address, met) = wants_certificate();
    let house = tls_house(address, true).await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("rogue"), 0, "{explained:?}");
    assert_eq!(met.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_our_certificate_such_an_insurer_does_not_speak_with_us() {
    let (address, met) = wants_certificate();
    let house = tls_house(address, false).await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    // TLS 1.3 tells of it when the first answer is read: as a connection that broke.
    assert!([400, 401].contains(&explained.verdict("rogue")), "{explained:?}");
    assert_eq!(met.load(Ordering::SeqCst), 0);
}

async fn tls_house(address: SocketAddr, with_certificate: bool) -> House {
    let says = |_: &str, event: Option<Event<'_>>, _: &Context<'_>| match event {
        None => Step::call(call(), "asked".into()),
        Some(_) => Step::done(offer("a", 5000)),
    };
    let more = format!("client_certificate = {with_certificate}");
    let rogue = Scripted::new(&manifest("rogue", &more, ""), 1, says).built_in();
    House::with_adapters(plan::of([]), &[rogue], |settings, _| {
        settings.set("insurers.rogue.base_url", format!("https://{address}/"));
        settings.set("insurers.rogue.ca_file", shown("authority.pem")).set("upstream.repeats", 0);
        if with_certificate {
            settings.set("insurers.rogue.client_certificate_file", shown("client.pem"));
        }
    })
    .await
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/certificates").join(name)
}

fn shown(name: &str) -> String {
    file(name).display().to_string()
}

/// An insurer behind TLS that speaks only with those who show a certificate of its authority; where it listens, and
/// how many have.
fn wants_certificate() -> (SocketAddr, Arc<AtomicUsize>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(file("authority.pem")).expect("a certificate"))
        .expect("an authority");
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(
            vec![CertificateDer::from_pem_file(file("server.pem")).expect("a certificate")],
            PrivateKeyDer::from_pem_file(file("server.pem")).expect("a key"),
        )
        .expect("a certificate with its key");
    let (config, met) = (Arc::new(config), Arc::new(AtomicUsize::new(0)));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, counted) = (listener.local_addr().expect("an address"), met.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let Ok(connection) = ServerConnection::new(config.clone()) else { continue };
            let mut stream = StreamOwned::new(connection, stream);
            // Fails where no certificate is shown.
            if stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                counted.fetch_add(1, Ordering::SeqCst);
                let _ =
                    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}");
            }
        }
    });
    (address, met)
}
