//! What counts, and as what.

use veer_contract::{Decline, DeclineKind, Fault, FaultKind, Next};

use super::*;
use crate::upstream::{
    breaker::Blocked,
    error::CallError,
    isolate::StepLost,
    limit::{Holder, TooLate, permits::NoPermit},
    session::NoSession,
};

#[test]
fn what_the_insurer_does_wrong_counts_and_what_is_held_back_here_does_not() {
    let text = || "x".to_owned();
    for (error, verdict) in [
        (CallError::Connect(text()), Verdict::Connect),
        (CallError::Broken(text()), Verdict::Connect),
        (CallError::Tls(text()), Verdict::Tls),
        (CallError::FirstByte(SECOND), Verdict::FirstByte),
        (CallError::Total(SECOND), Verdict::TotalTime),
        (CallError::TooLarge(1), Verdict::ReplyTooLarge),
        (CallError::ServerError(503), Verdict::ServerError),
        (CallError::Credentials(text()), Verdict::CredentialsRefused),
        (CallError::Status(404), Verdict::NotUnderstood),
        (CallError::Truncated(text()), Verdict::NotUnderstood),
    ] {
        assert_eq!(Word::of_error(&error), Word::Bad(verdict), "{error}");
    }
    assert_eq!(Word::of_error(&CallError::TooManyRequests(SECOND)), Word::Soft);
    let since = jiff::Timestamp::UNIX_EPOCH;
    let why = super::super::Why::Hand;
    for error in [
        CallError::Limit(TooLate { ready_in: SECOND, holder: Holder::Insurer }),
        CallError::Permit(NoPermit),
        CallError::Breaker(Blocked { lane: veer_contract::Lane::Poll, since, until: None, why }),
        CallError::OutOfBudget("the answer was complete"),
        CallError::Session(Box::new(NoSession { verdict: Verdict::Connect, detail: text() })),
        CallError::Stopping,
        CallError::CutOff,
        CallError::Unsendable(text()),
        CallError::Adapter(StepLost::Panicked),
        CallError::Unwritten(text()),
    ] {
        assert_eq!(Word::of_error(&error), Word::Nothing, "{error}");
    }
}

#[test]
fn a_no_is_good_and_a_fault_over_a_reply_is_bad_unless_it_is_the_registrys() {
    let decline = |kind| Word::of_step(&Next::<()>::Decline(Decline::new(kind, "нет")));
    for kind in [DeclineKind::Declined, DeclineKind::RejectedData, DeclineKind::RegistryCheckFailed] {
        assert_eq!(decline(kind), Word::Good);
    }
    let fault = |kind| Word::of_step(&Next::<()>::Fail(Fault { kind, detail: "x".into() }));
    assert_eq!(fault(FaultKind::InsurerError), Word::Bad(Verdict::ServerError));
    assert_eq!(fault(FaultKind::NotUnderstood), Word::Bad(Verdict::NotUnderstood));
    assert_eq!(fault(FaultKind::CredentialsRefused), Word::Bad(Verdict::CredentialsRefused));
    assert_eq!(fault(FaultKind::RegistryDown), Word::Answered);
    assert_eq!(Word::of_step(&Next::Wait { at_least: SECOND, then: () }), Word::Good);
    assert_eq!(Word::of_step(&Next::<()>::Done), Word::Good);
}
