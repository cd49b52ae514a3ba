//! After a restart, or when another replica is dead: every unfinished calculation goes on.
//!
//! A conversation that was kept goes on from its last point, one that was not begins again (it had only
//! read), one that was caught between an application and its reply asks the insurer what became of it, or
//! ends as not restorable. A calculation whose time is over is finished with what it has.

use std::{collections::HashMap, sync::Arc};

use tokio::time::Instant;
use uuid::Uuid;
use veer_contract::{Lane, OperationKind};

use super::{
    Acceptance, CalculationStatus, Calculations, Collector, Ended, Party, Public, Services, message, recall,
    shadow,
};
use crate::{
    store::{ConversationRow, FinishedRow, Sealed, StoreError, StoredCalculation},
    telemetry,
    upstream::{Budget, Class, Verdict, point::Beginning},
};

impl Calculations {
    /// Takes up what a stop or a crash left unfinished, as far as it is this replica's and not in memory; how many
    /// calculations that are. Where the store fails in the middle, what is left can be taken up by another call.
    pub async fn resume(&self) -> Result<usize, StoreError> {
        let services = self.services();
        let unfinished = services.store.unfinished().await?;
        let mut resumed = 0;
        for stored in unfinished {
            let (account, request_id) = (stored.account.clone(), stored.request_id);
            if services.live.get(&account, request_id).is_some() {
                continue;
            }
            match take_up(services, stored).await {
                Ok(()) => resumed += 1,
                Err(error) => {
                    // Where the store does not answer at all, it is not the calculation that is broken.
                    services.store.calculation(&account, request_id).await?;
                    tracing::error!(%request_id, %error, "a calculation could not be taken up");
                    give_up(services, account, request_id).await?;
                }
            }
        }
        Ok(resumed)
    }
}

/// Ends a calculation of which nothing can be read: whoever polls it is told that it failed.
async fn give_up(services: &Services, account: Arc<str>, request_id: Uuid) -> Result<(), StoreError> {
    let status = CalculationStatus::Error;
    let row = FinishedRow {
        account,
        request_id,
        status: status.as_str(),
        finished: telemetry::now(),
        timeline: b"[]".to_vec(),
    };
    services.metrics.calculation(status.as_str());
    services.store.finish(row).await
}

/// Goes on with one calculation.
pub(super) async fn take_up(services: &Arc<Services>, stored: StoredCalculation) -> Result<(), StoreError> {
    let conversations =
        services.store.conversations(&stored.account, stored.request_id, OperationKind::Quote.name()).await?;
    let in_shadow =
        services.store.conversations(&stored.account, stored.request_id, shadow::OPERATION).await?;
    let offers = services.store.offers(&stored.account, stored.request_id).await?;

    let passed = telemetry::now().duration_since(stored.created).unsigned_abs();
    let left = stored.deadline.duration_since(telemetry::now());
    let left = if left.is_negative() { Default::default() } else { left.unsigned_abs() };
    let budget = Budget::of(left).for_class(Class::Quote);
    let start = Instant::now().checked_sub(passed).unwrap_or_else(Instant::now);

    let live = Arc::new(recall::live(services, &stored)?);
    let kept: HashMap<&str, &ConversationRow> =
        conversations.iter().chain(&in_shadow).map(|row| (&*row.insurer, row)).collect();
    let (mut parties, mut beginnings) = (Vec::new(), Vec::new());
    for insurer in &services.insurers {
        let row = kept.get(insurer.code()).copied();
        let is_known = row.is_some() || offers.iter().any(|offer| offer.insurer == insurer.code());
        let party = match is_known {
            // What was shown stays to be seen, and what was not does not appear.
            true => Party::again(insurer, start, row.is_some_and(|row| row.operation == shadow::OPERATION)),
            false => Party::new(insurer, start),
        };
        beginnings.push(row.map_or(Beginning::Start, |row| restore(services, &party, row)));
        parties.push(party);
    }
    for offer in offers {
        let entry = recall::entry(services, offer)?;
        let party = parties.iter().position(|party| party.insurer.code == entry.insurer.code);
        if let Some(party) = party {
            parties[party].asked.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        live.with(|public| public.board.restore(party, entry));
    }
    // Who was asked is shown, even where its place in the list was not kept.
    for (index, party) in parties.iter().enumerate() {
        live.with(|Public { board, .. }| {
            let known = board.offers.iter().any(|entry| entry.insurer.code == party.insurer.code);
            if known
                || party.is_shadow()
                || !(party.was_asked() || matches!(beginnings[index], Beginning::Lost(_)))
            {
                return;
            }
            board.asked(index, &party.insurer, Lane::Create);
            if let Some(verdict) = party.verdict() {
                board.ended(index, verdict, message::for_user(verdict));
            }
        });
    }
    // A status that was said before the end is not taken back.
    let said = CalculationStatus::parse(&stored.status).unwrap_or(CalculationStatus::InProgress);
    live.with(|public| public.asking = said);
    let _ = live.parties.set(parties.into());
    live.settle(Acceptance::Durable);
    // Before anybody can find it: whoever polls it at this very moment is told what is there, and not that there is nothing.
    services.publish(&live);
    if services.live.reserve(&live).is_some() {
        return Ok(()); // It is under way already.
    }
    Collector::new(services, live, budget, start).spawn(beginnings);
    Ok(())
}

/// Puts back what `row` says of `party`, and says where its conversation begins.
fn restore(services: &Services, party: &Party, row: &ConversationRow) -> Beginning {
    party.asked.store(row.asked, std::sync::atomic::Ordering::Relaxed);
    let open = |sealed: &Sealed| services.store.sealer.open(sealed).map(<[u8]>::to_vec).ok();
    if let Some(verdict) = row.verdict {
        let detail = row.message.as_ref().and_then(open).unwrap_or_default();
        let ended = Ended {
            verdict: Verdict::from_code(verdict).unwrap_or(Verdict::NotRestorable),
            detail: String::from_utf8_lossy(&detail).into_owned(),
            after_ms: 0,
        };
        // The party is new: nothing has ended it.
        let _ = party.ended.set(ended);
        return Beginning::Start;
    }
    if let (Some(shadow), Some(note)) = (&party.shadow, row.message.as_ref().and_then(open)) {
        shadow.restore(&note);
    }
    beginning(services, row)
}

/// Where a conversation that was cut off goes on.
pub fn beginning(services: &Services, row: &ConversationRow) -> Beginning {
    let Some(sealed) = &row.point else {
        return if row.creating { Beginning::Lost(None) } else { Beginning::Start };
    };
    let point = services.store.sealer.open(sealed).ok().and_then(|bytes| serde_json::from_slice(bytes).ok());
    match point {
        Some(point) if !row.creating => Beginning::At(point),
        // A state that does not parse is as good as lost.
        point => Beginning::Lost(point),
    }
}
