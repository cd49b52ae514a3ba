//! Offers.

use minijinja::Value;
use veer_contract::{
    create_then_poll::Refusal,
    domain::{Coefficient, Coefficients, CrossSale, Offer, Premium},
};

use super::{Source, kopecks, optional, references, truth, unfit};
use crate::{
    cross_sales,
    loose::Loose,
    model::{Expr, Final, OfferSpec},
    scene,
    value::{Absent, Why, items, text, to_json},
};

/// The key of the one offer of an insurer that has only one.
const KEY: &str = "osago";

/// Makes an offer.
pub(super) fn make(spec: &OfferSpec, from: Source<'_>) -> Result<Offer, Refusal> {
    let scene = from.scene;
    let amount = kopecks(&spec.premium, scene)?;
    let is_final = match &spec.is_final {
        Final::Always(is_final) => *is_final,
        Final::Where(expr) => expr.holds(scene).map_err(|why| why.refusal(&expr.place))?,
    };
    let premium = if is_final { Premium::Final(amount) } else { Premium::Preliminary(amount) };
    let mut reference = from.given.offer.cloned().unwrap_or_default();
    reference.0.extend(references(&spec.reference, scene)?.0);
    let company = match from.company {
        Some(code) => Some(code.to_owned()),
        None => company(spec, from)?,
    };
    let own_key = optional(spec.key.as_ref(), scene)?;
    let key = own_key.or_else(|| company.clone()).unwrap_or_else(|| KEY.to_owned());
    let mut offer = Offer::priced(&key, reference, premium);
    offer.company = company;
    offer.message = optional(spec.message.as_ref(), scene)?;
    offer.is_prolongation = truth(spec.prolongation.as_ref(), scene)?.unwrap_or_default();
    offer.is_external_prolongation = truth(spec.external_prolongation.as_ref(), scene)?.unwrap_or_default();
    offer.is_reinsurance_pool = truth(spec.reinsurance_pool.as_ref(), scene)?;
    offer.coefficients = coefficients(&spec.coefficients, scene);
    offer.driver_coefficients = drivers(spec, from);
    offer.cross_sales = cross_sales(spec.cross_sales.as_ref(), scene)?;
    Ok(offer)
}

fn company(spec: &OfferSpec, from: Source<'_>) -> Result<Option<String>, Refusal> {
    let Some(code) = optional(spec.company.as_ref(), from.scene)? else { return Ok(None) };
    match (&spec.company, (from.companies)(&code)) {
        (Some(expr), false) => Err(unfit(expr, "the manifest has no such company")),
        _ => Ok(Some(code)),
    }
}

/// What the insurer says of the coefficients; a price is not lost for a strange one.
fn coefficients(specs: &[(String, Expr)], scene: &Value) -> Coefficients {
    let mut found = Coefficients::default();
    for (name, expr) in specs {
        let value = expr.value(scene).and_then(|value| text(&value));
        let value = value.ok().and_then(|text| Coefficient::parse(&text).ok());
        let place = match name.as_str() {
            "base_rate" => &mut found.base_rate,
            "territory" => &mut found.territory,
            "bonus_malus" => &mut found.bonus_malus,
            "age_experience" => &mut found.age_experience,
            "season" => &mut found.season,
            "term" => &mut found.term,
            "power" => &mut found.power,
            "violations" => &mut found.violations,
            "drivers" => &mut found.drivers,
            _ => &mut found.category,
        };
        *place = value;
    }
    found
}

/// What differs by driver, where there is one for each of the request's.
fn drivers(spec: &OfferSpec, from: Source<'_>) -> Vec<Coefficients> {
    let Some((each, specs)) = &spec.drivers else { return Vec::new() };
    let rows = each.value(from.scene).ok().and_then(|list| items(&list)).unwrap_or_default();
    let drivers = from.given.request.map(|request| request.drivers.named().len()).unwrap_or_default();
    if rows.len() != drivers {
        return Vec::new();
    }
    rows.into_iter().map(|row| coefficients(specs, &scene::with(from.scene, vec![("item", row)]))).collect()
}

fn cross_sales(expr: Option<&Expr>, scene: &Value) -> Result<Vec<CrossSale>, Refusal> {
    let Some(expr) = expr else { return Ok(Vec::new()) };
    let list = match expr.value(scene) {
        Ok(value) if Absent::is(&value) => return Ok(Vec::new()),
        Ok(value) => items(&value).ok_or(Why::Unfit("it is no list")),
        Err(Why::Absent) => return Ok(Vec::new()),
        Err(why) => Err(why),
    };
    // What is absent inside is left out, as the reader of cross-sales wants it.
    let list = list.map_err(|why| why.refusal(&expr.place))?;
    let list: Vec<_> = list.iter().map(|item| to_json(item).unwrap_or_default()).collect();
    cross_sales::read(Loose::of(&list.into())).map_err(Refusal::from)
}
