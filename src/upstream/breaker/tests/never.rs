//! What never happens, whatever does.

use proptest::prelude::*;

use super::{super::machine::Hand, *};

/// Something that happens to a breaker.
#[derive(Debug, Clone)]
enum Act {
    Later(u64),
    Enter,
    /// The call under way at that place of all that are comes back with that word.
    Report(usize, Word),
    Hold(Option<(Hand, Option<u64>)>),
    Set(BreakerConfig),
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        2 => Just(Word::Good),
        4 => Just(BAD),
        1 => Just(Word::Soft(Verdict::TooManyRequests)),
        1 => Just(Word::Answered),
        1 => Just(Word::Nothing),
    ]
}

fn config() -> impl Strategy<Value = BreakerConfig> {
    let mode = prop_oneof![1 => Just(Mode::Off), 1 => Just(Mode::DryRun), 4 => Just(Mode::On)];
    (mode, 2_u32..6, 1_u32..=100, 1_u64..20, 2_u32..10, 1_u64..10, 0_u64..40, 1_u32..4).prop_map(
        |(mode, in_a_row, percent, window, sample, pause, longer, tries)| BreakerConfig {
            mode,
            in_a_row,
            percent,
            window: Duration::from_secs(window),
            sample,
            pause: Duration::from_secs(pause),
            longest_pause: Duration::from_secs(pause + longer),
            tries,
        },
    )
}

fn act() -> impl Strategy<Value = Act> {
    let hand = prop_oneof![Just(Hand::Block), Just(Hand::Pass)];
    prop_oneof![
        8 => Just(Act::Enter),
        8 => (any::<usize>(), word()).prop_map(|(at, word)| Act::Report(at, word)),
        4 => (0_u64..20_000).prop_map(Act::Later),
        1 => proptest::option::of((hand, proptest::option::of(1_u64..60_000))).prop_map(Act::Hold),
        1 => config().prop_map(Act::Set),
    ]
}

proptest! {
    #[test]
    fn never_more_than_one_call_tries(config in config(), acts in prop::collection::vec(act(), 1..300)) {
        let mut rig = Rig::with(config, || 0.5);
        let mut under_way: Vec<Ticket> = Vec::new();
        for act in acts {
            match act {
                Act::Later(millis) => { rig.later(Duration::from_millis(millis)); }
                Act::Enter => under_way.extend(rig.enter().ok().flatten()),
                Act::Report(at, word) => if !under_way.is_empty() {
                    let ticket = under_way.swap_remove(at % under_way.len());
                    rig.report(ticket, word);
                },
                Act::Hold(Some((hand, millis))) => {
                    let until = millis.map(|millis| rig.now + Duration::from_millis(millis));
                    rig.machine.hold(rig.now, hand, until);
                }
                Act::Hold(None) => rig.machine.release(),
                Act::Set(config) => rig.machine.set(config),
            }
            let (_, place) = rig.machine.place();
            let trying = under_way.iter().filter(|ticket| ticket.is_probe && ticket.epoch() == rig.machine.epoch());
            prop_assert!(trying.count() <= usize::from(place == State::Probing));
        }
    }

    #[test]
    fn a_lane_that_is_blocked_is_asked_again_within_the_longest_pause(
        config in config(),
        words in prop::collection::vec(word(), 1..200),
    ) {
        let config = BreakerConfig { mode: Mode::On, ..config };
        let mut rig = Rig::with(config, || 0.0);
        for word in words {
            match rig.enter() {
                Ok(ticket) => { rig.report(ticket.unwrap(), word); }
                Err(bar) => {
                    let wait = bar.until.unwrap().duration_since(rig.now);
                    prop_assert!(wait <= config.longest_pause);
                    prop_assert!(rig.later(wait).enter().is_ok_and(|ticket| ticket.unwrap().is_probe));
                    return Ok(());
                }
            }
        }
    }

    /// Declines are good words, so an insurer that declines everything is such a one too.
    #[test]
    fn an_insurer_that_fails_less_than_the_share_and_not_in_a_row_is_never_blocked(
        percent in 20_u32..=100,
        pauses in prop::collection::vec(0_u64..2_000, 50..400),
        start in 0_usize..5,
    ) {
        // Every fifth call fails; whatever else is said counts for nothing.
        let config = BreakerConfig { percent: percent.max(41), sample: 5, ..CONFIG };
        let mut rig = Rig::with(config, || 0.0);
        for (at, millis) in pauses.into_iter().enumerate() {
            rig.later(Duration::from_millis(millis));
            let word = if (at + start).is_multiple_of(5) { BAD } else { Word::Good };
            prop_assert_eq!(rig.calls(&[word, Word::Nothing, Word::Answered]), State::Passing);
        }
    }

    #[test]
    fn a_healthy_insurer_is_never_blocked_whatever_the_settings(
        config in config(),
        words in prop::collection::vec(prop_oneof![Just(Word::Good), Just(Word::Nothing), Just(Word::Answered)], 1..300),
    ) {
        let mut rig = Rig::with(config, || 0.0);
        for word in words {
            let ticket = rig.enter();
            prop_assert!(ticket.is_ok());
            if let Ok(Some(ticket)) = ticket {
                prop_assert_eq!(rig.report(ticket, word), State::Passing);
            }
        }
    }
}
