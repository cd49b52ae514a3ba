//! Every state, everything that can happen in it, and what follows.

use super::{
    super::{blocked::Why, machine::Hand},
    *,
};

const SOFT: Word = Word::Soft(Verdict::TooManyRequests);
const GOOD: Word = Word::Good;

#[test]
fn failures_in_a_row_block() {
    let mut rig = Rig::new();
    assert_eq!(rig.calls(&[BAD, BAD, GOOD, BAD, BAD]), State::Passing);
    assert_eq!(rig.calls(&[BAD]), State::Blocked);
    let bar = rig.enter().unwrap_err();
    assert_eq!(bar.why, Why::InARow { failures: 3, last: Verdict::ServerError });
    assert_eq!((bar.since, bar.until), (rig.now, Some(rig.now + 4 * SECOND)));
}

#[test]
fn the_share_of_failures_blocks_where_there_were_enough_calls() {
    let mut rig = Rig::new();
    assert_eq!(rig.calls(&[BAD, BAD, GOOD, BAD, GOOD]), State::Passing, "three of five are too few calls");
    assert_eq!(rig.calls(&[BAD]), State::Blocked);
    let why = Why::Share { failed: 4, of: 6, last: Verdict::ServerError };
    assert_eq!(rig.enter().unwrap_err().why, why);
    let mut slow = Rig::new();
    for word in [BAD, GOOD].repeat(20) {
        assert_eq!(slow.later(2 * SECOND).calls(&[word]), State::Passing, "five calls in any window");
    }
}

#[test]
fn while_calls_pass_only_some_words_count() {
    // The word, and whether twenty of it block.
    for (word, blocks) in
        [(GOOD, false), (Word::Answered, false), (Word::Nothing, false), (SOFT, true), (BAD, true)]
    {
        let mut rig = Rig::new();
        let entered = (0..20).filter(|_| match rig.enter() {
            Ok(Some(ticket)) => rig.report(ticket, word) == State::Passing,
            _ => false,
        });
        assert_eq!(entered.count() < 20, blocks, "{word:?}");
    }
}

#[test]
fn a_429_counts_in_the_share_and_never_in_a_row() {
    let mut rig = Rig::new();
    assert_eq!(rig.calls(&[BAD, SOFT, SOFT, BAD]), State::Passing);
    assert_eq!(rig.calls(&[SOFT]), State::Passing);
    assert_eq!(rig.calls(&[SOFT]), State::Blocked);
    let why = Why::Share { failed: 6, of: 6, last: Verdict::TooManyRequests };
    assert_eq!(rig.enter().unwrap_err().why, why);
}

#[test]
fn after_the_pause_one_call_at_a_time_tries_until_enough_were_good() {
    let mut rig = Rig::blocked();
    rig.later(4 * SECOND - Duration::from_millis(1));
    assert_eq!(rig.place(), State::Blocked);
    assert_eq!(rig.later(Duration::from_millis(1)).place(), State::Probing);
    let first = rig.ticket();
    assert!(first.is_probe);
    assert_eq!(rig.enter().unwrap_err().until, None, "one is trying");
    assert_eq!(rig.report(first, GOOD), State::Probing);
    let second = rig.ticket();
    assert!(rig.enter().is_err());
    assert_eq!(rig.report(second, GOOD), State::Passing);
    assert!(!rig.ticket().is_probe);
    assert_eq!(rig.calls(&[BAD, BAD]), State::Passing, "everything is counted anew");
}

#[test]
fn what_a_try_brings_decides() {
    for (word, place) in [
        (GOOD, State::Probing),
        (Word::Answered, State::Probing),
        (SOFT, State::Probing),
        (Word::Nothing, State::Probing),
        (BAD, State::Blocked),
    ] {
        let mut rig = Rig::blocked();
        let ticket = rig.later(4 * SECOND).ticket();
        assert_eq!(rig.report(ticket, word), place, "{word:?}");
        assert_eq!(rig.enter().is_ok(), place == State::Probing, "{word:?}: the next one may try");
    }
    let mut rig = Rig::blocked();
    rig.later(4 * SECOND);
    assert_eq!(rig.calls(&[Word::Answered, Word::Nothing, SOFT]), State::Probing, "neither good nor bad");
    assert_eq!(rig.calls(&[Word::Answered]), State::Passing, "an insurer that names the registry is well");
}

#[test]
fn pauses_double_to_the_longest_and_begin_anew_after_a_good_while() {
    let mut rig = Rig::blocked();
    for seconds in [4, 8, 12, 12] {
        assert_eq!(rig.pause(), seconds * SECOND);
        rig.later(seconds * SECOND).calls(&[BAD]);
    }
    let since = rig.enter().unwrap_err();
    assert_eq!(since.why, Why::Try { last: Verdict::ServerError });
    assert_eq!(rig.now.duration_since(since.since), 36 * SECOND, "it has blocked since the first failure");
    rig.later(12 * SECOND).calls(&[GOOD, GOOD]);
    rig.later(9 * SECOND).calls(&[BAD; 3]);
    assert_eq!(rig.pause(), 12 * SECOND, "passing did it no good");
    rig.later(12 * SECOND).calls(&[GOOD, GOOD]);
    rig.later(10 * SECOND).calls(&[BAD; 3]);
    assert_eq!(rig.pause(), 4 * SECOND, "a new trouble");
}

