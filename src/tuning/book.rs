//! All knobs with their layers, and the revisions that change them. Pure: whoever has the same revisions has the same
//! book.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use veer_contract::Lane;

use super::{
    knob::{KnobName, KnobPath, lane},
    known::Known,
    layers::{Layers, Said},
    revision::{Layer, Through, Who},
    turn::Turn,
    value::{Hand, Value},
};
use crate::{
    config::{Hours, Maintenance, Mode, Share, StandingConfig},
    store::RevisionRow,
};

/// What holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Book {
    /// The last revision that is in it.
    pub number: i64,
    knobs: BTreeMap<KnobPath, Layers>,
}

/// A change that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    /// Of which knob.
    pub path: KnobPath,
    /// In which layer.
    pub layer: Layer,
    /// What it says; nothing takes the layer back.
    pub value: Option<Value>,
    /// When an override ends.
    pub until: Option<Timestamp>,
}

// === impl Book ===

impl Book {
    /// What the configuration alone says.
    pub fn new(known: &Known) -> Self {
        let knobs = known.all().map(|(path, value)| (path.clone(), Layers::new(value.clone())));
        Self { number: 0, knobs: knobs.collect() }
    }

    /// Takes a revision in. False where this gateway has no such knob, or cannot read what is said of it.
    pub fn take(&mut self, row: &RevisionRow) -> bool {
        self.number = self.number.max(row.number);
        let lane = Some(row.lane.as_str()).filter(|name| !name.is_empty()).map(lane);
        let (Some(knob), false) = (KnobName::parse(&row.knob), lane == Some(None)) else { return false };
        let path = KnobPath { insurer: row.insurer.clone(), lane: lane.flatten(), knob };
        let Some(layers) = self.knobs.get_mut(&path) else { return false };
        let value = row.value.as_deref().map(|text| knob.read(text)).transpose();
        let (Ok(value), Some(layer)) = (value, Layer::parse(&row.layer)) else { return false };
        let said = value.map(|value| Said { value, number: row.number, at: row.at, who: who(row) });
        match layer {
            Layer::Lasting => layers.lasting = said,
            Layer::Override => layers.over = said.zip(row.until),
        }
        true
    }

    /// The revisions that make `drafts` so, numbered behind those that are in the book.
    pub fn rows(&self, drafts: Vec<Draft>, who: &Who, now: Timestamp) -> Vec<RevisionRow> {
        let drafts = drafts.into_iter().filter(|draft| self.knobs.contains_key(&draft.path));
        let numbers = self.number.saturating_add(1)..;
        let row = |(number, draft): (i64, Draft)| {
            let layers = self.knobs.get(&draft.path)?;
            let mut after = layers.clone();
            let (from, to) = match draft.layer {
                Layer::Lasting => {
                    let said = |value| Said { value, number, at: now, who: who.clone() };
                    after.lasting = draft.value.clone().map(said);
                    (layers.beneath(), after.beneath())
                }
                Layer::Override => {
                    let to = draft.value.as_ref().map(|value| value.over(&layers.beneath()));
                    let from = match &to {
                        Some(_) => layers.holds(now),
                        None => layers.said_over().unwrap_or_else(|| layers.beneath()),
                    };
                    (from, to.unwrap_or_else(|| layers.beneath()))
                }
            };
            Some(RevisionRow {
                number,
                at: now,
                author: who.author.clone(),
                reason: who.reason.clone(),
                through: who.through.name().to_owned(),
                insurer: draft.path.insurer.clone(),
                lane: draft.path.lane_name().to_owned(),
                knob: draft.path.knob.name().to_owned(),
                layer: draft.layer.name().to_owned(),
                value: draft.value.map(|value| value.to_string()),
                from: from.to_string(),
                to: to.to_string(),
                until: draft.until,
            })
        };
        numbers.zip(drafts).filter_map(row).collect()
    }

    /// A knob's layers.
    pub fn layers(&self, path: &KnobPath) -> Option<&Layers> {
        self.knobs.get(path)
    }

