//! The way that an operation has gone, and where a next try of it goes on.
//!
//! A next try goes on from the last place that was kept. Three places are none to come back to:
//!
//! * a call that creates and made nothing: the try goes on from what was there before it, and the call is made anew;
//! * a wait for the insurer's own call, once that has come: it comes but once. Where it says that what it answers
//!   made nothing, the try goes on from before the call that it answers;
//! * what was there before something that was made: from there on the first place behind it counts.
//!
//! A payment's call goes again as it is, whatever became of it: nobody has seen that link, and the application
//! before it stands. Where it is open whether an application was made, the wait stays the last place, and nothing
//! is sent again.

use serde::{Deserialize, Serialize};

use crate::{
    calculation::Stopped,
    upstream::{
        Verdict,
        point::{Beginning, Pending, Point},
    },
};

/// The way of one operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Trail {
    last: Option<Stopped>,
    back: Back,
}

/// The way back. Written down beside the last place where that alone does not tell it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Back {
    /// Where a next try goes on if the call that is under way or acknowledged made nothing; none is the beginning.
    place: Option<Stopped>,
    /// What was made since then.
    since: Since,
}

/// What was made at the insurer since a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Since {
    #[default]
    Nothing,
    /// A call that creates arrived, and the insurer's own call is to tell what came of it.
    Acknowledged,
    /// Something, or nobody knows.
    Made,
}

// === impl Trail ===

impl Trail {
    /// That of an operation that begins here.
    pub(super) fn begun(beginning: &Beginning) -> Self {
        match beginning {
            Beginning::Start | Beginning::Lost(None) => Self::default(),
            Beginning::At(point) => Self::at(Stopped { point: point.clone(), creating: false }),
            Beginning::Lost(Some(point)) => Self::at(Stopped { point: point.clone(), creating: true }),
        }
    }

    /// One of which only the last place is known.
    pub(super) fn at(last: Stopped) -> Self {
        let back = match &last.point.pending {
            // What it waits for may be about anything.
            Pending::Callback(_) => Back { place: None, since: Since::Made },
            Pending::Calls(_) | Pending::Wake => Back::to(&last.point),
        };
        Self { last: Some(last), back }
    }

    /// The same with the way back that was written down beside it.
    pub(super) fn with(self, back: Back) -> Self {
        let Some(last) = self.last else { return self };
        let is_refused = last.point.creates() && !last.creating;
        Self { last: if is_refused { back.place.clone() } else { Some(last) }, back }
    }

    /// The way back.
    pub(super) fn back(&self) -> &Back {
        &self.back
    }

    /// The calls of `point`, of which one creates, are about to leave.
    pub(super) fn leaves(&mut self, point: &Point) {
        if self.is_behind_something(point) {
            self.back = Back::to(point);
        }
        self.last = Some(Stopped { point: point.clone(), creating: true });
    }

    /// It is at `point` now, and nothing leaves from there yet.
    pub(super) fn comes_to(&mut self, point: &Point) {
        let there = Stopped { point: point.clone(), creating: false };
        if point.creates() && !self.is_behind_something(point) {
            // It was to leave, or left and made nothing.
            self.last = self.back.place.clone();
        } else if matches!(point.pending, Pending::Callback(_)) {
            self.waits(there);
        } else {
            *self = Self::at(there);
        }
    }

    /// A call leaves: whatever was acknowledged before is answered.
    pub(super) fn asks(&mut self) {
        if self.back.since == Since::Acknowledged {
            self.back.since = Since::Made;
        }
    }

    /// Where a next try goes on after an end with this verdict; none is the beginning. `is_told`: the insurer's own
    /// call led to it.
    pub(super) fn end(self, verdict: Option<Verdict>, is_told: bool) -> Option<Stopped> {
        let Self { last, back: Back { place, since } } = self;
        let made_nothing = || {
            let is_only_payment = place.as_ref().is_some_and(Stopped::is_only_payment);
            is_only_payment || verdict == Some(Verdict::RegistryDown)
        };
        if is_told && since == Since::Acknowledged && made_nothing() { place } else { last }
    }

