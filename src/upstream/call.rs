//! How one call leaves the house.
//!
//! In this order: is there time, does the breaker let it pass, could the limits let it go in time, a permit, a session, the moment of readiness, the durable note that an
//! application leaves (for calls that create), a token, the request, the reply, and what may be repeated.
//! The permit is taken first and the token last, at the moment of sending: nothing slow stands between the two,
//! so calls reach the insurer as far apart as their tokens are. A token whose call is known not to have been
//! sent is given back.
//!
//! While another replica may have taken over the work of this one, nothing leaves ([`cluster`](crate::cluster)).
//!
//! A call that has not left can be given up: when the gateway stops, every wait up to there ends with
//! [`CallError::Stopping`].

use std::{pin::pin, sync::Arc, time::Duration};

use base64::Engine as _;
use futures::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use veer_contract::{Auth, Call, Effect, Reply};

use super::{
    breaker::{Answered, Blocked, Breaker, Pass, Word},
    budget::Budget,
    error::{CallError, Outcome},
    exchange::{self, Exchange},
    insurer::{AccountSecrets, Gate, Insurer},
    limit::Token,
    repeat::Repeats,
    request::Request,
    session::Held,
    signature,
    timeline::{Cause, Timeline, What},
};

/// How long a lane stays closed after a 429 that does not say.
const CLOSED_BY_DEFAULT: Duration = Duration::from_secs(1);
/// A 429 cannot close a lane for longer than this.
const CLOSED_AT_MOST: Duration = Duration::from_secs(300);
/// The note that an application leaves is written so long before its moment, so that the moment is not missed.
const NOTE_AHEAD: Duration = Duration::from_millis(100);
/// New challenges (stale nonces) that one call follows.
const CHALLENGES: u32 = 2;

/// What a call travels with.
pub struct Trip<'a> {
    /// How long it may take.
    pub budget: &'a Budget,
    /// Where it is written down.
    pub timeline: &'a Timeline,
    /// Who is told when it leaves.
    pub departure: &'a dyn Departure,
    /// Ends the waits of a call that has not left.
    pub stop: &'a CancellationToken,
}

/// Told when a call leaves.
pub trait Departure: Send + Sync {
    /// Before a call that creates: it leaves only when this returns, so that a restart knows of it.
    fn creating(&self) -> BoxFuture<'_, Result<(), String>>;
    /// It did not leave after all, or is known to have made nothing.
    fn not_creating(&self);
    /// The call leaves now.
    fn leaving(&self, call: &Call);
}

/// What a reply means to the host.
enum Judged {
    Accepted(Reply),
    /// A new challenge came: nothing was carried out.
    Challenged,
    /// The session is over: nothing was carried out.
    SessionOver,
    Failed(CallError),
}

/// One request that left.
struct Attempt {
    judged: Judged,
    since: Instant,
    status: Option<u16>,
    /// What came of it is told, or goes with the reply to whoever judges it.
    pass: Pass,
}

