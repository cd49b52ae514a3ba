//! The rest of the main job: the cheapest offer is confirmed with a cross-sale, paid, its policy saved, and
//! the sale confirmed to the partner. A step a line.

use std::{path::Path, time::Duration};

use serde_json::{Value, json};
use tokio::time::Instant;
use veer_simulator::Yandex;

use super::client::Client;

/// Between two questions.
const PACE: Duration = Duration::from_secs(1);
/// What a step may take. Simulated insurers need seconds.
const PATIENCE: Duration = Duration::from_secs(120);

/// One sale on its way.
pub(super) struct Sale<'a> {
    /// The gateway's client.
    pub client: &'a Client,
    /// Who counts sales.
    pub yandex: &'a Yandex,
    /// The calculation.
    pub request_id: &'a str,
    /// By its code, whose offer is bought; anybody's where it is not said.
    pub seller: Option<&'a str>,
    /// Where the policy is saved.
    pub folder: &'a Path,
    /// The folder stays when the demo ends.
    pub stays: bool,
}

// === impl Sale ===

impl Sale<'_> {
    /// Plays it with the cheapest offer of `answer`; those with a cross-sale first. False where there is
    /// nothing to sell.
    pub async fn play(&self, answer: &Value, insurers: &[Value]) -> Result<bool, String> {
        for offer in candidates(answer, self.seller.map(|seller| made_by(seller, insurers))) {
            if self.sell(offer).await? {
                return Ok(true);
            }
        }
        match self.seller {
            Some(seller) => println!("Nothing of {seller} can be sold; the reason stands above."),
            None => println!("Nothing of this can be sold."),
        }
        Ok(false)
    }

    async fn sell(&self, offer: &Value) -> Result<bool, String> {
        let id = offer["offer_id"].as_str().unwrap_or_default();
        told("taken", &format!("{}, {} ₽, offer {id}", name(offer), price(offer)));
        let last = self.until(id, |offer| offer["status"] != "PRE_CALC_READY").await?;
        if last["status"] != "APPROVED" {
            told("refused", &format!("{}: {}", text(&last, "status"), text(&last, "message")));
            return Ok(false);
        }
        told("final price", &format!("{} ₽{}", price(&last), message(&last)));
        let Some(paying) = self.confirm(id, &last).await? else { return Ok(false) };
        let page = paying["payment_url"].as_str().ok_or("there is no payment_url")?;
        told("payment page", page);
        self.client.pay(page).await?;
        told("paid", "on the insurer's simulated page");
        self.policy(id).await?;
        self.confirmed(id).await?;
        Ok(true)
    }

    /// Confirms with the first option of the first cross-sale, and again where the price rose.
    async fn confirm(&self, id: &str, offer: &Value) -> Result<Option<Value>, String> {
        let mut body = json!({ "request_id": self.request_id, "offer_id": id });
        let (sale, option) = (&offer["upsales"][0], &offer["upsales"][0]["options"][0]);
        if option["id"].is_number() {
            body["upsales"] = json!([{ "upsale_id": sale["id"], "option_id": option["id"] }]);
            told("cross-sale", &format!("{}, {} ₽", text(sale, "short_name"), price(option)));
        }
        let since = Instant::now();
        loop {
            let answer = self.client.confirm(&body).await?;
            match answer["status"].as_str() {
                Some("PAYMENT_READY") => {
                    told("confirmed", &format!("{} ₽ to pay{}", price(&answer), message(&answer)));
                    return Ok(Some(answer));
                }
                Some("APPROVED" | "PRE_CALC_READY" | "PAYMENT_LINK_FAILED") if since.elapsed() < PATIENCE => {
                    tokio::time::sleep(PACE).await;
                }
                _ => {
                    told(
                        "not confirmed",
                        &format!("{}: {}", text(&answer, "status"), text(&answer, "message")),
                    );
                    return Ok(None);
                }
            }
        }
    }

    async fn policy(&self, id: &str) -> Result<(), String> {
        let since = Instant::now();
        let answer = loop {
            let answer = self.client.policy(self.request_id, id).await?;
            // It has a beginning once it is issued, and then its file is there, or will never be.
            if answer["policy_start_date"].is_string() {
                break answer;
            }
            if since.elapsed() >= PATIENCE {
                return Err(format!("the policy did not come: {}", text(&answer, "status")));
            }
            tokio::time::sleep(PACE).await;
        };
        let offer = self.client.offer(self.request_id, id).await?;
        let number = format!("{} {}", text(&offer, "policy_series"), text(&offer, "policy_number"));
        let Some(address) = answer["url"].as_str() else {
            told("policy", &format!("{number}; this insurer mails it, and hands out no file"));
            return Ok(());
        };
        let file = self.client.open(address).await?;
        let path = self.folder.join("policy.pdf");
        std::fs::write(&path, &file).map_err(|error| format!("{}: {error}", path.display()))?;
        let until = if self.stays { "" } else { "; gone when the demo ends, --save FOLDER keeps it" };
        told("policy", &format!("{number}, saved as {} ({} bytes{until})", path.display(), file.len()));
        Ok(())
    }

    async fn confirmed(&self, id: &str) -> Result<(), String> {
        let since = Instant::now();
        loop {
            if let Some(sale) = self.yandex.credited().into_iter().find(|sale| sale.offer_id == id) {
                let amount = sale.amount.as_json_number();
                told("sale confirmed", &format!("the partner has counted {amount} ₽"));
                return Ok(());
            }
            if since.elapsed() >= PATIENCE {
                return Err("the partner was not told of the sale".into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn until(&self, id: &str, over: impl Fn(&Value) -> bool) -> Result<Value, String> {
        let since = Instant::now();
        loop {
            let offer = self.client.offer(self.request_id, id).await?;
            if over(&offer) || since.elapsed() >= PATIENCE {
                return Ok(offer);
            }
            tokio::time::sleep(PACE).await;
        }
    }
}

/// The ids of an insurer's offers. Its code is asked for, since an aggregator's offers carry its companies' codes.
fn made_by<'a>(seller: &str, insurers: &'a [Value]) -> &'a [Value] {
    let insurer = insurers.iter().find(|insurer| insurer["insurer"] == seller);
    insurer.and_then(|insurer| insurer["offer_ids"].as_array()).map_or(&[], Vec::as_slice)
}

/// Offers that can be bought, those with a cross-sale first, cheapest first; where `ids` are given, these alone.
fn candidates<'a>(answer: &'a Value, ids: Option<&[Value]>) -> Vec<&'a Value> {
    let offers = answer["offers"].as_array().into_iter().flatten();
    let sought = |offer: &&Value| ids.is_none_or(|ids| ids.contains(&offer["offer_id"]));
    let mut priced: Vec<&Value> = offers.filter(|offer| offer["price"].is_number()).filter(sought).collect();
    let has_cross_sale = |offer: &Value| offer["upsales"][0]["options"][0]["id"].is_number();
    // The sort is stable, and the answer has the cheapest first.
    priced.sort_by_key(|offer| !has_cross_sale(offer));
    priced
}

