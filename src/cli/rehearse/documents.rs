//! A PDF, the two other ways: as it is, and at its address.

use super::{
    ask::Ask,
    check::{self, text},
    exchange::Exchange,
    stage::Stage,
};

/// `format=binary`, and the address that a browser opens.
pub(super) async fn play(stage: &mut Stage, what: &str, ask: Ask, answer: &Exchange) {
    let name = format!("format=binary gives the {what} as it is");
    stage.ask(&name, ask.query("format", "binary"), check::document).await;

    let name = format!("the {what}'s address opens in a browser, without credentials");
    match text(answer.json(), "url").parse() {
        Ok(address) => drop(stage.ask(&name, Ask::page(address), check::document).await),
        Err(_) => stage.skip(&name, "the answer has no url"),
    }
}
