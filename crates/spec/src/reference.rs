//! The reference of the language, a part of `docs/INSURERS.md`, is true: its examples compile, and nothing of the language is
//! missing in it.

use std::collections::BTreeSet;

use crate::{Spec, filters, shape::Shape, view};

const PAGE: &str = include_str!("../../../docs/INSURERS.md");
/// The heading of the page's part about the language, which is its last.
const PART: &str = "\n## The spec language\n";

/// What the examples claim to have; operations are those that an example describes.
const MANIFEST: &str = r#"
contract = 1
code = "example"
partner_code = 1
name = "Пример"
protocol = "JSON"
[companies.alpha]
name = "Альфа"
partner_code = 2
[lanes]
session = { concurrent = 1, first_byte = "5s", total = "5s" }
create = { concurrent = 1, first_byte = "5s", total = "5s" }
poll = { concurrent = 1, first_byte = "5s", total = "5s" }
payment = { concurrent = 1, first_byte = "5s", total = "5s" }
document = { concurrent = 1, first_byte = "5s", total = "5s" }
dictionary = { concurrent = 1, first_byte = "5s", total = "5s" }
[settings]
key = { doc = "Key.", secret = true }
client_id = { doc = "Id." }
client_secret = { doc = "Secret.", secret = true }
companies_off = { doc = "Off.", default = "" }
"#;
/// Stands in an example that uses what other operations give.
const QUOTE: &str = r#"
[[quote.step]]
name = "create"
call = { lane = "create", effect = "creates", method = "POST", path = "x" }
offer = { premium = "reply.json.price | roubles", reference = { policy = "reply.json.a", order = "reply.json.b" } }
"#;

/// The part about the language, with the number of lines before it.
fn part() -> (usize, &'static str) {
    let (before, part) = PAGE.split_once(PART).expect("the page has a part about the language");
    assert!(
        !part.contains("\n## "),
        "the language is the last part of docs/INSURERS.md: its examples are found by that"
    );
    (before.lines().count() + 2, part)
}

/// The examples, with the line of the page at which each begins.
fn examples() -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    let (before, part) = part();
    for (at, line) in part.lines().enumerate() {
        match (&mut open, line) {
            (None, "```toml") => open = Some((before + at + 2, String::new())),
            (Some(_), "```") => found.extend(open.take()),
            (Some((_, text)), line) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

/// A whole spec and its manifest around an example.
fn around(example: &str) -> (String, String) {
    let mut spec = String::new();
    if !example.contains("spec = 1") {
        spec.push_str("spec = 1\n");
    }
    spec.push_str(example);
    if example.contains("map('payment')") {
        spec.push_str("[enums.payment]\nPAID = \"paid\"\n");
    }
    if !example.contains("[[quote.step]]") {
        spec.push_str(QUOTE);
    }
    let names = veer_contract::OperationKind::ALL.map(|kind| kind.name());
    let described: Vec<_> =
        names.into_iter().filter(|name| spec.contains(&format!("[[{name}.step]]"))).collect();
    let session = if described.contains(&"login") { "[session]\nseconds = 60\n" } else { "" };
    let (head, tail) = MANIFEST.split_once("[companies").expect("it is there");
    (format!("{head}operations = {described:?}\n{session}[companies{tail}"), spec)
}

#[test]
fn every_example_compiles() {
    let examples = examples();
    assert!(examples.len() >= 6, "{} examples", examples.len());
    for (line, example) in examples {
        let (manifest, spec) = around(&example);
        if let Err(problems) = Spec::compile(&manifest, &spec) {
            panic!("the example at line {line} of docs/INSURERS.md:\n{problems}\n\n{spec}");
        }
    }
}

#[test]
fn every_filter_test_function_and_field_is_named() {
    // `name`, `name?`, `name(…)` and `request.name` name it.
    let mut named = BTreeSet::new();
    for code in part().1.split('`').skip(1).step_by(2) {
        for word in code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            named.insert(word);
        }
    }
    fn fields(shape: &Shape, into: &mut BTreeSet<String>) {
        match shape.sure() {
            Shape::Parts(parts) => {
                into.extend(parts.fields.keys().cloned());
                parts.fields.values().for_each(|shape| fields(shape, into));
            }
            Shape::List(of) => fields(of, into),
            _ => {}
        }
    }
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for shape in [view::request_shape(), view::codes_shape(), view::selected_shape(), view::query_shape()] {
        fields(&shape, &mut wanted);
    }
    wanted.extend(filters::FILTERS.iter().map(|filter| filter.name.to_owned()));
    wanted.extend(filters::TESTS.iter().chain(&filters::FUNCTIONS).map(|name| (*name).to_owned()));
    wanted.extend(crate::compile::COEFFICIENTS.iter().map(|name| (*name).to_owned()));
    let missing: Vec<_> = wanted.iter().filter(|name| !named.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/INSURERS.md does not name {missing:?} in its part about the language");
}
