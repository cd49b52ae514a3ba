//! Killed at any step of a sale and started again, the real binary sells one policy: no application is sent
//! twice, nothing that was said is taken back, and the sale is credited once.
//!
//! A step is killed while it is under way (the moment is drawn) and, in another journey, right after its
//! answer. Whoever was cut off does what a partner does: it asks again. Where nobody can know whether an
//! insurer has an application, that offer is given up and the user takes another car's.

use std::{collections::BTreeMap, time::Duration};

use futures::StreamExt;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use veer_simulator::{Knobs, Latency, Polls, Simulation, Yandex, YandexKnobs};

use crate::harness::{Answer, Process, Settings, eventually, plan, request, yandex};

/// The steps of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Calculate,
    Poll,
    Offer,
    Confirm,
    Draft,
    Pay,
    Policy,
    Counted,
}

const STEPS: [Step; 8] = [
    Step::Calculate,
    Step::Poll,
    Step::Offer,
    Step::Confirm,
    Step::Draft,
    Step::Pay,
    Step::Policy,
    Step::Counted,
];

/// When the gateway is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    During(Step),
    After(Step),
    Never,
}

impl Kill {
    /// Whether an insurer may have been on the way to make something at that moment.
    fn may_cost_an_offer(self) -> bool {
        let (Kill::During(step) | Kill::After(step)) = self else { return false };
        matches!(step, Step::Calculate | Step::Poll | Step::Offer) || self == Kill::During(Step::Confirm)
    }
}

/// Journeys at once.
const AT_ONCE: usize = 4;
/// Cars that a user may come to own in one journey.
const CARS: u32 = 4;
/// What makes an application at an insurer: once a risk, whatever happens.
const APPLICATIONS: [&str; 5] =
    ["eosago", "CreateAgreement", "MakeEOsago", "create/segment", "create/application"];

