//! Chapter: the offer is confirmed, with a cross-sale where it has one, and gets its payment link.

use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use super::{
    ask::Ask,
    check::{self, text},
    exchange::{Call, Exchange},
    fault::{Fault, Verdict},
    money::{price, roubles},
    moves,
    offer::{self, Chosen},
    pick::{self, Pick},
    stage::Stage,
};

pub(super) const TITLE: &str = "confirmation";

/// Confirmations of one offer, each at the price that the insurer has just changed.
const CONFIRMATIONS: usize = 3;

/// An offer that can be paid.
#[derive(Debug)]
pub(super) struct Sale {
    /// The offer's id.
    pub offer_id: String,
    /// Where it is paid.
    pub payment_url: Url,
    picks: Vec<Pick>,
    body: Value,
}

/// Plays it; why nothing can be paid, where nothing can.
pub(super) async fn play(stage: &mut Stage, chosen: &Chosen) -> Result<Sale, String> {
    stage.chapter(TITLE);
    let picks = pick::selection(&chosen.offer);
    let body = confirmation(stage, &chosen.id, &picks, true);
    let post = Ask::post_json(offer::PATH, &body);
    let name = match picks.len() {
        0 => "a confirmation is accepted".to_owned(),
        1 => "a confirmation with a cross-sale, its option_id as text, is accepted".to_owned(),
        many => format!("a confirmation with {many} cross-sales, option_id as text, is accepted"),
    };
    let accepted = stage.ask(&name, post.clone(), |got| check::offer(got, &chosen.id)).await;
    let Some(accepted) = accepted else { return Err("the confirmation is refused".into()) };

    let expected = chosen.price + picks.iter().map(|pick| pick.price).sum::<i64>();
    let ready = link(stage, chosen, &post, accepted, expected).await?;
    let numbers = Ask::post_json(offer::PATH, &confirmation(stage, &chosen.id, &picks, false));
    let name = match picks.is_empty() {
        true => "the same again gets the same answer",
        false => "the same again, option_id as a number, gets the same answer",
    };
    let fields = &["offer_id", "status", "price", "payment_url", "upsales"];
    stage.ask(name, numbers, |got| same(got, &ready, fields)).await;
    let ask = offer::ask(stage, &chosen.id);
    stage.ask("GET /osago/offer shows it as it was confirmed", ask, |got| same(got, &ready, fields)).await;

    match text(&ready, "payment_url").parse() {
        Ok(payment_url) => Ok(Sale { offer_id: chosen.id.clone(), payment_url, picks, body }),
        Err(_) => Err("the payment link is no address".into()),
    }
}

/// The body of a confirmation.
fn confirmation(stage: &Stage, offer_id: &str, picks: &[Pick], as_text: bool) -> Value {
    json!({
        "request_id": stage.request.id,
        "offer_id": offer_id,
        "return_urls": {
            "success_url": "https://Пример.com/osago/success",
            "failure_url": "https://Пример.com/osago/failure",
        },
        "upsales": pick::on_the_wire(picks, as_text),
    })
}

