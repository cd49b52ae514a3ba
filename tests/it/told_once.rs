//! An insurer that cannot be asked whether an offer is paid, and tells it once by itself: the money is heard of,
//! whatever happens around that moment.

use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::json;
use veer_contract::{
    Adapter, Callback, Context, Erased, ErasedFlow, Event, Fault, Flow, Manifest, Reply, Step,
    domain::{Kopecks, OfferRef, PaymentLink, PaymentState, Personal, Policy},
    operation::{Confirm, Confirmation, OfferInput, PaymentStatus, Policies, Quote},
};

use crate::{
    harness::{House, eventually, plan, request},
    journey::{approved, confirmed},
    scripted::{Scripted, manifest, offer},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_is_heard_makes_the_offer_paid() {
    let house = open().await;
    let (request_id, offer_id) = linked(&house).await;
    let asked = ASKED.load(Ordering::Relaxed);
    eventually("it is asked again, and nothing is told yet", async || {
        (ASKED.load(Ordering::Relaxed) > asked + 1).then_some(())
    })
    .await;
    let offer = house.client.offer(&request_id, &offer_id).await.body;
    assert_eq!(offer["status"], "PAYMENT_READY", "{offer}");
    assert_eq!(tell(&house).await, 200);
    is_sold(&house, &request_id, &offer_id).await;
    assert_eq!(tell(&house).await, 200, "the same again does no harm");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_came_just_before_a_restart_is_not_lost() {
    let mut house = open().await;
    let (request_id, offer_id) = linked(&house).await;
    assert_eq!(tell(&house).await, 200);
    house.restart().await;
    is_sold(&house, &request_id, &offer_id).await;
}

/// An offer with its payment link.
async fn linked(house: &House) -> (String, String) {
    let (request_id, offer) = approved(&house.client, &request::sample()).await;
    let wish = json!({ "request_id": request_id, "offer_id": offer["offer_id"] });
    confirmed(&house.client, &wish).await;
    (request_id, offer["offer_id"].as_str().expect("an id").to_owned())
}

async fn is_sold(house: &House, request_id: &str, offer_id: &str) {
    eventually("the policy is issued", async || {
        let offer = house.client.offer(request_id, offer_id).await.body;
        (offer["status"] == "CLOSED_PAID" && offer["policy_number"] == "0000000001").then_some(())
    })
    .await;
}

/// The insurer tells of the payment.
async fn tell(house: &House) -> u16 {
    let address = format!("http://{}/insurers/teller/callback?key=secret", house.client.partner);
    let body = "{\"about\": \"paid-1\"}";
    house.client.stranger(Method::POST, &address, |request| request.body(body)).await.status
}

async fn open() -> House {
    let operations = "operations = [\"quote\", \"confirm\", \"payment_status\", \"policy\"]";
    let manifest = manifest("teller", "", "").replace("operations = [\"quote\"]", operations);
    let reads = Scripted::new(&manifest, 1, |_, _, _| Step::done(offer("a", 5000)));
    let teller: &'static dyn Adapter = Box::leak(Box::new(Teller { reads }));
    House::with_adapters(plan::of([]), &[teller], |settings, _| {
        settings.set("insurers.teller.base_url", "http://127.0.0.1:9/");
        settings.set("offers.payment_poll", "100ms").set("offers.payment_poll_longest", "100ms");
    })
    .await
}

/// It calls nobody: what it says is known, but for the payment, which is told.
struct Teller {
    reads: Scripted,
}

/// All its conversations but the quote.
struct Sells;

/// How often it was asked whether the offer is paid.
static ASKED: AtomicUsize = AtomicUsize::new(0);

static CONFIRM: Erased<Sells, Confirm> = Erased::new(Sells);
static PAYMENT_STATUS: Erased<Sells, PaymentStatus> = Erased::new(Sells);
static POLICY: Erased<Sells, Policies> = Erased::new(Sells);

// === impl Teller ===

impl Adapter for Teller {
    fn manifest(&self) -> &Manifest {
        self.reads.manifest()
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        self.reads.quote()
    }

    fn confirm(&self) -> Option<&dyn ErasedFlow<Confirm>> {
        Some(&CONFIRM)
    }

    fn payment_status(&self) -> Option<&dyn ErasedFlow<PaymentStatus>> {
        Some(&PAYMENT_STATUS)
    }

    fn policy(&self) -> Option<&dyn ErasedFlow<Policies>> {
        Some(&POLICY)
    }

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        self.reads.callback(received)
    }
}

// === impl Sells ===

impl Flow<Confirm> for Sells {
    type State = ();

    fn start(&self, _: &Confirmation, _: &Context<'_>) -> Step<(), PaymentLink> {
        Step::done(PaymentLink {
            url: "https://pay.example.ru/1".into(),
            amount: Some(Kopecks::from_roubles(5000)),
            reference: OfferRef::default(),
            correlation: Some("paid-1".into()),
        })
    }

    fn resume(&self, _: &Confirmation, (): (), _: Event<'_>, _: &Context<'_>) -> Step<(), PaymentLink> {
        Step::fail(Fault::not_understood("nothing was asked"))
    }
}

impl Flow<PaymentStatus> for Sells {
    type State = ();

    fn start(&self, _: &OfferInput, _: &Context<'_>) -> Step<(), PaymentState> {
        ASKED.fetch_add(1, Ordering::Relaxed);
        Step::wait_for_callback("paid-1", ())
    }

    fn resume(&self, _: &OfferInput, (): (), event: Event<'_>, _: &Context<'_>) -> Step<(), PaymentState> {
        Step::done(match event {
            Event::Callback(_) => PaymentState::Paid,
            Event::Woke | Event::Replies(_) => PaymentState::Pending,
        })
    }
}

impl Flow<Policies> for Sells {
    type State = ();

    fn start(&self, _: &OfferInput, _: &Context<'_>) -> Step<(), Policy> {
        let (series, number) = (Personal::new("ХХХ".to_owned()), Personal::new("0000000001".to_owned()));
        Step::done(Policy { series, number, document: None })
    }

    fn resume(&self, _: &OfferInput, (): (), _: Event<'_>, _: &Context<'_>) -> Step<(), Policy> {
        Step::fail(Fault::not_understood("nothing was asked"))
    }
}
