//! Chapter: one offer, up to its final price.

use serde_json::Value;

use super::{
    ask::Ask,
    check::{self, text},
    exchange::Call,
    fault::{Fault, Verdict},
    money::{price, roubles},
    moves, pick,
    stage::Stage,
};

pub(super) const TITLE: &str = "offer";

pub(super) const PATH: &str = "/osago/offer";

/// An insurer may refuse after its preliminary price; so many are tried.
const TRIED: usize = 5;

/// The offer that is bought.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Its id.
    pub id: String,
    /// `GET /osago/offer`, with its price.
    pub offer: Value,
    /// That price, in kopecks.
    pub price: i64,
}

/// Plays it; why there is nothing to buy, where there is not.
pub(super) async fn play(stage: &mut Stage, calculation: &Value) -> Result<Chosen, String> {
    stage.chapter(TITLE);
    let mut why = "no offer has a price".to_owned();
    for offer in pick::offers_to_try(calculation).into_iter().take(TRIED) {
        match finalise(stage, offer).await {
            Ok(Some(chosen)) => return Ok(chosen),
            Ok(None) => why = "every insurer that was tried refused after its preliminary price".to_owned(),
            Err(broken) => return Err(broken),
        }
    }
    stage.conclude("an offer can be bought", Call::new("GET", PATH), Verdict::failed(&why));
    Err(why)
}

/// `GET /osago/offer` of the play's calculation.
pub(super) fn ask(stage: &Stage, id: &str) -> Ask {
    Ask::get(PATH).request_id(stage.request.id).offer_id(id)
}

/// Asks for the offer until its price is final; none where the insurer refuses.
async fn finalise(stage: &mut Stage, offer: &Value) -> Result<Option<Chosen>, String> {
    let id = text(offer, "offer_id").to_owned();
    let insurer = text(&offer["partner"], "name").to_owned();
    let ask = ask(stage, &id);
    let mut before = text(offer, "status").to_owned();
    let polled = stage
        .poll(&ask, stage.beat(stage.limits.price), |got| {
            let mut faults = check::offer(got, &id);
            let status = text(got.json(), "status");
            if faults.is_empty() && !moves::offer_may_go(&before, status) {
                faults.push(Fault::of("status", format!("went back from {before} to {status}")));
            }
            before = status.to_owned();
            let settled = moves::is_over(status) || matches!(status, "APPROVED" | "PAYMENT_READY");
            (!faults.is_empty() || settled).then_some(faults)
        })
        .await;
    let name = format!("the offer of {insurer} gets its final price");
    let (body, in_time) = (polled.last.json().clone(), polled.found.is_some());
    let status = text(&body, "status").to_owned();
    match &polled.found {
        Some(faults) if !faults.is_empty() => {
            stage.record_polled(&name, &polled, faults.clone());
            return Err("the offer is not as the contract has it".into());
        }
        _ if moves::is_over(&status) => {
            let why = format!("the insurer refused: {status} {}", text(&body, "message"));
            stage.record_polled(&name, &polled, Verdict::told(why.trim_end()));
            return Ok(None);
        }
        _ => {}
    }
    let Some(price) = price(&body) else {
        let why = format!("it is {status} without a price");
        stage.record_polled(&name, &polled, vec![Fault::of("price", why.as_str())]);
        return Err(why);
    };
    let note = match in_time {
        true => format!("{status} at {}", roubles(price)),
        false => format!("still {status} after {} s, at {}", stage.limits.price.as_secs(), roubles(price)),
    };
    stage.record_polled(&name, &polled, Verdict::told(note));
    Ok(Some(Chosen { id, offer: body, price }))
}