    /// Every knob.
    pub fn all(&self) -> impl Iterator<Item = (&KnobPath, &Layers)> {
        self.knobs.iter()
    }

    /// The overrides whose time is over at `now`, and whose end nobody has written down.
    pub fn over_at(&self, now: Timestamp) -> Vec<KnobPath> {
        let is_over = |layers: &Layers| layers.over.is_some() && layers.overridden(now).is_none();
        self.knobs.iter().filter(|(_, layers)| is_over(layers)).map(|(path, _)| path.clone()).collect()
    }

    /// How many overrides hold at `now`.
    pub fn overrides(&self, now: Timestamp) -> usize {
        self.knobs.values().filter(|layers| layers.overridden(now).is_some()).count()
    }

    /// What every engine is to do at `now`.
    pub fn turns(&self, now: Timestamp) -> Vec<(String, Option<Lane>, Turn)> {
        let places: BTreeSet<_> = self.knobs.keys().map(|path| (path.insurer.as_str(), path.lane)).collect();
        let turns = |(insurer, lane): (&str, Option<Lane>)| {
            let turns = match lane {
                Some(lane) => self.of_lane(insurer, lane, now),
                None => vec![self.of_insurer(insurer, now)],
            };
            turns.into_iter().map(|turn| (insurer.to_owned(), lane, turn)).collect::<Vec<_>>()
        };
        places.into_iter().flat_map(turns).collect()
    }

    fn of_lane(&self, insurer: &str, lane: Lane, now: Timestamp) -> Vec<Turn> {
        let path = |knob| KnobPath { insurer: insurer.to_owned(), lane: Some(lane), knob };
        let value = |knob| self.knobs.get(&path(knob)).map(|layers| layers.holds(now));
        let mode = |knob| match value(knob) {
            Some(Value::Mode(mode)) => mode,
            _ => Mode::On,
        };
        let mut turns = Vec::new();
        if let Some(Value::Limit(limit)) = value(KnobName::Limit)
            && let (Some(rates), Some(at_once)) = (limit.rates, limit.at_once)
        {
            turns.push(Turn::Limit { rates, at_once, mode: mode(KnobName::Limits) });
        }
        turns.push(Turn::Breaker { mode: mode(KnobName::Breaker) });
        let hand = match value(KnobName::Hold) {
            Some(Value::Hand(hand)) => hand,
            _ => Hand::Auto,
        };
        // The breaker takes its hold back by itself only where nobody holds it beneath.
        let over = self
            .knobs
            .get(&path(KnobName::Hold))
            .filter(|layers| layers.beneath() == Value::Hand(Hand::Auto))
            .and_then(|layers| layers.overridden(now));
        turns.push(Turn::Hold { hand, until: over.map(|(_, until)| *until) });
        turns
    }

    fn of_insurer(&self, insurer: &str, now: Timestamp) -> Turn {
        let value = |knob| {
            let path = KnobPath { insurer: insurer.to_owned(), lane: None, knob };
            self.knobs.get(&path).map(|layers| layers.holds(now))
        };
        let switch = |knob, otherwise| match value(knob) {
            Some(Value::Switch(is_on)) => is_on,
            _ => otherwise,
        };
        Turn::Standing(StandingConfig {
            enabled: switch(KnobName::Enabled, true),
            asked: match value(KnobName::Asked) {
                Some(Value::Share(share)) => share,
                _ => Share::ALL,
            },
            shadow: switch(KnobName::Shadow, false),
            hours: match value(KnobName::Hours) {
                Some(Value::Hours(hours)) => hours,
                _ => Hours::default(),
            },
            maintenance: match value(KnobName::Maintenance) {
                Some(Value::Maintenance(windows)) => windows,
                _ => Maintenance::default(),
            },
        })
    }
}

