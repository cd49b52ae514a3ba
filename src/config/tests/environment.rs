//! Overrides from the environment, through the whole reader.

use std::time::Duration;

use veer_contract::domain::Kopecks;

use super::{LEAST, problems_of, read_with};
use crate::config::{Config, Place, StoreConfig, Synchronous};

#[test]
fn each_kind_of_value_can_be_overridden() {
    let config = read_with(
        &format!("[store]\nsynchronous = 'full'\n{LEAST}"),
        &[
            ("VEER__PARTNER__LISTEN", "0.0.0.0:80"),
            ("VEER__PARTNER__CODE", "42"),
            ("VEER__PARTNER__NAME", "42"),
            ("VEER__PARTNER__MAX_BODY", "1MiB"),
            ("VEER__STORE__SYNCHRONOUS", "normal"),
            ("VEER__CALCULATION__BUDGET", "'60s'"),
            ("VEER__UPSTREAM__OFFER_RANGE__MIN_PRICE", "100.50"),
            ("VEER__PARTNER__ACCOUNTS__A__CLIENT_SECRET", "0123"),
            ("VEER__PARTNER__ACCOUNTS__A__TOKENS", "['x', 'y']"),
            ("VEER__PARTNER__ACCOUNTS__A__PRICED_ONLY", "true"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    assert_eq!(config.partner.listen.to_string(), "0.0.0.0:80");
    assert_eq!(config.partner.code, 42);
    assert_eq!(config.partner.name, "42");
    assert_eq!(config.partner.max_body, 1 << 20);
    assert_eq!(config.store, StoreConfig::sqlite("veer.db", Synchronous::Normal));
    assert_eq!(config.calculation.budget, Duration::from_secs(60));
    assert_eq!(config.upstream.offer_range.min_price, Kopecks::new(10_050));
    let account = &config.partner.accounts[0];
    assert!(account.client_secret.matches(b"0123"));
    assert_eq!(account.tokens.len(), 2);
    assert!(account.tokens[1].matches(b"y"));
    assert!(account.priced_only);
}

#[test]
fn an_account_can_stand_in_the_environment_alone() {
    let config = read_with(
        "",
        &[
            ("VEER__PARTNER__ACCOUNTS__EVERYDAY__CLIENT_ID", "yandex"),
            ("VEER__PARTNER__ACCOUNTS__EVERYDAY__CLIENT_SECRET", "s"),
        ],
    )
    .unwrap();
    assert_eq!(config.partner.accounts[0].name, "everyday");
    assert_eq!(config.partner.accounts[0].client_id, "yandex");
}

#[test]
fn a_problem_names_the_variable() {
    let problems = read_with(
        LEAST,
        &[
            ("VEER__PARTNER__LISEN", "127.0.0.1:1"),
            ("VEER__CALCULATION__BUDGET", "200s"),
            ("VEER__PARTNER__LISTEN__PORT", "1"),
            ("VEER__PARTNER__ACCOUNTS__B__CLIENT_ID", "b"),
        ],
    )
    .unwrap_err();
    let expected = [
        "environment variable VEER__CALCULATION__BUDGET: calculation.budget: must be at most 180s",
        "environment variable VEER__PARTNER__ACCOUNTS__B__CLIENT_ID: partner.accounts.b.client_secret: missing",
        "environment variable VEER__PARTNER__LISEN: partner.lisen: unknown key; did you mean `listen`?",
        "environment variable VEER__PARTNER__LISTEN__PORT: partner.listen: must be text in quotes, is a section",
    ];
    assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.starts_with(expected), "{problem}\n  lacks: {expected}");
    }
}

#[test]
fn problems_of_file_and_environment_come_together() {
    let text = format!("{LEAST}[store]\npat = 'x'\n");
    let manifests: [&veer_contract::Manifest; 0] = [];
    let env = [("VEER__SERVER__STOP_GRACE".to_owned(), "soon".to_owned())];
    let problems =
        Config::parse(&text, std::path::Path::new("f.toml"), env.into_iter(), &manifests).unwrap_err();
    let places: Vec<&Place> = problems.iter().map(|problem| &problem.place).collect();
    let file = Place::File { name: "f.toml".into(), line: Some(5) };
    assert_eq!(places, [&file, &Place::Variable("VEER__SERVER__STOP_GRACE".into())]);
    assert_eq!(problems_of(&text).len(), 1);
}
