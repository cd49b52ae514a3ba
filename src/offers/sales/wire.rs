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

/// An answer, as far as it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard<'a> {
    /// Its status.
    pub(super) status: u16,
    /// Its `Content-Type`; empty where it has none.
    pub(super) content_type: &'a str,
    /// How long it asks to be left alone.
    pub(super) asked: Option<Duration>,
    /// What it says.
    pub(super) body: &'a [u8],
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

/// What an answer means. `sent` is the calculation that the answer to a call for one sale is about.
pub(super) fn judge(heard: Heard<'_>, sent: Option<Uuid>) -> Answer {
    let Heard { status, asked, .. } = heard;
    let failed = |problem| Answer::Failed { problem, asked };
    match status {
        200..=299 => match misunderstood(heard, sent) {
            Some(problem) => failed(problem),
            None => Answer::Confirmed,
        },
        300..=399 => failed(format!("the partner answered {status}; redirects are not followed")),
        400 | 409 | 413 | 422 => Answer::Refused(said(heard, "")),
        _ => failed(said(heard, "")),
    }
}

/// Why an answer with a good status is not the partner's yes: whatever stands between may say 200 too.
fn misunderstood(heard: Heard<'_>, sent: Option<Uuid>) -> Option<String> {
    if is_page(heard) {
        return Some(said(heard, " with a page"));
    }
    // Nothing is documented of the answer to a call in bulk.
    let sent = sent?;
    let Ok(serde_json::Value::Object(answer)) = serde_json::from_slice(heard.body) else {
        return Some(said(heard, ", but not with a JSON object"));
    };
    match answer.get("request_id").and_then(|named| named.as_str()?.parse::<Uuid>().ok()) {
        Some(named) if named == sent => None,
        Some(named) => {
            Some(format!("the partner answered {} about another calculation, {named}", heard.status))
        }
        None => {
            tracing::info!(request_id = %sent, "the partner took a sale without naming its request_id");
            None
        }
    }
}

/// Whether it is for a browser.
fn is_page(heard: Heard<'_>) -> bool {
    let kind = heard.content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"].iter().any(|page| kind.eq_ignore_ascii_case(page))
        || heard.body.trim_ascii_start().starts_with(b"<")
}

/// The beginning of an answer, in one line, after what is to be `noted` of it.
fn said(heard: Heard<'_>, noted: &str) -> String {
    let Heard { status, body, .. } = heard;
    let text = String::from_utf8_lossy(body);
    let text: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let text: String = text.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let quoted: String = text.chars().take(QUOTED).collect();
    match quoted.as_str() {
        "" => format!("the partner answered {status}{noted}"),
        quoted => format!("the partner answered {status}{noted}: {quoted}"),
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

    fn heard(status: u16, body: &str) -> Heard<'_> {
        Heard { status, content_type: "application/json", asked: None, body: body.as_bytes() }
    }

    /// Why an answer to one sale, and to several, is not a yes.
    fn problems(heard: Heard<'_>) -> [Option<String>; 2] {
        [Some(ID.parse().unwrap()), None].map(|sent| match judge(heard, sent) {
            Answer::Confirmed => None,
            Answer::Failed { problem, asked: None } => Some(problem),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_sale_is_taken_unless_the_answer_is_about_another() {
        let ours = format!(r#"{{"request_id":"{}"}}"#, ID.to_uppercase());
        for taken in [&ours, "{}", " {\"request_id\":null}\n", r#"{"request_id":12}"#] {
            assert_eq!(problems(heard(200, taken)), [None, None], "{taken}");
        }
        let other = "ffffffff-4f50-4617-8293-a4b5c6d7e8f9";
        let body = format!(r#"{{"request_id":"{other}"}}"#);
        let problem = format!("the partner answered 200 about another calculation, {other}");
        assert_eq!(problems(heard(200, &body)), [Some(problem), None]);
    }

    #[test]
    fn one_sale_is_answered_by_json_and_several_perhaps_by_nothing() {
        for (status, body, quoted) in [
            (204, "", ""),
            (200, "taken", ": taken"),
            (200, "[]", ": []"),
            (200, "{\"request", ": {\"request"),
        ] {
            let problem = format!("the partner answered {status}, but not with a JSON object{quoted}");
            assert_eq!(problems(heard(status, body)), [Some(problem), None], "{body}");
        }
    }

    #[test]
    fn a_page_is_nobodys_yes() {
        let page = |content_type, body| problems(Heard { content_type, ..heard(200, body) });
        let problem = Some("the partner answered 200 with a page: <p>Log in</p>".to_owned());
        for content_type in ["text/html", "Text/HTML ; charset=utf-8", "application/xhtml+xml", ""] {
            assert_eq!(page(content_type, "\n<p>Log in</p>"), [problem.clone(), problem.clone()]);
        }
        let problem = Some("the partner answered 200 with a page: {}".to_owned());
        assert_eq!(page("text/html", "{}"), [problem.clone(), problem]);
        assert_eq!(page("", "{}"), [None, None]);
    }

    #[test]
    fn what_may_be_mended_is_tried_again_and_the_rest_is_refused() {
        let asked = Some(Duration::from_secs(7));
        for status in [301, 302, 401, 403, 404, 405, 408, 410, 429, 500, 502, 503, 504] {
            let answer = judge(Heard { asked, ..heard(status, "") }, None);
            assert!(matches!(&answer, Answer::Failed { asked: wait, .. } if *wait == asked), "{answer:?}");
        }
        for status in [400, 409, 413, 422] {
            let answer = judge(heard(status, "{\"message\":\n  \"no\"}\x1b[2J"), None);
            let problem = format!("the partner answered {status}: {{\"message\": \"no\"}} [2J");
            assert_eq!(answer, Answer::Refused(problem));
        }
        let Answer::Refused(problem) = judge(heard(400, &"я".repeat(5_000)), None) else { panic!() };
        assert_eq!(problem.chars().filter(|c| *c == 'я').count(), QUOTED);
    }
}
