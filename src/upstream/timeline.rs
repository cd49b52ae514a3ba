//! What happened when, with every wait and its cause.
//!
//! One timeline a conversation. It answers the operator's first question, "why is this insurer not in
//! the answer?", and holds no personal data: names of calls, durations, statuses, verdicts.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tokio::time::Instant;
use veer_contract::Lane;

/// The lines of one conversation, in milliseconds since the calculation began.
#[derive(Debug)]
pub struct Timeline {
    start: Instant,
    entries: Mutex<Vec<Entry>>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When it ended, in milliseconds since the calculation began.
    pub at_ms: u32,
    /// How long it took, in milliseconds; all times together.
    pub took_ms: u32,
    /// How many times in a row; what is repeated every second is one line.
    #[serde(skip_serializing_if = "is_once")]
    pub times: u32,
    /// What it was.
    #[serde(flatten)]
    pub what: What,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// The conversation began.
    Started,
    /// The conversation went on after a restart of the gateway.
    Resumed,
    /// Another calculation was asking the same, and this one heard what that one was told.
    Joined {
        /// How long that one had been asking, in milliseconds.
        age_ms: u32,
    },
    /// The conversation that was joined came to nothing: the insurer is asked for this calculation by itself.
    JoinedInVain,
    /// Another calculation had asked the same, and its offers were handed on.
    Reused {
        /// How long the insurer's last word was ago, in milliseconds.
        age_ms: u32,
    },
    /// Nothing could be done for a while.
    Waited {
        /// What for.
        cause: Cause,
        /// Whose.
        #[serde(skip_serializing_if = "Option::is_none")]
        lane: Option<Lane>,
    },
    /// A call was sent; `outcome` is `ok` or the reason of the failure.
    Called {
        /// The adapter's name of the call.
        call: String,
        /// Whose limits it spent.
        lane: Lane,
        /// The status, where there was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// What became of it.
        outcome: &'static str,
    },
    /// The lane's breaker stood against a call: it was not sent, or in a dry run would not have been.
    Blocked {
        /// The adapter's name of the call.
        call: String,
        /// Whose breaker.
        lane: Lane,
        /// It was sent all the same.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        dry_run: bool,
    },
    /// An offer was published.
    Offered {
        /// Whether the price is final.
        is_final: bool,
    },
    /// An offer was made in the shadow: it is sound, and nobody is shown it.
    ShadowOffered {
        /// What it costs, in roubles.
        price: serde_json::Number,
        /// Whether the price is final.
        is_final: bool,
    },
    /// The calculation was called finished without waiting for this insurer.
    Complete {
        /// By this rule.
        rule: &'static str,
    },
    /// The gateway stopped; the conversation is saved.
    Parked,
    /// The conversation ended.
    Ended {
        /// With this verdict.
        verdict: u16,
        /// Its name.
        label: &'static str,
        /// What an operator should know.
        #[serde(skip_serializing_if = "String::is_empty")]
        detail: String,
    },
}

/// What a wait was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Too many calls were under way.
    Permit,
    /// The lane's rate limit.
    Limit,
    /// A login.
    Session,
    /// The store, before an application leaves.
    Store,
    /// The insurer's own call.
    Callback,
    /// The pause before a repetition.
    Repeat,
    /// The insurer wants to be left alone between polls.
    Poll,
    /// The conversation that was joined.
    Shared,
}

// === impl Timeline ===

impl Timeline {
    /// Begins now.
    pub fn new() -> Self {
        Self::since(Instant::now())
    }

    /// Begins at `start`.
    pub fn since(start: Instant) -> Self {
        Self { start, entries: Mutex::default() }
    }

    /// Something that happened in a moment.
    pub fn note(&self, what: What) {
        self.push(0, what);
    }

    /// Something that began at `since` and is over now.
    pub fn span(&self, since: Instant, what: What) {
        self.push(millis(since.elapsed()), what);
    }

    /// A wait that began at `since`. Waits under a millisecond are left out.
    pub fn waited(&self, since: Instant, cause: Cause, lane: Option<Lane>) {
        let took = millis(since.elapsed());
        if took > 0 {
            self.push(took, What::Waited { cause, lane });
        }
    }

    /// All lines so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A poll and the wait before it repeat by the hundred: each takes one line, where the last two are
    /// such a pair.
    fn push(&self, took_ms: u32, what: What) {
        let at_ms = millis(self.start.elapsed());
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if what.is_polling() {
            let same = entries.iter_mut().rev().take(2).find(|entry| entry.what == what);
            if let Some(entry) = same {
                entry.at_ms = at_ms;
                entry.took_ms = entry.took_ms.saturating_add(took_ms);
                entry.times += 1;
                return;
            }
        }
        entries.push(Entry { at_ms, took_ms, times: 1, what });
    }
}

// === impl What ===

impl What {
    fn is_polling(&self) -> bool {
        matches!(
            self,
            What::Waited { cause: Cause::Poll, .. }
                | What::Called { lane: Lane::Poll, outcome: "ok", .. }
                | What::Blocked { lane: Lane::Poll, .. }
        )
    }
}

impl Default for Timeline {
    fn default() -> Self {
        Self::new()
    }
}

fn is_once(times: &u32) -> bool {
    *times == 1
}

/// Whole milliseconds.
pub(crate) fn millis(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_fold_into_one_pair_of_lines() {
        let timeline = Timeline::new();
        timeline.note(What::Started);
        for _ in 0..100 {
            timeline.push(1000, What::Waited { cause: Cause::Poll, lane: None });
            let call = "poll".to_owned();
            timeline.push(3, What::Called { call, lane: Lane::Poll, status: Some(200), outcome: "ok" });
        }
        let folded: Vec<(u32, u32)> =
            timeline.entries().iter().map(|entry| (entry.times, entry.took_ms)).collect();
        assert_eq!(folded, [(1, 0), (100, 100_000), (100, 300)]);
    }
}
