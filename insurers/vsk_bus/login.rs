//! `Login`: a session for one client, and the id of the process that a policy goes through.
//!
//! It is made for the client's phone and not for the account, so every conversation has its own.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Call, Context, Reply,
    create_then_poll::Refusal,
    domain::{OfferRef, QuoteRequest},
};

use super::{
    bus::{Message, Sent},
    reply::Answer,
};
use crate::{required::Role, xml::Writer};

/// In an offer's reference, the session.
const SESSION_ID: &str = "session_id";
/// In an offer's reference, the process.
const BP_ID: &str = "bp_id";

/// What `Login` gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    session_id: String,
    bp_id: String,
}

/// Opens a session for the policyholder.
pub(super) fn open(request: &QuoteRequest, cx: &Context<'_>) -> Result<(Call, Sent), Refusal> {
    let contact = Role::Policyholder.needs(request.policyholder.contact.as_ref(), "contact")?;
    let phone = contact.phone.as_str().trim();
    if phone.is_empty() {
        return Err(Role::Policyholder.lacks("contact.phone").into());
    }
    Ok(Message::Login.send(cx, |xml| xml.leaf("auth:partnerClientId", phone)))
}

// === impl Session ===

impl Session {
    /// From the reply to `Login`.
    pub(super) fn of(reply: &Reply) -> Result<Self, Refusal> {
        let answer = Answer::granted(reply, "Страховщик не начал оформление")?;
        let text = |name| answer.needs(name).map(str::to_owned);
        Ok(Self { session_id: text("sessionId")?, bp_id: text("bpId")? })
    }

    /// The one that an offer was priced in.
    pub(super) fn known(reference: &OfferRef) -> Option<Self> {
        let of = |name| Some(reference.get(name)).filter(|id| !id.is_empty()).map(str::to_owned);
        Some(Self { session_id: of(SESSION_ID)?, bp_id: of(BP_ID)? })
    }

    /// Notes it in an offer's reference.
    pub(super) fn note(self, reference: &mut OfferRef) {
        reference.0.insert(SESSION_ID.into(), self.session_id);
        reference.0.insert(BP_ID.into(), self.bp_id);
    }

    /// Writes it into a message.
    pub(super) fn write(&self, xml: &mut Writer) {
        xml.leaf("common:bpId", &self.bp_id);
        xml.leaf("common:sessionId", &self.session_id);
    }
}