    fn waits(&mut self, there: Stopped) {
        match self.last.replace(there) {
            Some(last) if last.creating => {
                if last.is_only_payment() {
                    self.back = Back::to(&last.point);
                }
                self.back.since = Since::Acknowledged;
            }
            _ => self.asks(),
        }
    }

    /// Whether something was, or may have been, made on the way to `point`.
    fn is_behind_something(&self, point: &Point) -> bool {
        let is_other = self.last.as_ref().is_some_and(|last| last.creating && last.point != *point);
        is_other || self.back.since != Since::Nothing
    }
}

// === impl Back ===

impl Back {
    /// To `point` itself.
    fn to(point: &Point) -> Self {
        Self { place: Some(Stopped { point: point.clone(), creating: false }), since: Since::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use veer_contract::{Call, Effect, Lane, Method, SavedState};

    use super::*;

    fn point(state: &str, pending: Pending) -> Point {
        Point { state: SavedState { version: 1, json: state.to_owned() }, pending }
    }

    fn creates(state: &str, lane: Lane) -> Point {
        let call = Call::new(state, lane, Effect::Creates, Method::Post, "x");
        point(state, Pending::Calls(vec![call]))
    }

    fn applies(state: &str) -> Point {
        creates(state, Lane::Create)
    }

    fn pays() -> Point {
        creates("pays", Lane::Payment)
    }

    fn waits(state: &str) -> Point {
        point(state, Pending::Callback(state.to_owned()))
    }

    fn polls() -> Point {
        point("polls", Pending::Wake)
    }

    /// What one step tells of.
    enum Told<'a> {
        Leaves(&'a Point),
        At(&'a Point),
        Asks,
    }
    use Told::{Asks, At, Leaves};

    fn gone(steps: &[Told<'_>]) -> Trail {
        let mut trail = Trail::default();
        for step in steps {
            match step {
                Leaves(point) => {
                    trail.leaves(point);
                    trail.asks();
                }
                At(point) => trail.comes_to(point),
                Asks => trail.asks(),
            }
        }
        trail
    }

    fn at(point: &Point) -> Option<Stopped> {
        Some(Stopped { point: point.clone(), creating: false })
    }

    const DOWN: Option<Verdict> = Some(Verdict::RegistryDown);
    const BROKEN: Option<Verdict> = Some(Verdict::ServerError);

    #[test]
    fn an_application_that_a_call_back_says_was_not_made_is_made_anew() {
        let way = || gone(&[Leaves(&applies("a")), At(&waits("w"))]);
        assert_eq!(way().end(DOWN, true), None);
        assert_eq!(way().end(BROKEN, true), at(&waits("w")), "it may have been made");
        assert_eq!(way().end(Some(Verdict::OutOfBudget), false), at(&waits("w")), "nothing was told yet");
        let polled = gone(&[At(&polls()), Leaves(&applies("a")), At(&waits("w"))]);
        assert_eq!(polled.end(DOWN, true), at(&polls()));
        let logged_in = gone(&[Asks, At(&waits("login")), Leaves(&applies("a")), At(&waits("w"))]);
        assert_eq!(logged_in.end(DOWN, true), None, "the reply to the login comes but once");
    }

    #[test]
    fn a_payment_goes_again_whatever_was_told_and_the_application_before_it_stands() {
        for before in [waits("w"), polls()] {
            let way = || gone(&[Leaves(&applies("a")), At(&before), Leaves(&pays()), At(&waits("p"))]);
            for verdict in [DOWN, BROKEN, Some(Verdict::Declined), None] {
                assert_eq!(way().end(verdict, true), at(&pays()));
            }
            assert_eq!(way().end(Some(Verdict::OutOfBudget), false), at(&waits("p")));
        }
    }

    #[test]
    fn a_call_that_made_nothing_is_no_place_to_go_on_from_where_nothing_was_made_before_it() {
        let refused = |before: &[Point]| {
            let mut trail = Trail::default();
            before.iter().for_each(|point| trail.comes_to(point));
            trail.leaves(&applies("a"));
            trail.comes_to(&applies("a"));
            trail.end(DOWN, false)
        };
        assert_eq!(refused(&[]), None);
        assert_eq!(refused(&[polls()]), at(&polls()));
        assert_eq!(refused(&[waits("login")]), None);
    }

    #[test]
    fn a_call_behind_something_that_was_made_is_the_place_to_go_on_from() {
        let (first, second) = (applies("a"), applies("b"));
        for refused in [
            gone(&[Leaves(&first), At(&waits("w")), Leaves(&second), At(&second)]),
            gone(&[Leaves(&first), At(&second), Leaves(&second), At(&second)]),
            gone(&[Leaves(&first), At(&waits("w")), Asks, At(&waits("v")), Leaves(&second), At(&second)]),
        ] {
            assert_eq!(refused.end(BROKEN, false), at(&second));
        }
        let told = gone(&[Leaves(&first), At(&waits("w")), Leaves(&second), At(&waits("v"))]);
        assert_eq!(told.end(DOWN, true), at(&second));
    }

    #[test]
    fn what_is_told_of_a_later_question_is_not_about_the_application() {
        let way = gone(&[Leaves(&applies("a")), At(&waits("w")), Asks]);
        assert_eq!(way.end(DOWN, true), at(&waits("w")));
        let twice = gone(&[Leaves(&applies("a")), At(&waits("w")), At(&waits("v"))]);
        assert_eq!(twice.end(DOWN, true), at(&waits("v")));
    }

    #[test]
    fn a_way_that_is_written_down_and_read_again_is_the_same() {
        let ways: [&[Told<'_>]; 5] = [
            &[Leaves(&applies("a")), At(&waits("w"))],
            &[At(&polls()), Leaves(&applies("a")), At(&waits("w"))],
            &[Leaves(&applies("a")), At(&waits("w")), Leaves(&pays())],
            &[Leaves(&applies("a")), At(&waits("w")), Leaves(&pays()), At(&waits("p"))],
            &[Leaves(&applies("a")), At(&polls())],
        ];
        for way in ways {
            let trail = gone(way);
            let back = serde_json::from_value(serde_json::to_value(trail.back()).unwrap()).unwrap();
            let last = trail.last.clone().expect("a place");
            let beginning =
                if last.creating { Beginning::Lost(Some(last.point)) } else { Beginning::At(last.point) };
            assert_eq!(Trail::begun(&beginning).with(back), trail);
        }
    }

    #[test]
    fn a_refused_call_that_is_taken_up_after_a_restart_leads_back_to_where_it_did() {
        let mut trail = gone(&[At(&polls()), Leaves(&applies("a")), At(&applies("a"))]);
        let mut again = Trail::begun(&Beginning::At(applies("a"))).with(trail.back().clone());
        assert_eq!(again, trail);
        for trail in [&mut trail, &mut again] {
            trail.leaves(&applies("a"));
            trail.comes_to(&applies("a"));
        }
        assert_eq!((again.end(BROKEN, false), trail.end(BROKEN, false)), (at(&polls()), at(&polls())));
    }

    #[test]
    fn a_payment_that_is_sent_again_is_the_place_to_go_on_from_however_often_it_fails() {
        let begun = || Trail::begun(&Beginning::At(pays()));
        assert_eq!(begun().end(BROKEN, false), at(&pays()), "it did not leave");
        let mut refused = begun();
        refused.leaves(&pays());
        refused.comes_to(&pays());
        assert_eq!(refused.end(DOWN, false), at(&pays()));
        let mut told = begun();
        told.leaves(&pays());
        told.comes_to(&waits("p"));
        assert_eq!(told.end(BROKEN, true), at(&pays()));
    }
}
