//! `insurers/README.md` lists the insurers: generated from their folders, so that it says what is there.

#![expect(clippy::disallowed_methods, reason = "a test reads and writes the page")]

use std::{fs, path::Path};

use veer_contract::{Adapter, OperationKind};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

const HEAD: &str = "\
# The insurers

Written by `cargo xtask insurer fields`; a test keeps it current. How a folder is made: `docs/INSURERS.md`. Which insurer needs
which field of the partner's request: `docs/INSURER-FIELDS.md`.

No insurer's own credentials were ever used here. Each adapter is proven by its fixtures, from which the kit derives broken and
lost replies by the hundred, and against Veer's simulator of its wire; how sure its facts are, the last column says in the words
of its README, and what nobody knows stands there under `Unknown`.

| insurer | tier | protocol | operations | fixtures | how its facts are known |
|---|---|---|---|---|---|
";

#[test]
fn the_list_of_insurers_is_current() {
    let rows: String = veer_insurers::all().iter().map(|adapter| row(*adapter)).collect();
    let page = format!("{HEAD}{rows}");
    let path = Path::new(ROOT).join("README.md");
    if std::env::var_os("VEER_WRITE").is_some_and(|write| write == "1") {
        fs::write(&path, &page).expect("insurers/ can be written");
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|there| there == page),
        "insurers/README.md is not what the folders say; `cargo xtask insurer fields` writes it"
    );
}

#[test]
fn an_insurer_is_found_by_its_code() {
    for adapter in veer_insurers::all() {
        let code = &adapter.manifest().code;
        assert_eq!(veer_insurers::find(code).map(|found| &found.manifest().code), Some(code));
    }
    assert!(veer_insurers::find("nobody").is_none());
}

fn row(adapter: &dyn Adapter) -> String {
    let manifest = adapter.manifest();
    let folder = Path::new(ROOT).join(&manifest.code);
    let tier = if folder.join("insurer.toml").is_file() { "spec" } else { "Rust" };
    let operations: Vec<&str> =
        manifest.operations.iter().map(|operation| OperationKind::name(*operation)).collect();
    let readme = fs::read_to_string(folder.join("README.md")).expect("a README");
    format!(
        "| [`{}`]({}/README.md) {} | {tier} | {} | {} | {} | {} |\n",
        manifest.code,
        manifest.code,
        manifest.name,
        manifest.protocol,
        operations.join(", "),
        fixtures(&folder.join("fixtures")),
        first_sentence(&readme)
    )
}

fn fixtures(folder: &Path) -> usize {
    let operations = fs::read_dir(folder).expect("fixtures").flatten();
    operations.map(|operation| fs::read_dir(operation.path()).expect("an operation's fixtures").count()).sum()
}

/// The first sentence under the heading, on one line.
fn first_sentence(readme: &str) -> String {
    let (_, text) = readme.split_once("## How its facts are known\n").expect("the kit demands the heading");
    let paragraph = text.trim_start().split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    paragraph[..end].replace('|', "\\|")
}
