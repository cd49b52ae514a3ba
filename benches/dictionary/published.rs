//! The process in which the published version is made, step by step, so that its size can be seen.
//!
//! Each line of its input asks for the next step; each line of its output says that one is done. It has
//! nothing else in memory, so what its resident set grows by is the version.

use std::{
    hint::black_box,
    io::{self, BufRead},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use veer::{
    dictionary::{
        Published, Version,
        answers::{Coding, Question},
        catalogue::{Categories, shipped},
    },
    telemetry,
};

/// Between steps: so often, with such pauses, something of this size is asked for.
const ROUNDS: usize = 10;
const PAUSE: Duration = Duration::from_millis(50);
const BLOCK: usize = 16 << 10;

/// What it says before each of its tellings.
pub(crate) const DONE: &str = "done ";

/// A step that is done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Done {
    /// How long it took.
    pub(crate) seconds: f64,
    /// Bytes of the answers that are ready.
    pub(crate) bytes: usize,
    /// Of sync-all: how it is compressed, and how large it is then.
    pub(crate) sync_all: Vec<(String, usize)>,
}

/// Waits for each step to be asked for; ends with its input.
pub(crate) fn run() -> Result<(), String> {
    let mut asked = io::stdin().lock().lines();
    told(&Done { seconds: 0.0, bytes: 0, sync_all: Vec::new() })?;

    let Some(_) = asked.next() else { return Ok(()) };
    let begun = Instant::now();
    let version = Version {
        number: 1,
        published: telemetry::now(),
        author: String::new(),
        note: String::new(),
        last_year: telemetry::moscow_today().year(),
    };
    let mut published = Published::new(version.clone(), &shipped());
    let seconds = begun.elapsed().as_secs_f64();
    give_back();
    told(&Done { seconds, bytes: published.answers.bytes(), sync_all: Vec::new() })?;

    let Some(_) = asked.next() else { return Ok(()) };
    let begun = Instant::now();
    published.answers.warm();
    let seconds = begun.elapsed().as_secs_f64();
    give_back();
    let page = published.answers.page(&Question::SyncAll { categories: Categories::none() });
    let page = page.map_err(|error| error.to_string())?;
    let codings = [None, Some(Coding::Gzip), Some(Coding::Brotli), Some(Coding::Zstd)];
    let size = |coding: Option<Coding>| {
        (coding.map_or("identity", Coding::name).to_owned(), page.body(coding).len())
    };
    let bytes = published.answers.bytes();
    told(&Done { seconds, bytes, sync_all: codings.into_iter().map(size).collect() })?;

    let Some(_) = asked.next() else { return Ok(()) };
    let begun = Instant::now();
    let next = Published::new(version, &shipped());
    next.answers.warm();
    published = next;
    let seconds = begun.elapsed().as_secs_f64();
    give_back();
    told(&Done { seconds, bytes: published.answers.bytes(), sync_all: Vec::new() })?;

    // Until it has been looked at.
    asked.for_each(drop);
    Ok(())
}

/// The allocator hands unused memory back to the system some time later, when it is asked for more.
fn give_back() {
    for _ in 0..ROUNDS {
        thread::sleep(PAUSE);
        let blocks: Vec<Vec<u8>> = (0..64).map(|_| black_box(vec![1; BLOCK])).collect();
        drop(blocks);
    }
}

fn told(done: &Done) -> Result<(), String> {
    let done = serde_json::to_string(done).map_err(|error| error.to_string())?;
    println!("{DONE}{done}");
    Ok(())
}
