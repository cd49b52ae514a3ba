//! What tries to run away, at load or when it runs, ends as a problem or as a fault.

use std::time::Duration;

use veer_contract::{Adapter, Context, Event, Next, Reply, Settings, VehicleCodes};
use veer_spec::Spec;

const MANIFEST: &str = r#"contract = 1
code = "gamma"
partner_code = 7
name = "Гамма"
protocol = "JSON"
operations = ["quote"]
[lanes]
create = { concurrent = 1, first_byte = "5s", total = "5s" }
"#;

fn compile(json: &str, premium: &str) -> Result<Spec, String> {
    let call = "{ lane = \"create\", effect = \"creates\", method = \"POST\", path = \"x\" }";
    let spec = format!(
        "spec = 1\n[[quote.step]]\nname = \"a\"\ncall = {call}\njson = '''{json}'''\n\
         offer = {{ premium = '''{premium} | roubles''', reference = {{}} }}\n"
    );
    Spec::compile(MANIFEST, &spec).map_err(|problems| problems.to_string())
}

/// How the quote's first step ends; the call's body, where it calls.
fn start(spec: &Spec) -> Result<String, String> {
    let (vehicle, settings) = (VehicleCodes::default(), Settings::default());
    let cx = context(&vehicle, &settings);
    let step = spec.quote().expect("it quotes").start(&veer_kit::requests::standard(), &cx);
    match step.expect("its state is one").next {
        Next::Call { calls, .. } => match &calls[0].body {
            veer_contract::Body::Json(text) => Ok(text.clone()),
            other => Err(format!("{other:?}")),
        },
        Next::Fail(fault) => Err(fault.detail),
        other => Err(format!("{other:?}")),
    }
}

fn context<'a>(vehicle: &'a VehicleCodes, settings: &'a Settings) -> Context<'a> {
    Context {
        remaining: Duration::from_secs(60),
        today: "2026-11-16".parse().expect("a date"),
        new_id: &|| "id".into(),
        vehicle,
        settings,
    }
}

#[test]
fn what_is_too_large_or_too_deep_is_a_problem() {
    let deep =
        |open: &str, close: &str, n: usize| format!("{{{{ {}1{} }}}}", open.repeat(n), close.repeat(n));
    for (what, json) in [
        ("brackets", deep("(", ")", 5000)),
        ("lists", deep("[", "]", 5000)),
        ("negations", deep("not ", "", 5000)),
        ("signs", deep("-", "", 5000)),
        ("brackets in bounds", deep("(", ")", 140)),
        ("joins", format!("{{{{ \"a\"{} }}}}", " ~ \"a\"".repeat(5000))),
        ("filters", format!("{{{{ \"a\"{} }}}}", " | upper".repeat(5000))),
        ("parts", format!("{{{{ request{} }}}}", ".a".repeat(5000))),
        ("choices", format!("{{{{ 1{} }}}}", " if true else 1".repeat(5000))),
        ("branches", format!("{{% if true %}}1{}{{% endif %}}", "{% elif true %}1".repeat(5000))),
        ("nested branches", format!("{}1{}", "{% if true %}".repeat(5000), "{% endif %}".repeat(5000))),
        ("nested loops", format!("{}1{}", "{% for x in [1] %}".repeat(300), "{% endfor %}".repeat(300))),
        ("many braces", "{{ 1 }}".repeat(5000)),
        ("a long text", "1".repeat(100_000)),
        ("a loop that calls itself", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}".into()),
        ("a range", "{{ range(1000000000) }}".into()),
        ("repetition", "{{ \"x\" * 1000000000 }}".into()),
        ("a power", "{{ 9 ** 9 ** 9 }}".into()),
        ("a macro", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}".into()),
        ("a file", "{% include \"/etc/passwd\" %}".into()),
        ("the engine", "{{ self }}{{ debug() }}".into()),
    ] {
        let found = compile(&json, "reply.json.x");
        assert!(found.is_err() || what == "brackets in bounds", "{what} compiles");
    }
}

#[test]
fn what_is_as_deep_as_allowed_runs() {
    let joins = format!("{{{{ \"a\"{} }}}}", " ~ \"a\"".repeat(140));
    assert_eq!(
        start(&compile(&joins, "reply.json.x").expect("it compiles")),
        Ok(format!("{:?}", "a".repeat(141)))
    );
    let branches = format!("{{% if false %}}1{}{{% endif %}}", "{% elif true %}2".repeat(39));
    assert_eq!(start(&compile(&branches, "reply.json.x").expect("it compiles")), Ok("2".into()));
    let nested = format!("{}7{}", "{% if true %}".repeat(39), "{% endif %}".repeat(39));
    assert_eq!(start(&compile(&nested, "reply.json.x").expect("it compiles")), Ok("7".into()));
}

#[test]
fn what_doubles_runs_out_of_fuel() {
    let doubling = format!("{{% set a = \"0123456789\" %}}{}{{{{ a }}}}", "{% set a = a ~ a %}".repeat(60));
    let end = start(&compile(&doubling, "reply.json.x").expect("it compiles"));
    assert_eq!(end, Err("quote.a: json: it takes more steps than are allowed".into()));
    let items = "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]";
    let loops = ["a", "b", "c", "d", "e", "f"].map(|name| format!("{{% for {name} in {items} %}}"));
    let nested = format!("[{}1,{}]", loops.concat(), "{% endfor %}".repeat(6));
    let end = start(&compile(&nested, "reply.json.x").expect("it compiles"));
    assert_eq!(end, Err("quote.a: json: it takes more steps than are allowed".into()));
}

#[test]
fn no_reply_makes_an_expression_run_away() {
    let spec = compile("{}", "reply.json.x | list | join(' ')").expect("it compiles");
    let (vehicle, settings) = (VehicleCodes::default(), Settings::default());
    let cx = context(&vehicle, &settings);
    let request = veer_kit::requests::standard();
    let flow = spec.quote().expect("it quotes");
    let Next::Call { then, .. } = flow.start(&request, &cx).expect("a state").next else {
        panic!("it calls")
    };
    let numbers = (0..200_000).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    for body in [
        format!("{{\"x\": [{numbers}]}}"),
        format!("{{\"x\": \"{}\"}}", "9".repeat(2_000_000)),
        format!("{}1{}", "{\"x\":".repeat(100), "}".repeat(100)),
        format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        "{\"x\": 1e400}".into(),
        "{\"x\": -1}".into(),
        "{\"x\": {\"y\": [null]}}".into(),
    ] {
        let reply = Reply { tag: "a".into(), status: 200, headers: Vec::new(), body: body.into_bytes() };
        let end = flow.resume(&request, &then, Event::Replies(&[reply]), &cx).expect("a state").next;
        assert!(matches!(end, Next::Fail(_)), "{end:?}");
    }
}
