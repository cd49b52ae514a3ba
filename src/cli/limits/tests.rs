use actix_web::{App, HttpServer, web::Data};
use clap::Parser as _;
use serde_json::Value;

use super::*;
use crate::{
    config::OperatorConfig,
    operations::{self, limits::Operators},
    tuning::trial::Trial,
};

const ANNA: &str = "anna-has-a-token";

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    limits: Limits,
}

/// Serves the operations of `trial`, and says what the command line prints; `#` stands for a blank in a word.
async fn run_as(trial: &Trial, token: Option<&str>, line: &str) -> Result<String, Failure> {
    let accounts = [OperatorConfig { name: "anna".into(), token: Secret::new(ANNA) }];
    let (tuning, operators) = (Data::new(trial.tuning.clone()), Data::new(Operators::new(&accounts)));
    let server = HttpServer::new(move || {
        let app = App::new().app_data(tuning.clone()).app_data(operators.clone());
        app.configure(operations::limits::configure)
    });
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    let words = ["limits"].into_iter().chain(line.split(' ')).map(|word| word.replace('#', " "));
    let words = words.chain(["--operations".to_owned(), address]);
    let answer = Line::try_parse_from(words).unwrap().limits.answer(|| token.map(str::to_owned)).await;
    handle.stop(false).await;
    answer
}

async fn run(trial: &Trial, line: &str) -> Result<String, Failure> {
    run_as(trial, Some(ANNA), line).await
}

#[actix_web::test]
async fn an_operator_sets_overrides_ends_and_sees_it() {
    let trial = Trial::open().await;
    let text = run(&trial, "show").await.unwrap();
    let expected = "\
INSURER    LANE    KNOB   VALUE           SINCE, BY WHOM, WHY
alfastrah  create  limit  5/s, 8 at once  as configured
alfastrah  poll    limit  5/s, 8 at once  as configured
vsk        create  limit  5/s, 8 at once  as configured

Nothing was ever changed here.
";
    assert_eq!(text, expected);
    assert_eq!(
        run(&trial, "set alfastrah create 4/s --reason theirs").await.unwrap(),
        "alfastrah create limit is 4/s, 8 at once now instead of 5/s, 8 at once (revision 1).\n"
    );
    assert_eq!(
        run(&trial, "set alfastrah create 4/s --reason theirs").await.unwrap(),
        "Nothing is changed: alfastrah create limit is 4/s, 8 at once already.\n"
    );
    let text =
        run(&trial, "override alfastrah create 2/s --for 10m --reason their#night#works").await.unwrap();
    let told =
        "alfastrah create limit is 2/s, 8 at once now instead of 4/s, 8 at once (revision 2). Until 20";
    assert!(text.starts_with(told), "{text}");
    let text = run(&trial, "set alfastrah create 3/s, 9 at once --reason theirs").await.unwrap();
    assert!(text.contains("is set to 3/s, 9 at once instead of 4/s, 8 at once (revision 3)."), "{text}");
    assert!(text.contains(" An override holds until 20") && text.ends_with(": 2/s, 9 at once.\n"), "{text}");
    let text = run(&trial, "show alfastrah create").await.unwrap();
    assert!(
        text.contains("2/s, 9 at once  overridden until 20") && text.contains("by anna: their night works"),
        "{text}"
    );
    assert!(text.contains("breaker") && text.contains("The last revision is 3;"), "{text}");
    let text = run(&trial, "end alfastrah create --reason done").await.unwrap();
    assert_eq!(
        text,
        "alfastrah create limit is 3/s, 9 at once now instead of 2/s, 9 at once (revision 4).\n"
    );
    run(&trial, "set alfastrah enabled no --reason sold#out").await.unwrap();
    let text = run(&trial, "show").await.unwrap();
    let line = text.lines().find(|line| line.contains("enabled")).unwrap();
    assert!(line.contains("set 20") && line.ends_with("by anna: sold out; configured: yes"), "{line}");
    assert_eq!(run(&trial, "show --all").await.unwrap().lines().count(), 1 + 22 + 2);
    let json: Value = serde_json::from_str(&run(&trial, "show --json").await.unwrap()).unwrap();
    assert_eq!(json["revision"], 5);
}

