//! Whose knobs there are, and what the configuration says of each.

use std::collections::BTreeMap;

use veer_contract::Lane;

use super::{
    knob::{KnobName, KnobPath, knob_hint, lane},
    lane_limit::LaneLimit,
    refused::Refused,
    value::{Hand, Value},
};
use crate::config::{InsurerConfig, LaneConfig, hint};

/// Every knob with its configured value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<String, BTreeMap<KnobPath, Value>>);

// === impl Known ===

impl Known {
    /// The knobs of the configuration's insurers.
    pub fn of(insurers: &[InsurerConfig]) -> Self {
        let knobs = |insurer: &InsurerConfig| {
            let path = |lane, knob| KnobPath { insurer: insurer.code.clone(), lane, knob };
            let whole = KnobName::OF_AN_INSURER
                .into_iter()
                .filter_map(|knob| Some((path(None, knob), of_insurer(insurer, knob)?)));
            let lanes = insurer.lanes.iter().flat_map(|(lane, config)| {
                KnobName::OF_A_LANE
                    .into_iter()
                    .filter_map(move |knob| Some((*lane, knob, of_lane(config, knob)?)))
            });
            let lanes = lanes.map(|(lane, knob, value)| (path(Some(lane), knob), value));
            whole.chain(lanes).collect()
        };
        Self(insurers.iter().map(|insurer| (insurer.code.clone(), knobs(insurer))).collect())
    }

    /// Every knob.
    pub(super) fn all(&self) -> impl Iterator<Item = (&KnobPath, &Value)> {
        self.0.values().flatten()
    }

    /// The knob of those names. What is not there is told with what was probably meant.
    pub fn find(&self, insurer: &str, lane_name: Option<&str>, knob: &str) -> Result<KnobPath, Refused> {
        let lane = match lane_name {
            Some(name) => Some(self.lane(insurer, name)?),
            None => self.insurer(insurer).map(|()| None)?,
        };
        let named = KnobName::parse(knob);
        if let Some(name) = named.filter(|name| name.is_of_a_lane() != lane.is_some()) {
            let rule = match lane {
                Some(lane) => format!(
                    "`{name}` is a knob of the insurer as a whole; name it without the lane: {insurer} {name}, not \
                     {insurer} {lane} {name}"
                ),
                None => {
                    let lanes = self.lanes(insurer).collect::<Vec<_>>().join(", ");
                    format!("`{name}` is a knob of each lane; name one of {insurer}'s lanes too: {lanes}")
                }
            };
            return Err(Refused::Unknown(rule));
        }
        let path = named.map(|knob| KnobPath { insurer: insurer.to_owned(), lane, knob });
        path.ok_or_else(|| {
            Refused::Unknown(format!("there is no knob `{knob}`; {}", knob_hint(knob, lane.is_some())))
        })
    }

    /// That insurer is there.
    pub(super) fn insurer(&self, insurer: &str) -> Result<(), Refused> {
        if self.0.contains_key(insurer) {
            return Ok(());
        }
        let known = || self.0.keys().map(String::as_str);
        let hint =
            if self.0.is_empty() { "the configuration has none".to_owned() } else { hint(insurer, known()) };
        Err(Refused::Unknown(format!("there is no insurer `{insurer}` in the configuration; {hint}")))
    }

    /// That lane of that insurer.
    pub(super) fn lane(&self, insurer: &str, name: &str) -> Result<Lane, Refused> {
        self.insurer(insurer)?;
        let found = lane(name).filter(|lane| self.lanes(insurer).any(|known| known == lane.name()));
        found.ok_or_else(|| {
            let hint = hint(name, self.lanes(insurer));
            Refused::Unknown(format!("{insurer} has no lane `{name}`; {hint}"))
        })
    }

    fn lanes(&self, insurer: &str) -> impl Iterator<Item = &'static str> {
        let knobs = self.0.get(insurer).into_iter().flat_map(BTreeMap::keys);
        knobs.filter(|path| path.knob == KnobName::Limit).map(KnobPath::lane_name)
    }
}

/// What the configuration says of a lane's knob.
fn of_lane(config: &LaneConfig, knob: KnobName) -> Option<Value> {
    match knob {
        KnobName::Limit => Some(Value::Limit(LaneLimit::of(&config.rate, config.concurrent))),
        KnobName::Limits => Some(Value::Mode(config.limits)),
        KnobName::Breaker => Some(Value::Mode(config.breaker.mode)),
        KnobName::Hold => Some(Value::Hand(Hand::Auto)),
        _ => None,
    }
}

/// What it says of a knob of the insurer as a whole.
fn of_insurer(config: &InsurerConfig, knob: KnobName) -> Option<Value> {
    let standing = &config.standing;
    match knob {
        KnobName::Enabled => Some(Value::Switch(standing.enabled)),
        KnobName::Asked => Some(Value::Share(standing.asked)),
        KnobName::Shadow => Some(Value::Switch(standing.shadow)),
        KnobName::Hours => Some(Value::Hours(standing.hours.clone())),
        KnobName::Maintenance => Some(Value::Maintenance(standing.maintenance.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuning::trial;

    fn found(words: (&str, Option<&str>, &str)) -> Result<String, String> {
        let known = Known::of(&trial::insurers());
        let (insurer, lane, knob) = words;
        known.find(insurer, lane, knob).map(|path| path.to_string()).map_err(|refused| refused.to_string())
    }

    #[test]
    fn a_knob_is_found_by_its_names() {
        assert_eq!(found(("alfastrah", Some("create"), "limit")).as_deref(), Ok("alfastrah create limit"));
        assert_eq!(found(("alfastrah", None, "enabled")).as_deref(), Ok("alfastrah enabled"));
    }

    #[test]
    fn who_mistakes_a_name_is_told_the_nearest() {
        for (words, told) in [
            (("alfastra", None, "enabled"), "did you mean `alfastrah`?"),
            (("nobody-at-all", None, "enabled"), "known here: alfastrah, vsk"),
            (("alfastrah", Some("creat"), "limit"), "alfastrah has no lane `creat`; did you mean `create`?"),
            (("vsk", Some("poll"), "limit"), "vsk has no lane `poll`"),
            (("alfastrah", Some("create"), "limt"), "did you mean `limit`?"),
            (("alfastrah", None, "enable"), "did you mean `enabled`?"),
            (("alfastrah", Some("create"), "enabled"), "name it without the lane: alfastrah enabled"),
            (("alfastrah", None, "limit"), "name one of alfastrah's lanes too: create, poll"),
        ] {
            let rule = found(words).unwrap_err();
            assert!(rule.contains(told), "{words:?}: {rule}");
        }
    }

    #[test]
    fn what_the_configuration_says_is_beneath_everything() {
        let known = Known::of(&trial::insurers());
        let said: BTreeMap<String, String> =
            known.all().map(|(path, value)| (path.to_string(), value.to_string())).collect();
        assert_eq!(said["alfastrah create limit"], "5/s, 8 at once");
        assert_eq!(said["alfastrah create limits"], "on");
        assert_eq!(said["vsk enabled"], "no");
        assert_eq!(said["vsk hours"], "always");
        // Nine of an insurer with one lane, four more of another lane.
        assert_eq!(said.len(), 9 + 9 + 4);
    }
}
