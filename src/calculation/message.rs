//! What a user reads where an insurer brought no offer and said nothing itself.

use crate::upstream::Verdict;

/// Nobody took the offer in time.
pub const EXPIRED: &str = "Срок действия предложения истёк";

/// The words for `verdict`; none where the insurer's own words are shown.
pub const fn for_user(verdict: Verdict) -> Option<&'static str> {
    Some(match verdict {
        Verdict::Offered => return None,
        Verdict::Declined => "Страховая компания отказала в страховании",
        Verdict::RejectedData => "Страховая компания не приняла данные: проверьте документы",
        Verdict::AsksForMore => "Страховой компании нужны дополнительные сведения",
        Verdict::RegistryCheckFailed => "Данные не прошли проверку в единой базе ОСАГО",
        Verdict::OutOfBudget | Verdict::FirstByte | Verdict::TotalTime => {
            "Страховая компания не успела ответить"
        }
        Verdict::Breaker => "Страховая компания временно недоступна",
        Verdict::RegistryDown => "Единая база ОСАГО временно недоступна",
        verdict if verdict.is_skip() => "Страховая компания сейчас не рассчитывает такие полисы",
        _ => "Страховая компания временно недоступна",
    })
}
