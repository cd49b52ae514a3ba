//! Every mistake is told at load, all at once, with its place and with what to write instead.

use veer_spec::{Problems, Spec};

const MANIFEST: &str = r#"contract = 1
code = "beta"
partner_code = 7
name = "Бета"
protocol = "JSON"
operations = ["quote", "login"]

[session]
seconds = 60

[lanes]
session = { concurrent = 1, first_byte = "5s", total = "5s" }
create = { concurrent = 1, first_byte = "5s", total = "5s" }
poll = { concurrent = 1, first_byte = "5s", total = "5s" }

[settings]
base = { doc = "Base.", default = "v1" }
key = { doc = "Key.", secret = true }
"#;

const SPEC: &str = r#"spec = 1

[enums.purpose]
personal = "1"
taxi = "2"

[[login.step]]
name = "token"
call = { lane = "session", effect = "read", method = "POST", path = "token" }
form = [["key", "{{ secret.key }}"]]
session = { token = "reply.json.token" }

[quote]
ids = ["request"]

[[quote.step]]
name = "create"
call = { lane = "create", effect = "creates", method = "POST", path = "quotes", auth = "bearer" }
json = '{ "last": {{ request.owner.last }}, "purpose": {{ request.purpose | map("purpose") }} }'
take = { id = "reply.json.id" }

[[quote.step]]
name = "poll"
every = "2s"
call = { lane = "poll", effect = "read", method = "GET", path = "quotes/{{ taken.id }}", auth = "bearer" }
decide = [{ when = "reply.json.state == 'NEW'", again = true }]
offer = { premium = "reply.json.price | roubles", reference = { id = "taken.id" } }
"#;

fn compile(spec: &str) -> Result<Spec, Problems> {
    Spec::compile(MANIFEST, spec)
}

/// The one problem of the spec with `from` replaced by `to`.
fn one(from: &str, to: &str) -> String {
    assert!(SPEC.contains(from), "{from}");
    let problems = compile(&SPEC.replacen(from, to, 1)).expect_err(to);
    assert_eq!(problems.0.len(), 1, "{from} -> {to}:\n{problems}");
    problems.to_string()
}

#[test]
fn what_is_right_compiles() {
    compile(SPEC).expect("nothing is wrong with it");
}

