//! What goes wrong between the gateway and an insurer.

use super::{company::Mood, dice::Dice};

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is answered.
    None,
    /// No connection: nothing arrives.
    Connect,
    /// No agreement on TLS: nothing arrives.
    Tls,
    /// It arrives, and the connection breaks.
    Broken,
    /// It arrives, and nothing is ever said.
    Silence,
    /// It arrives, and the answer begins late.
    Late,
    /// The answer trickles.
    Trickle,
    /// The answer breaks off.
    Truncated,
    /// The answer is too long.
    Huge,
    /// It is answered with a page that nobody understands.
    Garbage,
    /// It arrives, and is answered with this status.
    Status(u16),
    /// The same, with these seconds in `Retry-After`.
    NotNow(u16, u64),
}

const ALL: [Fault; 17] = [
    Fault::Connect,
    Fault::Connect,
    Fault::Tls,
    Fault::Broken,
    Fault::Silence,
    Fault::Late,
    Fault::Trickle,
    Fault::Truncated,
    Fault::Huge,
    Fault::Garbage,
    Fault::Status(500),
    Fault::Status(502),
    Fault::Status(403),
    Fault::Status(409),
    Fault::Status(429),
    Fault::NotNow(429, 3),
    Fault::NotNow(503, 2),
];

const DEATHS: [Fault; 4] = [Fault::Connect, Fault::Silence, Fault::Broken, Fault::Status(500)];

// === impl Fault ===

impl Fault {
    /// What becomes of a call to an insurer in that mood.
    pub(super) fn draw(mood: Mood, dice: &Dice) -> Self {
        match mood {
            Mood::Dead => *dice.one(&DEATHS),
            Mood::Silent => Fault::Silence,
            Mood::Busy => Fault::NotNow(429, dice.of(1..8)),
            Mood::Sick if dice.happens(330) => *dice.one(&ALL),
            Mood::Well | Mood::WithoutRegistry if dice.happens(25) => *dice.one(&ALL),
            _ => Fault::None,
        }
    }

    /// Whether the insurer gets the call.
    pub(super) fn arrives(self) -> bool {
        !matches!(self, Fault::Connect | Fault::Tls)
    }
}
