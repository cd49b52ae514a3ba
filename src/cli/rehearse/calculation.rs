//! Chapter: one calculation, from its POST to its last offer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    ask::Ask,
    check::{self, list, text},
    exchange::{Call, Exchange},
    fault::{Fault, Verdict},
    money::{price, roubles},
    moves::{self, Progress},
    pick,
    stage::Stage,
};

pub(super) const TITLE: &str = "calculation";

const PATH: &str = "/osago/calculate";
const STATUS: &str = "/osago/calculate/status";

/// So often both addresses may be caught in the middle of a move.
const LOOKS: usize = 3;

/// A calculation that ended with offers.
pub(super) struct Calculation {
    /// `GET /osago/calculate`, as it ended.
    pub answer: Value,
    /// Where it was last seen.
    pub progress: Progress,
}

/// Plays it; why there is nothing to sell, where there is not.
pub(super) async fn play(stage: &mut Stage) -> Result<Calculation, String> {
    stage.chapter(TITLE);
    accept(stage).await?;
    let mut progress = Progress::default();
    let ended = follow(stage, &mut progress).await?;
    conclude(stage, &mut progress, ended).await
}

/// `GET /osago/calculate` of the play's calculation.
pub(super) fn ask(stage: &Stage) -> Ask {
    Ask::get(PATH).request_id(stage.request.id)
}

async fn accept(stage: &mut Stage) -> Result<(), String> {
    let id = stage.request.id.to_string();
    let post = Ask::post_json(PATH, &stage.request.body);
    let accepted = stage.ask("it is accepted", post.clone(), |got| check::accepted(got, &id)).await;
    let Some(accepted) = accepted else { return Err("the calculation is not accepted".into()) };

    let date = accepted.json()["calculation_date"].clone();
    let again = |got: &Exchange| {
        let mut faults = check::accepted(got, &id);
        if faults.is_empty() && got.json()["calculation_date"] != date {
            faults.push(Fault::of("calculation_date", "must be that of the first time"));
        }
        faults
    };
    stage.ask("the same again is accepted with the same calculation_date", post, again).await;

    let name = "the same request_id with other content names request_id";
    let power = stage.request.body["vehicle"]["engine_power"].as_f64().unwrap_or(100.0);
    match stage.request.with("/vehicle/engine_power", json!(power + 1.0)) {
        Some(other) => {
            stage.ask(name, Ask::post_json(PATH, &other), |got| check::names(got, &["request_id"])).await;
        }
        None => stage.skip(name, "the request has no vehicle"),
    }
    Ok(())
}

/// Polls both addresses in turn until the calculation is finished.
async fn follow(stage: &mut Stage, progress: &mut Progress) -> Result<Value, String> {
    let (whole, brief) = (ask(stage), Ask::get(STATUS).request_id(stage.request.id));
    let id = stage.request.id.to_string();
    let (mut wrong, mut wrong_brief, mut back) = (Vec::new(), Vec::new(), Vec::new());
    let start = Instant::now();
    let (last_brief, last) = loop {
        let last_brief = stage.client.send(brief.clone()).await;
        match check::statuses(&last_brief, &id) {
            faults if faults.is_empty() => merge(&mut back, progress.see_statuses(last_brief.json())),
            faults => merge(&mut wrong_brief, faults),
        }
        let last = stage.client.send(whole.clone()).await;
        match check::calculation(&last, &id) {
            faults if faults.is_empty() => merge(&mut back, progress.see(last.json())),
            faults => merge(&mut wrong, faults),
        }
        let over = moves::is_finished(status_of(&last)) || stage.client.is_alone();
        if over || start.elapsed() > stage.limits.calculation {
            break (last_brief, last);
        }
    };
    let took = start.elapsed();
    stage.record_long("every answer of the poll is as the contract has it", &last, took, wrong);
    stage.record_long("every answer of the poll for statuses is, too", &last_brief, took, wrong_brief);
    stage.conclude("no status goes back, no offer and no price is lost", Call::new("GET", PATH), back);
    let (status, name) = (status_of(&last), "it is finished within three minutes");
    if moves::is_finished(status) {
        stage.record_long(name, &last, took, Verdict::told(status));
        Ok(last.json().clone())
    } else {
        let why = format!("it is still in {status:?}");
        stage.record_long(name, &last, took, Verdict::failed(&why));
        Err(why)
    }
}

/// What the finished calculation must say.
async fn conclude(stage: &mut Stage, progress: &mut Progress, ended: Value) -> Result<Calculation, String> {
    let status = text(&ended, "status").to_owned();
    let prices: Vec<i64> = pick::offers_to_try(&ended).into_iter().filter_map(price).collect();
    let name = "it ends in CALCULATION_READY, with an offer that has a price";
    let why = match (status.as_str(), prices.iter().min()) {
        ("CALCULATION_READY", Some(cheapest)) => {
            let note = format!("{} with a price, the cheapest at {}", prices.len(), roubles(*cheapest));
            stage.conclude(name, Call::new("GET", PATH), Verdict::told(note));
            None
        }
        ("CALCULATION_READY", None) => Some("it is CALCULATION_READY without a price".to_owned()),
        _ => Some(format!("it ended in {status}; with another --request insurers may offer something")),
    };
    if let Some(why) = &why {
        stage.conclude(name, Call::new("GET", PATH), Verdict::failed(why));
    }
    let name = "offers with a price come first, the cheapest of them at the top";
    stage.conclude(name, Call::new("GET", PATH), in_order(&ended));
    let answer = agree(stage, progress, ended).await;
    why.map_or(Ok(Calculation { answer, progress: std::mem::take(progress) }), Err)
}

