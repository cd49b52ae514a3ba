//! The dictionary: the marks, then the models of each mark, a few marks at once.

use serde_json::Value;
use veer_contract::{
    Auth, Call, Context, Effect, Event, Fault, Flow, Lane, Method, Reply, create_then_poll::Refusal,
    operation::Vehicles,
};

use super::errors;
use crate::brand_by_brand::{self, BrandByBrand, Keys, Reading, Turn};

/// Reads the dictionary.
pub(super) struct Dictionary;

const MARKS: &str = "wapi/dictionary/vehicle/mark";

// === impl Dictionary ===

impl Flow<Vehicles> for Dictionary {
    type State = Reading;

    fn start(&self, (): &(), cx: &Context<'_>) -> Turn {
        brand_by_brand::start(self, cx)
    }

    fn resume(&self, (): &(), state: Reading, event: Event<'_>, cx: &Context<'_>) -> Turn {
        brand_by_brand::resume(self, state, event, cx)
    }
}

impl BrandByBrand for Dictionary {
    const BRAND: &'static str = "mark";
    const KEYS: Keys = Keys {
        brand: "mark",
        brand_id: "mark_id",
        model: "model",
        model_id: "model_id",
        category: "category_name",
    };

    fn brands(&self, _cx: &Context<'_>) -> Result<Call, Fault> {
        Ok(ask("marks", MARKS.into()))
    }

    fn models(&self, mark: &str, _cx: &Context<'_>) -> Result<Call, Fault> {
        Ok(ask("models", format!("{MARKS}/{mark}/model")))
    }

    fn rows(&self, reply: &Reply) -> Result<Value, Refusal> {
        errors::read(reply, "mark_id", String::new)
    }
}

fn ask(tag: &str, path: String) -> Call {
    Call::new(tag, Lane::Dictionary, Effect::Read, Method::Get, path).with_auth(Auth::Digest)
}