#[test]
fn a_pause_is_up_to_a_quarter_shorter() {
    let mut rig = Rig::with(CONFIG, || 1.0);
    rig.calls(&[BAD; 3]);
    assert_eq!(rig.pause(), 3 * SECOND);
}

#[test]
fn what_left_before_a_change_says_nothing_after_it() {
    let mut rig = Rig::new();
    let early: Vec<Ticket> = (0..6).map(|_| rig.ticket()).collect();
    rig.calls(&[BAD; 3]);
    for ticket in &early[..2] {
        assert_eq!(rig.report(*ticket, GOOD), State::Blocked);
    }
    rig.later(4 * SECOND);
    assert_eq!(rig.report(early[2], BAD), State::Probing);
    assert_eq!(rig.report(early[3], GOOD), State::Probing);
    rig.calls(&[GOOD, GOOD]);
    assert_eq!(rig.report(early[4], BAD), State::Passing);
    assert_eq!(rig.machine.counts(rig.now).0, 0);
}

#[test]
fn in_a_dry_run_it_turns_in_the_same_way_and_every_call_goes() {
    let mut rig = Rig::with(BreakerConfig { mode: Mode::DryRun, ..CONFIG }, || 0.0);
    assert_eq!(rig.calls(&[BAD; 3]), State::Blocked);
    assert_eq!(rig.enter(), Ok(None), "it goes, and nothing is learnt of it");
    assert!(rig.machine.bar(rig.now).is_some() && !rig.machine.holds_back());
    let try_it = rig.later(4 * SECOND).ticket();
    assert_eq!(rig.enter(), Ok(None), "it would have waited for the one that tries");
    assert_eq!(rig.report(try_it, BAD), State::Blocked);
    rig.machine.set(CONFIG);
    assert_eq!(rig.pause(), 8 * SECOND, "what a dry run found holds at once when it ends");
}

#[test]
fn off_counts_nothing_and_forgets_what_was() {
    let mut rig = Rig::blocked();
    rig.machine.set(BreakerConfig { mode: Mode::Off, ..CONFIG });
    for _ in 0..20 {
        assert_eq!(rig.enter(), Ok(None));
    }
    rig.machine.set(CONFIG);
    assert_eq!(rig.calls(&[BAD, BAD]), State::Passing);
    assert_eq!(rig.calls(&[BAD]), State::Blocked);
}

#[test]
fn a_live_change_keeps_what_was_counted_and_the_end_of_a_pause() {
    let mut rig = Rig::new();
    rig.calls(&[BAD, BAD]);
    rig.machine.set(BreakerConfig { in_a_row: 5, ..CONFIG });
    assert_eq!(rig.calls(&[BAD, BAD]), State::Passing);
    assert_eq!(rig.calls(&[BAD]), State::Blocked);
    rig.machine.set(BreakerConfig { pause: SECOND, ..CONFIG });
    assert_eq!(rig.pause(), 4 * SECOND);
}

#[test]
fn a_person_blocks_in_any_mode_until_then_and_everything_begins_anew() {
    for mode in [Mode::Off, Mode::DryRun, Mode::On] {
        let mut rig = Rig::with(BreakerConfig { mode, ..CONFIG }, || 0.0);
        let until = rig.now + 60 * SECOND;
        rig.machine.hold(rig.now, Hand::Block, Some(until));
        let bar = rig.later(59 * SECOND).enter().unwrap_err();
        assert_eq!((bar.why, bar.until), (Why::Hand, Some(until)));
        assert!(rig.later(SECOND).enter().is_ok());
        assert_eq!(rig.place(), State::Passing);
        rig.machine.hold(rig.now, Hand::Block, None);
        assert!(rig.later(1000 * SECOND).enter().is_err());
        rig.machine.release();
        assert!(rig.enter().is_ok());
    }
}

#[test]
fn a_person_lets_pass_what_is_blocked_and_nothing_is_counted_meanwhile() {
    let mut rig = Rig::blocked();
    rig.machine.hold(rig.now, Hand::Pass, Some(rig.now + 60 * SECOND));
    for _ in 0..20 {
        assert_eq!(rig.enter(), Ok(None));
    }
    rig.later(60 * SECOND);
    assert_eq!(rig.calls(&[BAD, BAD]), State::Passing);
    assert_eq!(rig.calls(&[BAD]), State::Blocked);
}

#[test]
fn leave_that_was_given_is_taken_back_when_the_lane_is_blocked_but_not_from_the_one_that_tries() {
    let mut rig = Rig::new();
    let waiting = rig.ticket();
    assert_eq!(rig.machine.recall(rig.now, Some(waiting)), None);
    rig.calls(&[BAD; 3]);
    assert!(rig.machine.recall(rig.now, Some(waiting)).is_some());
    let tries = rig.later(4 * SECOND).ticket();
    assert_eq!(rig.machine.recall(rig.now, Some(tries)), None);
    assert!(rig.machine.recall(rig.now, Some(waiting)).is_some());
    rig.machine.hold(rig.now, Hand::Block, None);
    assert!(rig.machine.recall(rig.now, Some(tries)).is_some(), "a person's word is above it");
    rig.machine.hold(rig.now, Hand::Pass, None);
    assert_eq!(rig.machine.recall(rig.now, Some(waiting)), None);
}
