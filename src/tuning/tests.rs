//! What operators are promised, against a real store.

use std::time::Duration;

use jiff::SignedDuration;

use super::{
    trial::{Trial, anna, path},
    *,
};
use crate::{
    config::{Mode, StandingConfig},
    store::RevisionsOf,
    telemetry,
};

const LIMIT: &str = "alfastrah create limit";
const MINUTE: Duration = Duration::from_secs(60);

fn boris() -> Who {
    Who { author: "boris".into(), reason: "enough of it".into(), through: Through::Http }
}

async fn set(trial: &Trial, knob: &str, value: &str) -> Changed {
    trial.tuning.set(path(knob), value, anna()).await.unwrap()
}

async fn over(trial: &Trial, knob: &str, value: &str, time: Duration) -> Changed {
    trial.tuning.override_for(path(knob), value, time, anna()).await.unwrap()
}

/// All that happened, the oldest first: what, knob, from, to, who, through what.
async fn history(trial: &Trial) -> Vec<String> {
    let mut revisions = trial.tuning.history(&RevisionsOf::default(), 100).await.unwrap();
    revisions.reverse();
    let line = |revision: &Revision| {
        let Revision { revision, what, insurer, knob, from, to, author, through, .. } = revision;
        format!("{revision} {what} {insurer} {knob}: {from} -> {to} by {author} through {through}")
    };
    revisions.iter().map(line).collect()
}

/// Looks at the watched file as often as it takes to take it in.
async fn look(trial: &Trial) {
    for _ in 0..2 {
        trial.tuning.look(file::look(&trial.tuning.0.file)).await;
    }
}

fn problems(trial: &Trial) -> Vec<String> {
    trial.tuning.show(None, None).unwrap().file.problems
}

#[tokio::test]
async fn what_is_set_holds_at_once_and_after_a_restart() {
    let trial = Trial::open().await;
    assert_eq!((trial.holds(LIMIT), trial.told()), ("5/s, 8 at once".into(), Vec::new()));
    let changed = set(&trial, LIMIT, "2/s").await;
    let revision = changed.revision.unwrap();
    assert_eq!((revision.revision, &*revision.from, &*revision.to), (1, "5/s, 8 at once", "2/s, 8 at once"));
    assert_eq!(
        (&*revision.author, &*revision.reason, &*revision.through),
        ("anna", "their night works", "command")
    );
    let told = trial.told();
    let [(Some(veer_contract::Lane::Create), Turn::Limit { rates, at_once: 8, mode: Mode::On })] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!((rates[0].count, rates.len()), (2, 1));
    let trial = trial.restart().await;
    assert_eq!(trial.holds(LIMIT), "2/s, 8 at once");
    assert_eq!(trial.told(), told, "engines that begin as configured are told again");
    let back = set(&trial, LIMIT, "configured").await;
    assert_eq!(back.revision.unwrap().what, "reset");
    assert_eq!(trial.holds(LIMIT), "5/s, 8 at once");
    assert_eq!(trial.told().len(), 1);
}

#[tokio::test]
async fn what_is_so_already_is_no_revision() {
    let trial = Trial::open().await;
    assert_eq!(set(&trial, LIMIT, "configured").await.revision, None);
    set(&trial, LIMIT, "2/s").await;
    let same = set(&trial, LIMIT, " 2/s burst 1 ").await;
    assert_eq!((same.revision, trial.tuning.show(None, None).unwrap().revision), (None, 1));
    // To say what the configuration says is more than to say nothing: it stays so when the configuration changes.
    assert_eq!(set(&trial, "alfastrah enabled", "yes").await.revision.unwrap().revision, 2);
}

#[tokio::test]
async fn an_override_lies_over_what_is_set_and_ends_by_itself() {
    let trial = Trial::open().await;
    set(&trial, "alfastrah asked", "50%").await;
    let changed = over(&trial, "alfastrah asked", "20%", MINUTE).await;
    let shown = changed.knob.unwrap();
    let override_shown = shown.over.unwrap();
    assert_eq!((&*shown.value, &*override_shown.said.author), ("20%", "anna"));
    assert!(trial.metrics.render().contains("veer_tuning_overrides 1"));
    trial.told();
    // What is set now holds when the override has ended.
    let changed = set(&trial, "alfastrah asked", "70%").await;
    assert_eq!((changed.knob.unwrap().value, trial.told()), ("20%".into(), Vec::new()));
    trial.tuning.end_overrides(override_shown.until - SignedDuration::from_millis(1)).await;
    assert_eq!(trial.holds("alfastrah asked"), "20%");
    // Engines are told at the moment itself. The store's clock has not come so far, so that nothing is written yet.
    trial.tuning.end_overrides(override_shown.until).await;
    let told = trial.told();
    let asked = "70%".parse().unwrap();
    let standing = StandingConfig { asked, ..StandingConfig::default() };
    assert_eq!(told, [(None, Turn::Standing(standing))]);
}

