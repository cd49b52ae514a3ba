//! What goes wrong with calls, and how often.

use serde::Deserialize;

use crate::draws::Draws;

/// Shares of calls that go wrong; together at most 1, for a call goes wrong in one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// 500, 502, 503 or 504: with the insurer's own error body or a proxy's HTML page.
    pub error: f64,
    /// 429 with `Retry-After`, at once.
    pub too_many: f64,
    /// The call is taken and never answered; it ends when the caller leaves or after ten minutes.
    pub hang: f64,
    /// The answer is right but trickles.
    pub drip: f64,
    /// The connection is cut in the middle of the answer.
    pub truncated: f64,
    /// The answer is complete as HTTP but its JSON or XML is broken off.
    pub malformed: f64,
    /// The answer is well-formed but every value in it is empty.
    pub nulls: f64,
    /// The insurer says that the register of РСА does not answer.
    pub registry_down: f64,
}

/// A way in which a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is told at the knob of the same name")]
pub enum Fault {
    Error,
    TooMany,
    Hang,
    Drip,
    Truncated,
    Malformed,
    Nulls,
    RegistryDown,
}

// === impl Faults ===

impl Faults {
    /// The share of one fault.
    #[must_use]
    pub fn with(mut self, fault: Fault, share: f64) -> Self {
        *self.share_mut(fault) = share;
        self
    }

    /// These and those together.
    #[must_use]
    pub(crate) fn plus(mut self, other: Faults) -> Self {
        for (fault, share) in other.each() {
            *self.share_mut(fault) += share;
        }
        self
    }

    /// Everything that is wrong with them.
    pub(super) fn problems(self) -> Vec<String> {
        let unlikely = |(fault, share): (Fault, f64)| {
            (!(0.0..=1.0).contains(&share))
                .then(|| format!("{} = {share} is not between 0 and 1", fault.name()))
        };
        let mut problems: Vec<String> = self.each().into_iter().filter_map(unlikely).collect();
        let together: f64 = self.each().iter().map(|(_, share)| share).sum();
        // A hair above 1 is what adding decimal fractions in binary gives.
        if together > 1.0 + 1e-9 {
            problems.push(format!("the faults together are {together}, more than all calls"));
        }
        problems
    }

    /// The fault of the call that draws from `point`, if it has one.
    pub(crate) fn draw(&self, point: &Draws) -> Option<Fault> {
        let mut left = point.fraction("fault");
        for (fault, share) in self.each() {
            if left < share {
                return Some(fault);
            }
            left -= share;
        }
        None
    }

    fn each(&self) -> [(Fault, f64); 8] {
        let mut copy = *self;
        Fault::ALL.map(|fault| (fault, *copy.share_mut(fault)))
    }

    fn share_mut(&mut self, fault: Fault) -> &mut f64 {
        match fault {
            Fault::Error => &mut self.error,
            Fault::TooMany => &mut self.too_many,
            Fault::Hang => &mut self.hang,
            Fault::Drip => &mut self.drip,
            Fault::Truncated => &mut self.truncated,
            Fault::Malformed => &mut self.malformed,
            Fault::Nulls => &mut self.nulls,
            Fault::RegistryDown => &mut self.registry_down,
        }
    }
}

// === impl Fault ===

impl Fault {
    /// Every fault.
    pub const ALL: [Fault; 8] = [
        Fault::Error,
        Fault::TooMany,
        Fault::Hang,
        Fault::Drip,
        Fault::Truncated,
        Fault::Malformed,
        Fault::Nulls,
        Fault::RegistryDown,
    ];

    /// Whether a call that is answered so was not carried out. After the others the insurer has what was
    /// asked of it, and only the answer is lost.
    pub(crate) const fn is_refusal(self) -> bool {
        matches!(self, Fault::Error | Fault::TooMany | Fault::RegistryDown)
    }

    /// The name of its knob.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Error => "error",
            Fault::TooMany => "too_many",
            Fault::Hang => "hang",
            Fault::Drip => "drip",
            Fault::Truncated => "truncated",
            Fault::Malformed => "malformed",
            Fault::Nulls => "nulls",
            Fault::RegistryDown => "registry_down",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_one_hits_every_call_and_faults_share_the_calls_out() {
        let point = |n| Draws::new(1).with_number(n);
        let always = Faults::default().with(Fault::Hang, 1.0);
        assert!((0..100).all(|n| always.draw(&point(n)) == Some(Fault::Hang)));
        let half = Faults { error: 0.25, nulls: 0.25, ..Faults::default() };
        let count = |wanted| (0..1000).filter(|n| half.draw(&point(*n)) == wanted).count();
        assert!((190..310).contains(&count(Some(Fault::Error))));
        assert!((190..310).contains(&count(Some(Fault::Nulls))));
        assert!((430..570).contains(&count(None)));
    }
}
