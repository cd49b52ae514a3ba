//! Secrets, in keys and in files.

use std::{fs, path::Path};

use super::{LEAST, manifests, problems_of, read_with};
use crate::config::{Config, Problems};

/// Reads `text` as a configuration in a folder where `files` stand.
fn read_beside(files: &[(&str, &str)], text: &str, env: &[(&str, &str)]) -> Result<Config, Problems> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let path = folder.path().join("veer.toml");
    fs::write(&path, text).unwrap();
    let env = env.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Config::load(&path, env, &manifests().each_ref())
}

#[test]
fn a_secret_stands_in_a_file_beside_the_configuration() {
    let text = "[partner.accounts.a]\nclient_id = 'a'\nclient_secret_file = 'secret'\ntoken_file = 'token'\n";
    let config = read_beside(&[("secret", " s\r\n"), ("token", "t\n\n")], text, &[]).unwrap();
    let account = &config.partner.accounts[0];
    assert_eq!(account.client_secret.reveal(), " s", "only line breaks at the end are cut off");
    assert_eq!(account.tokens[0].reveal(), "t");
}

#[test]
fn a_file_that_is_missing_or_empty_is_a_problem() {
    let text = "[partner.accounts.a]\nclient_id = 'a'\nclient_secret_file = 'none'\ntoken_file = 'empty'\n";
    let problems = read_beside(&[("empty", "\n")], text, &[]).unwrap_err();
    let lines: Vec<String> =
        problems.iter().map(|problem| format!("{} {}", problem.key, problem.rule)).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].starts_with("partner.accounts.a.client_secret_file the file "), "{lines:#?}");
    assert!(lines[0].contains("none cannot be read: "), "{lines:#?}");
    assert!(lines[1].starts_with("partner.accounts.a.token_file is empty"), "{lines:#?}");
}

#[test]
fn one_secret_has_one_source() {
    let problems = problems_of(&format!("{LEAST}client_secret_file = 'x'\ntoken = 't'\ntokens = ['u']\n"));
    let expected = [
        "veer.toml:3: partner.accounts.a.client_secret: `client_secret_file` is set too; leave one of the two",
        "veer.toml:6: partner.accounts.a.tokens: `token` or `token_file` is set too; put all tokens into `tokens` or leave it out",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn the_environment_wins_over_either_way_of_the_file() {
    let by_file = "[partner.accounts.a]\nclient_id = 'a'\nclient_secret_file = 'secret'\n";
    let key = ("VEER__PARTNER__ACCOUNTS__A__CLIENT_SECRET", "env");
    let config = read_beside(&[("secret", "file")], by_file, &[key]).unwrap();
    assert_eq!(config.partner.accounts[0].client_secret.reveal(), "env");

    let file_key = ("VEER__PARTNER__ACCOUNTS__A__CLIENT_SECRET_FILE", "secret");
    let config = read_beside(&[("secret", "file")], LEAST, &[file_key]).unwrap();
    assert_eq!(config.partner.accounts[0].client_secret.reveal(), "file");

    let problems = read_beside(&[("secret", "file")], "", &[key, file_key]).unwrap_err();
    assert!(problems.to_string().contains("leave one of the two"), "{problems}");
}

#[test]
fn empty_secrets_are_refused() {
    let problems =
        problems_of("[partner.accounts.a]\nclient_id = 'a'\nclient_secret = ''\ntokens = ['', 'x']\n");
    let expected = [
        "veer.toml:3: partner.accounts.a.client_secret: is empty; set a secret, or leave the key out",
        "veer.toml:4: partner.accounts.a.tokens: a token is empty",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn no_two_accounts_share_a_token() {
    let other = "[partner.accounts.b]\nclient_id = 'b'\nclient_secret = 's'\ntokens = ['u', 't']\n";
    let problems = problems_of(&format!("{LEAST}token = 't'\n{other}"));
    assert_eq!(
        problems,
        ["veer.toml:5: partner.accounts.b: has a token that `a` has too; each account needs its own"]
    );
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let secret = "5ecret-value";
    let text = format!(
        "[partner.accounts.a]\nclient_id = 'a'\nclient_secret = '{secret}'\ntokens = ['{secret}']\n\
         [insurers.northern]\nbase_url = 'http://x/'\nsettings = {{ user = 'u', password = '{secret}' }}\n"
    );
    let config = read_with(&text, &[]).unwrap();
    assert!(!format!("{config:?}").contains(secret));

    // A value of the wrong kind, an address with a password, a mistake of syntax on a secret's own line.
    let wrong = [
        format!("client_secret = ['{secret}']"),
        format!("token = {{ x = '{secret}' }}"),
        format!("token = '{secret}"),
        format!("token = {secret}"),
        format!("[insurers.northern]\nbase_url = 'http://u:{secret}@x/'"),
        format!("[insurers.northern]\nbase_url = '{secret}'"),
    ];
    for line in wrong {
        let text = format!("[partner.accounts.b]\n{line}\n");
        let problems = Config::parse(&text, Path::new("f"), std::iter::empty(), &manifests().each_ref());
        let printed = problems.unwrap_err().to_string();
        assert!(!printed.contains(secret), "{printed}");
    }
}
