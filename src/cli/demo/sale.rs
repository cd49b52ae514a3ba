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
    /// Whose offer is bought; anybody's where it is not said.
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
    pub async fn play(&self, answer: &Value) -> Result<bool, String> {
        let codes = self.seller.map(partner_codes).transpose()?;
        for offer in candidates(answer, codes.as_deref()) {
            if self.sell(offer).await? {
                return Ok(true);
            }
        }
        match self.seller {
            Some(seller) => println!("Nothing of {seller} can be sold; the table says why."),
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
            if answer["url"].is_string() {
                break answer;
            }
            if since.elapsed() >= PATIENCE {
                return Err(format!("the policy did not come: {}", text(&answer, "status")));
            }
            tokio::time::sleep(PACE).await;
        };
        let offer = self.client.offer(self.request_id, id).await?;
        let file = self.client.open(text(&answer, "url")).await?;
        let path = self.folder.join("policy.pdf");
        std::fs::write(&path, &file).map_err(|error| format!("{}: {error}", path.display()))?;
        let number = format!("{} {}", text(&offer, "policy_series"), text(&offer, "policy_number"));
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

/// The codes that the offers of an insurer carry: its own, and those of the companies behind it.
fn partner_codes(seller: &str) -> Result<Vec<i64>, String> {
    let Some(adapter) = veer_insurers::find(seller) else {
        let known: Vec<&str> =
            veer_insurers::all().iter().map(|adapter| adapter.manifest().code.as_str()).collect();
        return Err(format!("--sell: there is no insurer `{seller}`; there are {}", known.join(", ")));
    };
    let manifest = adapter.manifest();
    let companies = manifest.companies.values().map(|company| company.partner_code);
    Ok(companies.chain([manifest.partner_code]).collect())
}

/// Offers that can be bought, those with a cross-sale first, cheapest first.
fn candidates<'a>(answer: &'a Value, codes: Option<&[i64]>) -> Vec<&'a Value> {
    let offers = answer["offers"].as_array().into_iter().flatten();
    let sought = |offer: &&Value| {
        codes.is_none_or(|codes| offer["partner"]["code"].as_i64().is_some_and(|code| codes.contains(&code)))
    };
    let priced = offers.filter(|offer| offer["price"].is_number());
    let mut priced: Vec<&Value> = priced.filter(sought).collect();
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
