//! How a sale is written for the partner, and what an answer means.
//!
//! The documentation shows the call for one sale in full. Of the call in bulk it says only that there is one;
//! its body here is the one that is documented for the partner's loans. Nor does it say how the token is
//! sent: it goes as `Authorization: Bearer`, as the partner itself prefers it where it calls.

use std::time::Duration;

use serde::Serialize;
use url::Url;
use uuid::Uuid;
use veer_contract::domain::Kopecks;

use crate::store::NewConfirmation;

/// What the partner answered to one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It took the sale.
    Confirmed,
    /// It will never take the sale as it is, and this is why.
    Refused(String),
    /// It may take it later.
    Failed {
        /// What happened.
        problem: String,
        /// How long it asks to be left alone.
        asked: Option<Duration>,
    },
}

/// The body of a call in bulk.
#[derive(Serialize)]
struct Body<'a> {
    partner_id: &'a str,
    data: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    request_id: Uuid,
    offer_id: &'a str,
    counterparty_id: i64,
    amount: serde_json::Number,
    is_upsaled: bool,
}

/// Characters of an answer that a problem quotes.
const QUOTED: usize = 300;

/// The address that confirms one sale.
pub(super) fn address(base: &Url, partner_id: &str, sale: &NewConfirmation) -> Url {
    let mut address = base.clone();
    address
        .query_pairs_mut()
        .append_pair("amount", &Kopecks::new(sale.amount_kopecks).as_json_number().to_string())
        .append_pair("counterparty_id", &sale.counterparty_id.to_string())
        .append_pair("offer_id", &sale.offer.offer_id)
        .append_pair("partner_id", partner_id)
        .append_pair("request_id", &sale.offer.request_id.to_string())
        .append_pair("is_upsaled", if sale.is_upsaled { "true" } else { "false" });
    address
}

/// The body that confirms several.
pub(super) fn body<'a>(
    partner_id: &str,
    sales: impl Iterator<Item = &'a NewConfirmation>,
) -> Result<Vec<u8>, serde_json::Error> {
    let row = |sale: &'a NewConfirmation| Row {
        request_id: sale.offer.request_id,
        offer_id: &sale.offer.offer_id,
        counterparty_id: sale.counterparty_id,
        amount: Kopecks::new(sale.amount_kopecks).as_json_number(),
        is_upsaled: sale.is_upsaled,
    };
    serde_json::to_vec(&Body { partner_id, data: sales.map(row).collect() })
}

/// What an answer means. `sent` is the calculation that it should be about, where it says so.
pub(super) fn judge(status: u16, body: &[u8], asked: Option<Duration>, sent: Option<Uuid>) -> Answer {
    let failed = |problem| Answer::Failed { problem, asked };
    match status {
        200..=299 => match (sent, named(body)) {
            (Some(sent), Some(named)) if named != sent => {
                failed(format!("the partner answered {status} about another calculation, {named}"))
            }
            _ => Answer::Confirmed,
        },
        300..=399 => failed(format!("the partner answered {status}; redirects are not followed")),
        400 | 409 | 413 | 422 => Answer::Refused(said(status, body)),
        _ => failed(said(status, body)),
    }
}

/// The calculation that an answer names.
fn named(body: &[u8]) -> Option<Uuid> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    body.get("request_id")?.as_str()?.parse().ok()
}

/// The beginning of an answer, in one line.
fn said(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let text: String = text.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let quoted: String = text.chars().take(QUOTED).collect();
    match quoted.as_str() {
        "" => format!("the partner answered {status}"),
        quoted => format!("the partner answered {status}: {quoted}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::OfferKey;

    const ID: &str = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9";

    fn sale(kopecks: i64) -> NewConfirmation {
        let offer =
            OfferKey { account: "demo".into(), request_id: ID.parse().unwrap(), offer_id: "of 1".into() };
        NewConfirmation {
            offer,
            insurer: "alfastrah".into(),
            counterparty_id: 7,
            amount_kopecks: kopecks,
            is_upsaled: kopecks % 100 != 0,
            paid: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn one_sale_is_an_address() {
        let base = Url::parse("https://partner.example/confirm?version=2").unwrap();
        assert_eq!(
            address(&base, "42", &sale(707_235)).as_str(),
            format!(
                "https://partner.example/confirm?version=2&amount=7072.35&counterparty_id=7&offer_id=of+1\
                 &partner_id=42&request_id={ID}&is_upsaled=true"
            )
        );
        let whole = address(&base, "42", &sale(707_200));
        assert!(whole.as_str().contains("&amount=7072&"), "{whole}");
        assert!(whole.as_str().ends_with("&is_upsaled=false"), "{whole}");
    }

    #[test]
    fn several_sales_are_a_body() {
        let sales = [sale(707_235), sale(100)];
        let body = body("42", sales.iter()).unwrap();
        assert_eq!(
            String::from_utf8(body).unwrap(),
            format!(
                concat!(
                    r#"{{"partner_id":"42","data":["#,
                    r#"{{"request_id":"{id}","offer_id":"of 1","counterparty_id":7,"#,
                    r#""amount":7072.35,"is_upsaled":true}},"#,
                    r#"{{"request_id":"{id}","offer_id":"of 1","counterparty_id":7,"#,
                    r#""amount":1,"is_upsaled":false}}]}}"#
                ),
                id = ID
            )
        );
    }

    #[test]
    fn a_sale_is_taken_unless_the_answer_is_about_another() {
        let ours: Uuid = ID.parse().unwrap();
        let judge = |body: &str| judge(200, body.as_bytes(), None, Some(ours));
        for taken in ["", "taken", "{}", r#"{"request_id":null}"#, r#"{"request_id":12}"#] {
            assert_eq!(judge(taken), Answer::Confirmed, "{taken}");
        }
        assert_eq!(judge(&format!(r#"{{"request_id":"{}"}}"#, ID.to_uppercase())), Answer::Confirmed);
        let other = r#"{"request_id":"ffffffff-4f50-4617-8293-a4b5c6d7e8f9"}"#;
        assert!(matches!(judge(other), Answer::Failed { .. }), "{:?}", judge(other));
        assert_eq!(super::judge(204, b"", None, None), Answer::Confirmed);
    }

    #[test]
    fn what_may_be_mended_is_tried_again_and_the_rest_is_refused() {
        let asked = Some(Duration::from_secs(7));
        for status in [301, 302, 401, 403, 404, 405, 408, 410, 429, 500, 502, 503, 504] {
            let answer = judge(status, b"", asked, None);
            assert!(matches!(&answer, Answer::Failed { asked: wait, .. } if *wait == asked), "{answer:?}");
        }
        for status in [400, 409, 413, 422] {
            let answer = judge(status, b"{\"message\":\n  \"no\"}\x1b[2J", None, None);
            let problem = format!("the partner answered {status}: {{\"message\": \"no\"}} [2J");
            assert_eq!(answer, Answer::Refused(problem));
        }
        let Answer::Refused(problem) = judge(400, "я".repeat(5_000).as_bytes(), None, None) else {
            panic!()
        };
        assert_eq!(problem.chars().filter(|c| *c == 'я').count(), QUOTED);
    }
}
