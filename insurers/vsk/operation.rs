//! Calls that may take longer than a connection lives.
//!
//! A call that is not done by its `desired-timeout` is answered with the address of an operation, which is asked for
//! until it gives what the call itself would have given. The address is the platform's, so only the operation's id is
//! taken from it.
//!
//! *504.* The platform's proxy gave up. The platform wishes to be asked again after a minute: for a price and for an
//! operation that is done, within the budget. A call that makes something does not come here with a 504: whether
//! it was carried out nobody knows, so the host ends the conversation.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use veer_contract::{
    Call, Context, Effect, Event, Fault, FaultKind, Flow, Lane, Method, Operation, Step,
    create_then_poll::Refusal,
};

use super::{
    platform::{self, GATEWAY_TIMEOUT, SALES},
    reply::Answer,
};
use crate::plain_id;

/// A call that may become an operation: implement this and wrap it in [`Operated`].
pub(super) trait Operate<O: Operation>: Send + Sync + 'static {
    /// The call.
    fn ask(&self, input: &O::Input, cx: &Context<'_>) -> Result<Call, Refusal>;

    /// What the whole answer says, and the operation that gave it or that it names.
    fn answered(
        &self,
        input: &O::Input,
        answer: &Answer,
        operation: Option<&Handle>,
    ) -> Result<O::Output, Refusal>;
}

/// Makes a [`Flow`] of an [`Operate`].
pub(super) struct Operated<A>(pub(super) A);

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operating {
    /// The call is under way.
    Asked,
    /// It is to be made again.
    Again,
    /// The operation is to be asked for.
    Waiting(Handle),
    /// The operation is asked for.
    Polling(Handle),
}

/// An operation: its id, and how the platform calls it today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Handle {
    name: String,
    id: String,
}

/// How the documentation of today and that of 2021 call an operation's id.
const NAMES: [&str; 2] = ["oper_id", "id"];
/// Between two askings for an operation.
const PAUSE: Duration = Duration::from_secs(2);
/// After a 504, as the platform wishes.
const AFTER_504: Duration = Duration::from_secs(60);
/// The operation is still under way.
const ACCEPTED: u16 = 202;

type Turn<T> = Result<Step<Operating, T>, Refusal>;

// === impl Operated ===

impl<O: Operation, A: Operate<O>> Flow<O> for Operated<A> {
    type State = Operating;

    fn start(&self, input: &O::Input, cx: &Context<'_>) -> Step<Operating, O::Output> {
        self.0.ask(input, cx).map_or_else(Step::from, |call| Step::call(call, Operating::Asked))
    }

    fn resume(
        &self,
        input: &O::Input,
        state: Operating,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Operating, O::Output> {
        let turn = match state {
            Operating::Asked => self.read::<O>(input, event),
            Operating::Again => return self.start(input, cx),
            Operating::Waiting(handle) => Ok(Step::call(handle.ask(Lane::Poll), Operating::Polling(handle))),
            Operating::Polling(handle) => self.read_operation::<O>(input, handle, event),
        };
        turn.unwrap_or_else(Step::from)
    }
}

impl<A> Operated<A> {
    fn read<O: Operation>(&self, input: &O::Input, event: Event<'_>) -> Turn<O::Output>
    where
        A: Operate<O>,
    {
        let reply = event.only()?;
        if reply.status == GATEWAY_TIMEOUT {
            return Ok(Step::wait(AFTER_504, Operating::Again));
        }
        let answer = Answer::read(reply)?;
        Ok(match answer.unfinished()? {
            Some(handle) => Step::wait(PAUSE, Operating::Waiting(handle)),
            None => Step::done(self.0.answered(input, &answer, answer.operation()?.as_ref())?),
        })
    }

    fn read_operation<O: Operation>(
        &self,
        input: &O::Input,
        handle: Handle,
        event: Event<'_>,
    ) -> Turn<O::Output>
    where
        A: Operate<O>,
    {
        let reply = event.only()?;
        match reply.status {
            GATEWAY_TIMEOUT => return Ok(Step::wait(AFTER_504, Operating::Waiting(handle))),
            platform::NOT_FOUND => {
                let detail = "the platform does not know the operation any more";
                return Err(Fault::new(FaultKind::InsurerError, detail).into());
            }
            ACCEPTED => return Ok(Step::wait(PAUSE, Operating::Waiting(handle))),
            _ => {}
        }
        let answer = Answer::read(reply)?;
        Ok(match answer.unfinished()? {
            // Whatever it names now: this one was promised.
            Some(_) => Step::wait(PAUSE, Operating::Waiting(handle)),
            None => Step::done(self.0.answered(input, &answer, Some(&handle))?),
        })
    }
}

// === impl Handle ===

impl Handle {
    /// The operation that an address names, whatever else the address says.
    pub(super) fn of(href: &str) -> Result<Self, Fault> {
        let query = href.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let found = NAMES.iter().find_map(|name| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| key == name).map(|(_, id)| (*name, id))
        });
        let (name, id) = found.ok_or_else(|| Fault::not_understood("the operation's href has no id"))?;
        Ok(Self { name: name.to_owned(), id: plain_id::check(id, "the operation's id")?.to_owned() })
    }

    /// As an offer's reference keeps it.
    pub(super) fn written(&self) -> String {
        format!("?{}={}", self.name, self.id)
    }

    /// Asks for it.
    pub(super) fn ask(&self, lane: Lane) -> Call {
        let path = format!("{SALES}/operations");
        platform::call("operation", lane, Effect::Read, Method::Get, path)
            .with_query(&self.name, self.id.as_str())
            .accepting(&[platform::BAD_REQUEST, platform::NOT_FOUND, GATEWAY_TIMEOUT])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_id_is_taken_from_an_address() {
        let written = |href: &str| Handle::of(href).map(|handle| handle.written()).ok();
        let uuid = "11111111-2222-4333-8444-555555555555";
        let expected = Some(format!("?oper_id={uuid}"));
        assert_eq!(written(&format!("/sales/v2/operations?oper_id={uuid}")), expected);
        assert_eq!(written(&format!("https://elsewhere.example/x?a=b&oper_id={uuid}#top")), expected);
        assert_eq!(written(&expected.clone().unwrap_or_default()), expected);
        assert_eq!(written("http://x/v2/operations?id=2141").as_deref(), Some("?id=2141"));
        for odd in ["", "/operations", "/operations?oper_id=", "?oper_id=../x", "?oper_id=a%2Fb", "?oid=1"] {
            assert_eq!(written(odd), None, "{odd}");
        }
    }
}