#[tokio::test]
async fn the_end_of_an_override_is_a_revision_of_its_own() {
    let trial = Trial::open().await;
    over(&trial, "alfastrah enabled", "no", Duration::from_secs(1)).await;
    tokio::time::sleep(Duration::from_millis(1050)).await;
    trial.tuning.end_overrides(telemetry::now()).await;
    trial.tuning.end_overrides(telemetry::now()).await;
    assert_eq!(
        history(&trial).await,
        [
            "1 override alfastrah enabled: yes -> no by anna through command",
            "2 end alfastrah enabled: no -> yes by veer through expiry",
        ]
    );
    let metrics = trial.metrics.render();
    assert!(
        metrics.contains("veer_tuning_revision 2") && metrics.contains("veer_tuning_overrides 0"),
        "{metrics}"
    );
}

#[tokio::test]
async fn an_override_that_ended_while_the_gateway_was_down_is_ended_at_the_start() {
    let trial = Trial::open().await;
    over(&trial, LIMIT, "1/s", Duration::from_secs(1)).await;
    over(&trial, "alfastrah poll limit", "1/s", MINUTE).await;
    trial.store.flush().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1050)).await;
    let trial = trial.restart().await;
    assert_eq!(trial.holds(LIMIT), "5/s, 8 at once");
    assert_eq!(trial.holds("alfastrah poll limit"), "1/s, 8 at once");
    assert_eq!(trial.told().len(), 1, "the one that still holds");
    assert_eq!(
        history(&trial).await[2..],
        ["3 end alfastrah limit: 1/s, 8 at once -> 5/s, 8 at once by veer through expiry"]
    );
}

#[tokio::test]
async fn a_person_ends_an_override_before_its_time() {
    let trial = Trial::open().await;
    over(&trial, "alfastrah create hold", "block", MINUTE).await;
    trial.told();
    let changed = trial.tuning.end(path("alfastrah create hold"), boris()).await.unwrap();
    assert_eq!((changed.revision.unwrap().what, changed.knob.unwrap().value), ("end", "auto".into()));
    assert_eq!(
        trial.told(),
        [(Some(veer_contract::Lane::Create), Turn::Hold { hand: Hand::Auto, until: None })]
    );
    let refused = trial.tuning.end(path("alfastrah create hold"), boris()).await.unwrap_err();
    assert_eq!(refused.to_string(), "alfastrah create hold: nothing is overridden there");
}

#[tokio::test]
async fn nonsense_is_refused_and_changes_nothing() {
    let trial = Trial::open().await;
    for (knob, value, told) in [
        (LIMIT, "5/sec", "alfastrah create limit: `5/sec` is no rate"),
        ("alfastrah create hold", "stop", "alfastrah create hold: `stop` is not known"),
        ("alfastrah asked", "", "alfastrah asked: is empty"),
    ] {
        let refused = trial.tuning.set(path(knob), value, anna()).await.unwrap_err().to_string();
        assert!(refused.starts_with(told), "{refused}");
        let refused =
            trial.tuning.override_for(path(knob), value, MINUTE, anna()).await.unwrap_err().to_string();
        assert!(refused.starts_with(told), "{refused}");
    }
    for time in [Duration::ZERO, LONGEST_OVERRIDE + Duration::from_millis(1), Duration::MAX] {
        let refused = trial.tuning.override_for(path(LIMIT), "5/s", time, anna()).await.unwrap_err();
        assert!(refused.to_string().contains("from 1s to 7d"), "{refused}");
    }
    let refused = trial.tuning.override_for(path(LIMIT), "configured", MINUTE, anna()).await.unwrap_err();
    assert!(refused.to_string().contains("is no rate"), "{refused}");
    assert_eq!((history(&trial).await, trial.told()), (Vec::<String>::new(), Vec::new()));
}

#[tokio::test]
async fn changes_at_once_are_numbered_one_after_the_other() {
    let trial = Trial::open().await;
    let other = trial.replica().await;
    let changes = (1..=20u32).map(|number| {
        let tuning = if number.is_multiple_of(2) { &trial.tuning } else { &other };
        tuning.set(path(LIMIT), Box::leak(format!("{number}/s").into_boxed_str()), anna())
    });
    let changes = futures::future::join_all(changes).await;
    let mut numbers: Vec<i64> =
        changes.into_iter().map(|changed| changed.unwrap().revision.unwrap().revision).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    trial.tuning.refresh().await.unwrap();
    other.refresh().await.unwrap();
    let last = trial.tuning.history(&RevisionsOf::default(), 1).await.unwrap().remove(0);
    for tuning in [&trial.tuning, &other] {
        assert_eq!(tuning.shown(&path(LIMIT)).unwrap().value, last.to);
    }
}

