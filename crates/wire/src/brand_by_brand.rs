//! A dictionary read brand by brand: the brands, then the models of each brand, a few brands at once.
//!
//! For insurers where no address has all models. What a few brands gave is published before the next few are asked,
//! and a brand whose models cannot be had ends the reading with a fault: what was published before is then not the
//! dictionary.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use veer_contract::{
    Call, Context, Event, Fault, Next, Reply, Step, create_then_poll::Refusal, domain::InsurerVehicle,
};

use crate::{
    dictionary::{self, Rows},
    loose::Loose,
    plain_id,
};

/// An insurer's words for it: implement this, and let the flow's two functions be [`start`] and [`resume`].
pub trait BrandByBrand {
    /// What the insurer calls a brand, for faults.
    const BRAND: &'static str;
    /// How its rows are written.
    const KEYS: Keys;

    /// The call that asks for the brands.
    fn brands(&self, cx: &Context<'_>) -> Result<Call, Fault>;

    /// The call that asks for the models of the brand with this id, which may stand in a path.
    fn models(&self, brand: &str, cx: &Context<'_>) -> Result<Call, Fault>;

    /// The reply as JSON, a list of rows where all is well.
    fn rows(&self, reply: &Reply) -> Result<Value, Refusal>;
}

/// The keys of a brand's row and of a model's row, in lower case.
pub struct Keys {
    /// A brand's name.
    pub brand: &'static str,
    /// A brand's id.
    pub brand_id: &'static str,
    /// A model's name.
    pub model: &'static str,
    /// A model's id.
    pub model_id: &'static str,
    /// A model's category.
    pub category: &'static str,
}

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The brands are asked for.
    Brands,
    /// The models of the first few of these brands are.
    Models {
        /// The brands whose models are not here yet.
        left: Vec<Brand>,
        /// Whether any vehicle was found so far.
        found: bool,
    },
}

/// A brand of the dictionary.
#[derive(Serialize, Deserialize)]
pub struct Brand {
    id: String,
    name: String,
}

/// What comes next, with the rows that are ready now.
pub type Turn = Step<Reading, Vec<InsurerVehicle>>;

/// Brands whose models are asked for at once.
const AT_ONCE: usize = 8;

/// Begins the reading.
pub fn start<D: BrandByBrand>(insurer: &D, cx: &Context<'_>) -> Turn {
    insurer.brands(cx).map_or_else(Step::fail, |call| Step::call(call, Reading::Brands))
}

/// Goes on with it.
pub fn resume<D: BrandByBrand>(insurer: &D, state: Reading, event: Event<'_>, cx: &Context<'_>) -> Turn {
    go_on(insurer, state, event, cx).unwrap_or_else(Step::fail)
}

fn go_on<D: BrandByBrand>(
    insurer: &D,
    state: Reading,
    event: Event<'_>,
    cx: &Context<'_>,
) -> Result<Turn, Fault> {
    let Event::Replies(replies @ [first, ..]) = event else {
        return Err(Fault::not_understood("the calls' replies are not here"));
    };
    let mut rows = Vec::new();
    let (left, found) = match state {
        Reading::Brands => (brands(insurer, first)?, false),
        Reading::Models { mut left, found } => {
            // The replies stand in the order of the brands.
            for (brand, reply) in left.drain(..replies.len().min(left.len())).zip(replies) {
                rows.extend(models(insurer, &brand, reply)?);
            }
            (left, found || !rows.is_empty())
        }
    };
    let calls = left.iter().take(AT_ONCE).map(|brand| insurer.models(&brand.id, cx));
    let calls = calls.collect::<Result<Vec<_>, _>>()?;
    let turn = match (calls.is_empty(), found) {
        (false, _) => Step::calls(calls, Reading::Models { left, found }),
        (true, true) => Step { emit: Vec::new(), next: Next::Done },
        (true, false) => {
            return Err(dictionary::empty(&format!("the dictionary of {}s and models", D::BRAND)));
        }
    };
    Ok(if rows.is_empty() { turn } else { turn.emitting(rows) })
}

/// The brands in the reply. One without a name names no vehicle; one with a name has an id, or its models would be
/// left out unseen.
fn brands<D: BrandByBrand>(insurer: &D, reply: &Reply) -> Result<Vec<Brand>, Fault> {
    let mut brands = Vec::new();
    for row in &list(insurer, reply)? {
        let row = Loose::of(row);
        let name = row.get(D::KEYS.brand).text().unwrap_or_default().into_owned();
        if !name.trim().is_empty() {
            let what = format!("a {}'s {}", D::BRAND, D::KEYS.brand_id);
            let id = plain_id::check(&row.get(D::KEYS.brand_id).trimmed(), &what)?.to_owned();
            brands.push(Brand { id, name });
        }
    }
    Ok(brands)
}

/// The models of one brand; a brand without any, or of tractors alone, is none of the gateway's business.
fn models<D: BrandByBrand>(insurer: &D, brand: &Brand, reply: &Reply) -> Result<Vec<InsurerVehicle>, Fault> {
    let mut rows = Rows::default();
    for row in &list(insurer, reply)? {
        let row = Loose::of(row);
        let told = dictionary::category(&row.get(D::KEYS.category).text().unwrap_or_default());
        let vehicle = InsurerVehicle {
            brand: brand.name.clone(),
            model: row.get(D::KEYS.model).text().unwrap_or_default().into_owned(),
            brand_code: Some(brand.id.clone()),
            code: Some(row.get(D::KEYS.model_id).trimmed()).filter(|code| !code.is_empty()),
            ..InsurerVehicle::default()
        };
        rows.add(told, vehicle);
    }
    rows.part(&format!("{} {}", D::BRAND, dictionary::in_words(&brand.id)))
}

fn list<D: BrandByBrand>(insurer: &D, reply: &Reply) -> Result<Vec<Value>, Fault> {
    match insurer.rows(reply).map_err(dictionary::failure)? {
        Value::Array(rows) => Ok(rows),
        _ => Err(Fault::not_understood(format!("the reply to `{}` is no list", reply.tag))),
    }
}
