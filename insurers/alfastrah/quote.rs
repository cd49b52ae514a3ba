//! The calculation: one call, one price, and the `osago_uuid` under which an application is made later.

use veer_contract::{
    AskOnce, Auth, Body, Call, Context, Decline, DeclineKind, Effect, Fault, FaultKind, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::{Coefficients, Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::{
    reply::{Answer, Details, DriverRow, NamedValue},
    request,
};
use crate::registry;

/// Asks for a price.
pub(super) struct Calculation;

/// Besides success: data refused, and the error body that the service gives with a 500.
const WITH_ERROR_BODY: [u16; 3] = [400, 422, 500];

// === impl Calculation ===

impl AskOnce<Quote> for Calculation {
    fn ask(&self, input: &QuoteRequest, cx: &Context<'_>) -> Result<Call, Refusal> {
        let body = request::calculation(input, cx)?;
        let call =
            Call::new("calculation", Lane::Create, Effect::Creates, Method::Post, "wapi/osago/calculation");
        Ok(call.with_body(Body::Json(body.to_string())).with_auth(Auth::Digest).accepting(&WITH_ERROR_BODY))
    }

    fn answered(&self, input: &QuoteRequest, reply: &Reply, cx: &Context<'_>) -> Result<Offer, Refusal> {
        let answer: Answer = reply.json()?;
        if !(200..300).contains(&reply.status) || answer.is_error() {
            return Err(error(reply.status, &answer, cx));
        }
        let details = answer
            .calculation_details
            .as_ref()
            .ok_or_else(|| Fault::not_understood("the reply has no calculation_details"))?;
        offer(input, &answer, details)
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
    let uuid = answer
        .osago_uuid
        .as_deref()
        .filter(|uuid| !uuid.trim().is_empty())
        .ok_or_else(|| Fault::not_understood("a successful calculation has no osago_uuid"))?;
    let mut offer =
        Offer::priced("osago", OfferRef::of("osago_uuid", uuid.trim()), Premium::Preliminary(premium));
    offer.coefficients = coefficients(answer.coefficients.as_deref().unwrap_or_default(), details);
    offer.driver_coefficients = by_driver(input, answer.drivers.as_deref().unwrap_or_default());
    offer.message = (!popup.is_empty()).then(|| popup.to_owned());
    Ok(offer)
}

/// The end of a conversation whose reply is the service's error body.
fn error(status: u16, answer: &Answer, cx: &Context<'_>) -> Refusal {
    let messages = answer.messages();
    let words = messages.join("; ");
    if registry::is_outage(&words) || registry::is_failed_check(&words) {
        return registry::refusal(&words, "");
    }
    if status < 500 && !messages.is_empty() {
        return Decline::new(DeclineKind::RejectedData, words).into();
    }
    // The words of the reply stay out: they may name the client.
    let detail = if status == 500 {
        format!(
            "the service answered 500 with its own error body; where only this vehicle fails, mark or model \
             is not letter for letter the service's dictionary text: compare `{}` / `{}` with \
             wapi/dictionary/vehicle/mark",
            request::dictionary_text(&cx.vehicle.brand),
            request::dictionary_text(&cx.vehicle.model)
        )
    } else {
        format!("the service answered {status} with an error body that names no mistake")
    };
    Fault::new(FaultKind::InsurerError, detail).into()
}

fn coefficients(rows: &[NamedValue], details: &Details) -> Coefficients {
    let find = |name: &str| {
        rows.iter()
            .find(|row| row.name.as_deref().is_some_and(|given| given.trim().eq_ignore_ascii_case(name)))
            .and_then(|row| row.value.as_ref()?.coefficient())
    };
    Coefficients {
        base_rate: find("ТБ"),
        territory: find("КТ"),
        bonus_malus: find("КБМ").or_else(|| details.kbm_value.as_ref()?.coefficient()),
        age_experience: find("КВС"),
        season: find("КС"),
        term: find("КП"),
        power: find("КМ"),
        violations: find("КН"),
        drivers: find("КО"),
        category: find("КПр").or_else(|| find("КПР")),
    }
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
