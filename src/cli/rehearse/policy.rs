//! Chapter: the policy, and what the payment has done to everything else.

use std::path::Path;

use serde_json::Value;

use super::{
    ask::Ask,
    calculation::{self, Calculation},
    check::{self, list, text},
    documents,
    exchange::{Call, Exchange},
    fault::{Fault, Verdict},
    moves, offer,
    sale::Sale,
    shape,
    stage::Stage,
};

pub(super) const TITLE: &str = "policy";

const PATH: &str = "/osago/offer/policy";

pub(super) async fn play(stage: &mut Stage, mut calculation: Calculation, sale: &Sale) {
    stage.chapter(TITLE);
    issued(stage, sale).await;
    let ask = offer::ask(stage, &sale.offer_id);
    stage
        .ask("the offer shows the policy's series and number", ask, |got| numbered(got, &sale.offer_id))
        .await;
    closed(stage, &mut calculation, sale).await;

    let name = "another confirmation is a 400 now";
    match sale.otherwise() {
        Some(ask) => drop(stage.ask(name, ask, |got| check::refusal(got, 400)).await),
        None => stage.skip(name, "the offer has no cross-sale to choose otherwise"),
    }
    let name = "the same confirmation is still answered";
    stage.ask(name, sale.again(), |got| check::offer(got, &sale.offer_id)).await;
}

async fn issued(stage: &mut Stage, sale: &Sale) {
    let (request_id, offer_id) = (stage.request.id, &sale.offer_id);
    let ask = Ask::get(PATH).request_id(request_id).offer_id(offer_id);
    let id = request_id.to_string();
    let mut before = "PAYMENT_READY".to_owned();
    let polled = stage
        .poll(&ask, stage.slow_beat(stage.limits.document), |got| {
            let mut faults = check::policy(got, &id, offer_id);
            let status = text(got.json(), "status");
            if faults.is_empty() && !moves::offer_may_go(&before, status) {
                faults.push(Fault::of("status", format!("went from {before} to {status}")));
            }
            before = status.to_owned();
            (!faults.is_empty() || got.json().get("file").is_some()).then_some(faults)
        })
        .await;
    let faults = polled.found.clone().unwrap_or_else(|| {
        let reason =
            format!("is missing after {} s; the status is {before}", stage.limits.document.as_secs());
        vec![Fault::of("file", reason)]
    });
    let there = faults.is_empty();
    stage.record_polled("the policy is issued and comes as a PDF in base64", &polled, faults);
    if !there {
        stage.skip("the policy as binary and at its address", "the policy is not there");
        return;
    }
    documents::play(stage, "policy", ask, &polled.last).await;
    if let Some(path) = stage.save_policy.clone() {
        stage.conclude("the policy is saved", Call::new("GET", PATH), saved(&path, polled.last.json()));
    }
}

fn saved(path: &Path, policy: &Value) -> Verdict {
    match shape::pdf(text(&policy["file"], "data")) {
        Ok(bytes) => match std::fs::write(path, &bytes) {
            Ok(()) => Verdict::told(format!("{} bytes in {}", bytes.len(), path.display())),
            Err(error) => Verdict::failed(format!("{}: {error}", path.display())),
        },
        Err(why) => vec![Fault::of("file.data", why)].into(),
    }
}

fn numbered(exchange: &Exchange, offer_id: &str) -> Verdict {
    let mut faults = check::offer(exchange, offer_id);
    let offer = exchange.json();
    if faults.is_empty() {
        if text(offer, "status") != "CLOSED_PAID" {
            faults.push(Fault::of("status", format!("must be CLOSED_PAID, not {}", text(offer, "status"))));
        }
        for field in ["policy_series", "policy_number"] {
            if text(offer, field).is_empty() {
                faults.push(Fault::of(field, "is missing from an issued policy's offer"));
            }
        }
    }
    let note = || format!("{} {}", text(offer, "policy_series"), text(offer, "policy_number"));
    Verdict::from(faults).and_tell(note)
}

/// The calculation is closed, and nothing else in it is for sale.
async fn closed(stage: &mut Stage, calculation: &mut Calculation, sale: &Sale) {
    let id = stage.request.id.to_string();
    let ask = calculation::ask(stage);
    let progress = &mut calculation.progress;
    let polled = stage
        .poll(&ask, stage.beat(stage.limits.lag), |got| {
            let mut faults = check::calculation(got, &id);
            if faults.is_empty() {
                faults = progress.see(got.json());
            }
            let closed = text(got.json(), "status") == "CLOSED" && for_sale(got.json(), sale).is_empty();
            (closed || !faults.is_empty()).then_some(faults)
        })
        .await;
    let last = polled.last.json().clone();
    let mut faults = polled.found.clone().unwrap_or_default();
    let status = text(&last, "status");
    if faults.is_empty() && !matches!(status, "PAID" | "CLOSED") {
        faults.push(Fault::of("status", format!("must be PAID or CLOSED, not {status}")));
    }
    let name = "the calculation is PAID, then CLOSED";
    stage.record_polled(name, &polled, Verdict::from(faults).and_tell(|| status.to_owned()));
    let call = Call::new("GET", "/osago/calculate");
    stage.conclude("its other offers are closed, too", call, for_sale(&last, sale));
}

/// Other offers that could still be bought.
fn for_sale(calculation: &Value, sale: &Sale) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, offer) in list(calculation, "offers").iter().enumerate() {
        let status = text(offer, "status");
        if text(offer, "offer_id") != sale.offer_id && !moves::is_over(status) {
            let reason = format!("must be CLOSED_OTHER_OFFER or another end, not {status}");
            faults.push(Fault::of(format!("offers[{index}].status"), reason));
        }
    }
    faults
}
