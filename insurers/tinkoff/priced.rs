//! What `calcPartnerFQuote` answers, the first time and again: a price with the numbers of the set, or a no.

use veer_contract::{
    Fault, Reply,
    create_then_poll::Refusal,
    domain::{Coefficient, Coefficients, Kopecks, Offer, OfferRef, Premium},
};

use super::{
    quote_set::{QUOTE_NUMBER, SET_NUMBER},
    reply::Answer,
    subjects,
};
use crate::{
    coefficients::{self, Alphabet},
    xml::Element,
};

const REFUSED: &str = "Страховщик отказал в страховании, не называя причины";

/// The offer in the reply; what it does not name again stays as `before` has it.
pub(super) fn offer(
    reply: &Reply,
    before: &OfferRef,
    premium: fn(Kopecks) -> Premium,
) -> Result<Offer, Refusal> {
    let answer = Answer::granted(reply, REFUSED)?;
    let quote = answer.element("OSAGOFQ");
    let told = |name: &str| quote.and_then(|quote| quote.find_text(name));
    let refuses = told("isTerminalG").is_some_and(|mark| mark.eq_ignore_ascii_case("true") || mark == "1");
    let Some(price) = told("totalPremium").filter(|_| !refuses) else {
        // A yes without a price and without any word of a no is no answer.
        let silent = !refuses && answer.mistakes().is_empty() && answer.text("descr").is_none();
        return Err(if silent { answer.lacks("totalPremium").into() } else { answer.refusal(REFUSED) });
    };
    let price = Kopecks::parse_roubles(price)
        .map_err(|error| Fault::not_understood(format!("totalPremium: {error}")))?;
    let mut reference = before.clone();
    for (name, wire, value) in [
        (SET_NUMBER, "setNumber", answer.text("setNumber")),
        (QUOTE_NUMBER, "quoteNumber", told("quoteNumber")),
    ] {
        match value {
            Some(value) => drop(reference.0.insert(name.to_owned(), value.to_owned())),
            None if before.get(name).is_empty() => return Err(answer.lacks(wire).into()),
            None => {}
        }
    }
    for subject in answer.all("subjectInfo") {
        let number = subject.find_text("subjectNumber").and_then(|number| number.parse().ok());
        if let (Some(number), Some(id)) = (number, subject.find_text("ID")) {
            reference.0.insert(subjects::id_of(number), id.to_owned());
        }
    }
    let mut offer = Offer::priced("osago", reference, premium(price));
    offer.coefficients =
        quote.and_then(|quote| quote.find("OSAGORatingFactors")).map(factors).unwrap_or_default();
    let notes = answer.mistakes();
    offer.message = (!notes.is_empty()).then(|| notes.join("; "));
    Ok(offer)
}

/// What the price was made of. A price is not lost for a strange coefficient.
fn factors(factors: &Element) -> Coefficients {
    coefficients::named(Alphabet::Latin, |name| Coefficient::parse(factors.find_text(name)?).ok())
}
