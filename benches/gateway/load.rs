//! A partner's load: calculations that begin at an even pace, polled once a second or not at all.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{
    http::{Connection, request},
    sample::Sample,
};

/// Connections that calculations are posted over.
const CONNECTIONS: usize = 8;
/// A partner polls once a second.
const POLL_EVERY: Duration = Duration::from_secs(1);
const UNDER_WAY: &[u8] = b"PARTNER_CALCULATION_IN_PROGRESS";

/// So many calculations, so many of them a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) calculations: usize,
    pub(crate) per_second: usize,
    /// Whether each is polled until it is finished.
    pub(crate) polled: bool,
}

// === impl Load ===

impl Load {
    /// Puts it on the partner API at `partner`; how many polls that took.
    pub(crate) async fn put(self, partner: SocketAddr) -> Result<u64, String> {
        let (pace, start) = (Duration::from_secs(1) / self.per_second as u32, Instant::now());
        let mut posting = JoinSet::new();
        for place in 0..CONNECTIONS.min(self.calculations) {
            let share = (self.calculations - place).div_ceil(CONNECTIONS);
            let first = start + pace * place as u32;
            posting.spawn(post(partner, share, first, pace * CONNECTIONS as u32, self.polled));
        }
        let mut polls = 0;
        while let Some(done) = posting.join_next().await {
            polls += done.map_err(|error| error.to_string())??;
        }
        Ok(polls)
    }
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

async fn post(
    partner: SocketAddr,
    count: usize,
    first: Instant,
    pace: Duration,
    polled: bool,
) -> Result<u64, String> {
    let mut connection = Connection::open(partner).await?;
    let (mut left, mut at, mut polls) = (count, first, 0);
    // All are polled at the same pace, so the first in line is always the next one due.
    let mut due: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    loop {
        let poll_at = due.front().map(|(at, _)| *at);
        if left > 0 && poll_at.is_none_or(|poll_at| at <= poll_at) {
            sleep_until(at).await;
            let request_id = post_one(&mut connection).await?;
            if polled {
                due.push_back((Instant::now() + POLL_EVERY, poll(&request_id)));
            }
            (left, at) = (left - 1, at + pace);
        } else if let Some((at, request)) = due.pop_front() {
            sleep_until(at).await;
            polls += 1;
            if is_under_way(connection.ask(&request).await?) {
                due.push_back((Instant::now() + POLL_EVERY, request));
            }
        } else {
            return Ok(polls);
        }
    }
}
