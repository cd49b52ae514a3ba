//! Chance without randomness.
//!
//! Every decision of a simulated insurer (price, decline, fault, latency) is a hash of what it is about
//! and of the name of the decision. So the same plan gives the same answers whatever the order in which
//! calls arrive, and a new decision never shifts the others, as it would with a random generator.

use sha2::{Digest, Sha256};

/// A point from which draws are made: a seed and everything that was mixed into it.
#[derive(Clone, Copy)]
pub(crate) struct Draws([u8; 32]);

// === impl Draws ===

impl Draws {
    /// The point of `seed` alone.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Sha256::digest(seed.to_be_bytes()).into())
    }

    /// This point with `part` mixed in.
    #[must_use]
    pub(crate) fn with(&self, part: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(part.as_bytes());
        Self(hasher.finalize().into())
    }

    /// This point with a number mixed in.
    #[must_use]
    pub(crate) fn with_number(&self, number: u64) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(number.to_be_bytes());
        Self(hasher.finalize().into())
    }

    /// A whole number below `bound`; 0 for a bound of 0.
    pub(crate) fn below(&self, name: &str, bound: u64) -> u64 {
        self.number(name).checked_rem(bound).unwrap_or(0)
    }

    /// A fraction in `[0, 1)`.
    pub(crate) fn fraction(&self, name: &str) -> f64 {
        // 53 bits are what an f64 holds exactly.
        (self.number(name) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether a thing happens that happens in `share` of the cases.
    pub(crate) fn happens(&self, name: &str, share: f64) -> bool {
        self.fraction(name) < share
    }

    /// 64 bits.
    pub(crate) fn number(&self, name: &str) -> u64 {
        let bytes = self.with(name).0;
        u64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
    }

    /// `length` hexadecimal digits, at most 64.
    pub(crate) fn hex(&self, name: &str, length: usize) -> String {
        let mut text = hex(&self.with(name).0);
        text.truncate(length);
        text
    }

    /// A UUID with the marks of version 8 (RFC 9562: contents of one's own making).
    pub(crate) fn uuid(&self, name: &str) -> String {
        let text = self.hex(name, 32);
        let (a, rest) = text.split_at(8);
        let (b, rest) = rest.split_at(4);
        format!("{a}-{b}-8{}-a{}-{}", &rest[1..4], &rest[5..8], &rest[8..])
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_point_draws_the_same_and_another_seed_does_not() {
        let draw = |seed| Draws::new(seed).with("alfastrah").with_number(7).number("price");
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn shares_are_kept_in_the_long_run() {
        let point = Draws::new(1);
        let hits = (0..10_000).filter(|n| point.with_number(*n).happens("decline", 0.2)).count();
        assert!((1_850..2_150).contains(&hits), "{hits} of 10000 is far from a fifth");
    }

    #[test]
    fn uuids_have_their_shape() {
        let uuid = Draws::new(1).uuid("id");
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
        assert_eq!(&uuid[14..15], "8");
    }
}
