//! The test kit: given an insurer's adapter and folder, it tests both without a network and without the
//! author writing a test.
//!
//! | module | what it does |
//! |---|---|
//! | [`requests`] | the invented requests that all fixtures start from |
//! | [`fixture`] | one conversation as a script in TOML, read strictly: an unknown key fails |
//! | [`given`] | what a fixture gives the adapter: a request with changes, the date, ids, settings |
//! | [`body`] | what two bodies have in common whatever their spelling: JSON values, form pairs, XML trees |
//! | `replay` | plays a fixture; the state is saved and reloaded at every step |
//! | `failures` | derives a hundred broken replies from each good one, plays the host, and demands an orderly end |
//! | `host` | what the host makes of a reply before the adapter sees any, and the verdicts |
//! | `losses` | loses the reply to every call that creates and demands that the adapter asks before it creates |
//! | `callbacks` | plays insurers' own calls, whole and broken |
//! | `flips` | falsifies every expected value in turn and demands that the replay notices |
//! | `probe` | leaves each field of the request out in turn: which insurer needs what |
//! | `secrecy` | demands that nothing printable holds personal data or a secret |
//! | `fields` | the request's fields by their names in the partner API |
//! | [`recording`] | what a real insurer said, as a fixture in which nobody is named |
//! | `folder` | reads an insurer's folder |
//! | `shape` | looks at the folder as a whole, with messages that teach |
//!
//! [`check`] does all of it and returns a [`Report`] of every problem at once; [`probe`] and [`matrix`] make the page that
//! tells which insurer needs which field. What happens on the way there (limits, retries, timeouts) is the host's, and
//! tested there.

pub mod body;
mod callbacks;
mod drive;
mod failures;
mod fields;
pub mod fixture;
mod flips;
mod folder;
pub mod given;
mod host;
mod json;
mod losses;
mod operations;
mod probe;
pub mod recording;
mod replay;
mod reply;
mod report;
pub mod requests;
mod secrecy;
mod shape;
mod strict;
mod xml;

use std::path::Path;

use veer_contract::{Adapter, Operation};

pub use folder::folders;
pub use host::Verdict;
pub use probe::{Finding, Probe, matrix, probe};
pub use report::Report;

use crate::{folder::Folder, given::FixtureInput, operations::Each};

/// Checks one insurer: everything that can be known about it without its network.
pub fn check(adapter: &dyn Adapter, folder: &Path) -> Report {
    let mut report = Report::of(folder);
    let folder = Folder::read(folder, &mut report);
    shape::check(adapter, &folder, &mut report);
    operations::each(adapter, &mut Checking { folder: &folder, report: &mut report });
    probe::check(adapter, &folder, &mut report);
    for (name, fixture) in folder.callbacks() {
        callbacks::check(adapter, fixture, &name, &mut report);
    }
    report
}

struct Checking<'a> {
    folder: &'a Folder,
    report: &'a mut Report,
}

impl Each for Checking<'_> {
    fn operation<O: Operation>(&mut self, adapter: &dyn Adapter)
    where
        O::Input: FixtureInput,
    {
        let Self { folder, report } = self;
        let Some(flow) = O::flow(adapter) else { return };
        let in_paths = folder.in_paths();
        for (name, fixture) in folder.fixtures(O::KIND) {
            let case = match drive::Case::new(adapter, flow, &fixture.given, &in_paths) {
                Ok(case) => case,
                Err(problem) => {
                    report.add(&name, problem);
                    continue;
                }
            };
            report.replayed += 1;
            match replay::record(&case, fixture) {
                Ok(recording) => {
                    failures::check(&case, fixture, &name, report);
                    losses::check(&case, fixture, &name, report);
                    flips::check(&case, fixture, &recording, &name, report);
                }
                // What follows compares with this conversation, so it must stand first.
                Err(differences) => {
                    differences.into_iter().for_each(|difference| report.add(&name, difference));
                }
            }
        }
    }
}
