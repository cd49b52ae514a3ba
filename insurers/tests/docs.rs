//! `docs/INSURERS.md` is true where it shows files: its manifests, fixtures and configurations are read as the programs read
//! them, its tables name every key that there is, and its commands are there.
//!
//! An example begins with the name of its file. The part about the spec language is held by the tests of `veer-spec`, and
//! the examples in Rust are compiled there too, as tests of documentation.

use std::{collections::BTreeSet, fs, path::Path};

use veer_contract::Manifest;
use veer_kit::fixture::Fixture;

const PAGE: &str = include_str!("../../docs/INSURERS.md");
const COMMANDS: &str = include_str!("../../xtask/src/help.rs");

/// The parts before the spec language.
fn page() -> &'static str {
    PAGE.split_once("\n## The spec language\n").expect("the page has a part about the language").0
}

/// The fenced blocks of that kind.
fn blocks(kind: &str) -> Vec<&'static str> {
    let fence = format!("\n```{kind}\n");
    page().split(&fence).skip(1).filter_map(|rest| rest.split_once("\n```")).map(|(block, _)| block).collect()
}

/// The examples whose file's name begins so, each with that name.
fn files(beginning: &str) -> Vec<(&'static str, &'static str)> {
    let named = blocks("toml").into_iter().filter_map(|block| {
        let name = block.lines().next()?.strip_prefix("# ")?;
        name.starts_with(beginning).then_some((name, block))
    });
    named.collect()
}

/// The keys that a strict reader names when it meets one that it does not know.
fn keys(error: &str) -> Vec<String> {
    let (_, expected) = error.split_once("unknown field `surprise`, expected ").expect(error);
    let line = expected.lines().next().unwrap_or_default();
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What the tables and the text have in backticks, word by word.
fn named() -> BTreeSet<&'static str> {
    let outside = page().split("\n```").step_by(2);
    let code = outside.flat_map(|text| text.split('`').skip(1).step_by(2));
    code.flat_map(|code| code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))).collect()
}

#[test]
fn every_example_is_a_file_that_is_held_against_its_reader() {
    let held = files("manifest.toml").len() + files("fixtures/").len() + files("veer.toml").len();
    assert_eq!(
        held,
        blocks("toml").len(),
        "an example begins with `# manifest.toml`, `# fixtures/…` or `# veer.toml`"
    );
    assert!(files("fixtures/").len() >= 3 && files("veer.toml").len() >= 2);
}

#[test]
fn every_manifest_is_one() {
    let manifests = files("manifest.toml");
    assert!(!manifests.is_empty());
    for (name, text) in manifests {
        if let Err(error) = toml::from_str::<Manifest>(text) {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn every_fixture_is_one() {
    for (name, text) in
        files("fixtures/").into_iter().filter(|(name, _)| !name.starts_with("fixtures/callback/"))
    {
        if let Err(error) = Fixture::parse(text) {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn every_callback_is_read_as_it_says() {
    let adapter = veer_insurers::find("obrazets").expect("it is there");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
    let folder = root.join("obrazets");
    let callbacks = files("fixtures/callback/");
    assert!(!callbacks.is_empty());
    for (name, text) in callbacks {
        fs::create_dir_all(folder.join("fixtures/callback")).expect("a folder of this test's own");
        fs::write(folder.join(name), text).expect("a file of this test's own");
        let report = veer_kit::check(adapter, &folder);
        // The rest of the folder is not there, and the kit says so.
        let problems: Vec<_> = report.problems.iter().filter(|problem| problem.starts_with(name)).collect();
        assert!(problems.is_empty() && report.replayed == 1, "{problems:?}");
        fs::remove_dir_all(&root).expect("what this test has made");
    }
}

#[test]
fn every_configuration_sets_what_an_account_has() {
    for (name, text) in files("veer.toml") {
        let whole: toml::Table = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (insurer, account) in whole["insurers"].as_table().expect("accounts") {
            let account = account.as_table().expect("a section");
            for key in ["base_url", "partner_code", "settings"] {
                assert!(account.contains_key(key), "{insurer} has no {key}");
            }
        }
    }
}

#[test]
fn every_key_of_a_manifest_is_named() {
    const LEAST: &str = "contract = 1\ncode = 'x'\nname = 'x'\nprotocol = 'x'\noperations = []\n";
    let named = named();
    for section in [
        "surprise = 1\n[lanes]\n",
        "[lanes]\n[scope]\nsurprise = 1\n",
        "[lanes]\n[session]\nsurprise = 1\n",
        "[lanes]\n[signature]\nsurprise = 1\n",
        "[lanes]\n[companies.x]\nsurprise = 1\n",
        "[lanes.create]\nsurprise = 1\n",
        "[lanes]\n[settings.x]\nsurprise = 1\n",
        "[lanes]\n[callback]\nproof = 'hmac_sha256'\nsurprise = 1\n",
        "[lanes]\n[callback]\nproof = 'field'\nsurprise = 1\n",
        "[lanes]\n[callback]\nproof = 'basic'\nsurprise = 1\n",
    ] {
        let error = toml::from_str::<Manifest>(&format!("{LEAST}{section}")).expect_err(section).to_string();
        for key in keys(&error) {
            assert!(
                named.contains(key.as_str()),
                "the page does not name the manifest's `{key}` ({section:?})"
            );
        }
    }
}

#[test]
fn every_key_of_a_fixture_is_named() {
    const CALL: &str = "[[step]]\n[[step.call]]\n";
    let named = named();
    for text in [
        "surprise = 1\n",
        "[given]\nsurprise = 1\n",
        "[given]\nvehicle.surprise = 1\n",
        "[given]\nselected = [{ surprise = 1 }]\n",
        "[[step]]\nsurprise = 1\n",
        "[[step]]\n[step.callback]\nsurprise = 1\n",
        &format!("{CALL}surprise = 1\n"),
        &format!("{CALL}body.surprise = 1\n"),
        &format!("{CALL}reply.surprise = 1\n"),
        "[outcome]\nsurprise = 1\n",
        "[outcome.decline]\nsurprise = 1\n",
        "[outcome.fault]\nsurprise = 1\n",
    ] {
        let error = Fixture::parse(text).expect_err(text);
        for key in keys(&error) {
            assert!(named.contains(key.as_str()), "the page does not name a fixture's `{key}` ({text:?})");
        }
    }
}

#[test]
fn every_command_of_the_generator_is_one() {
    let mut seen = 0;
    for line in blocks("sh").into_iter().flat_map(str::lines) {
        let Some(rest) = line.strip_prefix("cargo xtask insurer ") else { continue };
        let word = rest.split(' ').next().unwrap_or_default();
        assert!(COMMANDS.contains(&format!("\n  insurer {word}")), "there is no `{line}`");
        seen += 1;
    }
    assert!(seen >= 3, "{seen} commands");
}