#[actix_web::test]
async fn the_history_is_a_table() {
    let trial = Trial::open().await;
    assert_eq!(run(&trial, "history").await.unwrap(), "There are no such changes.\n");
    run(&trial, "set alfastrah create 4/s --reason theirs").await.unwrap();
    run(&trial, "override alfastrah shadow yes --for 1h --reason trial").await.unwrap();
    let text = run(&trial, "history").await.unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("NO  AT ") && lines[0].ends_with("WHY"), "{text}");
    assert!(
        lines[1].starts_with(" 2  20") && lines[1].contains("alfastrah shadow        override until 20"),
        "{text}"
    );
    for word in
        ["anna", "command", "alfastrah create limit", "set", "5/s, 8 at once", "4/s, 8 at once", "theirs"]
    {
        assert!(lines[2].contains(word), "{word}: {text}");
    }
    let text = run(&trial, "history alfastrah --lane create --limit 1").await.unwrap();
    assert!(text.contains("create limit") && text.ends_with("--before 1 shows more.\n"), "{text}");
    assert_eq!(run(&trial, "history vsk").await.unwrap(), "There are no such changes.\n");
}

#[actix_web::test]
async fn a_dry_run_holds_two_limits_beside_each_other() {
    let trial = Trial::open().await;
    let expected = "\
OVER THE PAST HOUR  LIMIT        CALLS  SENT  REFUSED  MEAN WAIT  LONGEST WAIT
as it holds now     5/s            100     5       95     300 ms        250 ms
as proposed         9/s, 50/min    100     9       91     166 ms        250 ms
";
    assert_eq!(run(&trial, "dry-run alfastrah create 9/s, 50/min").await.unwrap(), expected);
}

#[actix_web::test]
async fn what_goes_wrong_has_a_sentence_and_a_code_of_its_own() {
    let trial = Trial::open().await;
    for (token, line, code, told) in [
        (Some(ANNA), "set alfastrah create 5/sec --reason r", 65, "`5/sec` is no rate"),
        (Some(ANNA), "set alfastra create 5/s --reason r", 65, "did you mean `alfastrah`?"),
        (Some(ANNA), "end alfastrah create --reason r", 65, "nothing is overridden there"),
        (Some(ANNA), "override alfastrah create 1/s --for 8d --reason r", 65, "from 1s to 7d"),
        (Some(ANNA), "set alfastrah creat 5/s --reason r", 2, "did you mean `create`?"),
        (None, "set alfastrah create 5/s --reason r", 77, "VEER_OPERATOR_TOKEN"),
        (Some("somebody else's"), "set alfastrah create 5/s --reason r", 77, "the token of no operator"),
        (Some(ANNA), "show alfastra", 65, "did you mean `alfastrah`?"),
        (None, "dry-run alfastrah poll 5/s", 65, "no demand"),
        (
            None,
            "set alfastrah create 5/s --reason r --token-file /nonexistent",
            1,
            "--token-file /nonexistent",
        ),
    ] {
        let failure = run_as(&trial, token, line).await.unwrap_err();
        assert!(failure.code == code && failure.message.contains(told), "{line}: {failure:?}");
        assert!(!failure.message.contains(ANNA));
    }
    assert_eq!(trial.tuning.show(None, None).unwrap().revision, 0);
}

#[actix_web::test]
async fn a_token_is_read_from_its_file() {
    let trial = Trial::open().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{ANNA}\n")).unwrap();
    let line = format!("set vsk enabled yes --reason r --token-file {}", file.display());
    assert!(run_as(&trial, None, &line).await.unwrap().contains("vsk enabled is yes now instead of no"));
}

#[actix_web::test]
async fn a_file_that_is_broken_is_told_below_the_table() {
    let trial = Trial::with_file("[alfastrah.create]\nlimit = '5/sec'\n").await;
    let text = run(&trial, "show vsk").await.unwrap();
    let last = text.lines().last().unwrap();
    assert!(
        last.starts_with("The limits' file is not taken in: ") && last.contains("limits.toml:2"),
        "{text}"
    );
}
