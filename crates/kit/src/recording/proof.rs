//! What is recorded replays.

use std::{path::Path, sync::Arc};

use veer_contract::{Adapter, Operation};

use super::{Recorder, Scrub, fixture};
use crate::{
    Report,
    drive::Case,
    fixture::Fixture,
    folder::Folder,
    given::FixtureInput,
    operations::{self, Each},
    replay, requests,
};

/// Plays each `ok.toml` of the folder as if it were the insurer, records it, and demands that the recording is a fixture
/// which the adapter agrees with.
pub fn check(adapter: Arc<dyn Adapter>, folder: &Path) -> Report {
    let mut report = Report::of(folder);
    let folder = Folder::read(folder, &mut report);
    let recorder = Recorder::new(adapter.clone());
    operations::each(
        &recorder,
        &mut Proof { adapter: &*adapter, recorder: &recorder, folder: &folder, report: &mut report },
    );
    report
}

struct Proof<'a> {
    adapter: &'a dyn Adapter,
    recorder: &'a Recorder,
    folder: &'a Folder,
    report: &'a mut Report,
}

impl Each for Proof<'_> {
    fn operation<O: Operation>(&mut self, _: &dyn Adapter)
    where
        O::Input: FixtureInput,
    {
        for (place, played) in self.folder.fixtures(O::KIND).filter(|(place, _)| place.ends_with("/ok.toml"))
        {
            self.report.replayed += 1;
            match self.recorded::<O>(played) {
                Ok(()) => {}
                Err(problems) => problems.iter().for_each(|problem| self.report.add(&place, problem)),
            }
        }
    }
}

impl Proof<'_> {
    fn recorded<O: Operation>(&self, played: &Fixture) -> Result<(), Vec<String>>
    where
        O::Input: FixtureInput,
    {
        let one = |problem: String| vec![problem];
        let readme = self.folder.readme.as_deref().unwrap_or_default();
        let in_paths = self.folder.in_paths();
        let case = |adapter, given| {
            let flow = O::flow(adapter).ok_or_else(|| one("the operation is not there".into()))?;
            Case::<O>::new(adapter, flow, given, &in_paths).map_err(one)
        };
        self.recorder.take();
        replay::record(&case(self.recorder, &played.given)?, played).map(drop)?;
        let heard = self.recorder.take().pop().ok_or_else(|| one("nothing was heard".into()))?;
        let standard = requests::standard();
        let text = fixture(self.adapter, &heard, &Scrub::new(&[].into(), &standard, &standard), readme)
            .map_err(one)?;
        let again = Fixture::parse(&text).map_err(|error| one(format!("{error}\n{text}")))?;
        replay::record(&case(self.adapter, &again.given)?, &again).map(drop)
    }
}