#[tokio::test(flavor = "multi_thread")]
async fn alfastrah_sells_one_policy_wherever_the_gateway_is_killed() {
    all_journeys("alfastrah").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ingosstrakh_sells_one_policy_wherever_the_gateway_is_killed() {
    all_journeys("ingosstrakh").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renessans_sells_one_policy_wherever_the_gateway_is_killed() {
    all_journeys("renessans").await;
}

async fn all_journeys(insurer: &'static str) {
    let seed: u64 = rand::random();
    println!("killed at the moments of seed {seed}");
    let kills = STEPS.iter().flat_map(|step| [Kill::During(*step), Kill::After(*step)]).chain([Kill::Never]);
    let journeys = kills.enumerate().map(|(number, kill)| async move {
        let moments = StdRng::seed_from_u64(seed.wrapping_add(number as u64));
        Journey::begin(insurer, kill, moments).await.travel().await;
    });
    futures::stream::iter(journeys).buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// One user, from the calculation to the policy.
struct Journey {
    kill: Kill,
    moments: StdRng,
    insurer: &'static str,
    simulation: Simulation,
    yandex: Yandex,
    settings: Settings,
    folder: TempDir,
    process: Option<Process>,
    /// How far the offer was said to be.
    seen: BTreeMap<String, usize>,
}

/// A car whose offer the user gives up; why.
struct GivenUp(String);

// === impl Journey ===

impl Journey {
    async fn begin(insurer: &'static str, kill: Kill, moments: StdRng) -> Self {
        let latency = Latency::Fixed { time: Duration::from_millis(150) };
        let knobs = Knobs {
            latency,
            application_latency: latency,
            application_polls: Polls { min: 1, max: 1 },
            ..plan::quick()
        };
        let simulation = Simulation::start(plan::of([(insurer, knobs)])).await.expect("a simulated insurer");
        let yandex = yandex().await;
        if kill == Kill::During(Step::Counted) {
            let slow = YandexKnobs { delay: Duration::from_millis(400), ..YandexKnobs::default() };
            yandex.set(slow).expect("knobs");
        }
        let mut settings = Settings::of(&simulation);
        let in_bulk = matches!(kill, Kill::After(_));
        settings.confirm_to(&yandex, if in_bulk { "post" } else { "get" });
        let folder = TempDir::with_prefix("veer-test-").expect("a folder");
        let process = Some(Process::start(&settings, folder.path()).await);
        Self { kill, moments, insurer, simulation, yandex, settings, folder, process, seen: BTreeMap::new() }
    }

    async fn travel(mut self) {
        let mut given_up = Vec::new();
        let kill = self.kill;
        for car in 0..CARS {
            match self.buy(car).await {
                Ok((request_id, offer_id)) => {
                    self.all_is_well(&request_id, &offer_id).await;
                    return;
                }
                // Only an application that was on its way at the moment of death may cost an offer, and one.
                Err(why) => {
                    let told = format!("{} {kill:?}: {}\n{}", self.insurer, why.0, self.journal());
                    assert!(kill.may_cost_an_offer() && given_up.is_empty(), "{told}");
                    given_up.push(why.0);
                }
            }
        }
        panic!("{} {:?}: nothing was sold: {given_up:#?}\n{}", self.insurer, self.kill, self.journal());
    }

    /// Buys a policy for the car of that number.
    async fn buy(&mut self, car: u32) -> Result<(String, String), GivenUp> {
        let body = request::about_car(car);
        let request_id = request::id(&body).to_owned();
        let accepted = self.ask(Step::Calculate, Method::POST, "/osago/calculate", Some(&body)).await;
        assert_eq!(accepted.status, 200, "{accepted:?}");
        let poll = format!("/osago/calculate?request_id={request_id}");
        let answer = self
            .until(Step::Poll, &poll, |answer| answer["status"] != "PARTNER_CALCULATION_IN_PROGRESS")
            .await;
        let offer =
            answer["offers"].as_array().into_iter().flatten().find(|offer| offer["price"].is_number());
        let Some(offer) = offer else { return Err(GivenUp(format!("no price: {answer}"))) };
        let offer_id = offer["offer_id"].as_str().expect("an id").to_owned();
        let about = |path: &str| format!("/osago/{path}?request_id={request_id}&offer_id={offer_id}");

        let last =
            self.until(Step::Offer, &about("offer"), |offer| offer["status"] != "PRE_CALC_READY").await;
        self.moves_on(&offer_id, &last);
        if last["status"] != "APPROVED" {
            return Err(GivenUp(format!("no final price: {last}")));
        }
        let page = self.confirm(&request_id, &offer_id, &last).await?;
        let draft =
            self.until(Step::Draft, &about("offer/draft"), |draft| draft["status"] == "success").await;
        assert!(
            draft["file"]["data"].as_str().expect("a file").starts_with("data:application/pdf;base64,JVBERi")
        );
        self.pay(&page).await;
        let policy =
            self.until(Step::Policy, &about("offer/policy"), |policy| policy["file"].is_object()).await;
        self.moves_on(&offer_id, &policy);
        assert_eq!(policy["status"], "CLOSED_PAID", "{policy}");
        self.counted().await;
        Ok((request_id, offer_id))
    }

    /// Takes the offer with a cross-sale; the payment page.
    async fn confirm(&mut self, request_id: &str, offer_id: &str, offer: &Value) -> Result<String, GivenUp> {
        let (sale, option) = (&offer["upsales"][0], &offer["upsales"][0]["options"][0]);
        let body = json!({
            "request_id": request_id,
            "offer_id": offer_id,
            "upsales": [{ "upsale_id": sale["id"], "option_id": option["id"] }],
        });
        for _ in 0..200 {
            let answer = self.ask(Step::Confirm, Method::POST, "/osago/offer", Some(&body)).await;
            match answer.body["status"].as_str() {
                Some("PAYMENT_READY") => {
                    self.moves_on(offer_id, &answer.body);
                    let price = |of: &Value| of["price"].as_f64().expect("a price");
                    let total = price(offer) + price(option);
                    assert!((price(&answer.body) - total).abs() < 0.005, "{total} in {answer:?}");
                    return Ok(answer.body["payment_url"].as_str().expect("a page").to_owned());
                }
                Some("APPROVED" | "PAYMENT_LINK_FAILED") => {
                    tokio::time::sleep(Duration::from_millis(50)).await
                }
                _ => return Err(GivenUp(format!("not confirmed: {answer:?}"))),
            }
        }
        Err(GivenUp("no payment link".into()))
    }

    /// Pays on the insurer's page, which does not need the gateway.
    async fn pay(&mut self, page: &str) {
        let dead = self.kill == Kill::During(Step::Pay);
        if dead {
            self.kill_it();
        }
        let paid = reqwest::Client::builder().no_proxy().build().expect("a client").post(page);
        let paid = paid.header("content-type", "application/x-www-form-urlencoded").body("action=pay");
        let paid = paid.send().await.expect("a page");
        assert!(paid.status().is_success(), "{paid:?}");
        if dead {
            self.start_it().await;
        }
        if self.kill == Kill::After(Step::Pay) {
            self.kill_it();
            self.start_it().await;
        }
    }

    /// The partner has counted the sale.
    async fn counted(&mut self) {
        if self.kill == Kill::During(Step::Counted) {
            let received = async || (!self.yandex.received().is_empty()).then_some(());
            eventually("the partner is told", received).await;
            self.kill_it();
            self.start_it().await;
        }
        eventually("the sale is counted", async || (!self.yandex.credited().is_empty()).then_some(())).await;
        if self.kill == Kill::After(Step::Counted) {
            self.kill_it();
            self.start_it().await;
        }
    }

    async fn all_is_well(&mut self, request_id: &str, offer_id: &str) {
        // Whatever is still to be sent twice has time to be.
        self.kill_it();
        self.start_it().await;
        let about = format!("request_id={request_id}&offer_id={offer_id}");
        let client = self.process.as_ref().expect("a process").client.clone();
        let calculation = client.poll(request_id).await.body;
        let offer = client.offer(request_id, offer_id).await.body;
        let policy = client.ask(Method::GET, &format!("/osago/offer/policy?{about}"), None).await;
        assert_eq!((&calculation["status"], &offer["status"]), (&"CLOSED".into(), &"CLOSED_PAID".into()));
        assert!(offer["policy_number"].as_str().is_some_and(|number| number.len() == 10), "{offer}");
        assert!(policy.expect("an answer").body["file"].is_object());
        eventually("the gateway knows that the sale is counted", async || {
            let (_, sales) = client.operate("/sales?state=confirmed").await;
            sales.contains(offer_id).then_some(())
        })
        .await;

        let told = format!("{} {:?}\n{}", self.insurer, self.kill, self.journal());
        let credited = self.yandex.credited();
        assert_eq!(credited.len(), 1, "{credited:#?}\n{told}");
        assert_eq!(credited[0].offer_id, offer_id, "{told}");
        assert_eq!(Some(credited[0].amount.as_json_number()), offer["price"].as_number().cloned(), "{told}");
        assert!(self.yandex.contradictions().is_empty(), "{told}");
        if self.kill != Kill::During(Step::Counted) {
            assert!(self.yandex.received().len() <= 2, "{:#?}\n{told}", self.yandex.received());
        }
        let paid =
            self.simulation.insurers()[0].sales().into_iter().filter(|sale| sale.paid.is_some()).count();
        assert_eq!(paid, 1, "{told}");

        let mut sent: BTreeMap<(&str, String), u32> = BTreeMap::new();
        for call in self.simulation.journal() {
            if APPLICATIONS.contains(&call.operation) {
                *sent.entry((call.operation, call.risk)).or_default() += 1;
            }
        }
        assert!(!sent.is_empty() && sent.values().all(|count| *count == 1), "{sent:#?}\n{told}");
    }

    /// Asks until the answer is what is waited for.
    async fn until(&mut self, step: Step, target: &str, over: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..600 {
            let answer = self.ask(step, Method::GET, target, None).await;
            assert_eq!(answer.status, 200, "{} {:?} {target}: {answer:?}", self.insurer, self.kill);
            if over(&answer.body) {
                return answer.body;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} {:?}: {target} was asked in vain\n{}", self.insurer, self.kill, self.journal());
    }

    /// Asks, and asks again when the gateway was killed over it.
    async fn ask(&mut self, step: Step, method: Method, target: &str, body: Option<&Value>) -> Answer {
        loop {
            let client = self.process.as_ref().expect("a process").client.clone();
            let asked = client.ask(method.clone(), target, body.map(Value::to_string));
            if self.kill == Kill::During(step) {
                let moment = Duration::from_millis(self.moments.random_range(0..400));
                // The moment of death is drawn, not waited for.
                let _ = tokio::time::timeout(moment, asked).await;
                self.kill_it();
                self.start_it().await;
                continue;
            }
            let Some(answer) = asked.await else { continue };
            if self.kill == Kill::After(step) {
                self.kill_it();
                self.start_it().await;
            }
            return answer;
        }
    }

    fn kill_it(&mut self) {
        self.process.take().expect("a process").kill();
        self.kill = match self.kill {
            // Later kills are those at the end, which are not drawn.
            Kill::During(Step::Counted) => Kill::During(Step::Counted),
            _ => Kill::Never,
        };
    }

    async fn start_it(&mut self) {
        self.process = Some(Process::start(&self.settings, self.folder.path()).await);
    }

    /// What was said of an offer is not taken back.
    fn moves_on(&mut self, offer_id: &str, said: &Value) {
        const ORDER: [&str; 6] = [
            "PRE_CALC_READY",
            "APPROVED",
            "PAYMENT_LINK_FAILED",
            "PAYMENT_READY",
            "PAYMENT_COMPLETED",
            "CLOSED_PAID",
        ];
        let status = said["status"].as_str().expect("a status");
        let Some(rank) = ORDER.iter().position(|known| *known == status) else {
            // An application that nobody knows anything of.
            assert!(matches!(status, "OFFER_ERROR"), "{said}");
            return;
        };
        let before = self.seen.insert(offer_id.to_owned(), rank).unwrap_or(0);
        assert!(before <= rank, "{} was {}", said, ORDER[before]);
    }

    fn journal(&self) -> String {
        let calls = self.simulation.journal().into_iter();
        let line = |call: veer_simulator::Received| {
            format!("{:>8} ms {} {:?} {}\n", call.at.as_millis(), call.operation, call.outcome, call.risk)
        };
        calls.map(line).collect()
    }
}
