//! The draft policy's file.

use veer_contract::{
    AskOnce, Call, Context, Decline, DeclineKind, Reply,
    create_then_poll::Refusal,
    domain::Document,
    operation::{Draft, OfferInput},
};

use super::print;

/// Fetches the draft.
pub(super) struct DraftFile;

// === impl DraftFile ===

impl AskOnce<Draft> for DraftFile {
    fn ask(&self, input: &OfferInput, cx: &Context<'_>) -> Result<Call, Refusal> {
        match cx.settings.get("draft_file").trim() {
            "" => Err(Decline::declined("Страховщик не выдаёт проект полиса").into()),
            kind => print::ask(kind, &input.offer, cx),
        }
    }

    fn answered(&self, _input: &OfferInput, reply: &Reply, _cx: &Context<'_>) -> Result<Document, Refusal> {
        let not_yet = || Decline::new(DeclineKind::AsksForMore, "Проект полиса ещё не готов");
        Ok(print::file(reply)?.ok_or_else(not_yet)?)
    }
}
