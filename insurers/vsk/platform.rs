//! How the platform is called: where, as whom, and for how long.
//!
//! The token's address is `…/ship/token`, everything else is below `…/ship/biz/`. So the insurer's base address is
//! `…/ship/`, and the paths of calls begin with `biz/`.

use veer_contract::{Auth, Call, Context, Effect, Fault, Lane, Method, domain::OfferRef, slot};

use crate::policy_number::PolicyNumber;

/// Where everything is sold.
pub(super) const SALES: &str = "biz/sales/v2";
/// Under this name an offer's reference holds the application's id.
pub(super) const DRAFT_ID: &str = "draft_id";
/// Under this name it holds the policy's series and number, as the platform writes them.
pub(super) const POLICY_NUMBER: &str = "policy_number";
/// Under this name it holds the final price in roubles: the payment must repeat it.
pub(super) const PREMIUM: &str = "premium";
/// Data refused.
pub(super) const BAD_REQUEST: u16 = 400;
/// Not there.
pub(super) const NOT_FOUND: u16 = 404;
/// The platform, or its payment, is not there: nothing was made.
pub(super) const UNAVAILABLE: u16 = 503;
/// The platform's proxy gave up waiting.
pub(super) const GATEWAY_TIMEOUT: u16 = 504;

/// A call with a token.
pub(super) fn call(tag: &str, lane: Lane, effect: Effect, method: Method, path: String) -> Call {
    Call::new(tag, lane, effect, method, path)
        .with_header("Accept", "application/json")
        .with_header("Authorization", format!("Bearer {}", slot::session()))
        .with_auth(Auth::Session)
        .accepting(&[BAD_REQUEST])
}

/// The same for a call that makes something: the platform's 503 is not a reply that is lost.
pub(super) fn making(tag: &str, lane: Lane, method: Method, path: String) -> Call {
    call(tag, lane, Effect::Creates, method, path).accepting(&[BAD_REQUEST, UNAVAILABLE])
}

/// A call that is answered with an operation where it takes long.
pub(super) fn patient(call: Call, cx: &Context<'_>) -> Call {
    call.with_header("desired-timeout", cx.settings.get("desired_timeout").trim())
}

/// A path below the product's.
pub(super) fn of_product(what: &str, cx: &Context<'_>) -> String {
    format!("{SALES}/{}/{what}", cx.settings.get("product").trim().trim_matches('/'))
}

/// The number under which the platform keeps an application, fit for a path.
pub(super) fn policy_number(offer: &OfferRef) -> Result<&str, Fault> {
    checked_number(offer.get(POLICY_NUMBER), "the offer's policy_number").map(|(number, _)| number)
}

/// A number as it is written, and as the registries write it: three letters, ten digits, and at most blanks and a
/// number sign between. Nothing of that leads elsewhere in a path.
pub(super) fn checked_number<'a>(text: &'a str, what: &str) -> Result<(&'a str, PolicyNumber), Fault> {
    let number = text.trim();
    let plain = |c: char| c.is_alphabetic() || c.is_ascii_digit() || c == ' ' || c == '№';
    let known = PolicyNumber::joined(number).ok().flatten().filter(|_| number.chars().all(plain));
    known
        .map(|known| (number, known))
        .ok_or_else(|| Fault::not_understood(format!("{what} is no series with a number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_registrys_and_leads_nowhere_else() {
        let fit = |text| checked_number(text, "policyNumber").map(|(number, _)| number).ok();
        assert_eq!(fit(" ХХХ 0100000001 "), Some("ХХХ 0100000001"));
        assert_eq!(fit("XXX0100000001"), Some("XXX0100000001"));
        for odd in
            ["", "12345FDS76543", "ХХХ\n0100000001", "../0100000001", "ХХХ 010000000", "Х/Х 0100000001"]
        {
            assert_eq!(fit(odd), None, "{odd}");
        }
    }
}