#[tokio::test]
async fn a_replica_takes_in_what_another_wrote() {
    let trial = Trial::open().await;
    let other = trial.replica().await;
    other.set(path(LIMIT), "3/s", boris()).await.unwrap();
    assert_eq!(trial.holds(LIMIT), "5/s, 8 at once");
    trial.tuning.refresh().await.unwrap();
    assert_eq!((trial.holds(LIMIT), trial.told().len()), ("3/s, 8 at once".into(), 1));
}

#[tokio::test]
async fn a_change_of_the_file_is_a_revision_of_what_changed_in_it() {
    let trial = Trial::with_file("[alfastrah]\nasked = '50%'\n[alfastrah.create]\nlimit = '4/s'\n").await;
    assert_eq!((trial.holds(LIMIT), trial.holds("alfastrah asked")), ("4/s, 8 at once".into(), "50%".into()));
    set(&trial, "alfastrah asked", "60%").await;
    trial.write("[alfastrah]\nasked = '50%'\n[alfastrah.create]\nlimit = '3/s'\n");
    trial.tuning.look(file::look(&trial.tuning.0.file)).await;
    assert_eq!(trial.holds(LIMIT), "4/s, 8 at once", "a text is taken in when it was found twice");
    look(&trial).await;
    assert_eq!((trial.holds(LIMIT), trial.holds("alfastrah asked")), ("3/s, 8 at once".into(), "60%".into()));
    trial.write("[alfastrah.create]\nlimit = '3/s'\n");
    look(&trial).await;
    assert_eq!(trial.holds("alfastrah asked"), "100%", "a line that vanishes takes its knob back");
    assert_eq!(
        history(&trial).await,
        [
            "1 set alfastrah asked: 100% -> 50% by limits.toml through file",
            "2 set alfastrah limit: 5/s, 8 at once -> 4/s, 8 at once by limits.toml through file",
            "3 set alfastrah asked: 50% -> 60% by anna through command",
            "4 set alfastrah limit: 4/s, 8 at once -> 3/s, 8 at once by limits.toml through file",
            "5 reset alfastrah asked: 60% -> 100% by limits.toml through file",
        ]
    );
}

#[tokio::test]
async fn a_restart_undoes_nothing_that_was_set_and_sees_what_changed_in_the_file_meanwhile() {
    let trial = Trial::with_file("[alfastrah]\nasked = '50%'\nshadow = true\n").await;
    set(&trial, "alfastrah asked", "60%").await;
    let trial = trial.restart().await;
    assert_eq!(
        (trial.holds("alfastrah asked"), trial.holds("alfastrah shadow")),
        ("60%".into(), "yes".into())
    );
    trial.write("[alfastrah]\nasked = '50%'\n");
    let trial = trial.restart().await;
    assert_eq!(
        (trial.holds("alfastrah asked"), trial.holds("alfastrah shadow")),
        ("60%".into(), "no".into())
    );
    assert_eq!(history(&trial).await.len(), 4);
}

#[tokio::test]
async fn a_broken_file_leaves_all_as_it_is_and_is_told() {
    let trial = Trial::with_file("[alfastrah.create]\nlimit = '4/s'\n").await;
    trial.write("[alfastrah.create]\nlimit = '4/sec'\n[vsk]\nenabled = true\n");
    look(&trial).await;
    assert_eq!((trial.holds(LIMIT), trial.holds("vsk enabled")), ("4/s, 8 at once".into(), "no".into()));
    let told = problems(&trial);
    assert!(
        told.len() == 1 && told[0].contains("limits.toml:2: alfastrah.create.limit: `4/sec`"),
        "{told:?}"
    );
    let trial = trial.restart().await;
    assert_eq!((trial.holds(LIMIT), problems(&trial).len()), ("4/s, 8 at once".into(), 1));
    trial.write("[alfastrah.create]\nlimit = '3/s'\n");
    look(&trial).await;
    assert_eq!((trial.holds(LIMIT), problems(&trial)), ("3/s, 8 at once".into(), Vec::new()));
}

