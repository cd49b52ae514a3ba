//! Simulations to ask.

use std::{net::Ipv4Addr, time::Duration};

use veer_simulator::{Fault, Faults, InsurerPlan, Knobs, Latency, Plan, Polls, Wire};

/// Three wires that are as unlike each other as any: enough for what the gateway does with all.
pub const WIRES: [Wire; 3] = [Wire::Alfastrah, Wire::Ingosstrakh, Wire::Renessans];

/// One insurer of each of these wires, healthy and answering at once.
pub fn healthy() -> Plan {
    of(WIRES.map(|wire| (wire.name(), quick())))
}

/// These insurers; a code is a wire's name, or that with `-` and more behind it.
pub fn of<'a>(insurers: impl IntoIterator<Item = (&'a str, Knobs)>) -> Plan {
    let insurer = |(code, knobs): (&str, Knobs)| {
        let spoken = |wire: &Wire| code.split('-').next() == Some(wire.name());
        let wire = Wire::all().find(spoken).expect("a wire");
        InsurerPlan { code: code.to_owned(), wire, listen: (Ipv4Addr::LOCALHOST, 0).into(), knobs }
    };
    Plan { seed: 1, insurers: insurers.into_iter().map(insurer).collect() }
}

/// One insurer of each of these wires, all alike.
pub fn all(knobs: &Knobs) -> Plan {
    of(WIRES.map(|wire| (wire.name(), knobs.clone())))
}

/// Healthy, answering at once, at the first poll.
pub fn quick() -> Knobs {
    Knobs { polls: Polls { min: 1, max: 1 }, ..Knobs::default() }
}

/// The same, answering after so many milliseconds.
pub fn slow(millis: u64) -> Knobs {
    Knobs { latency: Latency::Fixed { time: Duration::from_millis(millis) }, ..quick() }
}

/// Every call goes wrong in this way.
pub fn faulty(fault: Fault) -> Knobs {
    // A 429 says "again at once", so that nothing waits for a second.
    Knobs { faults: Faults::default().with(fault, 1.0), retry_after: Duration::ZERO, ..quick() }
}

/// Says no to everything.
pub fn declining() -> Knobs {
    Knobs { decline: 1.0, ..quick() }
}