#[test]
fn each_mistake_has_its_place_and_its_remedy() {
    let mut missing = String::new();
    for (from, to, told) in [
        // Keys and values.
        ("every = ", "evry = ", "insurer.toml:24:1: the step knows no key `evry`; write `every`"),
        (
            "every = \"2s\"",
            "every = 2",
            "insurer.toml:24:9: `every` is a text in quotes, and here is a TOML integer",
        ),
        (
            "every = \"2s\"",
            "every = \"2 s\"",
            "insurer.toml:24:9: `every` is a time; write it like `500ms`, `2s`, `1m`",
        ),
        ("method = \"GET\"", "method = \"get\"", "insurer.toml:25:51: this is no method"),
        (
            "lane = \"poll\"",
            "lane = \"payment\"",
            "insurer.toml:25:17: the manifest has no lane `payment`; write `[lanes.payment]`",
        ),
        ("lane = \"poll\"", "lane = \"pol\"", "insurer.toml:25:17: there is no lane `pol`; write `poll`"),
        (
            "effect = \"read\", method = \"GET\", ",
            "method = \"GET\", ",
            "insurer.toml:25:8: the call has no `effect`; write `effect = \"read\"`",
        ),
        ("name = \"poll\"", "name = \"Poll\"", "insurer.toml:23:8: a name has small letters"),
        (
            "name = \"poll\"",
            "name = \"create\"",
            "insurer.toml:22:1: there are two steps `create`; take another name",
        ),
        (
            "spec = 1",
            "spec = 2",
            "insurer.toml:1:8: this is another version of the language; write `spec = 1`",
        ),
        // Names in expressions and templates.
        (
            "request.owner.last",
            "request.owner.lastname",
            "insurer.toml:19:36: `request.owner` has no `lastname`; write `last`",
        ),
        (
            "request.purpose |",
            "requst.purpose |",
            "insurer.toml:19:59: there is no `requst`; write `request`",
        ),
        ("secret.key", "secret.kye", "insurer.toml:10:28: `secret` has no `kye`; write `key`"),
        ("secret.key", "settings.key", "insurer.toml:10:30: `settings` has no `key`; there is `base`"),
        (
            "map(\"purpose\")",
            "map(\"purposes\")",
            "insurer.toml:19:81: here stands the name of one of this file's enums, in quotes; write `purpose`",
        ),
        (
            "map(\"purpose\")",
            "maps(\"purpose\")",
            "insurer.toml:19:77: there is no filter `maps`; write `map`",
        ),
        (
            "quotes/{{ taken.id }}",
            "quotes/{{ taken.ids }}",
            "insurer.toml:25:82: no earlier step takes `ids`; write `id`",
        ),
        (
            "quotes/{{ taken.id }}",
            "quotes/{{ reply.json.id }}",
            "`reply` is not here: there is a reply only after the step's own call",
        ),
        ("quotes/{{ taken.id }}", "quotes/{{ ids.other }}", "`ids` has no `other`; there is `request`"),
        (
            "reply.json.price",
            "reply.body.price",
            "`reply` has no `body`; there is `headers`, `json`, `status`, `xml`",
        ),
        (
            "reply.json.token",
            "secret.key",
            "insurer.toml:11:22: `secret` is not here: secrets stand in the templates of a call, and nowhere else",
        ),
        (
            "reply.json.id",
            "{{ reply.json.id }}",
            "insurer.toml:20:15: this is an expression, and braces belong to templates; write the expression without braces around it",
        ),
        // What the language does not have.
        (
            "reply.json.price | roubles",
            "reply.json.price * 100",
            "insurer.toml:27:22: there is no arithmetic in the language",
        ),
        (
            "reply.json.price | roubles",
            "reply.json.price",
            "insurer.toml:27:21: `premium` is an amount in kopecks; end it with `| roubles` or `| kopecks`",
        ),
        (
            "reply.json.state == 'NEW'",
            "reply.json.state < 5",
            "`<` and its like compare numbers, and this may be something else; write `x | number`",
        ),
        (
            "reply.json.state == 'NEW'",
            "reply.json.state.lower()",
            "a value has no methods; write a filter: `x | upper`",
        ),
        (
            "{{ request.owner.last }}",
            "\"{{ request.owner.last }}\"",
            "insurer.toml:19:20: braces stand inside a text of JSON, and a value brings its own quotes",
        ),
        ("{{ request.owner.last }}", "{{ request.owner }}", "a table cannot be written as a whole"),
        ("{{ request.owner.last }}", "{% include \"x\" %}", "the syntax is broken"),
        ("{{ request.owner.last }}", "{{ request.owner.last | upper }", "the syntax is broken"),
        (
            "{{ request.owner.last }}",
            "{% autoescape false %}1{% endautoescape %}",
            "`{% autoescape %}` is not in the language; every value is escaped for its place",
        ),
        (
            "{{ request.owner.last }}",
            "{{ request.owner.middle ~ \"x\" }}",
            "`~` joins texts, and this may be none",
        ),
        ("{{ secret.key }}", "{{ secret.key | upper }}", "the value of a slot is known to the host alone"),
        // Addresses.
        ("path = \"quotes\"", "path = \"/quotes\"", "insurer.toml:18:71: `/` at the beginning"),
        (
            "path = \"quotes\"",
            "path = \"https://x.example/quotes\"",
            "insurer.toml:18:77: `://`: a path stands below the insurer's address, which the operator sets; leave scheme and host out",
        ),
        ("path = \"quotes\"", "path = \"../quotes\"", "`..`: a path stands below"),
        ("path = \"quotes\"", "path = \"quotes?a=b\"", "write the query in `query = { … }`"),
        ("quotes/{{ taken.id }}", "quotes/{{ secret.key }}", "a path holds no secret"),
        // Order.
        (
            "every = \"2s\"\n",
            "",
            "insurer.toml:22:1: a poll without a pause; write `every = \"2s\"` in the step",
        ),
        (
            "decide = [{ when = \"reply.json.state == 'NEW'\", again = true }]\n",
            "",
            "`every` is the pause of a poll, and there is none",
        ),
        ("when = \"reply.json.state == 'NEW'\", again", "again", "this polls for ever; write `when = \"…\"`"),
        (
            "again = true }]",
            "again = true }, { fail = \"odd\" }]",
            "`expect`, `take` and the result are never reached",
        ),
        (
            "take = { id = \"reply.json.id\" }",
            "take = { id = \"reply.json.id\" }\nlost = \"poll\"",
            "where the reply is lost, `taken.id` is not there",
        ),
        (
            "take = { id = \"reply.json.id\" }",
            "take = { id = \"reply.json.id\" }\nlost = \"pol\"",
            "no later step is named `pol`; write `poll`",
        ),
        (
            "session = { token = \"reply.json.token\" }\n",
            "",
            "nothing comes of `login`: no step has `session`; write `session = { token = \"…\" }`",
        ),
        ("offer = {", "link = {", "`link` is not what `quote` gives"),
        ("effect = \"creates\"", "effect = \"create\"", "an effect says what the host may repeat"),
        (
            "auth = \"bearer\" }\njson",
            "auth = \"session\" }\njson",
            "a call with a session says nowhere which",
        ),
        (
            "auth = \"bearer\" }\njson",
            "auth = \"signed\" }\njson",
            "the manifest does not say how bodies are signed",
        ),
        ("auth = \"bearer\" }\njson", "auth = \"basic\" }\njson", "the manifest has no setting `user`"),
        (
            "[[quote.step]]\nname = \"create\"",
            "[[quote.step]]\nname = \"create\"\neach = \"company\"",
            "the manifest has no companies",
        ),
    ] {
        assert!(SPEC.contains(from), "{from}");
        let problem = match compile(&SPEC.replacen(from, to, 1)) {
            Ok(_) => panic!("nothing is said about {to}"),
            Err(problems) => problems.to_string(),
        };
        if !problem.contains(told) {
            missing.push_str(&format!("{from} -> {to}\n  wanted: {told}\n  told:   {problem}\n"));
        }
    }
    assert!(missing.is_empty(), "{missing}");
}

