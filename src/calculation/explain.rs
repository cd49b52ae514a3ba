//! Why each insurer is, or is not, in the answer: verdicts and timelines, for operators.
//!
//! Nothing here is personal: no request, no reply, no words of an insurer about a person.

use serde::Serialize;

use super::{Calculations, Live};
use crate::{store::StoreError, upstream::timeline::Entry};

/// One insurer of one calculation.
#[derive(Debug, Serialize)]
pub struct Explained {
    /// The account's name in the configuration.
    pub insurer: String,
    /// The insurer's code at the partner.
    pub partner_code: i64,
    /// Its name.
    pub name: String,
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

impl Calculations {
    /// Every calculation under `request_id`, as JSON, whoever's it is.
    pub async fn explain(&self, request_id: uuid::Uuid) -> Result<Vec<serde_json::Value>, StoreError> {
        let live = self.services().live.find(request_id);
        if !live.is_empty() {
            return Ok(live
                .iter()
                .map(|live| of(&live.account, live.finished().is_some(), parties(live)))
                .collect());
        }
        let stored = self.services().store.timelines(request_id).await?;
        let explained = |(account, timeline): (String, Option<Vec<u8>>)| {
            let finished = timeline.is_some();
            let insurers: serde_json::Value =
                timeline.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
            of(&account, finished, insurers)
        };
        Ok(stored.into_iter().map(explained).collect())
    }
}

fn of(account: &str, finished: bool, insurers: impl Serialize) -> serde_json::Value {
    serde_json::json!({ "account": account, "finished": finished, "insurers": insurers })
}
