//! Each rule, by the message that an operator reads.

use super::{LEAST, problems_of, read};

/// A broken section behind [`LEAST`], which is three lines long, and what is said about it.
const RULES: &[(&str, &str)] = &[
    ("[partner]\nlisen = ''", "veer.toml:5: partner.lisen: unknown key; did you mean `listen`?"),
    ("[parner]", "veer.toml:4: parner: unknown key; did you mean `partner`?"),
    ("[server]\nport = 1", "veer.toml:5: server.port: unknown key; known here: stop_grace"),
    ("[partner.accounts.a.b]", "veer.toml:4: partner.accounts.a.b: unknown key; known here: "),
    ("[partner]\nlisten = 8080", "veer.toml:5: partner.listen: must be text in quotes, is an integer"),
    (
        "[partner]\nlisten = 'localhost'",
        "partner.listen: `localhost` is no address; write an IP address and a port",
    ),
    ("[partner]\nname = ' '", "partner.name: is empty"),
    ("[partner]\ncode = '7'", "partner.code: must be a whole number, is text"),
    (
        "[partner]\ncode = 99999999999999999999",
        "partner.code: must be a whole number from -9223372036854775808 to",
    ),
    ("[partner]\nmax_body = 1", "partner.max_body: must be text in quotes, is an integer"),
    ("[partner]\nmax_body = '1KB'", "partner.max_body: `1KB` is no size; write"),
    ("[partner]\nmax_body = '1KiB'", "partner.max_body: a calculation's request needs at least 16KiB"),
    ("[partner]\nbody_timeout = '10'", "partner.body_timeout: `10` is no duration; write"),
    ("[partner]\nbody_timeout = '0s'", "partner.body_timeout: must be longer than nothing"),
    ("[partner]\nworkers = -1", "partner.workers: must be a whole number from 0 to"),
    ("[partner]\nworkers = 2000", "partner.workers: must be at most 1024"),
    ("[[partner]]", "veer.toml:4: this is not TOML"),
    ("[store.path]", "veer.toml:4: store.path: must be text in quotes, is a section"),
    ("[operations]\nlisten = '127.0.0.1:8080'", "operations.listen: `partner.listen` is 127.0.0.1:8080 too"),
    ("[operations.accounts.anna]", "operations.accounts.anna.token: missing; set it here or by"),
    (
        "[operations.accounts.anna]\ntoken = 'too short'",
        "operations.accounts.anna.token: must have at least 16 letters",
    ),
    (
        "[operations.accounts]\nanna.token = 'sixteen letters!'\nboris.token = 'sixteen letters!'",
        "operations.accounts.boris: has the same token as `anna`",
    ),
    ("[tuning]\nfile = ''", "tuning.file: is empty"),
    ("[calculation]\nbudget = '181s'", "veer.toml:5: calculation.budget: must be at most 180s"),
    ("[calculation]\nbudget = '99ms'", "calculation.budget: must be at least 100ms"),
    ("[calculation]\nstep_limit = '0s'", "calculation.step_limit: must be longer than nothing"),
    ("[calculation]\nkeep = '1m'", "calculation.keep: must be at least `keep_answers`"),
    ("[calculation.complete]\noffers = 0", "veer.toml:5: calculation.complete.offers: must be at least 1"),
    (
        "[calculation.complete]\nafter = '175s'",
        "calculation.complete.after: must be longer than nothing and shorter than `calculation.budget`, which is 175s",
    ),
    ("[calculation.complete]\nafter = '0s'", "calculation.complete.after: must be longer than nothing"),
    (
        "[calculation.complete]\nfast = true",
        "calculation.complete.fast: unknown key; known here: after, fast_answered",
    ),
    ("[store]\nsynchronous = 'ful'", "store.synchronous: `ful` is not known; did you mean `full`?"),
    ("[store]\npath = ''", "store.path: is empty"),
    ("[store]\nengine = 'postgresql'", "store.engine: `postgresql` is not known; did you mean `postgres`?"),
    (
        "[store]\nurl = 'postgres://a@b/c'",
        "veer.toml:5: store.url: is for a PostgreSQL server; set engine = ",
    ),
    ("[store]\nconnections = 4", "store.connections: is for a PostgreSQL server; set engine = "),
    ("[store]\nengine = 'postgres'", "store.url: missing; set it here or by VEER_"),
    (
        "[store]\nengine = 'postgres'\nurl = 'postgres://a@b/c'\npath = 'x.db'",
        "veer.toml:7: store.path: is an SQLite file's; set engine = \"sqlite\", or leave the key out",
    ),
    (
        "[store]\nengine = 'postgres'\nurl = 'postgres://a@b/c'\nconnections = 0",
        "store.connections: must be 1 to 1000",
    ),
    (
        "[store]\nengine = 'postgres'\nurl = 'mysql://a:b@c/d'",
        "store.url: must begin with postgres://; write it",
    ),
    (
        "[store]\nengine = 'postgres'\nurl = 'veer'",
        "store.url: is no address (relative URL without a base); write",
    ),
    ("[store]\nengine = 'postgres'\nurl = 'postgres://a@b'", "store.url: names no database; write it as in"),
    ("[store]\nengine = 'postgres'\nurl = 'postgres:///c'", "store.url: names no host; write it as in"),
    (
        "[store]\nengine = 'postgres'\nurl = 'postgres://a@b/c?passwort=x'",
        "store.url: has a parameter that is not known behind its `?`; did you mean `password`?",
    ),
    (
        "[store]\nengine = 'postgres'\nurl = 'postgres://a@b/c?sslmode=full'",
        "store.url: has an sslmode that is not known; it is one of disable, allow, prefer, require, verify-ca",
    ),
    ("[dictionary]\nvehicles = 'no/such.toml'", "dictionary.vehicles: there is no file no/such.toml"),
    ("[telemetry]\nlog = 'veer=loud'", "telemetry.log: `veer=loud` is no filter of log lines; write a level"),
    ("[telemetry]\nformat = 'xml'", "telemetry.format: `xml` is not known; known here: text, json"),
    ("[upstream]\nrepeats = 11", "upstream.repeats: must be at most 10"),
    (
        "[upstream]\npause = '0s'",
        "upstream.pause: must be longer than nothing; to repeat nothing, set `repeats = 0`",
    ),
    ("[upstream]\noffer_range = 5", "veer.toml:5: upstream.offer_range: must be a section, is an integer"),
    (
        "[upstream.breaker]\nmode = 'dryrun'",
        "veer.toml:5: upstream.breaker.mode: `dryrun` is not known; did you mean `dry-run`?",
    ),
    (
        "[upstream.breaker]\nin_a_row = 1",
        "upstream.breaker.in_a_row: must be at least 2; one failure says nothing",
    ),
    (
        "[upstream.breaker]\npercent = 0",
        "upstream.breaker.percent: must be from 1 to 100; to block nothing, set",
    ),
    ("[upstream.breaker]\nwindow = '2h'", "upstream.breaker.window: must be from 1s to 1h"),
    ("[upstream.breaker]\nsample = 1", "upstream.breaker.sample: must be at least 2"),
    (
        "[upstream.breaker]\npause = '0s'",
        "upstream.breaker.pause: must be longer than nothing; to block nothing",
    ),
    (
        "[upstream.breaker]\npause = '3m'",
        "upstream.breaker.longest_pause: must be at least `pause`, which is 180s",
    ),
    ("[upstream.breaker]\nlongest_pause = '2d'", "upstream.breaker.longest_pause: must be at most 1d"),
    ("[upstream.breaker]\ntries = 0", "upstream.breaker.tries: must be at least 1"),
    (
        "[upstream.registry_outage]\ninsurers = 1",
        "upstream.registry_outage.insurers: must be at least 2: what one insurer says alone",
    ),
    (
        "[upstream.registry_outage]\nwindow = '0s'",
        "upstream.registry_outage.window: must be longer than nothing",
    ),
    ("[upstream.registry_outage]\nquiet = '1s'", "upstream.registry_outage.quiet: must be at least `window`"),
    ("[upstream.offer_range]\nmin_price = 1.5", "upstream.offer_range.min_price: must be roubles, as in"),
    (
        "[upstream.offer_range]\nmin_price = '1.555'",
        "min_price: must be roubles: an amount has at most two digits",
    ),
    ("[upstream.offer_range]\nmin_price = -1", "upstream.offer_range.min_price: must not be negative"),
    (
        "[upstream.offer_range]\nmax_price = 100",
        "upstream.offer_range.max_price: must be more than `min_price`",
    ),
    (
        "[partner.accounts.B]\nclient_id = 'b'\nclient_secret = 's'",
        "partner.accounts.B: a name is small Latin letters",
    ),
    (
        "[partner.accounts.b]\nclient_id = 'a'\nclient_secret = 's'",
        "accounts.b: has the same `client_id` as `a`",
    ),
    (
        "[partner.accounts.b]\nclient_id = 'b:'\nclient_secret = 's'",
        "accounts.b.client_id: must not hold `:`",
    ),
    (
        "[partner.accounts.b]\nclient_id = 'b'",
        "veer.toml:4: partner.accounts.b.client_secret: missing; set it here or by VEER__PARTNER__ACCOUNTS__B__CLIENT_SECRET",
    ),
    ("[partner.accounts.b]\nclient_secret = 's'", "veer.toml:4: partner.accounts.b.client_id: missing"),
    ("[partner.accounts]\nb = 5", "veer.toml:5: partner.accounts.b: must be a section, is an integer"),
    ("[insurers]\nnorthern = 5", "veer.toml:5: insurers.northern: must be a section, is an integer"),
];

