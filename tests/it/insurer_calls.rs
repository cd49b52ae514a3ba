//! Insurers' own calls: who may make them.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use sha2::Sha256;

use crate::harness::{House, plan};

#[tokio::test(flavor = "multi_thread")]
async fn an_insurers_call_needs_its_proof_and_nothing_else() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings
            .set("insurers.alfastrah.settings.callback_secret", "alfa-key")
            .set("insurers.ingosstrakh.settings.callback_password", "ingo-password")
            .remove("insurers.renessans.settings.callback_key");
    })
    .await;
    let call = async |insurer: &str, headers: &[(&str, &str)], body: &str| {
        let address = format!("http://{}/insurers/{insurer}/callback", house.client.partner);
        let write = |request: reqwest::RequestBuilder| {
            let request =
                headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            request.body(body.to_owned())
        };
        house.client.stranger(Method::POST, &address, write).await.status
    };
    let body = "{\"order_id\": \"4711\"}";
    let proof = signature("alfa-key", body);
    // Taken, though nobody knows that order; twice, too.
    assert_eq!(call("alfastrah", &[("x-signature", &proof)], body).await, 200);
    assert_eq!(call("alfastrah", &[("x-signature", &proof)], body).await, 200);
    assert_eq!(call("alfastrah", &[], body).await, 403);
    assert_eq!(call("alfastrah", &[("x-signature", &proof)], "{\"order_id\": \"4712\"}").await, 403);
    assert_eq!(call("alfastrah", &[("authorization", "Bearer demo-token")], body).await, 403);
    let nonsense = signature("alfa-key", "x");
    assert_eq!(call("alfastrah", &[("x-signature", &nonsense)], "x").await, 400);
    assert_eq!(call("ingosstrakh", &[("authorization", "Basic eDp5")], body).await, 403);
    assert_eq!(call("ingosstrakh", &[], body).await, 403);
    // Without a secret of its own it takes no calls, and an empty proof is none.
    assert_eq!(call("renessans", &[], "key=").await, 404);
    assert_eq!(call("nobody", &[], body).await, 404);
    let large = "x".repeat(65 << 10);
    assert_eq!(call("alfastrah", &[("x-signature", &proof)], &large).await, 400);
    assert!(house.simulation.journal().is_empty(), "nobody was to be asked");
}

/// What alfastrah writes into `x-signature`.
fn signature(key: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.chain_update(body).finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