#[tokio::test]
async fn a_file_that_vanishes_leaves_all_as_it_is_and_an_empty_one_takes_all_back() {
    let trial = Trial::with_file("[alfastrah.create]\nlimit = '4/s'\n").await;
    trial.take_file_away();
    look(&trial).await;
    let told = problems(&trial);
    assert!(told.len() == 1 && told[0].contains("is not there"), "{told:?}");
    assert_eq!(trial.holds(LIMIT), "4/s, 8 at once");
    trial.write("");
    look(&trial).await;
    assert_eq!((trial.holds(LIMIT), problems(&trial)), ("5/s, 8 at once".into(), Vec::new()));
    trial.take_file_away();
    look(&trial).await;
    assert_eq!(problems(&trial), Vec::<String>::new(), "nothing is missed in a file that said nothing");
}

#[tokio::test]
async fn two_replicas_with_one_file_make_one_revision_of_it() {
    let trial = Trial::with_file("[alfastrah.create]\nlimit = '4/s'\n").await;
    let other = trial.replica().await;
    trial.write("[alfastrah.create]\nlimit = '3/s'\n");
    for _ in 0..2 {
        let found = file::look(&trial.tuning.0.file);
        tokio::join!(trial.tuning.look(found.clone()), other.look(found));
    }
    assert_eq!(
        (trial.holds(LIMIT), other.shown(&path(LIMIT)).unwrap().value),
        ("3/s, 8 at once".into(), "3/s, 8 at once".into())
    );
    assert_eq!(history(&trial).await.len(), 2);
}

#[tokio::test]
async fn a_knob_of_an_insurer_that_is_gone_stays_in_the_history_and_does_no_harm() {
    let trial = Trial::open().await;
    set(&trial, LIMIT, "2/s").await;
    let mut row = trial.store.revisions(&RevisionsOf::default(), 1).await.unwrap().remove(0);
    (row.number, row.insurer) = (2, "gone".into());
    let change = crate::store::TuningChange { revisions: vec![row], file: None };
    trial.store.change_tuning(change).await.unwrap();
    let trial = trial.restart().await;
    assert_eq!(trial.holds(LIMIT), "2/s, 8 at once");
    assert_eq!(set(&trial, LIMIT, "3/s").await.revision.unwrap().revision, 3);
}

#[tokio::test]
async fn what_is_shown_is_what_was_asked_for() {
    let trial = Trial::open().await;
    over(&trial, LIMIT, "2/s", MINUTE).await;
    let all = trial.tuning.show(None, None).unwrap();
    assert_eq!((all.revision, all.knobs.len(), all.standing.len()), (1, 22, 2));
    let lane = trial.tuning.show(Some("alfastrah"), Some("create")).unwrap();
    let knobs: Vec<&str> = lane.knobs.iter().map(|knob| knob.knob).collect();
    assert_eq!(knobs, ["limit", "limits", "breaker", "hold"]);
    assert_eq!((lane.standing.len(), &lane.standing[0].now["waiting"]), (1, &serde_json::json!(3)));
    for (insurer, lane, told) in [
        (Some("alfastra"), None, "did you mean `alfastrah`?"),
        (Some("vsk"), Some("poll"), "vsk has no lane `poll`"),
        (None, Some("create"), "name the insurer too"),
    ] {
        let refused = trial.tuning.show(insurer, lane).unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
    }
}

#[tokio::test]
async fn a_dry_run_holds_the_proposed_limit_beside_the_one_that_holds() {
    let trial = Trial::open().await;
    let run = trial.tuning.dry_run("alfastrah", "create", "50/min").unwrap();
    assert_eq!((&*run.current.limit, run.current.forecast.sent), ("5/s", 5));
    assert_eq!((&*run.proposed.limit, run.proposed.forecast.refused), ("50/min", 50));
    let none = trial.tuning.dry_run("alfastrah", "create", "none").unwrap();
    assert_eq!((&*none.proposed.limit, none.proposed.forecast.refused), ("none", 0));
    for (lane, limit, told) in [
        ("poll", "5/s", "no demand of alfastrah poll is recorded"),
        ("create", "8 at once", "a dry run is about rates"),
        ("create", "much", "alfastrah create limit: `much` is no rate"),
        ("creat", "5/s", "did you mean `create`?"),
    ] {
        let refused = trial.tuning.dry_run("alfastrah", lane, limit).unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
    }
}

#[tokio::test]
async fn two_replicas_end_an_override_once() {
    let trial = Trial::open().await;
    let other = trial.replica().await;
    over(&trial, "alfastrah enabled", "no", Duration::from_secs(1)).await;
    other.refresh().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1050)).await;
    for _ in 0..2 {
        let now = telemetry::now();
        tokio::join!(trial.tuning.end_overrides(now), other.end_overrides(now));
    }
    assert_eq!(history(&trial).await.len(), 2);
}
