//! The insurers that the aggregator sells for.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Partner {
    /// The aggregator's code of it.
    pub(super) code: &'static str,
    /// Its name.
    pub(super) name: &'static str,
}

/// All, in the order of the list.
pub(super) const ALL: [Partner; 10] = [
    partner("alpha", "АльфаСтрахование"),
    partner("rgs", "Росгосстрах"),
    partner("ingos", "Ингосстрах"),
    partner("osk", "ОСК"),
    partner("renins", "Ренессанс Страхование"),
    partner("avolga", "Астро-Волга"),
    partner("soglasie", "Согласие"),
    partner("tinkoff", "Т-Страхование"),
    partner("service_reserve", "Сервисрезерв"),
    partner("arsenal", "Арсеналъ"),
];

const fn partner(code: &'static str, name: &'static str) -> Partner {
    Partner { code, name }
}

/// The one with that code.
pub(super) fn find(code: &str) -> Option<Partner> {
    ALL.into_iter().find(|partner| partner.code == code)
}
