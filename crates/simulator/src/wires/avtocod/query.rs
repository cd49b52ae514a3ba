//! What a report is about, and its name, which holds that.

use base64::{Engine, prelude::BASE64_URL_SAFE};
use serde_json::{Value, json};

use super::REPORT_TYPE;
use crate::{
    draws::Draws,
    risk::{RiskId, plain},
};

/// A VIN or a plate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Query {
    Vin(String),
    Plate(String),
}

// === impl Query ===

impl Query {
    /// Of the body of a call; `None` where it names neither.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let number = body["query"].as_str().map(str::trim).filter(|number| !number.is_empty())?;
        match body["queryType"].as_str()? {
            "VIN" => Some(Self::Vin(number.to_owned())),
            "GRZ" => Some(Self::Plate(number.to_owned())),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> &str {
        match self {
            Self::Vin(number) | Self::Plate(number) => number,
        }
    }

    /// Names the vehicle in the journal without telling its number.
    pub(super) fn id(&self, world: &Draws) -> RiskId {
        RiskId(world.with("looked up").with(&plain(self.number())).number("id"))
    }

    /// The report's name: a VIN stands in it as it is, a plate in base64.
    pub(super) fn uid(&self) -> String {
        let (name, domain) = halves();
        match self {
            Self::Vin(vin) if is_plain(vin) => format!("{name}_{vin}@{domain}"),
            _ => format!("{name}_{}@{domain}", BASE64_URL_SAFE.encode(self.json().to_string())),
        }
    }

    /// What the report of that name is about.
    pub(super) fn of_uid(uid: &str) -> Option<Self> {
        let (name, domain) = halves();
        let number = uid.strip_suffix(domain)?.strip_suffix('@')?.strip_prefix(name)?.strip_prefix('_')?;
        let coded = BASE64_URL_SAFE.decode(number).ok().and_then(|json| serde_json::from_slice(&json).ok());
        match coded {
            Some(body) => Self::read(&body),
            None => Some(Self::Vin(number.to_owned())),
        }
    }

    /// As the report repeats it, and as its name holds it.
    pub(super) fn json(&self) -> Value {
        let kind = if matches!(self, Self::Vin(_)) { "VIN" } else { "GRZ" };
        json!({"queryType": kind, "query": self.number()})
    }
}

fn halves() -> (&'static str, &'static str) {
    REPORT_TYPE.split_once('@').unwrap_or((REPORT_TYPE, ""))
}

fn is_plain(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_number() {
        for query in [
            Query::Vin("XTA210990Y2765439".into()),
            Query::Vin("LN130-0128818".into()),
            Query::Plate("А123БВ777".into()),
        ] {
            let uid = query.uid();
            assert!(uid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-=@".contains(&byte)), "{uid}");
            assert_eq!(Query::of_uid(&uid), Some(query));
        }
        assert_eq!(Query::of_uid("other_X@simulated"), None);
    }
}
