//! How one call leaves the house.
//!
//! In this order: is there time, a permit, a session, a token, the note that an application leaves (for
//! calls that create), the request, the reply, and what may be repeated. The permit is taken first and
//! the token last, at the moment of sending: a token is spent on a call that was really sent.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::time::Instant;
use veer_contract::{Auth, Call, Effect, Reply};

use super::{
    budget::Budget,
    error::{CallError, Outcome},
    exchange::Exchange,
    insurer::{AccountSecrets, Gate, Insurer},
    repeat::Repeats,
    request::Request,
    session::Held,
    timeline::{Cause, Timeline, What},
};
use crate::telemetry;

/// How long a lane stays closed after a 429 that does not say.
const CLOSED_BY_DEFAULT: Duration = Duration::from_secs(1);
/// A 429 cannot close a lane for longer than this.
const CLOSED_AT_MOST: Duration = Duration::from_secs(300);
/// New challenges (stale nonces) that one call follows.
const CHALLENGES: u32 = 2;

/// Told when a call leaves.
pub trait Departure: Send + Sync {
    /// Before a call that creates: it leaves only when this returns, so that a restart knows of it.
    fn creating(&self) -> BoxFuture<'_, Result<(), String>>;
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

impl Insurer {
    /// Sends `call` and returns the reply that its adapter may see.
    pub async fn call(
        self: &Arc<Self>,
        call: &Call,
        budget: &Budget,
        timeline: &Timeline,
        note: &dyn Departure,
    ) -> Result<Reply, CallError> {
        let Some(gate) = self.gates.get(&call.lane) else {
            return Err(CallError::Unsendable(format!("the manifest has no lane `{}`", call.lane)));
        };
        let useful = gate.config.useful;
        let latest = budget.deadline().checked_sub(useful).unwrap_or_else(Instant::now);
        if !budget.allows(useful) {
            return Err(CallError::OutOfBudget("the call could begin"));
        }
        let since = Instant::now();
        let permit = gate.permits.acquire(budget.deadline(), latest).await;
        timeline.waited(since, Cause::Permit, Some(call.lane));
        let _permit = permit?;

        let mut repeats = Repeats::new(self.policy.repeats, self.policy.pause);
        let (mut challenges, mut relogged) = (0, false);
        loop {
            let session = self.session_for(call, budget, timeline).await?;
            let (judged, since) = self.attempt(call, gate, session.as_ref(), budget, timeline, note).await?;
            let (error, outcome, status) = match judged {
                Judged::Accepted(reply) => {
                    record(gate, call, since, timeline, Some(reply.status), Outcome::Ok);
                    return Ok(reply);
                }
                Judged::Challenged => {
                    challenges += 1;
                    record(gate, call, since, timeline, Some(401), Outcome::Challenged);
                    if challenges <= CHALLENGES {
                        continue;
                    }
                    (CallError::Credentials("status 401 again after a new challenge".into()), None, None)
                }
                Judged::SessionOver => {
                    record(gate, call, since, timeline, None, Outcome::SessionExpired);
                    if let Some(session) = &session
                        && !std::mem::replace(&mut relogged, true)
                    {
                        self.sessions.expired(session.login).await;
                        continue;
                    }
                    (CallError::Credentials("the session was refused right after a login".into()), None, None)
                }
                Judged::Failed(error) => {
                    let (outcome, status) = (Outcome::of(&error), status_of(&error));
                    (error, outcome, status)
                }
            };
            if let Some(outcome) = outcome {
                record(gate, call, since, timeline, status, outcome);
            }
            if let CallError::TooManyRequests(pause) = error {
                gate.limiter.close_for(pause);
            }
            let Some(pause) = repeats.next(&call.effect, &error) else { return Err(error) };
            if !budget.allows(pause + useful) {
                return Err(error);
            }
            let since = Instant::now();
            tokio::time::sleep(pause).await;
            timeline.waited(since, Cause::Repeat, Some(call.lane));
        }
    }