#[test]
fn one_mistake_is_one_problem() {
    for (from, to) in [
        ("request.owner.last", "request.owner.lastname"),
        ("reply.json.id", "reply.jsn.id"),
        ("name = \"create\"", "name = \"Create\""),
        ("path = \"quotes\"", "path = \"/quotes\""),
        ("session = { token = \"reply.json.token\" }", "session = { token = \"reply.jsn\" }"),
        ("premium = \"reply.json.price | roubles\"", "premium = \"reply.json.price\""),
        ("{{ secret.key }}", "{{ secret.kye }}"),
    ] {
        one(from, to);
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_the_files_order() {
    let spec = SPEC
        .replace("secret.key", "secret.kye")
        .replace("request.owner.last", "request.owner.lst")
        .replace("every = \"2s\"\n", "");
    let problems = compile(&spec).expect_err("three mistakes");
    let places: Vec<_> = problems.0.iter().map(|problem| (problem.line, problem.column)).collect();
    assert_eq!(places, [(10, 28), (19, 36), (22, 1)], "{problems}");
}

#[test]
fn broken_toml_has_its_own_places() {
    let problems = compile(&SPEC.replace("spec = 1", "spec = ")).expect_err("no TOML");
    assert_eq!((problems.0[0].line, problems.0[0].column), (1, 8), "{problems}");
    assert!(problems.0[0].what.starts_with("this is no TOML"), "{problems}");
}

#[test]
fn manifest_and_spec_are_held_together() {
    let told = |manifest: &str, spec: &str| Spec::compile(manifest, spec).expect_err("a mistake").to_string();
    let more = told(&MANIFEST.replace("\"login\"]", "\"login\", \"draft\"]"), SPEC);
    assert!(
        more.contains("manifest.toml:6:1: it claims `draft`, which insurer.toml does not describe"),
        "{more}"
    );
    let less = told(&MANIFEST.replace("\"quote\", ", ""), SPEC);
    assert!(
        less.contains("insurer.toml:13:1: `quote` is described, and the manifest does not claim it"),
        "{less}"
    );
    let key = told(&MANIFEST.replace("partner_code", "partnercode"), SPEC);
    assert!(key.contains("manifest.toml:3:1: unknown field `partnercode`; write `partner_code`"), "{key}");
    let session = told(&MANIFEST.replace("[session]\nseconds = 60\n", ""), SPEC);
    assert!(session.contains("nothing says how long its session lives"), "{session}");
}
