//! The draft policy's file, once the set has its final price.

use veer_contract::{
    AskOnce, Call, Context, Decline, DeclineKind, Reply,
    create_then_poll::Refusal,
    domain::Document,
    operation::{Draft, OfferInput},
};

use super::{
    print::{self, Print},
    quote_set::SET_NUMBER,
    request,
};

/// Fetches the draft.
pub(super) struct DraftFile;

// === impl DraftFile ===

impl AskOnce<Draft> for DraftFile {
    fn ask(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal> {
        let set_number = request::known(&input.offer, SET_NUMBER)?;
        Print::Draft
            .ask(set_number, cx)
            .ok_or_else(|| not_yet("Страховщик не отдаёт файлы: полис приходит на почту страхователя"))
    }

    fn answered(&self, _input: &OfferInput, reply: &Reply, _cx: &Context<'_>) -> Result<Document, Refusal> {
        print::file(reply)?.ok_or_else(|| not_yet("Проект полиса ещё не готов"))
    }
}

fn not_yet(message: &str) -> Refusal {
    Decline::new(DeclineKind::AsksForMore, message).into()
}
