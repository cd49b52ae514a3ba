//! The calculation: one call, one price, and the `osago_uuid` under which an application is made later.

use veer_contract::{
    AskOnce, Auth, Body, Call, Context, Decline, DeclineKind, Effect, Fault, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::{Coefficients, Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::{
    errors::{self, WITH_ERROR_BODY},
    reply::{Answer, Details, DriverRow, NamedValue},
    request,
    status::OSAGO_UUID,
};
use crate::{
    coefficients::{self, Alphabet},
    cross_sales,
    loose::Loose,
    plain_id, registry,
};

/// Asks for a price.
pub(super) struct Calculation;

// === impl Calculation ===

impl AskOnce<Quote> for Calculation {
    fn ask(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Refusal> {
        let body = request::calculation(input, cx)?;
        let call =
            Call::new("calculation", Lane::Create, Effect::Creates, Method::Post, "wapi/osago/calculation");
        Ok(call.with_body(Body::Json(body.to_string())).with_auth(Auth::Digest).accepting(&WITH_ERROR_BODY))
    }

    fn answered(&self, input: &QuoteRequest, reply: &Reply, cx: &Context<'_>) -> Result<Offer, Refusal> {
        let value = errors::read(reply, "calculation_details", || hint(cx))?;
        let answer: Answer = reply.json()?;
        let details = answer
            .calculation_details
            .as_ref()
            .ok_or_else(|| Fault::not_understood("the reply has no calculation_details"))?;
        let mut offer = offer(input, &answer, details)?;
        offer.cross_sales = cross_sales::read(Loose::of(&value).get("upsales"))?;
        Ok(offer)
    }
}

fn offer(input: &QuoteRequest, answer: &Answer, details: &Details) -> Result<Offer, Refusal> {
    let popup = details.popup_message.as_deref().unwrap_or_default().trim();
    if details.need_underwriter_coordination == Some(true) {
        let message = if popup.is_empty() {
            "Нужно согласование с андеррайтером"
        } else {
            popup
        };
        return Err(Decline::new(DeclineKind::AsksForMore, message).into());
    }
    match details.success {
        Some(true) => {}
        Some(false) => return Err(registry::refusal(popup, "Страховщик отказал в расчёте")),
        None => return Err(Fault::not_understood("calculation_details have no success").into()),
    }
    let premium = details
        .insurance_premium
        .as_ref()
        .ok_or_else(|| Fault::not_understood("a successful calculation has no insurance_premium"))?
        .roubles()
        .map_err(|error| Fault::not_understood(format!("insurance_premium: {error}")))?;
    // It becomes a part of a path.
    let uuid = answer.osago_uuid.as_deref().unwrap_or_default();
    let uuid = plain_id::check(uuid, "a successful calculation's osago_uuid")?;
    let mut offer = Offer::priced("osago", OfferRef::of(OSAGO_UUID, uuid), Premium::Preliminary(premium));
    offer.is_reinsurance_pool = details.reinsurance_pool;
    offer.coefficients = coefficients(answer.coefficients.as_deref().unwrap_or_default(), details);
    offer.driver_coefficients = by_driver(input, answer.drivers.as_deref().unwrap_or_default());
    offer.message = (!popup.is_empty()).then(|| popup.to_owned());
    Ok(offer)
}

/// What to look at where the service is broken for one vehicle only.
fn hint(cx: &Context<'_>) -> String {
    let (mark, model) = request::dictionary_names(cx.vehicle);
    format!(
        "; where only this vehicle fails, mark or model is not letter for letter the service's dictionary \
         text: compare `{mark}` / `{model}` with wapi/dictionary/vehicle/mark"
    )
}

fn coefficients(rows: &[NamedValue], details: &Details) -> Coefficients {
    let find = |name: &str| {
        rows.iter()
            .find(|row| row.name.as_deref().is_some_and(|given| given.trim().to_uppercase() == name))
            .and_then(|row| row.value.as_ref()?.coefficient())
    };
    let named = coefficients::named(Alphabet::Cyrillic, find);
    let kbm = || details.kbm_value.as_ref()?.coefficient();
    Coefficients { bonus_malus: named.bonus_malus.or_else(kbm), ..named }
}

/// The drivers' own КБМ in the request's order: rows are matched by name and birth date, and by place
/// where the service wrote the name differently.
fn by_driver(input: &QuoteRequest, rows: &[DriverRow]) -> Vec<Coefficients> {
    let drivers = input.drivers.named();
    if rows.is_empty() {
        return Vec::new();
    }
    let same_count = rows.len() == drivers.len();
    let row = |place: usize| {
        let by_name = rows.iter().find(|row| row.is(&drivers[place]));
        by_name.or_else(|| rows.get(place).filter(|_| same_count))
    };
    (0..drivers.len())
        .map(|place| Coefficients {
            bonus_malus: row(place).and_then(|row| row.kbm.as_ref()?.coefficient()),
            ..Coefficients::default()
        })
        .collect()
}
