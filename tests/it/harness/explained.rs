//! What the operations port tells of one calculation.

use serde_json::Value;

/// Verdicts and timelines, by insurer.
#[derive(Debug)]
pub struct Explained(pub Value);

// === impl Explained ===

impl Explained {
    /// Every insurer with its verdict, in the configuration's order.
    pub fn verdicts(&self) -> Vec<(&str, u64)> {
        let insurers = self.insurers().iter();
        insurers.map(|one| (text(&one["insurer"]), one["verdict"].as_u64().expect("a verdict"))).collect()
    }

    /// The verdict of one insurer.
    #[track_caller]
    pub fn verdict(&self, insurer: &str) -> u64 {
        self.of(insurer)["verdict"].as_u64().unwrap_or_else(|| panic!("{insurer} has no verdict: {self:?}"))
    }

    /// What an operator is told of one insurer's end.
    #[track_caller]
    pub fn detail(&self, insurer: &str) -> &str {
        text(&self.of(insurer)["detail"])
    }

    /// Everything about one insurer.
    #[track_caller]
    pub fn of(&self, insurer: &str) -> &Value {
        let found = self.insurers().iter().find(|one| one["insurer"] == insurer);
        found.unwrap_or_else(|| panic!("{insurer} is not explained: {self:?}"))
    }

    /// How often something stands in an insurer's timeline.
    #[track_caller]
    pub fn count(&self, insurer: &str, what: &str) -> usize {
        let timeline = self.of(insurer)["timeline"].as_array().expect("a timeline");
        timeline.iter().filter(|entry| entry["what"] == what).count()
    }

    fn insurers(&self) -> &[Value] {
        self.0["calculations"][0]["insurers"].as_array().map_or(&[], Vec::as_slice)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