impl Insurer {
    /// Sends `call` and returns the reply that its adapter may see, to be judged.
    pub async fn call(self: &Arc<Self>, call: &Call, trip: &Trip<'_>) -> Result<Answered, CallError> {
        let Some(gate) = self.gates.get(&call.lane) else {
            return Err(CallError::Unsendable(format!("the manifest has no lane `{}`", call.lane)));
        };
        let useful = gate.config.useful;
        if !trip.budget.allows(useful) {
            return Err(CallError::OutOfBudget("the call could begin"));
        }
        knock(&gate.breaker, call, trip.timeline)?;
        // Whoever stands behind others for a permit would be told by the limits only after them.
        gate.limiter.look(trip.budget, useful, gate.permits.ahead_of(trip.budget.rank()))?;
        let since = Instant::now();
        let permit = {
            // Pinned here, and not handed on by value: each that takes it would make room for it once more.
            let permit = pin!(gate.permits.acquire(trip.budget.rank(), trip.budget.latest(useful)));
            gate.breaker.unless_blocked(pin!(trip.or_stop(permit))).await
        };
        trip.timeline.waited(since, Cause::Permit, Some(call.lane));
        let _permit = held_back(permit, call, trip.timeline)???;

        let mut repeats = Repeats::new(self.policy.repeats, self.policy.pause);
        let (mut challenges, mut relogged) = (0, false);
        // Where a repetition cannot be made, the insurer's verdict is that of the try that was.
        let mut earlier: Option<CallError> = None;
        loop {
            let session = match self.session_for(call, trip).await {
                Ok(session) => session,
                Err(CallError::Stopping) => return Err(CallError::Stopping),
                Err(error) => return Err(earlier.unwrap_or(error)),
            };
            // On the heap: it is most of a call's size, and calls that wait for a permit are many.
            let attempt = match Box::pin(self.attempt(call, gate, session.as_ref(), trip)).await {
                Ok(attempt) => attempt,
                Err(CallError::Stopping) => return Err(CallError::Stopping),
                Err(error) => return Err(earlier.unwrap_or(error)),
            };
            let outcome = attempt.outcome();
            record(gate, call, &attempt, outcome, trip.timeline);
            if call.effect == Effect::Creates && attempt.made_nothing() {
                trip.departure.not_creating();
            }
            let error = match attempt.judged {
                Judged::Accepted(reply) => return Ok(Answered { reply, pass: attempt.pass }),
                Judged::Challenged if challenges < CHALLENGES => {
                    challenges += 1;
                    continue;
                }
                Judged::Challenged => CallError::Credentials("a new challenge to every proof".into()),
                Judged::SessionOver => {
                    if let Some(session) = &session
                        && !std::mem::replace(&mut relogged, true)
                    {
                        self.sessions.expired(session.login);
                        continue;
                    }
                    CallError::Credentials("the session was refused right after a login".into())
                }
                Judged::Failed(error) => error,
            };
            attempt.pass.report(Word::of_error(&error));
            if let CallError::TooManyRequests(pause) = error {
                gate.limiter.close_for(pause);
            }
            let Some(pause) = repeats.next(&call.effect, &error) else { return Err(error) };
            if !trip.budget.allows(pause + useful) {
                return Err(error);
            }
            let since = Instant::now();
            trip.or_stop(tokio::time::sleep(pause)).await?;
            trip.timeline.waited(since, Cause::Repeat, Some(call.lane));
            earlier = Some(error);
        }
    }

    /// One try: the breaker's leave, readiness, note, token, request, reply.
    async fn attempt(
        &self,
        call: &Call,
        gate: &Gate,
        session: Option<&Held>,
        trip: &Trip<'_>,
    ) -> Result<Attempt, CallError> {
        let secrets = AccountSecrets {
            config: &self.config,
            session: session.map(|held| held.token.as_str()),
            gate: &self.front_gate,
        };
        let mut request = Request::build(call, &self.config.base_url, &secrets)?;
        if call.auth == Auth::Signed {
            let how = self.manifest.signature.as_ref();
            let key = how.and_then(|how| self.config.secrets.get(&how.secret));
            signature::sign(&mut request, how, key.map_or("", |key| key.reveal()))?;
        }
        self.in_lease(gate, trip).await?;
        let pass = held_back(gate.breaker.enter(), call, trip.timeline)?;
        let token = if call.effect == Effect::Creates {
            announce(call, gate, trip, &pass).await?
        } else {
            let since = Instant::now();
            let token = gate.limiter.take(trip.budget, gate.config.useful);
            let token = pass.unless_blocked(trip.or_stop(token)).await;
            trip.timeline.waited(since, Cause::Limit, Some(call.lane));
            held_back(token, call, trip.timeline)???
        };
        if self.cluster.is_lapsed() {
            token.give_back();
            if call.effect == Effect::Creates {
                trip.departure.not_creating();
            }
            return Err(CallError::CutOff);
        }
        trip.departure.leaving(call);
        let authorization = self.authorization(call, &request);
        let since = Instant::now();
        let exchange =
            self.clients.send(&call.tag, &request, authorization.as_deref(), &gate.config, trip.budget).await;
        let status = exchange.as_ref().ok().map(|exchange| exchange.reply.status);
        let judged = match exchange {
            Ok(exchange) => {
                close_as_asked(gate, &exchange.reply);
                self.judge(call, exchange, authorization.is_some()).await
            }
            Err(error) => {
                if error.nothing_was_sent() {
                    token.give_back();
                }
                Judged::Failed(error)
            }
        };
        Ok(Attempt { judged, since, status, pass })
    }

