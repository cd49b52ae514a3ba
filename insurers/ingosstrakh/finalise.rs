//! `CreateAgreement`: the application, with the insurer's own check and the final price. `GetAgreement`
//! then tells the number (ISN) under which the policy is made.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Effect, Event, Flow, Lane, Reply, Step,
    create_then_poll::Refusal,
    domain::{Kopecks, Offer, Premium},
    operation::{Finalise, OfferInput},
};

use super::{
    agreement::{self, AGR_ID, AGR_ISN, PAUSE, Standing},
    fragment, products,
    reply::Answer,
    request,
};
use crate::registry;

/// Asks for the final price.
pub(super) struct Application;

/// The insurer's check has passed.
const ALLOWED: &str = "разрешено к страхованию";

/// How far the application is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Applying {
    /// `CreateAgreement` is under way.
    Sent,
    /// `GetAgreement` is under way.
    Looking(Applied),
    /// The agreement had no number yet.
    Waiting(Applied),
}

/// What `CreateAgreement` gave.
#[derive(Serialize, Deserialize)]
pub(super) struct Applied {
    agr_id: String,
    premium: Kopecks,
    message: Option<String>,
}

type Turn = Result<Step<Applying, Offer>, Refusal>;

// === impl Application ===

impl Flow<Finalise> for Application {
    type State = Applying;

    fn start(&self, input: &OfferInput, cx: &Context<'_>) -> Step<Applying, Offer> {
        apply(input, cx).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &OfferInput,
        state: Applying,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Applying, Offer> {
        let turn = match state {
            Applying::Sent => applied(event).map(|applied| look(applied, cx)),
            Applying::Looking(applied) => looked(input, applied, event),
            Applying::Waiting(applied) => Ok(look(applied, cx)),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn apply(input: &OfferInput, cx: &Context<'_>) -> Turn {
    // Without it no policy can be mailed: better known before there is an agreement.
    request::email(&input.request)?;
    let agreement = request::Agreement::of(&input.request, cx)?;
    let call = request::in_session("CreateAgreement", Lane::Create, Effect::Creates, cx, |xml| {
        agreement.write(xml);
    });
    Ok(Step::call(call, Applying::Sent))
}

fn applied(event: Event<'_>) -> Result<Applied, Refusal> {
    let reply: &Reply = event.reply("CreateAgreement")?;
    let answer = Answer::granted(reply, "Страховщик отказал в оформлении")?;
    let verdict = answer.needs("CheckResult")?;
    if verdict.to_lowercase() != ALLOWED {
        return Err(registry::refusal(verdict, ""));
    }
    let warnings = answer.fragment("WarningList").map(fragment::texts).unwrap_or_default();
    Ok(Applied {
        agr_id: answer.needs("AgrID")?.to_owned(),
        premium: answer.roubles("PremiumSum")?,
        message: (!warnings.is_empty()).then(|| warnings.join("; ")),
    })
}

fn look(applied: Applied, cx: &Context<'_>) -> Step<Applying, Offer> {
    Step::call(agreement::ask(&applied.agr_id, cx), Applying::Looking(applied))
}

fn looked(input: &OfferInput, applied: Applied, event: Event<'_>) -> Turn {
    let standing = Standing::of(event.reply("GetAgreement")?)?;
    let Some(isn) = standing.isn() else {
        return Ok(Step::wait(PAUSE, Applying::Waiting(applied)));
    };
    let mut reference = input.offer.clone();
    reference.0.insert(AGR_ISN.into(), isn.into());
    reference.0.insert(AGR_ID.into(), applied.agr_id);
    let mut offer = Offer::priced("osago", reference, Premium::Final(applied.premium));
    offer.is_reinsurance_pool = products::noted_pool(&input.offer);
    offer.message = applied.message;
    Ok(Step::done(offer))
}
