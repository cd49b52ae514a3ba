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

/// What stands in the spec; below it what is written there instead, where `\n` is a new line; and below that a part of
/// each problem that is told then.
const MISTAKES: &str = r#"
# Keys and values.
every = "2s"
    evry = "2s"
        insurer.toml:22:1: a poll without a pause; write `every = "2s"` in the step
        insurer.toml:24:1: the step knows no key `evry`; write `every`
    every = 2
        insurer.toml:24:9: `every` is a text in quotes, and here is a TOML integer
    every = "2 s"
        insurer.toml:24:9: `every` is a time; write it like `500ms`, `2s`, `1m`
method = "GET"
    method = "get"
        insurer.toml:25:51: this is no method
lane = "poll"
    lane = "payment"
        insurer.toml:25:17: the manifest has no lane `payment`; write `[lanes.payment]`
    lane = "pol"
        insurer.toml:25:17: there is no lane `pol`; write `poll`
effect = "read", method = "GET"
    method = "GET"
        insurer.toml:25:8: the call has no `effect`; write `effect = "read"`
name = "poll"
    name = "Poll"
        insurer.toml:23:8: a name has small letters
    name = "create"
        insurer.toml:22:1: there are two steps `create`; take another name
spec = 1
    spec = 2
        insurer.toml:1:8: this is another version of the language; write `spec = 1`

# Names in expressions and templates.
request.owner.last
    request.owner.lastname
        insurer.toml:19:36: `request.owner` has no `lastname`; write `last`
request.purpose |
    requst.purpose |
        insurer.toml:19:59: there is no `requst`; write `request`
secret.key
    secret.kye
        insurer.toml:10:28: `secret` has no `kye`; write `key`
    settings.key
        insurer.toml:10:30: `settings` has no `key`; there is `base`
map("purpose")
    map("purposes")
        insurer.toml:19:81: here stands the name of one of this file's enums, in quotes; write `purpose`
    maps("purpose")
        insurer.toml:19:77: there is no filter `maps`; write `map`
quotes/{{ taken.id }}
    quotes/{{ taken.ids }}
        insurer.toml:25:82: no earlier step takes `ids`; write `id`
    quotes/{{ reply.json.id }}
        `reply` is not here: there is a reply only after the step's own call
    quotes/{{ ids.other }}
        `ids` has no `other`; there is `request`
reply.json.price
    reply.body.price
        `reply` has no `body`; there is `headers`, `json`, `status`, `xml`
reply.json.token
    reply.jsn
        insurer.toml:11:28: `reply` has no `jsn`; write `json`
    secret.key
        insurer.toml:11:22: `secret` is not here: secrets stand in the templates of a call, and nowhere else
reply.json.id
    reply.jsn.id
        insurer.toml:20:22: `reply` has no `jsn`; write `json`
    {{ reply.json.id }}
        insurer.toml:20:15: this is an expression, and braces belong to templates; write the expression without braces around it

# What the language does not have.
reply.json.price | roubles
    reply.json.price * 100
        insurer.toml:27:22: there is no arithmetic in the language
    reply.json.price
        insurer.toml:27:21: `premium` is an amount in kopecks; end it with `| roubles` or `| kopecks`
