//! The application's file, which the insurer prints before anything is paid: the draft.

use veer_contract::{
    AskOnce, Call, Context, Decline, DeclineKind, Reply,
    create_then_poll::Refusal,
    domain::Document,
    operation::{Draft, OfferInput},
};

use super::{print, request};

/// Fetches the application's file.
pub(super) struct Notice;

// === impl Notice ===

impl AskOnce<Draft> for Notice {
    fn ask(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(print::ask(request::policy_id(&input.offer)?, "notice"))
    }

    fn answered(&self, _input: &OfferInput, reply: &Reply, _cx: &Context<'_>) -> Result<Document, Refusal> {
        let not_yet = || Decline::new(DeclineKind::AsksForMore, "Заявление ещё не готово к печати");
        Ok(print::file(reply)?.ok_or_else(not_yet)?)
    }
}
