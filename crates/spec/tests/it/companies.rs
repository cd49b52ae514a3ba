//! An aggregator's companies go side by side: none waits for another, none spoils another's offer.

use std::time::Duration;

use veer_contract::{
    Adapter, Context, Event, Next, Reply, SavedState, Settings, Step, VehicleCodes, domain::Offer,
};
use veer_spec::Spec;

const MANIFEST: &str = r#"contract = 1
code = "delta"
partner_code = 7
name = "Дельта"
protocol = "JSON"
operations = ["quote"]
[companies]
a = { name = "Альфа", partner_code = 1 }
b = { name = "Бета", partner_code = 2 }
c = { name = "Гамма", partner_code = 3 }
[lanes]
create = { concurrent = 1, first_byte = "5s", total = "5s" }
poll = { concurrent = 1, first_byte = "5s", total = "5s" }
[settings]
off = { doc = "Off.", default = "" }
"#;
const SPEC: &str = r#"spec = 1
[quote]
companies_off = "off"
[[quote.step]]
name = "form"
call = { lane = "create", effect = "creates", method = "POST", path = "forms" }
take = { form = "reply.json.id" }
[[quote.step]]
name = "ask"
each = "company"
call = { lane = "create", effect = "creates", method = "POST", path = "asks" }
json = '{ "company": {{ company.code }}, "form": {{ taken.form }} }'
take = { id = "reply.json.id" }
[[quote.step]]
name = "poll"
each = "company"
wait = "1s"
every = "2s"
call = { lane = "poll", effect = "read", method = "GET", path = "asks/{{ taken.id }}" }
decide = [
  { when = "reply.json.state == 'no'", decline = "{{ reply.json.why }}" },
  { when = "reply.json.state != 'yes'", again = true },
]
offer = { premium = "reply.json.price | roubles", reference = { id = "taken.id" } }
"#;

/// A turn in words: what was published, and what comes next.
fn words(step: &Step<SavedState, Offer>) -> String {
    let offers: Vec<_> = step.emit.iter().map(|offer| format!("+{} ", offer.key)).collect();
    let next = match &step.next {
        Next::Call { calls, .. } => calls.iter().map(|call| call.tag.as_str()).collect::<Vec<_>>().join(" "),
        Next::Wait { at_least, .. } => format!("{} ms", at_least.as_millis()),
        Next::Done => "done".into(),
        Next::Decline(decline) => decline.message.clone(),
        Next::Fail(fault) => fault.detail.clone(),
        Next::Await { .. } => "await".into(),
    };
    format!("{}{next}", offers.concat())
}

/// Plays rounds of replies, by tag; a round without any is the end of a wait.
fn play(off: &str, rounds: &[&[(&str, &str)]]) -> Vec<String> {
    let spec = Spec::compile(MANIFEST, SPEC).expect("it compiles");
    let settings = Settings([("off".to_owned(), off.to_owned())].into());
    let vehicle = VehicleCodes::default();
    let cx = Context {
        remaining: Duration::from_secs(60),
        today: "2026-11-16".parse().expect("a date"),
        new_id: &|| "id".into(),
        vehicle: &vehicle,
        settings: &settings,
    };
    let (request, flow) = (veer_kit::requests::standard(), spec.quote().expect("it quotes"));
    let mut step = flow.start(&request, &cx).expect("a state");
    let mut told = vec![words(&step)];
    for round in rounds {
        let then = match step.next {
            Next::Call { then, .. } | Next::Wait { then, .. } => then,
            _ => break,
        };
        let reply = |(tag, body): &(&str, &str)| Reply {
            tag: (*tag).into(),
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        let replies: Vec<_> = round.iter().map(reply).collect();
        let event = if round.is_empty() { Event::Woke } else { Event::Replies(&replies) };
        step = flow.resume(&request, &then, event, &cx).expect("its own state");
        told.push(words(&step));
    }
    told
}

const FORM: (&str, &str) = ("form", r#"{"id": "f"}"#);

#[test]
fn an_offer_is_published_while_others_are_asked_on() {
    let told = play(
        "c",
        &[
            &[FORM],
            &[("ask.a", r#"{"id": 1}"#), ("ask.b", r#"{"id": 2}"#)],
            &[],
            &[("poll.a", r#"{"state": "yes", "price": 5}"#), ("poll.b", r#"{"state": "new"}"#)],
            &[],
            &[("poll.b", r#"{"state": "yes", "price": 6}"#)],
        ],
    );
    assert_eq!(told, ["form", "ask.a ask.b", "1000 ms", "poll.a poll.b", "+a 2000 ms", "poll.b", "+b done"]);
}

#[test]
fn one_that_fails_or_declines_leaves_the_others_alone() {
    let told = play(
        "",
        &[
            &[FORM],
            // The call of `c` failed: the host leaves its reply out.
            &[("ask.a", "<html>"), ("ask.b", r#"{"id": 2}"#)],
            &[],
            &[("poll.b", r#"{"state": "yes", "price": 6}"#)],
        ],
    );
    assert_eq!(told, ["form", "ask.a ask.b ask.c", "1000 ms", "poll.b", "+b done"]);
}

#[test]
fn where_nobody_offers_their_words_are_told_else_the_first_fault() {
    let asked: &[(&str, &str)] = &[("ask.a", r#"{"id": 1}"#), ("ask.b", r#"{"id": 2}"#)];
    let no: &[(&str, &str)] =
        &[("poll.a", r#"{"state": "no", "why": "дорого"}"#), ("poll.b", r#"{"state": "no"}"#)];
    let told = play("c", &[&[FORM], asked, &[], no]);
    assert_eq!(
        told.last().map(String::as_str),
        Some("Альфа: дорого; Бета: Страховщик отказал без объяснения причины")
    );
    let told = play("b, c", &[&[FORM], &[("ask.a", "{}")]]);
    assert_eq!(
        told.last().map(String::as_str),
        Some("quote.ask: take.id: a value that is needed is not there")
    );
}

#[test]
fn where_every_company_is_switched_off_nothing_is_sent() {
    assert_eq!(play("a,b,c", &[]), ["Все страховые компании этого агрегатора отключены"]);
}
