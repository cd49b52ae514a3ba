//! The draft policy's file, once there is an agreement.

use veer_contract::{
    AskOnce, Call, Context, Decline, DeclineKind, Reply,
    create_then_poll::Refusal,
    domain::Document,
    operation::{Draft, OfferInput},
};

use super::{
    agreement::AGR_ID,
    print::{self, Print},
};

/// Fetches the draft.
pub(super) struct DraftFile;

// === impl DraftFile ===

impl AskOnce<Draft> for DraftFile {
    fn ask(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal> {
        let agr_id = input.offer.get(AGR_ID);
        if agr_id.is_empty() {
            return Err(not_yet("Проект полиса появится после окончательного расчёта"));
        }
        Print::Draft
            .ask(agr_id, cx)
            .ok_or_else(|| not_yet("Страховщик не отдаёт файлы: полис приходит на почту страхователя"))
    }

    fn answered(&self, _input: &OfferInput, reply: &Reply, _cx: &Context<'_>) -> Result<Document, Refusal> {
        print::file(reply)?.ok_or_else(|| not_yet("Проект полиса ещё не готов"))
    }
}

fn not_yet(message: &str) -> Refusal {
    Decline::new(DeclineKind::AsksForMore, message).into()
}
