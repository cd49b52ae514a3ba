//! Chapter: the payment, on a simulated page or by a person.

use std::io::IsTerminal;

use super::{
    ask::Ask,
    check::{self, text},
    exchange::Exchange,
    fault::{Fault, Verdict},
    moves, offer,
    sale::Sale,
    stage::{Pay, Stage},
};

pub(super) const TITLE: &str = "payment";

/// What a simulated page carries in its head.
const SIMULATED: &str = "<meta name=\"veer-simulated-payment\"";

const SKIPPED: &str = "nobody pays";

/// Plays it; why nothing comes after it, where nothing does.
pub(super) async fn play(stage: &mut Stage, sale: &Sale) -> Result<(), String> {
    stage.chapter(TITLE);
    let pay = match stage.pay {
        Some(Pay::Skip) => None,
        Some(Pay::Person) => Some(Pay::Person),
        wanted => on_the_page(stage, sale, wanted).await?,
    };
    match pay {
        None | Some(Pay::Skip) => {
            let why = match stage.pay {
                Some(_) => "--pay skip",
                None => "the page is a real one, and there is no terminal with a person at it",
            };
            stage.skip("it is paid", why);
            return Err(format!("{SKIPPED}: {why}"));
        }
        Some(Pay::Simulated) => {
            let form = Ask::form(sale.payment_url.clone(), "action=pay");
            if stage.ask("the simulated page takes the payment", form, taken).await.is_none() {
                return Err("the simulated page does not take the payment".into());
            }
        }
        // Standard output may be a document.
        Some(Pay::Person) => eprintln!("\nPlease pay at {}\n", sale.payment_url),
    }
    learnt(stage, sale).await
}

/// Opens the page and decides who pays.
async fn on_the_page(stage: &mut Stage, sale: &Sale, wanted: Option<Pay>) -> Result<Option<Pay>, String> {
    let page = Ask::page(sale.payment_url.clone());
    let judge = |got: &Exchange| -> Verdict {
        match (check::page(got), wanted, is_simulated(got)) {
            (faults, Some(Pay::Simulated), false) if faults.is_empty() => {
                vec![Fault::new("--pay simulated, but the page does not say that it is simulated")].into()
            }
            (faults, _, simulated) => Verdict::from(faults)
                .and_tell(|| if simulated { "a simulated one" } else { "a real one" }.to_owned()),
        }
    };
    let Some(page) = stage.ask("the payment page opens in a browser", page, judge).await else {
        return Err("the payment page does not open".into());
    };
    Ok(match is_simulated(&page) {
        true => Some(Pay::Simulated),
        false => std::io::stdin().is_terminal().then_some(Pay::Person),
    })
}

/// Waits until the offer says that it is paid.
async fn learnt(stage: &mut Stage, sale: &Sale) -> Result<(), String> {
    let ask = offer::ask(stage, &sale.offer_id);
    let polled = stage
        .poll(&ask, stage.slow_beat(stage.limits.payment), |got| {
            let faults = check::offer(got, &sale.offer_id);
            let status = text(got.json(), "status");
            let settled = moves::is_paid(status) || moves::is_over(status) || status == "PAYMENT_CANCELLED";
            (settled || !faults.is_empty()).then_some(faults)
        })
        .await;
    let status = text(polled.last.json(), "status").to_owned();
    let mut faults = polled.found.clone().unwrap_or_default();
    if faults.is_empty() && !moves::is_paid(&status) {
        let waited = format!("is {status:?} and not paid within {} s", stage.limits.payment.as_secs());
        let reason = if polled.found.is_some() { format!("is {status} and not paid") } else { waited };
        faults.push(Fault::of("status", reason));
    }
    let failed = faults.first().map(ToString::to_string);
    stage.record_polled(
        "the gateway learns of the payment",
        &polled,
        Verdict::from(faults).and_tell(|| status),
    );
    failed.map_or(Ok(()), Err)
}

fn is_simulated(exchange: &Exchange) -> bool {
    let bytes = exchange.answer.as_ref().map(|answer| answer.bytes.as_slice()).unwrap_or_default();
    String::from_utf8_lossy(bytes).contains(SIMULATED)
}

/// A page that says thank you, or the way back to the partner.
fn taken(exchange: &Exchange) -> Verdict {
    match (exchange.status(), &exchange.answer) {
        (200..=399, Ok(answer)) => match &answer.location {
            Some(location) => Verdict::told(format!("and leads to {location}")),
            None => Verdict::Pass(None),
        },
        (_, Ok(answer)) => Verdict::failed(format!("the status is {}", answer.status)),
        (_, Err(why)) => Verdict::failed(format!("no answer: {why}")),
    }
}
