//! The draft policy's file, which is there after the application in earnest.

use veer_contract::{
    AskOnce, Call, Context, Reply,
    create_then_poll::Refusal,
    domain::Document,
    operation::{Draft, OfferInput},
};

use super::{
    application::{self, POLICY_ID},
    print,
};

/// Fetches the draft.
pub(super) struct DraftFile;

// === impl DraftFile ===

impl AskOnce<Draft> for DraftFile {
    fn ask(&self, input: &OfferInput, _cx: &Context<'_>) -> Result<Call, Refusal> {
        if input.offer.get(POLICY_ID).is_empty() {
            // The trial of the final price is no application: its file would be nobody's draft.
            return Err(print::not_yet());
        }
        Ok(print::ask(application::policy_id(&input.offer)?))
    }

    fn answered(&self, _input: &OfferInput, reply: &Reply, _cx: &Context<'_>) -> Result<Document, Refusal> {
        print::file(reply)?.ok_or_else(print::not_yet)
    }
}
