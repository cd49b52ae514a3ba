//! What operators see.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;
use veer_contract::Lane;

use super::{
    knob::{KnobName, KnobPath},
    lane_limit::LaneLimit,
    layers::{Layers, Said},
    refused::Refused,
    revision::Revision,
    service::Tuning,
    value::Value,
};
use crate::{
    store::{RevisionsOf, StoreError},
    telemetry,
    upstream::limit::Forecast,
};

/// All that holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The last revision.
    pub revision: i64,
    /// The watched file.
    pub file: FileShown,
    /// Every knob that was asked for.
    pub knobs: Vec<KnobShown>,
    /// How their lanes' engines stand, where they tell.
    pub standing: Vec<StandingShown>,
}

/// How the watched file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileShown {
    /// Where it is, or would be.
    pub path: String,
    /// When it was taken in last by this gateway.
    pub read: Option<Timestamp>,
    /// What is wrong with it; while there is something, what it said before still holds.
    pub problems: Vec<String>,
}

/// What one knob says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnobShown {
    /// Whose.
    pub insurer: String,
    /// Of which lane.
    pub lane: Option<&'static str>,
    /// Which.
    pub knob: &'static str,
    /// What holds now.
    pub value: String,
    /// What the configuration says.
    pub configured: String,
    /// What was set over it.
    pub set: Option<SaidShown>,
    /// What holds over both for a time.
    #[serde(rename = "override")]
    pub over: Option<OverrideShown>,
}

/// What a layer says, and how it came to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SaidShown {
    /// As it was written.
    pub value: String,
    /// Its revision.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub author: String,
    /// Why.
    pub reason: String,
    /// Through what.
    pub through: &'static str,
}

/// The same with its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverrideShown {
    /// When it ends by itself.
    pub until: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub said: SaidShown,
}

/// How the engines of a lane stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StandingShown {
    /// Whose.
    pub insurer: String,
    /// Of which lane.
    pub lane: &'static str,
    /// What they tell.
    pub now: Json,
}

/// What the past hour would have come to, under what holds and under what is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DryRun {
    /// Whose.
    pub insurer: String,
    /// Of which lane.
    pub lane: &'static str,
    /// Under the limit that holds now.
    pub current: ForecastOf,
    /// Under the proposed one.
    pub proposed: ForecastOf,
}

/// A limit, and what the past hour would have come to under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ForecastOf {
    /// The limit.
    pub limit: String,
    /// What it would have come to.
    #[serde(flatten)]
    pub forecast: Forecast,
}

// === impl Tuning ===

impl Tuning {
    /// What holds now, of everything or of an insurer, and of all its knobs or of a lane's.
    pub fn show(&self, insurer: Option<&str>, lane: Option<&str>) -> Result<Shown, Refused> {
        let wanted_lane = match (insurer, lane) {
            (None, None) => None,
            (Some(insurer), None) => self.0.known.insurer(insurer).map(|()| None)?,
            (Some(insurer), Some(lane)) => Some(self.0.known.lane(insurer, lane)?),
            (None, Some(_)) => {
                return Err(Refused::Wrong("a lane is an insurer's; name the insurer too".to_owned()));
            }
        };
        let is_wanted = |path: &KnobPath| {
            insurer.is_none_or(|insurer| path.insurer == insurer)
                && (wanted_lane.is_none() || path.lane == wanted_lane)
        };
        let now = telemetry::now();
        let (mut shown, lanes) = {
            let state = self.state();
            let wanted: Vec<_> = state.book.all().filter(|(path, _)| is_wanted(path)).collect();
            let lanes: Vec<(String, Lane)> = wanted
                .iter()
                .filter(|(path, _)| path.knob == KnobName::Limit)
                .filter_map(|(path, _)| Some((path.insurer.clone(), path.lane?)))
                .collect();
            let knobs = wanted.iter().map(|(path, layers)| KnobShown::of(path, layers, now)).collect();
            let file = FileShown::of(&self.0.file, state.watched.read, &state.watched.problems);
            (Shown { revision: state.book.number, file, knobs, standing: Vec::new() }, lanes)
        };
        let standing = |(insurer, lane): (String, Lane)| {
            let now = self.0.tunables.get(&insurer)?.standing(lane)?;
            Some(StandingShown { insurer, lane: lane.name(), now })
        };
        shown.standing = lanes.into_iter().filter_map(standing).collect();
        Ok(shown)
    }

    /// One knob.
    pub fn shown(&self, path: &KnobPath) -> Option<KnobShown> {
        let state = self.state();
        state.book.layers(path).map(|layers| KnobShown::of(path, layers, telemetry::now()))
    }

    /// At most `most` revisions of those that are asked for, the newest first. Insurers that are gone have theirs too.
    pub async fn history(&self, of: &RevisionsOf, most: u32) -> Result<Vec<Revision>, StoreError> {
        let rows = self.0.store.revisions(of, most).await?;
        Ok(rows.into_iter().map(Revision::from).collect())
    }

    /// What the past hour's demand on a lane would have come to under a proposed limit.
    pub fn dry_run(&self, insurer: &str, lane: &str, limit: &str) -> Result<DryRun, Refused> {
        let path = self.0.known.find(insurer, Some(lane), KnobName::Limit.name())?;
        let wrong = |rule: String| Refused::Wrong(format!("{path}: {rule}"));
        let proposed = LaneLimit::read(limit.trim()).map_err(wrong)?;
        let Some(rates) = proposed.rates else {
            let rule = "a dry run is about rates; write some, as in \"5/s, 200/min\", or \"none\"";
            return Err(wrong(rule.to_owned()));
        };
        let current = match self.state().book.layers(&path).map(|layers| layers.holds(telemetry::now())) {
            Some(Value::Limit(limit)) => limit.rates.unwrap_or_default(),
            _ => Vec::new(),
        };
        let engine = path.lane.zip(self.0.tunables.get(insurer));
        let forecast = |rates| {
            let forecast = engine.and_then(|(lane, engine)| engine.forecast(lane, rates))?;
            let limit = LaneLimit { rates: Some(rates.to_vec()), at_once: None }.to_string();
            Some(ForecastOf { limit, forecast })
        };
        let (Some(current), Some(proposed)) = (forecast(&current), forecast(&rates)) else {
            return Err(Refused::NotRecorded(format!("no demand of {insurer} {lane} is recorded")));
        };
        Ok(DryRun { insurer: insurer.to_owned(), lane: path.lane_name(), current, proposed })
    }
}

// === impl KnobShown ===

impl KnobShown {
    fn of(path: &KnobPath, layers: &Layers, now: Timestamp) -> Self {
        let over = layers.overridden(now);
        Self {
            insurer: path.insurer.clone(),
            lane: path.lane.map(Lane::name),
            knob: path.knob.name(),
            value: layers.holds(now).to_string(),
            configured: layers.configured.to_string(),
            set: layers.lasting.as_ref().map(SaidShown::of),
            over: over.map(|(said, until)| OverrideShown { until: *until, said: SaidShown::of(said) }),
        }
    }
}

// === impl SaidShown ===

impl SaidShown {
    fn of(said: &Said) -> Self {
        Self {
            value: said.value.to_string(),
            revision: said.number,
            at: said.at,
            author: said.who.author.clone(),
            reason: said.who.reason.clone(),
            through: said.who.through.name(),
        }
    }
}

// === impl FileShown ===

impl FileShown {
    fn of(path: &Path, read: Option<Timestamp>, problems: &[String]) -> Self {
        Self { path: path.display().to_string(), read, problems: problems.to_vec() }
    }
}
