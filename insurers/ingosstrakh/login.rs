//! `Login`: a session token that every other method carries in its body.

use veer_contract::{
    AskOnce, Auth, Call, Context, Effect, Fault, FaultKind, Lane, Reply,
    create_then_poll::Refusal,
    operation::{Login, Session},
    slot,
};

use super::{reply::Answer, request};

/// Opens a session.
pub(super) struct OpenSession;

// === impl OpenSession ===

impl AskOnce<Login> for OpenSession {
    fn ask(&self, (): &(), cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(request::method("Login", Lane::Session, Effect::Read, Auth::None, cx, |xml| {
            xml.leaf("User", cx.settings.get("user"));
            xml.leaf("Password", &slot::secret("password"));
        }))
    }

    fn answered(&self, (): &(), reply: &Reply, _cx: &Context<'_>) -> Result<Session, Refusal> {
        let answer = Answer::read(reply)?;
        if answer.code != 0 {
            // The code is told and the words are not: they may repeat what was sent.
            let detail = format!("Login was refused with ErrorCode {}", answer.code);
            return Err(Fault::new(FaultKind::CredentialsRefused, detail).into());
        }
        let token = answer
            .text("SessionToken")
            .ok_or_else(|| Fault::not_understood("a successful Login has no SessionToken"))?;
        Ok(Session { token: token.to_owned(), seconds: None })
    }
}