#[test]
fn every_rule_says_where_what_and_what_to_do() {
    for (section, expected) in RULES {
        let problems = problems_of(&format!("{LEAST}{section}\n"));
        assert!(
            problems.iter().any(|line| line.contains(expected)),
            "{section}\n  {problems:#?}\n  lack: {expected}"
        );
    }
}

#[test]
fn one_mistake_is_one_problem() {
    // These have consequences that are problems of their own.
    let many = ["[[partner]]", "[partner.accounts]\nb = 5", "[insurers]\nnorthern = 5"];
    for (section, _) in RULES.iter().filter(|(section, _)| !many.contains(section)) {
        let problems = problems_of(&format!("{LEAST}{section}\n"));
        assert_eq!(problems.len(), 1, "{section}: {problems:#?}");
    }
}

#[test]
fn all_problems_come_at_once_in_the_files_order() {
    let problems = problems_of(
        "[partner]\nlisen = '127.0.0.1:1'\nmax_body = '5'\n[calculation]\nbudget = '1h'\n[stor]\npath = 'x'\n",
    );
    let expected = [
        "veer.toml:1: partner.accounts: nobody may call the partner API; add a section [partner.accounts.<name>] with `client_id` and `client_secret`",
        "veer.toml:2: partner.lisen: unknown key; did you mean `listen`?",
        "veer.toml:3: partner.max_body: `5` is no size; write a whole number and B, KiB, MiB or GiB, as in \"256KiB\"",
        "veer.toml:5: calculation.budget: must be at most 180s: the partner asks no longer; leave a margin, as in \"175s\"",
        "veer.toml:6: stor: unknown key; did you mean `store`?",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn without_an_account_nobody_can_call() {
    let problems = problems_of("");
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].starts_with("veer.toml: partner.accounts: nobody may call"), "{problems:#?}");
}