    /// Holds the call while another replica may have taken over, as long as its time allows.
    async fn in_lease(&self, gate: &Gate, trip: &Trip<'_>) -> Result<(), CallError> {
        if !self.cluster.is_lapsed() {
            return Ok(());
        }
        let since = Instant::now();
        let until = trip.budget.latest(gate.config.useful);
        let held = trip.or_stop(tokio::time::timeout_at(until, self.cluster.in_lease())).await;
        trip.timeline.waited(since, Cause::Store, None);
        held?.map_err(|_| CallError::CutOff)
    }

    async fn session_for(self: &Arc<Self>, call: &Call, trip: &Trip<'_>) -> Result<Option<Held>, CallError> {
        if call.auth != Auth::Session {
            return Ok(None);
        }
        let since = Instant::now();
        let session = trip.or_stop(self.session(trip.budget)).await;
        trip.timeline.waited(since, Cause::Session, Some(call.lane));
        session?.map(Some)
    }

    /// The adapter knows its insurer's word for an expired session; it is asked as carefully as for a
    /// step.
    async fn ask_about_session(&self, reply: Reply) -> Judged {
        let adapter = self.adapter();
        match self.isolation.run(move || (adapter.session_expired(&reply), reply)).await {
            Ok((true, _)) => Judged::SessionOver,
            Ok((false, reply)) => Judged::Accepted(reply),
            Err(lost) => Judged::Failed(CallError::Adapter(lost)),
        }
    }

    fn authorization(&self, call: &Call, request: &Request) -> Option<String> {
        let user = self.config.settings.get("user");
        let password = self.config.secrets.get("password").map_or("", |secret| secret.reveal());
        match call.auth {
            Auth::None | Auth::Session | Auth::Signed => None,
            Auth::Digest => self.digest.authorize(request, user, password),
            Auth::Basic => {
                let pair = format!("{user}:{password}");
                Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)))
            }
        }
    }

    async fn judge(&self, call: &Call, exchange: Exchange, proof_was_shown: bool) -> Judged {
        let Exchange { reply, challenges } = exchange;
        let status = reply.status;
        if status == 401 {
            return match call.auth {
                Auth::Digest if self.digest.challenged(&challenges, proof_was_shown) => Judged::Challenged,
                Auth::Session => Judged::SessionOver,
                _ => Judged::Failed(CallError::Credentials("status 401".into())),
            };
        }
        if call.statuses.contain(status) {
            return if call.auth == Auth::Session {
                self.ask_about_session(reply).await
            } else {
                Judged::Accepted(reply)
            };
        }
        Judged::Failed(match status {
            403 => CallError::Credentials("status 403".into()),
            429 => CallError::TooManyRequests(asked_pause(&reply).unwrap_or(CLOSED_BY_DEFAULT)),
            503 if let Some(pause) = asked_pause(&reply) => CallError::Unavailable(pause),
            500..=599 => CallError::ServerError(status),
            _ => CallError::Status(status),
        })
    }
}

/// Asks the breaker before anything is waited for. In a dry run the call goes, with a line on its timeline.
fn knock(breaker: &Breaker, call: &Call, timeline: &Timeline) -> Result<(), CallError> {
    if held_back(breaker.look(), call, timeline)?.is_some() {
        timeline.note(What::Blocked { call: call.tag.clone(), lane: call.lane, dry_run: true });
    }
    Ok(())
}

/// Writes down that the breaker refused the call, where it did.
fn held_back<T>(asked: Result<T, Blocked>, call: &Call, timeline: &Timeline) -> Result<T, CallError> {
    asked.map_err(|blocked| {
        timeline.note(What::Blocked { call: call.tag.clone(), lane: call.lane, dry_run: false });
        CallError::Breaker(blocked)
    })
}

