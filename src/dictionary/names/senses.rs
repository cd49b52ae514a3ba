//! Which words of a name say nothing of the model.

use std::{collections::HashMap, sync::LazyLock};

use super::{lookalike::shape, words::Token};

/// What a token tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::dictionary) enum Sense {
    /// The model, as far as one can tell from the token.
    Name,
    /// Nothing of the model: its engine, gearbox, drive, year, kind.
    Filler,
    /// A level of equipment.
    Trim,
    /// The shape of the body. Some makers call a model so.
    Body(Body),
    /// That it is a machine and no vehicle of the catalogue.
    Machine,
}

/// Shapes of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub(in crate::dictionary) enum Body {
    Sedan,
    Hatchback,
    Wagon,
    Coupe,
    Cabrio,
    Van,
    Pickup,
    Offroad,
    Minivan,
    Bus,
    Truck,
    Trailer,
    Cycle,
    Doors,
}

const FILLERS: &str = "
    автомобиль автомобили авто ам тс легковой легковая легковые легковое грузовой грузовая грузовые грузовик
    грузопассажирский пассажирский отеч отечественный отечественная отечественные импортный иномарка иномарки
    транспортное средство машина марка модель модификация мод model car vehicle
    электромобиль все всех модели модификации
    новый новая новое нов new нью old старый старая рестайлинг рестайл дорестайлинг дорест рест restyling facelift fl
    поколение поколения поколен покол generation gen
    полный передний задний привод полноприводный переднеприводный
    tdi tsi tfsi fsi sdi cdi crdi crdti dci hdi bluehdi jtd jtdm multijet tdci ecoboost gdi tgdi mpi efi vvt vvti
    vtec dohc sohc turbo турбо biturbo битурбо kompressor компрессор bluetec blueefficiency bluemotion bluetdi
    hybrid гибрид hev mhev diesel дизель дизельный бензин бензиновый lpg гбо инжектор инж карбюратор dtec tdv sdv cgi
    at mt cvt dsg amt edc ат мт акпп мкпп ркпп акп мкп вариатор автомат автоматическая механика механическая робот
    роботизированная кпп tiptronic типтроник stronic powershift easytronic variator automatic manual
    awd fwd rwd wd quattro кватро xdrive sdrive edrive matic motion allgrip
    год года году гв г выпуска выпуск модельный вып
    категория категории кат
    кузов двигатель объем литр литра л
    рус russia россия rus сборка сборки
";

const TRIMS: &str = "
    comfort комфорт luxe люкс lux elegance elegans элеганс style стайл стиль prestige престиж premium премиум base
    базовый standard стандарт standart optima ambition амбишн ambiente амбиенте trend тренд trendline трендлайн
    comfortline комфортлайн highline хайлайн titanium титаниум ghia dynamique динамик expression экспрешн
    authentique privilege привилеж norma норма limited лимитед exclusive эксклюзив executive экзекьютив business бизнес
    life лайф drive драйв luxury лакшери dynamic динамик intro enjoy essentia cosmo klement laurin
    joy flagship флагман elite элит ultimate invite intense instyle acenta tekna visia sense inform
    trendy family avantgarde авангард adventure confort vip prime
";

const BODIES: [(Body, &str); 14] = [
    (Body::Sedan, "седан sedan saloon limousine лимузин"),
    (
        Body::Hatchback,
        "хэтчбек хетчбек хэтчбэк хетчбэк хэтч хетч hatchback hatch хб hb лифтбек лифтбэк liftback fastback",
    ),
    (
        Body::Wagon,
        "универсал универс унив wagon вагон sw св estate combi kombi комби variant вариант touring avant авант break caravan караван tourer",
    ),
    (Body::Coupe, "купе coupe"),
    (Body::Cabrio, "кабриолет кабрио cabrio cabriolet convertible родстер roadster spyder"),
    (
        Body::Van,
        "фургон van вэн cargo карго цельнометаллический цмф изотермический рефрижератор изотерм промтоварный хлебный kasten",
    ),
    (Body::Pickup, "пикап pickup doublecab doubleкабина"),
    (Body::Offroad, "внедорожник кроссовер crossover suv джип"),
    (Body::Minivan, "минивэн минивен minivan микровэн компактвэн"),
    (Body::Bus, "автобус bus микроавтобус minibus маршрутное такси пассажир"),
    (
        Body::Truck,
        "самосвал бортовой борт бортовая тягач седельный шасси тент тентованный цистерна эвакуатор манипулятор автокран кран автоцистерна мусоровоз лесовоз сортиментовоз бетоносмеситель кму автовоз спецтехника специальный специализированный еврофургон автотопливозаправщик вакуумная",
    ),
    (Body::Trailer, "прицеп полуприцеп пп роспуск"),
    (Body::Cycle, "мотоцикл скутер мопед мотороллер мото moto motorcycle scooter квадроцикл"),
    (Body::Doors, "дв двери дверей дверный дверная дверная door doors"),
];

/// Beginnings of words for machines.
const MACHINES: [&str; 12] = [
    "погрузчик",
    "автопогрузчик",
    "грейдер",
    "автогрейдер",
    "трактор",
    "экскаватор",
    "бульдозер",
    "комбайн",
    "асфальтоукладчик",
    "трубоукладчик",
    "снегоуборщик",
    "мотоблок",
];

/// What makes a filler of the number before it.
const UNITS: &str =
    "лс hp ps bhp квт kw см куб cc cm кл клапанов клапанный ст ступ мест местный место дв дверный
    дверная дверей двери door doors dr поколение поколения поколен тонн тонны wd л литра литр г гв год года";

