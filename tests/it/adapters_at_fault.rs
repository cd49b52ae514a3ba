//! An adapter that panics, hangs or talks nonsense loses only itself, by name.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use veer::upstream::isolate::THREADS;
use veer_contract::{
    Adapter, Call, Context, Decline, Effect, Erased, ErasedFlow, Event, Flow, Lane, Manifest, Method, Next,
    SavedState, Step,
    domain::{Offer, QuoteRequest},
    erased::{ErasedStep, StateError},
    operation::Quote,
};

use crate::harness::{Explained, House, eventually, plan, request};

const ROGUE: &str = r#"
contract = 1
code = "rogue"
partner_code = 66
name = "Самозванец"
protocol = "none"
operations = ["quote"]
vehicles = "names"
[scope]
categories = ["B"]
purposes = ["taxi"]
[lanes.create]
concurrent = 8
first_byte = "5s"
total = "5s"
"#;

/// An adapter around one flow.
struct Rogue {
    manifest: Manifest,
    quote: Box<dyn ErasedFlow<Quote>>,
}

impl Adapter for Rogue {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        Some(&*self.quote)
    }
}

/// A flow whose steps are these two functions.
struct Steps<S, R>(S, R);

type Said = Step<String, Offer>;

impl<S, R> Flow<Quote> for Steps<S, R>
where
    S: Fn() -> Said + Send + Sync + 'static,
    R: Fn() -> Said + Send + Sync + 'static,
{
    type State = String;

    fn start(&self, _: &QuoteRequest, _: &Context<'_>) -> Said {
        (self.0)()
    }

    fn resume(&self, _: &QuoteRequest, _: String, _: Event<'_>, _: &Context<'_>) -> Said {
        (self.1)()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_the_first_step_is_verdict_502() {
    let panics = Steps(|| panic!("at the first step"), || panic!("never"));
    assert_alone(&calculate(panics).await, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_at_a_reply_is_verdict_502() {
    let panics = Steps(ask, || panic!("at the reply"));
    assert_alone(&calculate(panics).await, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_ends_without_an_offer_is_verdict_500() {
    let nothing = || Said { emit: Vec::new(), next: Next::Done };
    assert_alone(&calculate(Steps(nothing, nothing)).await, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_another_address_is_verdict_500_and_does_not_leave() {
    for path in ["/absolute", "../outside", "http://127.0.0.1:1/", "//127.0.0.1:1/", "a\\b"] {
        let path = path.to_owned();
        let aims =
            move || Step::call(Call::new("aim", Lane::Create, Effect::Read, Method::Get, &*path), state());
        let explained = calculate(Steps(aims, ask)).await;
        assert_alone(&explained, 500);
        assert_eq!(explained.count("rogue", "called"), 0, "{explained:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_a_lane_that_is_not_there_is_verdict_500() {
    let astray = || Step::call(Call::new("astray", Lane::Document, Effect::Read, Method::Get, "x"), state());
    assert_alone(&calculate(Steps(astray, ask)).await, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_does_not_parse_is_verdict_503() {
    /// Saves what it cannot read.
    struct Garbage(Erased<Steps<Ask, Ask>, Quote>);
    type Ask = fn() -> Said;

    impl ErasedFlow<Quote> for Garbage {
        fn start(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<ErasedStep<Offer>, StateError> {
            let mut step = self.0.start(input, cx)?;
            if let Next::Call { then, .. } = &mut step.next {
                *then = SavedState { json: "{".into(), ..then.clone() };
            }
            Ok(step)
        }

        fn resume(
            &self,
            input: &QuoteRequest,
            state: &SavedState,
            event: Event<'_>,
            cx: &Context<'_>,
        ) -> Result<ErasedStep<Offer>, StateError> {
            self.0.resume(input, state, event, cx)
        }

        fn recover(
            &self,
            input: &QuoteRequest,
            state: &SavedState,
            cx: &Context<'_>,
        ) -> Result<Option<ErasedStep<Offer>>, StateError> {
            self.0.recover(input, state, cx)
        }
    }

    let house = open(Box::new(Garbage(Erased::new(Steps(ask, ask))))).await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_alone(&explained, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_never_returns_is_verdict_502_and_is_not_begun_for_ever() {
    let release = Release(Arc::default());
    let released = release.0.clone();
    let hangs = move || -> Said {
        while !released.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        ask()
    };
    let house = open(Box::new(Erased::<_, Quote>::new(Steps(hangs, no)))).await;
    let ended = house.client.calculate_about(THREADS as u32 + 2).await;
    for (answer, explained) in &ended {
        assert_eq!(answer["status"], "CALCULATION_READY");
        assert_alone(explained, 502);
    }
    let not_begun = |explained: &Explained| explained.detail("rogue").contains("still hanging");
    assert_eq!(ended.iter().filter(|(_, explained)| not_begun(explained)).count(), 2, "{ended:?}");
    let stuck = async |count: usize| {
        let series = format!("veer_adapter_steps_stuck{{insurer=\"rogue\"}} {count}\n");
        house.client.operate("/metrics").await.1.contains(&series).then_some(())
    };
    assert_eq!(stuck(THREADS).await, Some(()));

    drop(release);
    eventually("the steps are back", async || stuck(0).await).await;
    // What was given up for lost is asked again.
    let (_, explained) = house.client.calculate_explained(&request::about_car(99)).await;
    assert!(!not_begun(&explained), "{explained:?}");
}

/// Lets the hanging steps return, however the test ends: a runtime waits for its threads.
struct Release(Arc<AtomicBool>);

impl Drop for Release {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A question that the simulated insurer answers with 404.
fn ask() -> Said {
    let call = Call::new("ask", Lane::Create, Effect::Read, Method::Get, "nowhere");
    Step::call(call.accepting(&[404]), state())
}

fn no() -> Said {
    Step::decline(Decline::declined("нет"))
}

fn state() -> String {
    "asked".into()
}

async fn calculate<S, R>(steps: Steps<S, R>) -> Explained
where
    Steps<S, R>: Flow<Quote>,
{
    let house = open(Box::new(Erased::<_, Quote>::new(steps))).await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(answer["status"], "CALCULATION_READY", "{explained:?}");
    explained
}

async fn open(quote: Box<dyn ErasedFlow<Quote>>) -> House {
    let manifest = toml::from_str(ROGUE).expect("a manifest");
    let rogue: &'static dyn Adapter = Box::leak(Box::new(Rogue { manifest, quote }));
    let others = plan::of([("alfastrah", plan::quick()), ("ingosstrakh", plan::quick())]);
    House::with_adapters(others, &[rogue], |settings, simulation| {
        let somewhere = simulation.insurers()[0].base_url.clone();
        settings.set("insurers.rogue.base_url", somewhere);
        settings.set("calculation.step_limit", "200ms");
    })
    .await
}

/// The rogue ended so, and nobody else suffered.
#[track_caller]
fn assert_alone(explained: &Explained, verdict: u64) {
    let expected = [("alfastrah", 0), ("ingosstrakh", 0), ("rogue", verdict)];
    assert_eq!(explained.verdicts(), expected, "{explained:?}");
}