/// Takes a token for a call that creates, with its note durable before.
async fn announce<'g>(
    call: &Call,
    gate: &'g Gate,
    trip: &Trip<'_>,
    pass: &Pass,
) -> Result<Token<'g>, CallError> {
    let since = Instant::now();
    let mut turn = gate.limiter.join(trip.budget, gate.config.useful)?;
    let near = pass.unless_blocked(trip.or_stop(turn.near(NOTE_AHEAD))).await;
    trip.timeline.waited(since, Cause::Limit, Some(call.lane));
    held_back(near, call, trip.timeline)???;
    let since = Instant::now();
    let noted = trip.departure.creating().await;
    trip.timeline.waited(since, Cause::Store, Some(call.lane));
    noted.map_err(CallError::Unwritten)?;
    let since = Instant::now();
    let token = match pass.still() {
        Ok(()) => pass.unless_blocked(trip.or_stop(turn.take())).await,
        Err(blocked) => Err(blocked),
    };
    trip.timeline.waited(since, Cause::Limit, Some(call.lane));
    let token = held_back(token, call, trip.timeline).and_then(|token| Ok(token??));
    if token.is_err() {
        // Somebody in more of a hurry came while the note was written, the lane is blocked, or the gateway stops.
        trip.departure.not_creating();
    }
    token
}

/// An insurer that says when it wants to be asked again is heard, whatever its adapter makes of the reply.
fn close_as_asked(gate: &Gate, reply: &Reply) {
    if matches!(reply.status, 429 | 503)
        && let Some(pause) = asked_pause(reply)
    {
        gate.limiter.close_for(pause);
    }
}

/// How long a reply asks to be left alone, if it does.
fn asked_pause(reply: &Reply) -> Option<Duration> {
    let asked = reply.header("retry-after").and_then(exchange::retry_after)?;
    Some(asked.min(CLOSED_AT_MOST))
}

// === impl Trip ===

impl Trip<'_> {
    /// What `waiting` brings, unless the gateway stops first.
    async fn or_stop<T>(&self, waiting: impl Future<Output = T>) -> Result<T, CallError> {
        tokio::select! {
            biased;
            result = waiting => Ok(result),
            () = self.stop.cancelled() => Err(CallError::Stopping),
        }
    }
}

// === impl Attempt ===

impl Attempt {
    /// The insurer said that it carried nothing out, or got nothing.
    fn made_nothing(&self) -> bool {
        match &self.judged {
            Judged::Challenged | Judged::SessionOver => true,
            Judged::Failed(error) => error.made_nothing(),
            Judged::Accepted(_) => false,
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        match &self.judged {
            Judged::Accepted(_) => Some(Outcome::Ok),
            Judged::Challenged => Some(Outcome::Challenged),
            Judged::SessionOver => Some(Outcome::SessionExpired),
            Judged::Failed(error) => Outcome::of(error),
        }
    }
}

fn record(gate: &Gate, call: &Call, attempt: &Attempt, outcome: Option<Outcome>, timeline: &Timeline) {
    let Some(outcome) = outcome else { return };
    gate.metrics.call(outcome as usize, attempt.since.elapsed());
    let what = What::Called {
        call: call.tag.clone(),
        lane: call.lane,
        status: attempt.status,
        outcome: outcome.label(),
    };
    timeline.span(attempt.since, what);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(value: &str) -> Option<Duration> {
        let headers = vec![("retry-after".to_owned(), value.to_owned())];
        asked_pause(&Reply { tag: "t".into(), status: 429, headers, body: Vec::new() })
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        assert_eq!(pause("7"), Some(Duration::from_secs(7)));
        assert_eq!(pause("86400"), Some(CLOSED_AT_MOST));
        assert_eq!(pause("Fri, 31 Dec 2100 23:59:59 GMT"), Some(CLOSED_AT_MOST));
        assert_eq!(pause("soon"), None);
    }
}
