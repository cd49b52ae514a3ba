//! Whom the driver tells what it learns on the way.

use futures::future::BoxFuture;
use veer_contract::{Lane, Operation};

use crate::upstream::{callbacks::CallKey, point::Point};

/// What the driver tells about a conversation.
pub trait Journal<O: Operation>: Send + Sync {
    /// Publish these results.
    fn emitted(&self, results: Vec<O::Output>);
    /// A call in this lane leaves now.
    fn asking(&self, lane: Lane);
    /// Keep this; nobody waits for it.
    fn keep(&self, point: &Point);
    /// Keep this, with the note whether a call that creates is leaving; returns when it is durable.
    fn keep_durably<'a>(&'a self, point: &'a Point, creating: bool) -> BoxFuture<'a, Result<(), String>>;
    /// The conversation has this call of the insurer's behind it: what was kept last comes after it.
    fn taken(&self, call: &CallKey);
}
