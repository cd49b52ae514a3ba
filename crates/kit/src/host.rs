//! The host, as far as the kit plays it: what it makes of a reply before the adapter sees any, and the verdict
//! that a conversation ends with.
//!
//! | a reply with | is | verdict |
//! |---|---|---|
//! | 401 to a call with a session | a login, and the call again, once | then 407 |
//! | 401 to any other call | refused credentials, whatever the call accepts | 407 |
//! | a status that the call accepts | the adapter's | |
//! | 403 | refused credentials | 407 |
//! | 429 | the lane closed until `Retry-After` | 406 |
//! | 5xx | a broken insurer | 405 |
//! | any other status | not understood | 500 |
//! | none at all | a connection that broke | 400 |
//! | no call of the insurer's own | time that runs out | 404 |
//!
//! A failure of an optional call leaves its reply out. A 5xx, a 408, a 409 and a broken connection leave open
//! whether a call that creates was carried out: the flow is asked how to recover, and where it knows no way,
//! the conversation ends with that verdict.

use veer_contract::{Adapter, Auth, Call, DeclineKind, Effect, FaultKind, Reply};

use crate::fixture::End;

/// A verdict of the closed list, by its number: the ones that a conversation of the kit can end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Verdict {
    /// 0: everything there is has been emitted.
    Offered = 0,
    /// 101
    OutsideScope = 101,
    /// 102
    VehicleNotMapped = 102,
    /// 103
    NeedsField = 103,
    /// 200
    Declined = 200,
    /// 201
    RejectedData = 201,
    /// 202
    AsksForMore = 202,
    /// 203
    RegistryCheckFailed = 203,
    /// 400: no reply came.
    Connect = 400,
    /// 404: the calculation's time was over.
    OutOfBudget = 404,
    /// 405: 5xx, or the insurer's own word for it.
    ServerError = 405,
    /// 406: 429.
    TooManyRequests = 406,
    /// 407: 401 or 403, or the insurer's own word for it.
    CredentialsRefused = 407,
    /// 500: a status or a reply that the adapter does not expect.
    NotUnderstood = 500,
    /// 504: the registry that the insurer asks is down.
    RegistryDown = 504,
}

/// What a reply means to the host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// The adapter sees it.
    Accepted,
    /// The session is over, and the call was not carried out.
    SessionOver,
    /// The adapter does not see it.
    Failed {
        verdict: Verdict,
        /// The insurer may have carried out a call that creates.
        may_be_made: bool,
        /// So the flow is asked how to recover.
        lost: bool,
    },
}

/// What the host makes of `reply`.
pub(crate) fn judge(adapter: &dyn Adapter, call: &Call, reply: &Reply) -> Judged {
    let status = reply.status;
    let verdict = match status {
        401 if call.auth == Auth::Session => return Judged::SessionOver,
        401 => Verdict::CredentialsRefused,
        _ if call.statuses.contain(status) => {
            let over = call.auth == Auth::Session && adapter.session_expired(reply);
            return if over { Judged::SessionOver } else { Judged::Accepted };
        }
        403 => Verdict::CredentialsRefused,
        429 => Verdict::TooManyRequests,
        500..=599 => Verdict::ServerError,
        _ => Verdict::NotUnderstood,
    };
    let creates = call.effect == Effect::Creates;
    let lost = creates && matches!(status, 408 | 409 | 500..=599);
    Judged::Failed { verdict, may_be_made: lost || creates && status < 400, lost }
}

/// Why a path cannot be sent: the host joins it to the insurer's base address and lets none lead out of it.
pub(crate) fn refuses_path(path: &str) -> Option<&'static str> {
    if path.starts_with('/') {
        return Some("begins with `/`: a path is relative to the insurer's base address");
    }
    let leads_out = ["..", "//", "\\", "%"].iter().any(|part| path.contains(part));
    leads_out.then_some("holds `..`, `//`, `\\` or `%`: it might lead elsewhere; check what goes into it")
}

// === impl Verdict ===

impl Verdict {
    /// Its number.
    pub const fn code(self) -> u16 {
        self as u16
    }

    pub(crate) fn of(end: &End) -> Self {
        match end {
            End::Done => Verdict::Offered,
            End::Decline(decline) => match decline.kind {
                DeclineKind::OutsideScope => Verdict::OutsideScope,
                DeclineKind::VehicleNotMapped => Verdict::VehicleNotMapped,
                DeclineKind::NeedsField => Verdict::NeedsField,
                DeclineKind::Declined => Verdict::Declined,
                DeclineKind::RejectedData => Verdict::RejectedData,
                DeclineKind::AsksForMore => Verdict::AsksForMore,
                DeclineKind::RegistryCheckFailed => Verdict::RegistryCheckFailed,
            },
            End::Fault(fault) => match fault.kind {
                FaultKind::InsurerError => Verdict::ServerError,
                FaultKind::CredentialsRefused => Verdict::CredentialsRefused,
                FaultKind::NotUnderstood => Verdict::NotUnderstood,
                FaultKind::RegistryDown => Verdict::RegistryDown,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use veer_contract::{Lane, Manifest, Method};

    use super::*;

    struct Nobody(Manifest);

    impl Adapter for Nobody {
        fn manifest(&self) -> &Manifest {
            &self.0
        }
        fn session_expired(&self, reply: &Reply) -> bool {
            reply.body == b"expired"
        }
    }

    fn judged(call: &Call, status: u16, body: &str) -> Judged {
        let manifest = "contract = 1\ncode = 'x'\nname = 'x'\nprotocol = 'x'\noperations = []\nlanes = {}\n";
        let reply = Reply { tag: "a".into(), status, headers: Vec::new(), body: body.into() };
        judge(&Nobody(toml::from_str(manifest).unwrap()), call, &reply)
    }

    #[test]
    fn each_status_has_its_verdict() {
        let call = Call::new("a", Lane::Create, Effect::Creates, Method::Post, "a").accepting(&[422, 401]);
        for status in [200, 204, 422] {
            assert_eq!(judged(&call, status, ""), Judged::Accepted, "{status}");
        }
        for (status, verdict, lost) in [
            (400, 500, false),
            (401, 407, false),
            (403, 407, false),
            (404, 500, false),
            (409, 500, true),
            (429, 406, false),
            (500, 405, true),
            (503, 405, true),
        ] {
            match judged(&call, status, "") {
                Judged::Failed { verdict: actual, may_be_made, lost: actually } => {
                    assert_eq!((actual.code(), actually, may_be_made), (verdict, lost, lost), "{status}");
                }
                other => panic!("{status}: {other:?}"),
            }
        }
        assert!(matches!(judged(&call, 302, ""), Judged::Failed { may_be_made: true, lost: false, .. }));
    }

    #[test]
    fn a_session_is_over_by_status_or_by_the_adapters_word() {
        let call = Call::new("a", Lane::Poll, Effect::Read, Method::Get, "a").with_auth(Auth::Session);
        assert_eq!(judged(&call, 401, ""), Judged::SessionOver);
        assert_eq!(judged(&call, 200, "expired"), Judged::SessionOver);
        assert_eq!(judged(&call, 200, ""), Judged::Accepted);
        assert_eq!(judged(&call.with_auth(Auth::None), 200, "expired"), Judged::Accepted);
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        assert_eq!(refuses_path("a/b-1.json"), None);
        for path in ["/a", "a/../b", "a//b", "a\\b", "a%2e"] {
            assert!(refuses_path(path).is_some(), "{path}");
        }
    }
}