fn told(what: &str, text: &str) {
    println!("  {what:<16}{text}");
}

fn name(offer: &Value) -> &str {
    text(&offer["partner"], "name")
}

fn price(of: &Value) -> String {
    of["price"].as_f64().map_or_else(|| "?".into(), super::table::roubles)
}

fn message(offer: &Value) -> String {
    offer["message"].as_str().map(|message| format!(" ({message})")).unwrap_or_default()
}

fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of[key].as_str().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sellers_offers_are_known_by_their_ids_and_those_with_a_cross_sale_come_first() {
        let upsales = json!([{ "id": 1, "options": [{ "id": 2 }] }]);
        let answer = json!({ "offers": [
            { "offer_id": "a", "price": 1, "partner": { "code": 7 } },
            { "offer_id": "b", "price": 2, "partner": { "code": 201 } },
            { "offer_id": "c", "price": 3, "partner": { "code": 202 }, "upsales": upsales },
            { "offer_id": "d", "partner": { "code": 203 } },
        ]});
        let insurers = [json!({ "insurer": "market", "partner_code": 200, "offer_ids": ["b", "c", "d"] })];
        let ids =
            |ids| candidates(&answer, ids).iter().map(|offer| text(offer, "offer_id")).collect::<Vec<_>>();
        assert_eq!(ids(None), ["c", "a", "b"]);
        assert_eq!(ids(Some(made_by("market", &insurers))), ["c", "b"]);
        assert!(ids(Some(made_by("nobody", &insurers))).is_empty());
    }
}
