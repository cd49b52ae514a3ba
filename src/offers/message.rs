//! What users are told about an offer after its quote.

use veer_contract::domain::Kopecks;

use crate::{calculation::message, upstream::Verdict};

/// The final price differs.
pub(super) fn price_changed(from: Kopecks, to: Kopecks) -> String {
    format!("Цена изменилась: было {} ₽, стало {} ₽", roubles(from), roubles(to))
}

/// The same, where the user must say yes to it.
pub(super) fn price_rose(from: Kopecks, to: Kopecks) -> String {
    format!("{}. Подтвердите покупку по новой цене", price_changed(from, to))
}

/// The final price could not be had; it may be asked for again.
pub(super) fn not_final(verdict: Verdict) -> String {
    let why = message::for_user(verdict).unwrap_or("Страховая компания временно недоступна");
    format!("{why}. Окончательная цена пока не известна, попробуйте ещё раз")
}

/// There is no payment link; the user may try again.
pub(super) fn no_link(verdict: Verdict) -> String {
    let why = message::for_user(verdict).unwrap_or("Страховая компания временно недоступна");
    format!("{why}. Ссылка на оплату не получена, попробуйте ещё раз")
}

/// The insurer has the application and takes its time.
pub(super) const IN_HAND: &str = "Страховая компания оформляет договор, ссылка на оплату появится позже";
/// What became of an application is not known.
pub(super) const UNCLEAR: &str =
    "Не удалось узнать, приняла ли страховая компания заявку. Выберите другое предложение";
/// A mandatory cross-sale of a pool offer was dropped.
pub(super) const WITHDRAWN: &str =
    "Без обязательного дополнительного страхования этот договор не заключается, предложение отменено";
/// The payment was given up.
pub(super) const PAYMENT_CANCELLED: &str = "Оплата отменена. Подтвердите предложение ещё раз, чтобы оплатить";

fn roubles(amount: Kopecks) -> String {
    let (whole, rest) = (amount.get() / 100, amount.get() % 100);
    let digits = whole.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    if rest != 0 {
        text.push_str(&format!(",{rest:02}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_written_for_people() {
        let told = price_changed(Kopecks::from_roubles(999), Kopecks::new(123_456_705));
        assert_eq!(told, "Цена изменилась: было 999 ₽, стало 1\u{a0}234\u{a0}567,05 ₽");
    }
}