/// What does so only without a blank: `5d`, `6mt`, `1.6i`.
const SUFFIXES: &str = "d д at mt ат мт акпп мкпп v в i l л т t тн dt matic motion";

const ROMAN: [&str; 6] = ["ii", "iii", "iv", "vi", "vii", "viii"];

struct Lexicon {
    words: HashMap<String, Sense>,
    units: Vec<String>,
    suffixes: Vec<String>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let list = |words: &'static str| words.split_whitespace().map(shape);
    let mut words: HashMap<String, Sense> = HashMap::new();
    words.extend(list(TRIMS).map(|word| (word, Sense::Trim)));
    words.extend(list(FILLERS).map(|word| (word, Sense::Filler)));
    for (body, named) in BODIES {
        words.extend(list(named).map(|word| (word, Sense::Body(body))));
    }
    Lexicon { words, units: list(UNITS).collect(), suffixes: list(SUFFIXES).collect() }
});

/// What each of them tells.
pub(in crate::dictionary) fn senses(tokens: &[Token]) -> Vec<Sense> {
    let mut senses: Vec<Sense> = tokens.iter().map(of_word).collect();
    for at in 0..tokens.len() {
        let token = &tokens[at];
        let next = tokens.get(at + 1);
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let same_word = |other: &Token| other.word == token.word;
        if token.is_number() {
            let whole = token.is_whole();
            let unit = next.filter(|next| {
                LEXICON.units.contains(&next.shape) || (same_word(next) && is_suffix(token, next))
            });
            if unit.is_some() {
                senses[at] = Sense::Filler;
                if !matches!(senses[at + 1], Sense::Body(_)) {
                    senses[at + 1] = Sense::Filler;
                }
            } else if !whole && at > 0 || is_year(token) && at > 0 {
                senses[at] = Sense::Filler;
            }
            // 4x4, 6х2
            let across = next.filter(|next| same_word(next) && next.shape == "x");
            let wheels =
                tokens.get(at + 2).filter(|last| same_word(last) && last.is_whole() && last.text.len() == 1);
            if whole && token.text.len() == 1 && across.is_some() && wheels.is_some() {
                senses[at..=at + 2].fill(Sense::Filler);
            }
        } else if let Some(before) = before {
            let beside_year = is_year(before) || next.is_some_and(is_year);
            if beside_year && matches!(&*token.shape, "c" | "по" | "до" | "от" | "from" | "г" | "года")
            {
                senses[at] = Sense::Filler;
            }
            // AT6, xDrive30d, категория B, 2.0T
            let letter = token.text.chars().count() <= 2;
            let engine = !before.is_whole() && before.is_number() && same_word(before) && letter;
            let category = before.text.starts_with("категори") && letter;
            if engine || category || (ROMAN.contains(&&*token.shape) && senses[at] == Sense::Name) {
                senses[at] = Sense::Filler;
            }
        }
        let after_filler = before.is_some_and(|it| {
            same_word(it) && matches!(&*it.shape, "xdrive" | "sdrive" | "edrive" | "at" | "mt")
        });
        if after_filler && token.is_whole() && token.text.len() <= 2 {
            senses[at] = Sense::Filler;
            if next.is_some_and(|next| same_word(next) && next.text.len() <= 2) {
                senses[at + 1] = Sense::Filler;
            }
        }
    }
    senses
}

fn of_word(token: &Token) -> Sense {
    if MACHINES.iter().any(|machine| token.text.starts_with(machine)) {
        return Sense::Machine;
    }
    LEXICON.words.get(&token.shape).copied().unwrap_or(Sense::Name)
}

fn is_suffix(number: &Token, next: &Token) -> bool {
    let doors = matches!(&*next.shape, "d" | "д");
    LEXICON.suffixes.contains(&next.shape)
        && if number.is_whole() {
            number.text.len() <= 2
                && (!doors || matches!(&*number.text, "2" | "3" | "4" | "5"))
                && !matches!(&*next.shape, "i" | "l" | "л" | "t")
        } else {
            true
        }
}

fn is_year(token: &Token) -> bool {
    token.is_whole()
        && token.text.parse::<u16>().is_ok_and(|year| (1950..=2030).contains(&year))
        && token.text.len() == 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::names::words::tokens;

    /// What is left of a name when all that says nothing of the model is left out.
    fn left(name: &str) -> String {
        let tokens = tokens(name);
        let left = tokens.iter().zip(senses(&tokens)).filter(|(_, sense)| *sense == Sense::Name);
        left.map(|(token, _)| token.text.clone()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_says_nothing_of_the_model_is_known() {
        for (name, expected) in [
            ("Camry 2.5 AT", "camry"),
            ("Solaris 1.6 MT Comfort", "solaris"),
            ("Focus II седан (рестайлинг) 2008 г.в.", "focus"),
            ("Октавия 1.8TSI 5-дв.", "октавия"),
            ("X5 xDrive30d", "x 5"),
            ("E 200 CDI 4MATIC", "e 200 4"),
            ("Нива 4х4 3D", "нива"),
            ("а/м легковой Vesta 106 л.с.", "vesta"),
            ("Patriot 2.7 5MT 4WD", "patriot"),
            ("Tiggo 7 Pro Max", "tiggo 7 pro max"),
            ("Mazda 3 MT", "mazda 3"),
            ("Peugeot 308", "peugeot 308"),
            ("2008", "2008"),
            ("1.6 16V", "1.6"),
        ] {
            assert_eq!(left(name), expected, "{name}");
        }
    }

    #[test]
    fn machines_are_no_vehicles() {
        for name in ["Автопогрузчик", "погрузчик фронтальный", "Экскаватор-погрузчик"]
        {
            assert!(senses(&tokens(name)).contains(&Sense::Machine), "{name}");
        }
    }
}