fn who(row: &RevisionRow) -> Who {
    let all = [Through::Command, Through::Http, Through::File, Through::Expiry];
    let through = all.into_iter().find(|through| through.name() == row.through);
    Who { author: row.author.clone(), reason: row.reason.clone(), through: through.unwrap_or(Through::Http) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::trial;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn path(text: &str) -> KnobPath {
        trial::path(text)
    }

    struct Desk(Book);

    impl Desk {
        fn new() -> Self {
            Self(Book::new(&Known::of(&trial::insurers())))
        }

        /// Writes one change; from and to of its revision.
        fn change(
            &mut self,
            knob: &str,
            layer: Layer,
            value: Option<&str>,
            until: Option<i64>,
            now: i64,
        ) -> (String, String) {
            let path = path(knob);
            let value = value.map(|text| path.knob.read(text).unwrap());
            let draft = Draft { path, layer, value, until: until.map(at) };
            let [row] = &self.0.rows(vec![draft], &trial::anna(), at(now))[..] else { panic!("one row") };
            assert!(self.0.take(row));
            (row.from.clone(), row.to.clone())
        }

        fn holds(&self, knob: &str, now: i64) -> String {
            self.0.layers(&path(knob)).unwrap().holds(at(now)).to_string()
        }
    }

    fn told(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn each_layer_lies_over_the_one_before() {
        let mut desk = Desk::new();
        let knob = "alfastrah create limit";
        assert_eq!(desk.holds(knob, 0), "5/s, 8 at once");
        let change = desk.change(knob, Layer::Lasting, Some("4/s"), None, 1);
        assert_eq!(change, told("5/s, 8 at once", "4/s, 8 at once"));
        let change = desk.change(knob, Layer::Override, Some("3 at once"), Some(100), 2);
        assert_eq!(change, told("4/s, 8 at once", "4/s, 3 at once"));
        // Setting something changes what an override does not speak of, and no more.
        let change = desk.change(knob, Layer::Lasting, Some("1/s, 9 at once"), None, 3);
        assert_eq!(change, told("4/s, 8 at once", "1/s, 9 at once"));
        assert_eq!(desk.holds(knob, 4), "1/s, 3 at once");
        assert_eq!(
            desk.change(knob, Layer::Override, None, None, 5),
            told("1/s, 3 at once", "1/s, 9 at once")
        );
        assert_eq!(
            desk.change(knob, Layer::Lasting, None, None, 6),
            told("1/s, 9 at once", "5/s, 8 at once")
        );
        assert_eq!((desk.holds(knob, 7), desk.0.number), ("5/s, 8 at once".to_owned(), 5));
    }

    #[test]
    fn an_override_ends_at_its_moment_whoever_writes_it_down() {
        let mut desk = Desk::new();
        let knob = "alfastrah enabled";
        desk.change(knob, Layer::Override, Some("no"), Some(100), 1);
        assert_eq!((desk.holds(knob, 99), desk.0.overrides(at(99))), ("no".into(), 1));
        assert_eq!(desk.0.over_at(at(99)), []);
        assert_eq!((desk.holds(knob, 100), desk.0.overrides(at(100))), ("yes".into(), 0));
        assert_eq!(desk.0.over_at(at(100)), [path(knob)]);
        assert_eq!(desk.change(knob, Layer::Override, None, None, 130), told("no", "yes"));
        assert_eq!(desk.0.over_at(at(200)), []);
    }

    #[test]
    fn an_override_that_replaces_one_begins_anew() {
        let mut desk = Desk::new();
        let knob = "alfastrah asked";
        desk.change(knob, Layer::Override, Some("20%"), Some(100), 1);
        assert_eq!(desk.change(knob, Layer::Override, Some("50%"), Some(500), 50), told("20%", "50%"));
        assert_eq!((desk.holds(knob, 499), desk.holds(knob, 500)), ("50%".into(), "100%".into()));
    }

    #[test]
    fn the_same_revisions_make_the_same_book() {
        let mut desk = Desk::new();
        let empty = desk.0.clone();
        let mut rows = Vec::new();
        for (number, text) in ["1/s", "2/s", "3/s"].into_iter().enumerate() {
            let knob = path("alfastrah poll limit");
            let value = Some(knob.knob.read(text).unwrap());
            let draft = Draft { path: knob, layer: Layer::Lasting, value, until: None };
            let row = desk.0.rows(vec![draft], &trial::anna(), at(number as i64)).remove(0);
            desk.0.take(&row);
            rows.push(row);
        }
        let mut last_only = empty;
        last_only.take(&rows[2]);
        assert_eq!(last_only, desk.0);
    }

    #[test]
    fn what_this_gateway_does_not_know_is_counted_and_left_alone() {
        let mut desk = Desk::new();
        let draft = Draft {
            path: path("alfastrah create limit"),
            layer: Layer::Lasting,
            value: Some(KnobName::Limit.read("2/s").unwrap()),
            until: None,
        };
        let row = desk.0.rows(vec![draft], &trial::anna(), at(1)).remove(0);
        let before: Vec<_> = desk.0.all().map(|(path, layers)| (path.clone(), layers.clone())).collect();
        for (number, strange) in [
            RevisionRow { insurer: "gone".into(), ..row.clone() },
            RevisionRow { lane: "document".into(), ..row.clone() },
            RevisionRow { lane: "fast".into(), ..row.clone() },
            RevisionRow { knob: "colour".into(), ..row.clone() },
            RevisionRow { value: Some("much".into()), ..row.clone() },
            RevisionRow { layer: "dream".into(), ..row.clone() },
        ]
        .into_iter()
        .enumerate()
        {
            let number = number as i64 + 10;
            assert!(!desk.0.take(&RevisionRow { number, ..strange }));
            assert_eq!(desk.0.number, number);
        }
        let after: Vec<_> = desk.0.all().map(|(path, layers)| (path.clone(), layers.clone())).collect();
        assert_eq!(after, before);
    }

    #[test]
    fn engines_are_told_whole() {
        let mut desk = Desk::new();
        let turn = |desk: &Desk, now, wanted: fn(&Turn) -> bool| {
            let turns = desk.0.turns(at(now));
            let mut found = turns.into_iter().filter(|(insurer, lane, turn)| {
                insurer == "alfastrah" && lane.is_none_or(|lane| lane == Lane::Create) && wanted(turn)
            });
            found.next().unwrap().2
        };
        let limit = |desk: &Desk, now| turn(desk, now, |turn| matches!(turn, Turn::Limit { .. }));
        desk.change("alfastrah create limit", Layer::Override, Some("none"), Some(100), 1);
        desk.change("alfastrah create limits", Layer::Lasting, Some("dry-run"), None, 2);
        assert_eq!(limit(&desk, 3), Turn::Limit { rates: Vec::new(), at_once: 8, mode: Mode::DryRun });
        let Turn::Limit { rates, .. } = limit(&desk, 100) else { panic!("a limit") };
        assert_eq!(rates.len(), 1);
        let hold = |desk: &Desk, now| turn(desk, now, |turn| matches!(turn, Turn::Hold { .. }));
        assert_eq!(hold(&desk, 3), Turn::Hold { hand: Hand::Auto, until: None });
        desk.change("alfastrah create hold", Layer::Override, Some("block"), Some(100), 3);
        assert_eq!(hold(&desk, 4), Turn::Hold { hand: Hand::Block, until: Some(at(100)) });
        assert_eq!(hold(&desk, 100), Turn::Hold { hand: Hand::Auto, until: None });
        desk.change("alfastrah create hold", Layer::Lasting, Some("block"), None, 4);
        desk.change("alfastrah create hold", Layer::Override, Some("pass"), Some(100), 4);
        assert_eq!(hold(&desk, 5), Turn::Hold { hand: Hand::Pass, until: None });
        assert_eq!(hold(&desk, 100), Turn::Hold { hand: Hand::Block, until: None });
        desk.change("alfastrah create hold", Layer::Lasting, None, None, 5);
        desk.change("alfastrah hours", Layer::Lasting, Some("08:00-20:00"), None, 5);
        desk.change("alfastrah shadow", Layer::Lasting, Some("yes"), None, 5);
        let standing = turn(&desk, 6, |turn| matches!(turn, Turn::Standing(_)));
        let hours = "08:00-20:00".parse().unwrap();
        let expected = StandingConfig { shadow: true, hours, ..StandingConfig::default() };
        assert_eq!(standing, Turn::Standing(expected));
    }
}
