//! The code that the insurer sends to the client by SMS after `SavePolicy`.
//!
//! The partner API has no place for it, so such an account cannot sell here. It is said with the price already,
//! and where the user goes on it ends before `SavePolicy`: nobody gets an SMS in vain.

use veer_contract::{Context, Decline, DeclineKind};

/// The value of the setting `sms_code` for an account whose clients get no code.
const NONE: &str = "none";

/// What stands beside the price.
const WITH_THE_PRICE: &str = "Оформление страховщик подтверждает кодом из СМС, а ввести его здесь нельзя: купить этот полис можно только \
     у самого страховщика";
/// Why it ends.
const INSTEAD: &str = "Страховщик подтверждает оформление кодом из СМС, а ввести его здесь нельзя. Выберите другое предложение или \
     оформите полис у самого страховщика";

/// What the user should know beside the price.
pub(super) fn warning(cx: &Context<'_>) -> Option<String> {
    is_sent(cx).then(|| WITH_THE_PRICE.to_owned())
}

/// The end of a sale in which the client gets a code.
pub(super) fn decline() -> Decline {
    Decline::new(DeclineKind::AsksForMore, INSTEAD)
}

/// Ends a sale in which the client would get a code.
pub(super) fn check(cx: &Context<'_>) -> Result<(), Decline> {
    if is_sent(cx) { Err(decline()) } else { Ok(()) }
}

fn is_sent(cx: &Context<'_>) -> bool {
    cx.settings.get("sms_code") != NONE
}