/// Both addresses tell the same statuses. An offer may move between two looks, so it is looked again.
async fn agree(stage: &mut Stage, progress: &mut Progress, ended: Value) -> Value {
    let id = stage.request.id;
    let mut answer = ended;
    let mut faults = Vec::new();
    for _ in 0..LOOKS {
        let brief = stage.client.send(Ask::get(STATUS).request_id(id)).await;
        faults = differences(&answer, brief.json());
        if faults.is_empty() || stage.client.is_alone() {
            break;
        }
        let look = stage.client.send(ask(stage)).await;
        if check::calculation(&look, &id.to_string()).is_empty() {
            progress.see(look.json());
            answer = look.json().clone();
        }
    }
    let name = "both addresses tell the same statuses of the same offers";
    stage.conclude(name, Call::new("GET", STATUS), faults);
    answer
}

fn differences(whole: &Value, brief: &Value) -> Vec<Fault> {
    let statuses = |answer: &Value, field: &str| -> BTreeMap<String, String> {
        let offers = list(answer, "offers").iter();
        offers.map(|offer| (text(offer, "offer_id").to_owned(), text(offer, field).to_owned())).collect()
    };
    let (here, there) = (statuses(whole, "status"), statuses(brief, "offer_status"));
    let mut faults = Vec::new();
    if whole["status"] != brief["status"] {
        let reason = format!("is {} in {PATH} and {} in {STATUS}", whole["status"], brief["status"]);
        faults.push(Fault::of("status", reason));
    }
    let ids: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
    for id in ids.into_iter().filter(|id| here.get(*id) != there.get(*id)) {
        let said = |map: &BTreeMap<String, String>| map.get(id).map_or("missing", String::as_str).to_owned();
        let reason = format!("offer {id} is {} in {PATH} and {} in {STATUS}", said(&here), said(&there));
        faults.push(Fault::of("offers", reason));
    }
    faults
}

/// Offers that can be bought stand at the top by price.
fn in_order(calculation: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut highest = i64::MIN;
    let mut unpriced = false;
    for (index, offer) in list(calculation, "offers").iter().enumerate() {
        let price = price(offer).filter(|_| check::has_price(text(offer, "status")));
        let Some(price) = price else {
            unpriced = true;
            continue;
        };
        if unpriced {
            faults
                .push(Fault::of(format!("offers[{index}]"), "has a price and comes after one that has none"));
        }
        if price < highest {
            faults.push(Fault::of(format!("offers[{index}].price"), "is lower than one before it"));
        }
        highest = highest.max(price);
    }
    faults
}

/// Adds what is new: the same fault in every poll is one fault.
fn merge(all: &mut Vec<Fault>, more: Vec<Fault>) {
    all.extend(more.into_iter().filter(|fault| !all.contains(fault)).collect::<Vec<_>>());
}

fn status_of(exchange: &Exchange) -> &str {
    text(exchange.json(), "status")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(id: &str, status: &str, price: Option<f64>) -> Value {
        let mut offer = json!({ "offer_id": id, "status": status });
        if let Some(price) = price {
            offer["price"] = price.into();
        }
        offer
    }

    #[test]
    fn the_cheapest_stands_at_the_top() {
        let told = |offers: &[Value]| -> Vec<String> {
            in_order(&json!({ "offers": offers })).iter().map(Fault::to_string).collect()
        };
        let (cheap, dear) = (offer("a", "APPROVED", Some(1.5)), offer("b", "PRE_CALC_READY", Some(2.0)));
        let refused = offer("c", "REJECTED", None);
        assert_eq!(told(&[cheap.clone(), dear.clone(), refused.clone()]), [""; 0]);
        assert_eq!(told(&[dear.clone(), cheap.clone()]), ["offers[1].price: is lower than one before it"]);
        assert_eq!(
            told(&[cheap, refused, dear]),
            ["offers[2]: has a price and comes after one that has none"]
        );
    }

    #[test]
    fn addresses_that_differ_are_told_by_offer() {
        let whole = json!({ "status": "CALCULATION_READY", "offers": [offer("a", "APPROVED", None), offer("b", "REJECTED", None)] });
        let brief = |offers: Value| json!({ "status": "CALCULATION_READY", "offers": offers });
        let same = brief(json!([
            { "offer_id": "b", "offer_status": "REJECTED" },
            { "offer_id": "a", "offer_status": "APPROVED" },
        ]));
        assert_eq!(differences(&whole, &same), []);
        let other = brief(json!([{ "offer_id": "a", "offer_status": "CREATED" }]));
        let told: Vec<String> = differences(&whole, &other).iter().map(Fault::to_string).collect();
        assert_eq!(
            told,
            [
                "offers: offer a is APPROVED in /osago/calculate and CREATED in /osago/calculate/status",
                "offers: offer b is REJECTED in /osago/calculate and missing in /osago/calculate/status",
            ]
        );
    }
}
