//! The task that visits the rows, for all lanes at once.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::Instant;

use super::{super::Limiter, Inner, Link, Together, visit::Errand};

/// How the link is looked at while nothing is wanted.
const LOOK: Duration = Duration::from_millis(250);
/// After a visit that failed.
const PAUSE: Duration = Duration::from_millis(250);
/// So often calls that wait are judged anew.
const JUDGE: Duration = Duration::from_secs(1);

/// Visits for as long as anybody shares.
pub(super) async fn run(inner: Weak<Inner>) {
    let mut judged = Instant::now();
    loop {
        let Some(together) = inner.upgrade().map(Together) else { return };
        let (now, lanes) = (Instant::now(), together.lanes());
        let link = together.link(now);
        let has_changed = together.tell(link);
        if has_changed || judged + JUDGE <= now {
            judged = now;
            lanes.iter().for_each(Limiter::judge_again);
        }
        let mut next = now + LOOK;
        if link == Link::Shared {
            let due: Vec<(Instant, &Limiter)> =
                lanes.iter().filter_map(|lane| Some((lane.due(now)?, lane))).collect();
            if let Some(first) = due.iter().map(|(at, _)| *at).min() {
                next = next.min(first);
            }
            // Whoever is due a little later comes along.
            let lead = together.lock().lead;
            let errands: Vec<Errand> = if next <= now {
                due.iter()
                    .filter(|(at, _)| *at <= now + lead)
                    .filter_map(|(_, lane)| lane.errand(lead))
                    .collect()
            } else {
                Vec::new()
            };
            if !errands.is_empty() {
                let visited = together.visit(&lanes, errands).await;
                together.tell_failure(visited.err());
                if together.lock().fails {
                    tokio::time::sleep(PAUSE).await;
                }
                continue;
            }
        }
        let bell = Arc::clone(&together.0.bell);
        // Nobody who shares is kept by this task.
        drop((lanes, together));
        let _ = tokio::time::timeout_at(next, bell.notified()).await;
    }
}

// === impl Together ===

impl Together {
    /// Says what has changed; whether anything has.
    fn tell(&self, link: Link) -> bool {
        let word = link.word();
        self.0.metrics.show(word);
        let before = self.lock().told.replace(word);
        if before == Some(word) {
            return false;
        }
        match link {
            Link::Shared if before.is_some() => {
                tracing::info!("rate limits are shared with the other replicas again, exactly");
            }
            Link::Shared => {}
            Link::Waiting(_) => tracing::error!(
                "the database is away, through which replicas share rate limits: limited calls wait until the others have \
                 noticed, and then go by this replica's fair share"
            ),
            Link::Fair { of } => {
                tracing::warn!(of, "limited calls go by this replica's fair share, one part in `of`");
            }
            Link::Over => tracing::error!(
                "the database was away for longer than this replica's lease: limited calls wait until it is back"
            ),
        }
        true
    }

    fn tell_failure(&self, failure: Option<crate::store::StoreError>) {
        let failed_before = std::mem::replace(&mut self.lock().fails, failure.is_some());
        match failure {
            Some(error) if !failed_before => {
                tracing::error!(%error, "the rate limits' rows cannot be visited; limited calls wait");
            }
            None if failed_before => tracing::info!("the rate limits' rows can be visited again"),
            _ => {}
        }
    }
}