/// Asks on until the payment link is there. Where the insurer changes the price, that is confirmed again.
async fn link(
    stage: &mut Stage,
    chosen: &Chosen,
    post: &Ask,
    accepted: Exchange,
    expected: i64,
) -> Result<Value, String> {
    let get = offer::ask(stage, &chosen.id);
    let start = Instant::now();
    let (mut last, mut agreed, mut told, mut confirmations) = (accepted, expected, false, 1);
    let mut faults = Vec::new();
    loop {
        let (status, now) = (text(last.json(), "status"), price(last.json()));
        let settled = status == "PAYMENT_READY" || moves::is_paid(status) || moves::is_over(status);
        if settled || !faults.is_empty() || start.elapsed() > stage.limits.payment || stage.client.is_alone()
        {
            break;
        }
        let changed = now.filter(|now| *now != agreed);
        let lost = matches!(status, "PAYMENT_LINK_FAILED" | "PAYMENT_CANCELLED");
        let again = (changed.is_some() || lost) && confirmations < CONFIRMATIONS;
        if let Some(now) = changed.filter(|_| again) {
            agreed = now;
            told |= !text(last.json(), "message").is_empty();
        }
        confirmations += usize::from(again);
        last = stage.client.send(if again { post.clone() } else { get.clone() }).await;
        faults = check::offer(&last, &chosen.id);
    }
    let (took, offer) = (start.elapsed(), last.json().clone());
    let status = text(&offer, "status");
    if faults.is_empty() && status != "PAYMENT_READY" {
        let reason = format!("is {status:?} and not PAYMENT_READY: {}", text(&offer, "message"));
        faults.push(Fault::of("status", reason.trim_end_matches([':', ' '])));
    }
    let failed = faults.first().map(ToString::to_string);
    let note = || format!("after {confirmations} confirmation(s)");
    stage.record_long("it gets a payment link", &last, took, Verdict::from(faults).and_tell(note));
    if let Some(why) = failed {
        return Err(why);
    }
    let total = price(&offer).unwrap_or_default();
    let (name, call) = ("its price is the offer's and the selected options'", Call::new("POST", offer::PATH));
    stage.conclude(name, call, sum(expected, total, told, chosen));
    Ok(offer)
}

/// The price is the sum, or the insurer has said that it changed.
fn sum(expected: i64, total: i64, told: bool, chosen: &Chosen) -> Verdict {
    let options = expected - chosen.price;
    match (total == expected, told) {
        (true, _) if pick::selection(&chosen.offer).is_empty() => {
            Verdict::Skip(format!("the offer has no cross-sale; it costs {} as before", roubles(total)))
        }
        (true, _) => Verdict::told(format!("{} + {}", roubles(chosen.price), roubles(options))),
        (false, true) => {
            Verdict::told(format!("the insurer changed it from {} to {}", roubles(expected), roubles(total)))
        }
        (false, false) => vec![Fault::of(
            "price",
            format!("must be {}, not {}, as no message tells a change", roubles(expected), roubles(total)),
        )]
        .into(),
    }
}

/// An offer that says the same in these fields.
fn same(exchange: &Exchange, before: &Value, fields: &[&str]) -> Vec<Fault> {
    let mut faults = check::offer(exchange, text(before, "offer_id"));
    if faults.is_empty() {
        let differ = fields.iter().filter(|field| exchange.json().get(**field) != before.get(**field));
        faults.extend(differ.map(|field| Fault::of(*field, "is not the same as before")));
    }
    faults
}

// === impl Sale ===

impl Sale {
    /// The same confirmation once more.
    pub fn again(&self) -> Ask {
        Ask::post_json(offer::PATH, &self.body)
    }

    /// Another confirmation: without the cross-sales. None where there was none.
    pub fn otherwise(&self) -> Option<Ask> {
        let mut body = self.body.clone();
        body["upsales"] = json!([]);
        (!self.picks.is_empty()).then(|| Ask::post_json(offer::PATH, &body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_the_sum_unless_a_change_was_told() {
        let upsales = json!([{ "id": "u", "options": [{ "id": 1, "price": 500, "compatibility_id": 1 }] }]);
        let chosen = Chosen { id: "1".into(), offer: json!({ "upsales": upsales }), price: 1_000_000 };
        let plain = Chosen { id: "1".into(), offer: json!({}), price: 1_000_000 };
        assert_eq!(sum(1_050_000, 1_050_000, false, &chosen), Verdict::told("10000.00 ₽ + 500.00 ₽"));
        assert!(matches!(sum(1_000_000, 1_000_000, false, &plain), Verdict::Skip(_)));
        assert!(sum(1_050_000, 1_100_000, true, &chosen).is_pass());
        let Verdict::Fail(faults) = sum(1_050_000, 1_000_000, false, &chosen) else { panic!("it passed") };
        assert_eq!(
            faults[0].to_string(),
            "price: must be 10500.00 ₽, not 10000.00 ₽, as no message tells a change"
        );
    }
}
