//! Chapter: the draft, and what there is of the policy before it is paid.

use super::{
    ask::Ask,
    check::{self, text},
    documents,
    exchange::Exchange,
    fault::{Fault, Verdict},
    sale::Sale,
    stage::Stage,
};

pub(super) const TITLE: &str = "draft";

const PATH: &str = "/osago/offer/draft";
/// The policy is asked for at the same address before and after it is issued.
const POLICY: &str = "/osago/offer/policy";

pub(super) async fn play(stage: &mut Stage, sale: &Sale) {
    stage.chapter(TITLE);
    let request_id = stage.request.id;
    let ask = Ask::get(PATH).request_id(request_id).offer_id(&sale.offer_id);
    let id = request_id.to_string();
    let polled = stage
        .poll(&ask, stage.slow_beat(stage.limits.document), |got| {
            let verdict = judge(got, &id, &sale.offer_id);
            let made = text(got.json(), "status") == "success";
            (made || !verdict.is_pass()).then_some(verdict)
        })
        .await;
    let verdict = polled.found.clone().unwrap_or_else(|| {
        Verdict::failed(format!("it is still being made after {} s", stage.limits.document.as_secs()))
    });
    let made = verdict.is_pass();
    let missing = if let Verdict::Skip(_) = verdict { "there is no draft" } else { "the draft is not there" };
    stage.record_polled("the draft is made and comes as a PDF in base64", &polled, verdict);
    match made {
        true => documents::play(stage, "draft", ask, &polled.last).await,
        false => stage.skip("the draft as binary and at its address", missing),
    }

    let ask = Ask::get(POLICY).request_id(request_id).offer_id(&sale.offer_id);
    let name = "the policy, before it is paid, is a status alone";
    stage.ask(name, ask, |got| unpaid(got, &id, &sale.offer_id)).await;
}

/// An insurer may have no drafts; the answer then says so in words.
fn judge(exchange: &Exchange, request_id: &str, offer_id: &str) -> Verdict {
    if exchange.status() == 404 {
        let faults = check::refusal(exchange, 404);
        return match faults.is_empty() {
            true => Verdict::Skip(text(exchange.json(), "message").to_owned()),
            false => faults.into(),
        };
    }
    check::draft(exchange, request_id, offer_id).into()
}

fn unpaid(exchange: &Exchange, request_id: &str, offer_id: &str) -> Vec<Fault> {
    let mut faults = check::policy(exchange, request_id, offer_id);
    if faults.is_empty() && text(exchange.json(), "status") == "CLOSED_PAID" {
        faults.push(Fault::of("status", "must not be CLOSED_PAID: nobody has paid"));
    }
    faults
}
