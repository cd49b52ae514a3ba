//! Lanes: limits and times are written so that the host can read them.

use veer_contract::{Manifest, manifest::LaneDefaults};

/// What is wrong with the lanes' defaults.
pub(super) fn problems(manifest: &Manifest) -> Vec<String> {
    let of_one = |(lane, defaults)| {
        lane_problems(defaults).into_iter().map(move |problem| format!("[lanes.{lane}] {problem}"))
    };
    manifest.lanes.iter().flat_map(of_one).collect()
}

fn lane_problems(lane: &LaneDefaults) -> Vec<String> {
    let LaneDefaults { rate, concurrent, connect, first_byte, total, max_reply, useful } = lane;
    let mut problems = Vec::new();
    if *concurrent == 0 {
        problems.push("concurrent is 0: nothing would be called".to_owned());
    }
    for (name, text) in
        [("connect", connect), ("first_byte", first_byte), ("total", total), ("useful", useful)]
    {
        if !is_amount(text, &["ms", "s", "m"]) {
            problems.push(format!("{name} `{text}` is no duration such as `5s`, `300ms`, `2m`"));
        }
    }
    if !is_amount(max_reply, &["B", "KiB", "MiB"]) {
        problems.push(format!("max_reply `{max_reply}` is no size such as `512KiB`, `20MiB`"));
    }
    for text in rate {
        let (window, burst) = text.split_once(" burst ").unwrap_or((text, "1"));
        if !is_amount(window, &["/s", "/min", "/h", "/day"]) || burst.parse::<u32>().is_err() {
            problems.push(format!("rate `{text}` is no rate such as `5/s`, `200/min burst 20`, `10000/day`"));
        } else if window.ends_with("/day") && window != text {
            problems.push(format!("rate `{text}`: a day has no burst; write `{window}`"));
        }
    }
    problems
}

fn is_amount(text: &str, units: &[&str]) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && units.contains(&&text[digits..])
}