#[test]
fn mistakes_of_syntax_are_told_alone() {
    let problems = problems_of("[partner]\nlisen = \nmax_body = =\n");
    assert!(problems.iter().all(|line| line.contains("this is not TOML")), "{problems:#?}");
    assert!(problems.iter().any(|line| line.starts_with("veer.toml:2: ")), "{problems:#?}");
    assert!(problems.iter().any(|line| line.starts_with("veer.toml:3: ")), "{problems:#?}");
}

#[test]
fn the_published_secrets_stay_on_ones_own_machine() {
    let text = |listen| {
        format!(
            "[partner]\nlisten = '{listen}'\n[partner.accounts.d]\nclient_id = 'd'\nclient_secret = 'demo-secret'\n"
        )
    };
    assert!(read(&text("127.0.0.1:8080")).is_ok());
    assert!(read(&text("[::1]:8080")).is_ok());
    let problems = problems_of(&text("0.0.0.0:8080"));
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(
        problems[0].starts_with("veer.toml:3: partner.accounts.d: its secret or token is the published one"),
        "{problems:#?}"
    );
}

#[test]
fn ports_that_the_system_chooses_do_not_collide() {
    let any = "[partner]\nlisten = '127.0.0.1:0'\n[operations]\nlisten = '127.0.0.1:0'\n";
    assert!(read(&format!("{any}{LEAST}")).is_ok());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let missing = std::path::Path::new("no/such/veer.toml");
    let problems = super::Config::load(missing, std::iter::empty(), &[]).unwrap_err();
    assert!(problems.to_string().starts_with("no/such/veer.toml: cannot be read: "), "{problems}");
    assert_eq!(problems.count(), 1);
}
