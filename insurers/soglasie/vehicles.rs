//! The dictionary: the makes, then the models of each make, a few makes at once.

use serde_json::Value;
use veer_contract::{
    Auth, Call, Context, Effect, Event, Fault, Flow, Lane, Method, Reply, create_then_poll::Refusal,
    operation::Vehicles,
};

use super::errors::{self, WITH_ERROR_BODY};
use crate::brand_by_brand::{self, BrandByBrand, Keys, Reading, Turn};

/// Reads the dictionary.
pub(super) struct Dictionary;

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
    const BRAND: &'static str = "make";
    const KEYS: Keys = Keys { brand: "name", brand_id: "id", model: "name", model_id: "id", category: "cat" };

    fn brands(&self, cx: &Context<'_>) -> Result<Call, Fault> {
        Ok(ask("makes", base(cx)?.to_owned()))
    }

    fn models(&self, make: &str, cx: &Context<'_>) -> Result<Call, Fault> {
        Ok(ask("models", format!("{}/{make}", base(cx)?)))
    }

    fn rows(&self, reply: &Reply) -> Result<Value, Refusal> {
        errors::granted(reply, "id")
    }
}

/// Where the dictionary is; its address is not public.
fn base<'a>(cx: &'a Context<'_>) -> Result<&'a str, Fault> {
    let path = cx.settings.get("cars_path").trim().trim_matches('/');
    if path.is_empty() {
        let detail = "the setting `cars_path` is empty: set it to where the insurer serves its dictionary";
        return Err(Fault::not_understood(detail));
    }
    Ok(path)
}

fn ask(tag: &str, path: String) -> Call {
    Call::new(tag, Lane::Dictionary, Effect::Read, Method::Get, path)
        .with_auth(Auth::Basic)
        .accepting(&WITH_ERROR_BODY)
}
