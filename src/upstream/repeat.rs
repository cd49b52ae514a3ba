//! What may be repeated.
//!
//! The call's [`Effect`] decides, never the error alone: a read may go again, a keyed call goes again
//! with its key, a call that creates goes again only where the host knows that nothing was sent.

use std::time::Duration;

use backon::BackoffBuilder;
use veer_contract::Effect;

use super::error::CallError;
use crate::chance;

/// The repetitions that one call has left.
#[derive(Debug)]
pub struct Repeats {
    pauses: backon::ExponentialBackoff,
}

impl Repeats {
    /// At most `most`, with growing, jittered pauses from `first` on.
    pub fn new(most: u32, first: Duration) -> Self {
        let pauses = backon::ExponentialBuilder::default()
            .with_min_delay(first)
            .with_max_delay(Duration::from_secs(5))
            .with_max_times(most as usize)
            .with_jitter()
            .with_jitter_seed(chance::number())
            .build();
        Self { pauses }
    }

    /// The pause before the next try, or `None` where there is none.
    pub fn next(&mut self, effect: &Effect, error: &CallError) -> Option<Duration> {
        let may = match effect {
            Effect::Read | Effect::Keyed(_) => error.is_passing() || error.nothing_was_sent(),
            Effect::Creates => error.nothing_was_sent(),
        };
        if may { self.pauses.next() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(effect: &Effect, error: &CallError) -> bool {
        Repeats::new(2, Duration::from_millis(1)).next(effect, error).is_some()
    }

    #[test]
    fn the_effect_decides() {
        let unsent = CallError::Connect("refused".into());
        let broken = CallError::ServerError(502);
        let slow = CallError::FirstByte(Duration::from_secs(60));
        let keyed = Effect::Keyed("k".into());
        assert!(allowed(&Effect::Read, &unsent) && allowed(&Effect::Read, &broken));
        assert!(allowed(&keyed, &broken));
        assert!(allowed(&Effect::Creates, &unsent));
        assert!(!allowed(&Effect::Creates, &broken));
        assert!(!allowed(&Effect::Creates, &CallError::Broken("reset".into())));
        assert!(!allowed(&Effect::Creates, &CallError::TooManyRequests(Duration::ZERO)));
        assert!(!allowed(&Effect::Read, &slow));
    }

    #[test]
    fn repetitions_end() {
        let mut repeats = Repeats::new(2, Duration::from_millis(1));
        let mut next = || repeats.next(&Effect::Read, &CallError::ServerError(503));
        assert!(next().is_some() && next().is_some());
        assert_eq!(next(), None);
    }
}
