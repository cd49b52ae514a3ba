//! When another replica is dead: judged by the looker's own clock alone.
//!
//! The looker sees beats, which are numbers. One that has not changed over the whole lease, while the looker itself beat
//! and looked without a gap, belongs to a replica that is dead or cannot reach the database, and then it sends nothing
//! any more either. After a gap in the looking every lease begins anew: a database that was away, or a looker that was
//! frozen, kills nobody.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use super::ReplicaId;

/// What one replica sees of the others.
#[derive(Debug)]
pub struct Sight {
    lease: Duration,
    gap: Duration,
    last: Option<Instant>,
    others: HashMap<ReplicaId, Seen>,
}

/// Another replica whose beat stood still for the whole lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspect {
    /// Which.
    pub id: ReplicaId,
    /// The beat that it was last seen with: it is dead only while that stands.
    pub beat: i64,
}

#[derive(Debug)]
struct Seen {
    beat: i64,
    /// Since when the beat stands still and nobody missed a look.
    still_since: Instant,
    /// Since when it stands still, with gaps or without.
    changed: Instant,
}

// === impl Sight ===

impl Sight {
    /// Nobody has been seen yet. Looks that are further apart than `gap` prove nothing.
    pub fn new(lease: Duration, gap: Duration) -> Self {
        Self { lease, gap, last: None, others: HashMap::new() }
    }

    /// Looks at the beats of the others, as a question that was asked at `asked` brought them at `answered`; those that
    /// are dead.
    pub fn look(&mut self, asked: Instant, answered: Instant, beats: &[(ReplicaId, i64)]) -> Vec<Suspect> {
        if self.last.is_none_or(|last| answered.duration_since(last) > self.gap) {
            self.others.values_mut().for_each(|seen| seen.still_since = answered);
        }
        self.last = Some(answered);
        self.others.retain(|id, _| beats.iter().any(|(there, _)| there == id));
        let mut dead = Vec::new();
        for (id, beat) in beats.iter().copied() {
            let anew = Seen { beat, still_since: answered, changed: answered };
            let seen = self.others.entry(id).or_insert(anew);
            if seen.beat != beat {
                *seen = Seen { beat, still_since: answered, changed: answered };
            } else if asked.saturating_duration_since(seen.still_since) >= self.lease {
                dead.push(Suspect { id, beat });
            }
        }
        dead
    }

    /// How many others there are.
    pub fn others(&self) -> usize {
        self.others.len()
    }

    /// How many of them have been silent for longer than `patience`.
    pub fn silent(&self, now: Instant, patience: Duration) -> usize {
        let is_silent = |seen: &&Seen| now.saturating_duration_since(seen.changed) > patience;
        self.others.values().filter(is_silent).count()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn sight() -> Sight {
        Sight::new(10 * SECOND, 3 * SECOND)
    }

    /// A look that takes no time.
    fn look(sight: &mut Sight, beats: &[(ReplicaId, i64)]) -> Vec<Suspect> {
        sight.look(Instant::now(), Instant::now(), beats)
    }

    #[tokio::test(start_paused = true)]
    async fn whose_beat_stands_still_for_the_lease_is_dead_and_not_before() {
        let (mut sight, id) = (sight(), ReplicaId::fresh());
        for _ in 0..10 {
            assert_eq!(look(&mut sight, &[(id, 7)]), []);
            advance(SECOND).await;
        }
        assert_eq!(look(&mut sight, &[(id, 7)]), [Suspect { id, beat: 7 }]);
        // It is told until somebody has taken over; one that beats again lives.
        advance(SECOND).await;
        assert_eq!(look(&mut sight, &[(id, 7)]), [Suspect { id, beat: 7 }]);
        assert_eq!(look(&mut sight, &[(id, 8)]), []);
    }

    #[tokio::test(start_paused = true)]
    async fn who_beats_now_and_then_lives() {
        let (mut sight, id) = (sight(), ReplicaId::fresh());
        for round in 0..100 {
            assert_eq!(look(&mut sight, &[(id, round / 9)]), []);
            advance(SECOND).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_of_the_database_that_is_longer_than_the_lease_kills_nobody() {
        let (mut sight, one, two) = (sight(), ReplicaId::fresh(), ReplicaId::fresh());
        look(&mut sight, &[(one, 1), (two, 1)]);
        advance(60 * SECOND).await;
        assert_eq!(look(&mut sight, &[(one, 1), (two, 1)]), []);
        // One is back at once; the other has a whole lease from now on.
        for second in 0..10 {
            assert_eq!(look(&mut sight, &[(one, 2 + second), (two, 1)]), []);
            advance(SECOND).await;
        }
        assert_eq!(look(&mut sight, &[(one, 20), (two, 1)]), [Suspect { id: two, beat: 1 }]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gap_just_short_of_the_lease_begins_it_anew_too() {
        let (mut sight, id) = (sight(), ReplicaId::fresh());
        for _ in 0..5 {
            look(&mut sight, &[(id, 1)]);
            advance(SECOND).await;
        }
        advance(3 * SECOND).await;
        for _ in 0..10 {
            assert_eq!(look(&mut sight, &[(id, 1)]), []);
            advance(SECOND).await;
        }
        assert_eq!(look(&mut sight, &[(id, 1)]).len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_hangs_is_as_old_as_its_question() {
        let (mut sight, id) = (Sight::new(2 * SECOND, 3 * SECOND), ReplicaId::fresh());
        look(&mut sight, &[(id, 1)]);
        let asked = Instant::now() + SECOND;
        advance(3 * SECOND).await;
        // Its rows may be from the moment of the question.
        assert_eq!(sight.look(asked, Instant::now(), &[(id, 1)]), []);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_counted_whoever_missed_a_look_and_those_who_are_gone_are_not() {
        let (mut sight, one, two) = (sight(), ReplicaId::fresh(), ReplicaId::fresh());
        look(&mut sight, &[(one, 1), (two, 1)]);
        advance(2 * SECOND).await;
        assert_eq!((sight.others(), sight.silent(Instant::now(), 2 * SECOND)), (2, 0));
        advance(5 * SECOND).await;
        look(&mut sight, &[(one, 2), (two, 1)]);
        assert_eq!(sight.silent(Instant::now(), 2 * SECOND), 1);
        look(&mut sight, &[(one, 3)]);
        assert_eq!((sight.others(), sight.silent(Instant::now(), 2 * SECOND)), (1, 0));
    }
}