    /// One try: token, note, request, reply.
    async fn attempt(
        &self,
        call: &Call,
        gate: &Gate,
        session: Option<&Held>,
        budget: &Budget,
        timeline: &Timeline,
        note: &dyn Departure,
    ) -> Result<(Judged, Instant), CallError> {
        let secrets =
            AccountSecrets { config: &self.config, session: session.map(|held| held.token.as_str()) };
        let request = Request::build(call, &self.config.base_url, &secrets)?;
        let since = Instant::now();
        let token = gate.limiter.take(budget, gate.config.useful).await;
        timeline.waited(since, Cause::Limit, Some(call.lane));
        let token = token?;
        if call.effect == Effect::Creates {
            note.creating().await.map_err(CallError::Unwritten)?;
        }
        token.used();
        note.leaving(call);
        let authorization = self.authorization(call, &request);
        let sent = Instant::now();
        let exchange =
            self.clients.send(&call.tag, &request, authorization.as_deref(), &gate.config, budget).await;
        let judged = match exchange {
            Ok(exchange) => self.judge(call, exchange).await,
            Err(error) => Judged::Failed(error),
        };
        Ok((judged, sent))
    }

    /// The adapter knows its insurer's word for an expired session; it is asked as carefully as for a
    /// step.
    async fn ask_about_session(&self, reply: Reply) -> Judged {
        let adapter = self.adapter;
        match self.isolation.run(move || (adapter.session_expired(&reply), reply)).await {
            Ok((true, _)) => Judged::SessionOver,
            Ok((false, reply)) => Judged::Accepted(reply),
            Err(lost) => Judged::Failed(CallError::Adapter(lost)),
        }
    }

    async fn session_for(
        self: &Arc<Self>,
        call: &Call,
        budget: &Budget,
        timeline: &Timeline,
    ) -> Result<Option<Held>, CallError> {
        if call.auth != Auth::Session {
            return Ok(None);
        }
        let since = Instant::now();
        let session = self.session(budget).await;
        timeline.waited(since, Cause::Session, Some(call.lane));
        session.map(Some)
    }

    fn authorization(&self, call: &Call, request: &Request) -> Option<String> {
        let user = self.config.settings.get("user");
        let password = self.config.secrets.get("password").map_or("", |secret| secret.reveal());
        match call.auth {
            Auth::None | Auth::Session => None,
            Auth::Digest => self.digest.authorize(request, user, password),
            Auth::Basic => {
                use base64::Engine as _;
                let pair = format!("{user}:{password}");
                Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)))
            }
        }
    }

    async fn judge(&self, call: &Call, exchange: Exchange) -> Judged {
        let Exchange { reply, challenge } = exchange;
        let status = reply.status;
        if status == 401 {
            return match (call.auth, challenge) {
                (Auth::Digest, Some(header)) if self.digest.challenged(&header) => Judged::Challenged,
                (Auth::Session, _) => Judged::SessionOver,
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
            429 => CallError::TooManyRequests(retry_after(&reply)),
            500..=599 => CallError::ServerError(status),
            _ => CallError::Status(status),
        })
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(reply: &Reply) -> Duration {
    let value = reply.header("retry-after").map_or("", str::trim);
    let until = |value: &str| {
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
        Duration::try_from(at.duration_since(telemetry::now())).ok()
    };
    let pause = value.parse().ok().map(Duration::from_secs).or_else(|| until(value));
    pause.unwrap_or(CLOSED_BY_DEFAULT).min(CLOSED_AT_MOST)
}

fn record(
    gate: &Gate,
    call: &Call,
    since: Instant,
    timeline: &Timeline,
    status: Option<u16>,
    outcome: Outcome,
) {
    gate.metrics.call(outcome as usize, since.elapsed());
    let what = What::Called { call: call.tag.clone(), lane: call.lane, status, outcome: outcome.label() };
    timeline.span(since, what);
}

fn status_of(error: &CallError) -> Option<u16> {
    match error {
        CallError::ServerError(status) | CallError::Status(status) => Some(*status),
        CallError::TooManyRequests(_) => Some(429),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(value: &str) -> Duration {
        let headers = vec![("retry-after".to_owned(), value.to_owned())];
        retry_after(&Reply { tag: "t".into(), status: 429, headers, body: Vec::new() })
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        assert_eq!(pause("7"), Duration::from_secs(7));
        assert_eq!(pause("86400"), CLOSED_AT_MOST);
        assert_eq!(pause("Fri, 31 Dec 2100 23:59:59 GMT"), CLOSED_AT_MOST);
        assert_eq!(pause("soon"), CLOSED_BY_DEFAULT);
    }
}
