//! Why each insurer is, or is not, in the answer, and how far each offer is: for operators.
//!
//! Nothing here is personal: no request, no reply, no words of an insurer about a person.

use serde::Serialize;
use veer_contract::domain::Kopecks;

use super::{Calculations, Live, OfferEntry};
use crate::{
    store::{StoreError, StoredTimeline},
    upstream::timeline::Entry,
};

/// One insurer of one calculation.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// The account's name in the configuration.
    pub insurer: String,
    /// The insurer's code at the partner.
    pub partner_code: i64,
    /// Its name.
    pub name: String,
    /// It was asked, and nobody is shown what it said.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
    /// The verdict's number; none while it is running.
    pub verdict: Option<u16>,
    /// The verdict's name.
    pub label: Option<&'static str>,
    /// What the verdict means.
    pub meaning: Option<&'static str>,
    /// What an operator should know besides.
    pub detail: Option<String>,
    /// Milliseconds from the beginning to the verdict.
    pub after_ms: Option<u64>,
    /// What happened when.
    pub timeline: Vec<Entry>,
}

/// Every insurer of `live`.
pub fn parties(live: &Live) -> Vec<Explained> {
    let explained = |party: &super::Party| {
        let ended = party.ended.get();
        Explained {
            insurer: party.insurer.code.clone(),
            partner_code: party.insurer.partner_code,
            name: party.insurer.name.clone(),
            shadow: party.is_shadow(),
            verdict: ended.map(|ended| ended.verdict.code()),
            label: ended.map(|ended| ended.verdict.label()),
            meaning: ended.map(|ended| ended.verdict.meaning()),
            detail: ended.map(|ended| ended.detail.clone()).filter(|detail| !detail.is_empty()),
            after_ms: ended.map(|ended| ended.after_ms),
            timeline: party.timeline.entries(),
        }
    };
    live.parties().iter().map(explained).collect()
}

/// One offer, for operators: no message, which may be an insurer's words about a person.
#[derive(Debug, Serialize)]
pub struct ExplainedOffer {
    /// Its id at the partner.
    pub offer_id: String,
    /// The account's name in the configuration.
    pub insurer: String,
    /// Which of an aggregator's companies makes it, by the aggregator's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// How far it is.
    pub status: &'static str,
    /// What it costs, cross-sales included.
    pub price: Option<serde_json::Number>,
    /// When it ends by itself.
    pub expires: Option<jiff::Timestamp>,
    /// A confirmation of it is being carried out.
    pub confirming: bool,
    /// It cannot be bought any more, whatever its status.
    pub withdrawn: bool,
    /// Operations that broke off and go on from there when they are asked for again.
    pub stopped: Vec<String>,
    /// Payment links that were handed out.
    pub links: usize,
    /// When its payment was learnt.
    pub paid: Option<jiff::Timestamp>,
    /// The policy is known by its number.
    pub has_policy_number: bool,
    /// The draft's file is kept.
    pub has_draft: bool,
    /// The policy's file is kept.
    pub has_policy: bool,
}

/// Every offer of `live`.
fn offers(live: &Live) -> Vec<ExplainedOffer> {
    let explained = |entry: &OfferEntry| {
        let sale = entry.sale.as_deref().cloned().unwrap_or_default();
        ExplainedOffer {
            offer_id: entry.offer_id.clone(),
            insurer: entry.insurer.code.clone(),
            company: entry.insurer.company.clone(),
            status: entry.status.as_str(),
            price: entry.price().map(Kopecks::as_json_number),
            expires: entry.expires,
            confirming: sale.confirming,
            withdrawn: sale.withdrawn,
            stopped: sale.stopped.into_keys().collect(),
            links: sale.links.len(),
            paid: sale.paid.map(|paid| paid.at),
            has_policy_number: sale.policy.is_some(),
            has_draft: sale.has_draft,
            has_policy: sale.has_policy,
        }
    };
    live.with(|public| public.shown().iter().map(explained).collect())
}

impl Calculations {
    /// Every calculation under `request_id`, as JSON, whoever's it is.
    pub async fn explain(&self, request_id: uuid::Uuid) -> Result<Vec<serde_json::Value>, StoreError> {
        let mut stored = self.services().store.timelines(request_id).await?;
        for live in self.services().live.find(request_id) {
            if !stored.iter().any(|it| *it.account == *live.account) {
                let account = live.account.to_string();
                stored.push(StoredTimeline { account, timeline: None, dictionary: None });
            }
        }
        let mut explained = Vec::new();
        for StoredTimeline { account, timeline, dictionary } in stored {
            // What cannot be read any more has its timeline all the same.
            let live = match self.recall(&account, request_id).await {
                Err(StoreError::Elsewhere { .. }) => self.glance(&account, request_id).await.ok().flatten(),
                recalled => recalled.ok().flatten(),
            };
            let running = live.as_ref().filter(|live| live.parties.get().is_some());
            let insurers = match running {
                Some(live) => serde_json::to_value(parties(live)).unwrap_or_default(),
                None => timeline.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default(),
            };
            explained.push(serde_json::json!({
                "account": account,
                "finished": live.as_ref().is_none_or(|live| live.finished().is_some()),
                "status": live.as_ref().map(|live| live.with(|public| public.status().as_str())),
                "early": live.as_ref().and_then(|live| live.early.get().copied()),
                "dictionary": dictionary,
                "insurers": insurers,
                "offers": live.as_ref().map(|live| offers(live)),
            }));
        }
        Ok(explained)
    }
}
