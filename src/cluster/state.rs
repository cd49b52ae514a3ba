//! What the heart has seen, and what follows from it.

use std::time::Duration;

use tokio::time::Instant;

use super::{Presence, ReplicaId, ReplicaRow, Sight, Standing, Suspect};

/// What the heart has seen.
pub(super) struct State {
    me: ReplicaId,
    lease: Duration,
    patience: Duration,
    sight: Sight,
    /// When the last beat that came back was asked for.
    beat: Instant,
    does_chores: bool,
}

/// What follows from a round.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) dead: Vec<Suspect>,
    /// One has stopped, and nobody has taken its work.
    pub(super) somebody_left: bool,
    /// Nobody has the chores, and this one is the eldest.
    pub(super) takes_chores: bool,
}

// === impl State ===

impl State {
    /// Of a replica whose row was written by a question asked at `joined`.
    pub(super) fn new(
        me: ReplicaId,
        lease: Duration,
        patience: Duration,
        gap: Duration,
        joined: Instant,
    ) -> Self {
        Self { me, lease, patience, sight: Sight::new(lease, gap), beat: joined, does_chores: false }
    }

    /// A round came back.
    pub(super) fn beaten(&mut self, asked: Instant, answered: Instant, rows: &[ReplicaRow]) -> Turn {
        self.beat = asked;
        let here = || rows.iter().filter(|row| row.presence == Presence::Here);
        let others: Vec<_> = here().filter(|row| row.id != self.me).map(|row| (row.id, row.beat)).collect();
        let dead = self.sight.look(asked, answered, &others);
        self.does_chores = here().any(|row| row.id == self.me && row.does_chores);
        let somebody_has_them = here().any(|row| row.does_chores);
        let is_eldest = others.iter().all(|(other, _)| self.me < *other);
        Turn {
            dead,
            somebody_left: rows.iter().any(|row| row.presence.has_left()),
            takes_chores: !somebody_has_them && is_eldest,
        }
    }

    pub(super) fn has_chores(&mut self) {
        self.does_chores = true;
    }

    /// It has the chores, and nobody can have taken them from it.
    pub(super) fn does_chores(&self, now: Instant) -> bool {
        self.does_chores && now < self.beat + self.lease
    }

    pub(super) fn standing(&self, now: Instant) -> Standing {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Standing {
            replicas: count(self.sight.others()).saturating_add(1),
            silent: count(self.sight.silent(now, self.patience)),
            in_touch: now.saturating_duration_since(self.beat) <= self.patience,
            lease_until: Some(self.beat + self.lease),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn state(me: ReplicaId) -> State {
        State::new(me, 10 * SECOND, 2 * SECOND, 3 * SECOND, Instant::now())
    }

    fn row(id: ReplicaId, beat: i64, does_chores: bool, presence: Presence) -> ReplicaRow {
        let since = Timestamp::UNIX_EPOCH;
        ReplicaRow { id, address: String::new(), since, beat, does_chores, presence }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lease_is_counted_from_the_question_and_only_answers_renew_it() {
        let me = ReplicaId::fresh();
        let mut state = state(me);
        advance(SECOND).await;
        let asked = Instant::now();
        advance(SECOND).await;
        state.beaten(asked, Instant::now(), &[row(me, 1, true, Presence::Here)]);
        assert_eq!(state.standing(Instant::now()).lease_until, Some(asked + 10 * SECOND));
        assert!(state.standing(Instant::now()).in_touch && state.does_chores(Instant::now()));
        advance(2 * SECOND).await;
        assert!(!state.standing(Instant::now()).in_touch);
        // Chores end with the lease, though nobody said so.
        advance(6 * SECOND).await;
        assert!(state.does_chores(Instant::now()));
        advance(SECOND).await;
        assert!(!state.does_chores(Instant::now()) && state.standing(Instant::now()).is_lapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn the_eldest_takes_the_chores_where_nobody_has_them() {
        let ids: Vec<ReplicaId> = (0..3).map(|_| ReplicaId::fresh()).collect();
        let look = |me: usize, holder: Option<usize>, eldest: Presence| {
            let presence = |at: usize| if at == 0 { eldest } else { Presence::Here };
            let row = |(at, id): (usize, &ReplicaId)| row(*id, 1, holder == Some(at), presence(at));
            let rows: Vec<ReplicaRow> = ids.iter().enumerate().map(row).collect();
            state(ids[me]).beaten(Instant::now(), Instant::now(), &rows)
        };
        assert!(look(0, None, Presence::Here).takes_chores);
        assert!(!look(1, None, Presence::Here).takes_chores);
        assert!(!look(0, Some(2), Presence::Here).takes_chores);
        // Who has left does not count, and leaves them behind.
        let turn = look(1, Some(0), Presence::Left);
        assert!(turn.takes_chores && turn.somebody_left);
        assert!(!look(2, Some(0), Presence::Left).takes_chores);
    }
}
