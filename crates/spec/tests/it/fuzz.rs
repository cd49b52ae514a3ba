//! Thousands of broken specs: each compiles or is told what is wrong with it, at a place inside the file, and
//! what compiles runs without a panic. The mutations are the same in every run.

use std::time::Duration;

use veer_contract::{
    Adapter, Context, ErasedFlow, Event, Next, Operation, Reply, SavedState, Settings, Step, VehicleCodes,
    domain::OfferRef,
    operation::{Confirmation, OfferInput, VehicleQuery},
};
use veer_spec::Spec;

use crate::example;

const RUNS: u64 = 2000;
/// What is inserted: syntax of all three languages, odd letters, and much of one thing.
const PIECES: [&str; 40] = [
    "\"",
    "'''",
    "'",
    "{",
    "}",
    "[",
    "]",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#",
    "=",
    ",",
    ".",
    "|",
    "~",
    "\n",
    "\\",
    "\\u0000",
    "\u{0}",
    "\u{e000}",
    "я",
    "𝄞",
    "\u{301}",
    "\r\n",
    "not ",
    " if ",
    "for",
    "[[quote.step]]\n",
    "[quote]\n",
    "request.",
    "taken.id",
    "reply.json",
    "99999999999999999999",
    "-1",
    "| roubles",
    "{{ loop }}",
    "\t",
];

/// xorshift: no seed but a constant, no clock.
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(below.max(1)).expect("it fits")).expect("it fits")
    }

    fn place(&mut self, text: &str) -> usize {
        let mut at = self.next(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn mutated(text: &str, draw: &mut Draw) -> String {
    let mut text = text.to_owned();
    for _ in 0..=draw.next(3) {
        let (one, other) = (draw.place(&text), draw.place(&text));
        let (from, to) = (one.min(other), one.max(other));
        // Mostly small: a file without its half is no TOML, and nothing further is looked at.
        let mut near = (from + 1 + draw.next(12)).min(text.len());
        while !text.is_char_boundary(near) {
            near += 1;
        }
        match draw.next(9) {
            0 => text.replace_range(from..near, ""),
            1 => text.replace_range(from..near, PIECES[draw.next(PIECES.len())]),
            2 | 3 => text.insert_str(from, PIECES[draw.next(PIECES.len())]),
            4 => {
                let piece = text[from..near].to_owned();
                text.insert_str(to, &piece);
            }
            5 => {
                let mut lines: Vec<&str> = text.lines().collect();
                let (one, other) = (draw.next(lines.len()), draw.next(lines.len()));
                if !lines.is_empty() {
                    lines.swap(one, other);
                }
                text = lines.join("\n");
            }
            6 => {
                let mut lines: Vec<&str> = text.lines().collect();
                let at = draw.next(lines.len());
                if at < lines.len() {
                    lines.remove(at);
                }
                text = lines.join("\n");
            }
            7 => text.insert_str(from, &PIECES[draw.next(PIECES.len())].repeat(1 + draw.next(400))),
            _ => text.truncate(if draw.next(10) == 0 { from } else { text.len() }),
        }
    }
    text
}

fn converse<O: Operation>(flow: Option<&dyn ErasedFlow<O>>, input: &O::Input, draw: &mut Draw) {
    const BODIES: [&str; 8] = [
        "",
        "{}",
        "[]",
        "null",
        "<a/>",
        "{\"id\": \"1\", \"x\": [{}], \"price\": 1.5, \"state\": \"PAID\", \"policy\": \"XXX 0100000001\", \"amount\": \"1\", \"page\": \"https://a.example\"}",
        "<E><Body><Accepted>id</Accepted><State>READY</State><Part><Name>a</Name><Price>1</Price></Part></Body></E>",
        "%PDF-1.7",
    ];
    let Some(flow) = flow else { return };
    let vehicle = VehicleCodes { code: Some("K".into()), ..VehicleCodes::default() };
    let settings =
        Settings([("base".to_owned(), "v1".to_owned()), ("agent".to_owned(), String::new())].into());
    let cx = Context {
        remaining: Duration::from_secs(60),
        today: "2026-11-16".parse().expect("a date"),
        new_id: &|| "id".into(),
        vehicle: &vehicle,
        settings: &settings,
    };
    let mut step: Step<SavedState, O::Output> = flow.start(input, &cx).expect("a state can be written");
    for _ in 0..12 {
        step = match step.next {
            Next::Call { calls, then } => {
                if draw.next(8) == 0 {
                    match flow.recover(input, &then, &cx).expect("its own state") {
                        Some(step) => step,
                        None => return,
                    }
                } else {
                    let reply = |tag: &str, body: &str| Reply {
                        tag: tag.into(),
                        status: 200,
                        headers: vec![("x-order".into(), "1".into())],
                        body: body.as_bytes().to_vec(),
                    };
                    let replies: Vec<_> =
                        calls.iter().map(|call| reply(&call.tag, BODIES[draw.next(BODIES.len())])).collect();
                    flow.resume(input, &then, Event::Replies(&replies), &cx).expect("its own state")
                }
            }
            Next::Wait { then, .. } => flow.resume(input, &then, Event::Woke, &cx).expect("its own state"),
            _ => return,
        };
    }
}

fn drive(spec: &Spec, draw: &mut Draw) {
    let request = veer_kit::requests::standard();
    let names =
        ["quote", "part", "application", "order", "page"].map(|name| (name.to_owned(), "1".to_owned()));
    let input = OfferInput { request: request.clone(), offer: OfferRef(names.into()) };
    let wish = Confirmation { offer: input.clone(), selected: Vec::new(), return_urls: None };
    converse(spec.quote(), &request, draw);
    converse(spec.login(), &(), draw);
    converse(spec.finalise(), &input, draw);
    converse(spec.confirm(), &wish, draw);
    converse(spec.payment_status(), &input, draw);
    converse(spec.draft(), &input, draw);
    converse(spec.policy(), &input, draw);
    converse(spec.cancel(), &input, draw);
    converse(spec.vehicles(), &(), draw);
    converse(spec.vehicle_info(), &VehicleQuery::Vin("Z94C".into()), draw);
}

#[test]
fn a_broken_spec_compiles_or_is_told_where_it_is_broken() {
    let (manifest, spec) = example::texts();
    let (mut compiled, mut told) = (0, 0);
    for run in 1..=RUNS {
        let mut draw = Draw(run.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let in_manifest = draw.next(10) == 0;
        let (manifest, spec) = match in_manifest {
            true => (mutated(manifest, &mut draw), spec.to_owned()),
            false => (manifest.to_owned(), mutated(spec, &mut draw)),
        };
        match Spec::compile(&manifest, &spec) {
            Ok(spec) => {
                compiled += 1;
                drive(&spec, &mut draw);
            }
            Err(problems) => {
                told += 1;
                assert!(!problems.0.is_empty(), "run {run}: no problem");
                for problem in &problems.0 {
                    let text = if problem.file == "manifest.toml" { &manifest } else { &spec };
                    let line = text.split('\n').nth(problem.line - 1);
                    let inside = line.is_some_and(|line| problem.column <= line.chars().count() + 1);
                    assert!(inside && problem.column > 0, "run {run}: {problem} is not in the file");
                    assert!(problem.to_string().len() < 1000, "run {run}: {problem}");
                }
            }
        }
    }
    // Otherwise the mutations are too wild to say anything, or too tame.
    assert!(compiled > RUNS / 50 && told > RUNS / 4, "{compiled} compile, {told} do not");
}
