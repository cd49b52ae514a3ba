//! A partner's load: calculations that begin when the schedule says so, polled once a second or not at all.
//!
//! Each begins in a task of its own, so one that is answered slowly holds up nobody; how long its acceptance took
//! is counted from the moment in which it was to begin, and not from when the load got round to it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{
    http::{Connection, request},
    pool::Pool,
    sample::Sample,
};

/// A partner polls once a second.
const POLL_EVERY: Duration = Duration::from_secs(1);
const UNDER_WAY: &[u8] = b"PARTNER_CALCULATION_IN_PROGRESS";

/// Calculations that begin at these moments.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// From the beginning on, in order.
    pub(crate) arrivals: Vec<Duration>,
    /// Whether each is polled until it is finished.
    pub(crate) polled: bool,
}

/// What a load came to.
#[derive(Debug, Default)]
pub(crate) struct Put {
    pub(crate) polls: u64,
    /// Milliseconds from each intended moment until the calculation was accepted; sorted.
    pub(crate) accepted: Vec<f64>,
}

// === impl Load ===

impl Load {
    /// Puts it on the partner API at `partner`.
    pub(crate) async fn put(self, partner: SocketAddr) -> Result<Put, String> {
        let (pool, start) = (Arc::new(Pool::new(partner)), Instant::now());
        let mut beginning = JoinSet::new();
        for after in self.arrivals {
            let at = start + after;
            sleep_until(at).await;
            beginning.spawn(calculation(pool.clone(), at, self.polled));
        }
        let mut put = Put::default();
        while let Some(done) = beginning.join_next().await {
            let (accepted, polls) = done.map_err(|error| error.to_string())??;
            put.accepted.push(accepted.as_secs_f64() * 1e3);
            put.polls += polls;
        }
        put.accepted.sort_by(f64::total_cmp);
        Ok(put)
    }
}

/// One calculation: how long after `intended` it was accepted, and how often it was polled.
async fn calculation(pool: Arc<Pool>, intended: Instant, polled: bool) -> Result<(Duration, u64), String> {
    let Sample { request_id, body, .. } = Sample::next();
    pool.ask(&request("POST", "/osago/calculate", &body), |_| ()).await?;
    let (accepted, mut polls) = (intended.elapsed(), 0);
    let (poll, mut next) = (poll(&request_id), intended);
    let mut goes_on = polled;
    while goes_on {
        next += POLL_EVERY;
        sleep_until(next).await;
        polls += 1;
        goes_on = pool.ask(&poll, is_under_way).await?;
    }
    Ok((accepted, polls))
}

/// Posts `count` calculations, so many connections each as fast as it is answered; their ids.
pub(crate) async fn post(
    partner: SocketAddr,
    connections: usize,
    count: usize,
) -> Result<Vec<String>, String> {
    let mut posting = JoinSet::new();
    for place in 0..connections.min(count) {
        let share = (count - place).div_ceil(connections);
        posting.spawn(async move {
            let mut connection = Connection::open(partner).await?;
            let mut posted = Vec::with_capacity(share);
            for _ in 0..share {
                posted.push(post_one(&mut connection).await?);
            }
            Ok::<_, String>(posted)
        });
    }
    let mut posted = Vec::with_capacity(count);
    while let Some(done) = posting.join_next().await {
        posted.extend(done.map_err(|error| error.to_string())??);
    }
    Ok(posted)
}

/// Posts one calculation; its id.
pub(crate) async fn post_one(connection: &mut Connection) -> Result<String, String> {
    let Sample { request_id, body, .. } = Sample::next();
    connection.ask(&request("POST", "/osago/calculate", &body)).await?;
    Ok(request_id)
}

/// The request that polls a calculation.
pub(crate) fn poll(request_id: &str) -> Vec<u8> {
    request("GET", &format!("/osago/calculate?request_id={request_id}"), "")
}

/// Whether an answer says that insurers are still being asked.
pub(crate) fn is_under_way(answer: &[u8]) -> bool {
    answer.windows(UNDER_WAY.len()).any(|part| part == UNDER_WAY)
}