reply.json.state == 'NEW'
    reply.json.state < 5
        insurer.toml:24:9: `every` is the pause of a poll, and there is none
        `<` and its like compare numbers, and this may be something else; write `x | number`
    reply.json.state.lower()
        insurer.toml:24:9: `every` is the pause of a poll, and there is none
        a value has no methods; write a filter: `x | upper`
{{ request.owner.last }}
    "{{ request.owner.last }}"
        insurer.toml:19:20: braces stand inside a text of JSON, and a value brings its own quotes
    {{ request.owner }}
        a table cannot be written as a whole
    {% include "x" %}
        the syntax is broken
    {{ request.owner.last | upper }
        the syntax is broken
    {% autoescape false %}1{% endautoescape %}
        `{% autoescape %}` is not in the language; every value is escaped for its place
    {{ request.owner.middle ~ "x" }}
        `~` joins texts, and this may be none
{{ secret.key }}
    {{ secret.key | upper }}
        the value of a slot is known to the host alone

# Addresses.
path = "quotes"
    path = "/quotes"
        insurer.toml:18:71: `/` at the beginning
    path = "https://x.example/quotes"
        insurer.toml:18:77: `://`: a path stands below the insurer's address, which the operator sets; leave scheme and host out
    path = "../quotes"
        `..`: a path stands below
    path = "quotes?a=b"
        write the query in `query = { … }`
quotes/{{ taken.id }}
    quotes/{{ secret.key }}
        a path holds no secret

# Order.
every = "2s"
    # nothing
        insurer.toml:22:1: a poll without a pause; write `every = "2s"` in the step
decide = [{ when = "reply.json.state == 'NEW'", again = true }]
    # nothing
        `every` is the pause of a poll, and there is none
when = "reply.json.state == 'NEW'", again
    again
        insurer.toml:22:1: `expect`, `take` and the result are never reached
        this polls for ever; write `when = "…"`
again = true }]
    again = true }, { fail = "odd" }]
        `expect`, `take` and the result are never reached
take = { id = "reply.json.id" }
    take = { id = "reply.json.id" }\nlost = "poll"
        where the reply is lost, `taken.id` is not there
    take = { id = "reply.json.id" }\nlost = "pol"
        no later step is named `pol`; write `poll`
session = { token = "reply.json.token" }
    # nothing
        nothing comes of `login`: no step has `session`; write `session = { token = "…" }`
offer = {
    link = {
        nothing comes of `quote`: no step has `offer`
        `link` is not what `quote` gives
effect = "creates"
    effect = "create"
        an effect says what the host may repeat
auth = "bearer"
    auth = "session"
        a call with a session says nowhere which
    auth = "signed"
        the manifest does not say how bodies are signed
    auth = "basic"
        the manifest has no setting `user`
        the manifest has no setting `password`
name = "create"
    name = "create"\neach = "company"
        the manifest has no companies
"#;

fn compile(spec: &str) -> Result<Spec, Problems> {
    Spec::compile(MANIFEST, spec)
}

/// Each mistake of [`MISTAKES`]: what stands there, what is written instead, what is told.
fn mistakes() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let mut from = "";
    let mut found = Vec::new();
    for line in MISTAKES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let text = line.trim_start();
        match line.len() - text.len() {
            0 => from = text,
            4 => found.push((from, text.replace("\\n", "\n"), Vec::new())),
            _ => found.last_mut().expect("a mistake stands above what is told of it").2.push(text),
        }
    }
    found
}

#[test]
fn what_is_right_compiles() {
    compile(SPEC).expect("nothing is wrong with it");
}

#[test]
fn each_mistake_has_its_place_and_its_remedy_and_is_told_once() {
    let mut wrong = String::new();
    for (from, to, wanted) in mistakes() {
        assert!(SPEC.contains(from), "{from}");
        let told = match compile(&SPEC.replacen(from, &to, 1)) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
        };
        let alike = told.iter().zip(&wanted).all(|(told, wanted)| told.contains(wanted));
        if told.is_empty() || told.len() != wanted.len() || !alike {
            wrong.push_str(&format!("{from} -> {to}\n  wanted: {wanted:#?}\n  told: {told:#?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
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
    for (from, to, told) in [
        (
            "\"login\"]",
            "\"login\", \"draft\"]",
            "manifest.toml:6:1: it claims `draft`, which insurer.toml does not describe",
        ),
        ("\"quote\", ", "", "insurer.toml:13:1: `quote` is described, and the manifest does not claim it"),
        (
            "partner_code",
            "partnercode",
            "manifest.toml:3:1: unknown field `partnercode`; write `partner_code`",
        ),
        ("[session]\nseconds = 60\n", "", "nothing says how long its session lives"),
    ] {
        let problems = Spec::compile(&MANIFEST.replace(from, to), SPEC).expect_err(told).to_string();
        assert!(problems.contains(told), "{from} -> {to}:\n{problems}");
    }
}
