//! Which words of a name say nothing of the model.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{lookalike::shape, words::Token};

/// What a token tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sense {
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
pub(crate) enum Body {
    Sedan,
    Hatchback,
    Wagon,
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
    hybrid гибрид hev mhev diesel дизель дизельный бензин бензиновый lpg гбо инжектор инж карбюратор dtec td tdv sdv cdti dti cgi
    at mt cvt dsg amt edc ат мт акпп мкпп ркпп акп мкп вариатор автомат автоматическая механика механическая робот
    роботизированная кпп tiptronic типтроник stronic powershift easytronic variator automatic manual
    awd fwd rwd wd quattro кватро xdrive sdrive edrive matic motion allgrip
    год года году гв г выпуска выпуск модельный вып
    категория категории кат
    кузов двигатель объем литр литра л
    самара samara
    рус russia россия rus сборка сборки
";

const TRIMS: &str = "
    comfort комфорт luxe люкс lux elegance elegans элеганс style стайл стиль prestige престиж premium премиум base
    базовый standard стандарт standart optima ambition амбишн ambiente амбиенте trend тренд trendline трендлайн
    comfortline комфортлайн highline хайлайн titanium титаниум ghia dynamique динамик expression экспрешн
    authentique privilege привилеж norma норма limited лимитед exclusive эксклюзив executive экзекьютив business бизнес
    drive драйв luxury лакшери dynamic динамик intro enjoy essentia cosmo klement laurin
    joy flagship флагман elite элит ultimate invite intense instyle acenta tekna visia sense inform
    trendy family gls avantgarde авангард adventure confort vip prime
";

const BODIES: [(Body, &str); 13] = [
    (Body::Sedan, "седан sedan saloon limousine лимузин"),
    (
        Body::Hatchback,
        "хэтчбек хетчбек хэтчбэк хетчбэк хэтч хетч hatchback hatch хб hb лифтбек лифтбэк liftback fastback",
    ),
    (
        Body::Wagon,
        "универсал универс унив wagon вагон sw св estate combi kombi комби variant вариант touring avant авант break caravan караван tourer",
    ),
    (Body::Cabrio, "кабриолет кабрио cabrio cabriolet convertible родстер roadster spyder"),
    (
        Body::Van,
        "фургон van вэн cargo карго цельнометаллический цмф изотермический рефрижератор изотерм промтоварный хлебный kasten",
    ),
    (Body::Pickup, "пикап pickup doublecab doubleкабина"),
    (Body::Offroad, "внедорожник кроссовер crossover джип"),
    (Body::Minivan, "минивэн минивен minivan микровэн компактвэн"),
    (Body::Bus, "автобус автобусы bus микроавтобус minibus маршрутное такси пассажир"),
    (
        Body::Truck,
        "самосвал бортовой борт бортовая тягач седельный шасси тент тентованный цистерна эвакуатор манипулятор автокран кран автоцистерна мусоровоз лесовоз сортиментовоз бетоносмеситель кму автовоз спецтехника специальный специализированный еврофургон автотопливозаправщик вакуумная",
    ),
    (Body::Trailer, "прицеп прицепы полуприцеп полуприцепы пп роспуск"),
    (
        Body::Cycle,
        "мотоцикл мотоциклы скутер скутеры мопед мотороллер мото moto motorcycle scooter квадроцикл",
    ),
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

/// Words beside a year.
const BESIDE_YEARS: [&str; 6] = ["c", "по", "до", "от", "from", "г"];

const ROMAN: [&str; 6] = ["ii", "iii", "iv", "vi", "vii", "viii"];

struct Lexicon {
    words: HashMap<String, Sense>,
    units: HashSet<String>,
    suffixes: HashSet<String>,
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
pub(crate) fn senses(tokens: &[Token]) -> Vec<Sense> {
    let mut senses: Vec<Sense> = tokens.iter().map(of_word).collect();
    for at in 0..tokens.len() {
        let told =
            with_unit(tokens, at).or_else(|| wheels(tokens, at)).or_else(|| engine(tokens, &senses, at));
        let length = told.unwrap_or_else(|| usize::from(beside(tokens, at)));
        for sense in &mut senses[at..at + length] {
            if *sense == Sense::Name {
                *sense = Sense::Filler;
            }
        }
    }
    senses
}

/// A number with what it counts, as in `105 л.с.` and `5d`: both say nothing.
fn with_unit(tokens: &[Token], at: usize) -> Option<usize> {
    let [number, unit, ..] = tokens.get(at..)? else { return None };
    let one_word = number.word == unit.word;
    let counted = LEXICON.units.contains(&unit.shape) || one_word && is_suffix(number, unit);
    (number.is_number() && counted).then_some(2)
}

/// `4x4`, `6х2`.
fn wheels(tokens: &[Token], at: usize) -> Option<usize> {
    let [all, by, driven, ..] = tokens.get(at..)? else { return None };
    let one_word = all.word == by.word && by.word == driven.word;
    let digit = |token: &Token| token.is_whole() && token.text.len() == 1;
    (one_word && digit(all) && by.shape == "x" && digit(driven)).then_some(3)
}

/// The number of an engine or gearbox: `V6`, `TDV6`, `AT6`, `xDrive30d`.
fn engine(tokens: &[Token], senses: &[Sense], at: usize) -> Option<usize> {
    let [name, number, ..] = tokens.get(at..)? else { return None };
    let one_word = name.word == number.word && number.is_whole();
    let cylinders = at > 0 && name.shape == "v" && matches!(&*number.text, "6" | "8" | "10" | "12");
    let known = at > 0 && senses[at] == Sense::Filler && !name.is_number() && number.text.len() <= 2;
    let more = tokens.get(at + 2).is_some_and(|more| more.word == number.word && more.text.len() <= 2);
    (one_word && (cylinders || known)).then_some(2 + usize::from(more))
}

/// A token that says nothing where it stands: a year, a volume, what belongs to them, the number of a generation.
fn beside(tokens: &[Token], at: usize) -> bool {
    let token = &tokens[at];
    let Some(before) = at.checked_sub(1).map(|before| &tokens[before]) else {
        return tokens.get(1).is_some_and(is_year) && BESIDE_YEARS.contains(&&*token.shape);
    };
    if token.is_number() {
        return !token.is_whole() || is_year(token);
    }
    let short = token.text.chars().count() <= 2;
    let beside_year = is_year(before) || tokens.get(at + 1).is_some_and(is_year);
    let of_volume = before.is_number()
        && !before.is_whole()
        && (before.word == token.word && short || token.shape == "d");
    let of_power = before.is_whole() && before.text.len() >= 3 && token.shape == "d";
    (beside_year && BESIDE_YEARS.contains(&&*token.shape))
        || of_volume
        || of_power
        || (before.text.starts_with("категори") && short)
        || ROMAN.contains(&&*token.shape)
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
    use crate::names::words::tokens;

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
            ("E 200 CDI 4MATIC", "e 200"),
            ("Range Rover 3.0 TDV6", "range rover"),
            ("Camry 3.5 V6", "camry"),
            ("GLE 350 d", "gle 350"),
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
