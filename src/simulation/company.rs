//! What a simulated insurer knows, and what it says.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{dice::Dice, style::Style};

/// One insurer.
pub(super) struct Company {
    pub style: Style,
    pub mood: Mood,
    sessions: BTreeMap<String, Timestamp>,
    applications: BTreeMap<String, Application>,
    payments: BTreeMap<String, Payment>,
    count: u64,
}

/// How an insurer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Nearly everything succeeds.
    Well,
    /// Every third call does not.
    Sick,
    /// No call does.
    Dead,
    /// It takes every call and says nothing.
    Silent,
    /// It sends everybody away.
    Busy,
    /// The registry, without which nobody has a price, is down.
    WithoutRegistry,
}

struct Application {
    conversation: String,
    ready: Timestamp,
    comes_to: Comes,
    prices: Vec<u64>,
    /// The first price is told before the end.
    is_told_early: bool,
}

#[derive(Clone, Copy)]
enum Comes {
    Priced,
    Declined,
    Never,
}

/// What the user does with a payment link, and when it is known.
#[derive(Clone, Copy)]
struct Payment {
    known: Timestamp,
    state: &'static str,
}

/// What it says, with which status.
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
}

// === impl Company ===

impl Company {
    pub(super) fn new(style: Style, mood: Mood) -> Self {
        Self {
            style,
            mood,
            sessions: BTreeMap::new(),
            applications: BTreeMap::new(),
            payments: BTreeMap::new(),
            count: 0,
        }
    }

    /// Hears a request at `now`.
    pub(super) fn hear(
        &mut self,
        path: &str,
        body: &Value,
        session: Option<&str>,
        now: Timestamp,
        dice: &Dice,
    ) -> Answer {
        if path == "login" {
            let token = format!("t{}", self.next());
            let seconds = dice.of(5..90);
            self.sessions.insert(token.clone(), later(now, seconds * 1_000));
            return Answer::of(json!({ "token": token, "seconds": seconds }));
        }
        let holds = |token: &str| self.sessions.get(token).is_some_and(|until| *until > now);
        if self.style.session && (!session.is_some_and(holds) || dice.happens(10)) {
            session.map(|token| self.sessions.remove(token));
            return match self.style.soft_session {
                true => Answer::of(json!({ "error": "session" })),
                false => Answer { status: 401, body: Value::Null },
            };
        }
        let text = |name: &str| body[name].as_str().unwrap_or("");
        if matches!(path, "price" | "apply" | "finalise") {
            if self.mood == Mood::WithoutRegistry {
                return Answer::of(json!({ "state": "registry" }));
            }
            if dice.happens(4) {
                return Answer::of(json!({ "state": "panic" }));
            }
        }
        match path {
            "price" => {
                let id = format!("p{}", self.next());
                let prices: Vec<u64> = (0..dice.of(1..4)).map(|_| dice.of(2_000..30_000)).collect();
                Answer::of(match dice.happens(120) {
                    true => json!({ "state": "declined" }),
                    false => json!({ "state": "ready", "id": id, "prices": prices }),
                })
            }
            "apply" => self.apply(text("conversation"), now, dice),
            "look" => self.look(text("id"), text("conversation"), now),
            "finalise" => Answer::of(match dice.happens(100) {
                true => json!({ "state": "declined" }),
                false => json!({ "state": "ready", "price": dice.of(2_000..30_000) }),
            }),
            "link" => {
                let id = format!("y{}", self.next());
                self.payments.insert(id.clone(), Payment { known: now, state: "pending" });
                Answer::of(json!({ "payment": id }))
            }
            "paid" => {
                let payment = self.payments.get(text("payment")).filter(|payment| payment.known <= now);
                Answer::of(json!({ "state": payment.map_or("pending", |payment| payment.state) }))
            }
            "policy" => Answer::of(json!({ "number": text("payment") })),
            _ => Answer::of(json!({})),
        }
    }

    /// The user has done something on the page of that payment; the insurer knows it a little later.
    pub(super) fn pay(&mut self, payment: &str, state: &'static str, now: Timestamp, dice: &Dice) {
        let known = later(now, dice.of(500..15_000));
        self.payments.insert(payment.to_owned(), Payment { known, state });
    }

    fn apply(&mut self, conversation: &str, now: Timestamp, dice: &Dice) -> Answer {
        let known = self.applications.iter().find(|(_, it)| it.conversation == conversation);
        if let Some((id, _)) = known {
            return Answer::of(json!({ "id": id }));
        }
        if dice.happens(40) {
            return Answer::of(json!({ "state": "declined" }));
        }
        let id = format!("a{}", self.next());
        let took = *dice.one(&[300, 1_500, 4_000, 9_000, 60_000]) + dice.of(0..900);
        let comes_to = match dice.of(0..20) {
            0..2 => Comes::Declined,
            2 => Comes::Never,
            _ => Comes::Priced,
        };
        let application = Application {
            conversation: conversation.to_owned(),
            ready: later(now, took),
            comes_to,
            prices: (0..dice.of(1..3)).map(|_| dice.of(2_000..30_000)).collect(),
            is_told_early: dice.happens(400),
        };
        self.applications.insert(id.clone(), application);
        Answer::of(json!({ "id": id }))
    }

    fn look(&self, id: &str, conversation: &str, now: Timestamp) -> Answer {
        let mut all = self.applications.iter();
        let found = all.find(|(known, it)| *known == id || it.conversation == conversation);
        let Some((id, application)) = found else { return Answer::of(json!({ "state": "unknown" })) };
        let is_ready = application.ready <= now;
        Answer::of(match application.comes_to {
            Comes::Priced if is_ready => json!({ "state": "ready", "id": id, "prices": application.prices }),
            Comes::Declined if is_ready => json!({ "state": "declined" }),
            _ if application.is_told_early => {
                json!({ "state": "pending", "id": id, "prices": application.prices[..1] })
            }
            _ => json!({ "state": "pending" }),
        })
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

// === impl Answer ===

impl Answer {
    fn of(body: Value) -> Self {
        Self { status: 200, body }
    }
}

fn later(now: Timestamp, millis: u64) -> Timestamp {
    now + SignedDuration::from_millis(i64::try_from(millis).unwrap())
}
