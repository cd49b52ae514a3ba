use super::{
    labelled::{Labelled, Measured, Miss},
    *,
};
use crate::catalogue::{Entry, Records, Sheets, shipped};

/// A small catalogue with what is hard to tell apart.
pub(super) fn catalogue() -> Catalogue {
    let brands = "1,LADA,Лада,ВАЗ; VAZ; Жигули\n2,Toyota,Тойота,\n3,Hyundai,Хёндэ,Хендай; Хундай\n\
                  4,Mercedes-Benz,Мерседес-Бенц,Mercedes; Мерседес; MB\n5,Land Rover,Ленд Ровер,Range Rover\n\
                  6,Chery,Чери,\n7,BMW,БМВ,\n8,ГАЗ,ГАЗ,GAZ; Волга\n9,УАЗ,УАЗ,UAZ\n10,Ford,Форд,\n11,Honda,Хонда,\n\
                  12,Lexus,Лексус,\n13,Volvo,Вольво,\n";
    let models = "1,2107,2107,B,ВАЗ-2107; 21074\n1,2109,2109,B,21093\n1,21099,21099,B,\n1,2121 Нива,,B,Нива; 4x4; 21214\n\
                  1,Granta,Гранта,B,2190; 219010\n1,Vesta,Веста,B,GFL110\n1,Vesta SW,Веста СВ,B,Vesta универсал\n\
                  1,Vesta Cross,Веста Кросс,B,\n2,Camry,Камри,B,\n2,Land Cruiser,Ленд Крузер,B,Land Cruiser 200\n\
                  2,Land Cruiser Prado,Ленд Крузер Прадо,B,Land Cruiser 150; Prado\n2,HiAce,Хайс,BD,\n\
                  3,Solaris,Солярис,B,\n3,Accent,Акцент,B,\n3,Elantra,Элантра,B,\n3,Lantra,Лантра,B,\n\
                  4,E-Class,Е-класс,B,E; E 200; E 220\n4,Sprinter,Спринтер,BCD,\n5,Range Rover Sport,,B,\n\
                  5,Range Rover,,B,\n5,Discovery,Дискавери,B,\n6,Tiggo,Тигго,B,\n6,Tiggo 7,,B,\n6,Tiggo 7 Pro,,B,\n\
                  6,Tiggo 7 Pro Max,,B,\n6,Tiggo 8,,B,\n7,3 Series,3 серии,B,3; 320i\n7,X5,,B,X5 30d\n7,X6,,B,\n\
                  7,R 1200 GS,,A,\n8,3302,,C,ГАЗель\n8,3110,,B,Волга 3110\n9,Патриот,,B,3163\n9,Хантер,,B,Hunter\n\
                  10,Focus,Фокус,B,\n10,Transit,Транзит,B,\n10,Transit,Транзит,C,\n10,Fusion,,B,\n11,CR-V,ЦР-В,B,\n\
                  11,CBR600F,,A,\n12,RX,,B,RX 350\n13,C70,,B,\n13,S70,С70,B,\n";
    let lines = |rows: &str, from: u32, row: fn(u32, &str) -> String| -> String {
        rows.lines().zip(from..).map(|(line, id)| row(id, line) + "\n").collect()
    };
    let sheets = Sheets {
        brands: "brand_id,name,name_ru,also,merged_into\n".to_owned()
            + &lines(brands, 1, |_, line| format!("{line},")),
        models: "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n".to_owned()
            + &lines(models, 100, |id, line| format!("{id},{line},2000- 100,")),
        modifications: "modification_id,model_id,name,years,power\n".to_owned(),
    };
    Catalogue::build(&Records::read(&sheets).unwrap(), 2026).unwrap()
}

fn row(category: &str, brand: &str, model: &str) -> InsurerVehicle {
    let category = Categories::ALL.into_iter().find(|it| it.letter().to_string() == category);
    InsurerVehicle { brand: brand.to_owned(), model: model.to_owned(), category, ..InsurerVehicle::default() }
}

/// What a row is mapped to without asking, as `Brand Model`.
fn mapped(catalogue: &Catalogue, matcher: &Matcher, row: &InsurerVehicle) -> String {
    let best = matcher.candidates(row).first().copied();
    named(catalogue, best.filter(|best| best.confidence >= SURE))
}

fn named(catalogue: &Catalogue, candidate: Option<Candidate>) -> String {
    match candidate.and_then(|it| catalogue.entry(it.entry)) {
        Some(Entry::Brand(brand)) => format!("{} *", brand.name),
        Some(Entry::Model(brand, model)) => format!("{} {}", brand.name, model.name),
        Some(Entry::Modification(..)) => unreachable!("the matcher knows no modifications"),
        None => "-".to_owned(),
    }
}

#[test]
fn dirty_names_find_their_model() {
    let catalogue = catalogue();
    let matcher = Matcher::new(&catalogue);
    for (brand, model, expected) in [
        ("Toyota", "Camry", "Toyota Camry"),
        ("TOYOTA", " camry\u{a0}", "Toyota Camry"),
        ("Тойота", "Камри", "Toyota Camry"),
        ("ТОYОТА", "САМRY", "Toyota Camry"),
        ("Toyota", "Toyota Camry 2.5 AT", "Toyota Camry"),
        ("", "тойота камри", "Toyota Camry"),
        ("Toyota Camry", "", "Toyota Camry"),
        ("LADA (ВАЗ)", "LADA 219010 GRANTA", "LADA Granta"),
        ("ВАЗ/LADA", "Гранта седан 1.6", "LADA Granta"),
        ("ВАЗ", "ВАЗ-21093i", "LADA 2109"),
        ("Жигули", "21099", "LADA 21099"),
        ("ВАЗ", "21074-20", "LADA 2107"),
        ("Лада", "Нива 4х4 3D", "LADA 2121 Нива"),
        ("Lada", "Vesta универсал 1.6 MT", "LADA Vesta SW"),
        ("Lada", "Веста Cross", "LADA Vesta Cross"),
        ("MERCEDES-BENZ (МЕРСЕДЕС)", "E-Klasse", "Mercedes-Benz E-Class"),
        ("Мерседес", "Е200 CDI 4MATIC", "Mercedes-Benz E-Class"),
        ("BMW", "320i xDrive", "BMW 3 Series"),
        ("БМВ", "3-я серия", "BMW 3 Series"),
        ("BMW", "Х5", "BMW X5"),
        ("BMW", "X5 xDrive30d", "BMW X5"),
        ("Lexus", "RX350", "Lexus RX"),
        ("", "Land Rover Discovery", "Land Rover Discovery"),
        ("Land Rover", "Range Rover Sport 3.0 TDV6", "Land Rover Range Rover Sport"),
        ("Chery", "Tiggo 7 Pro Max AWD", "Chery Tiggo 7 Pro Max"),
        ("Chery", "TIGGO7 PRO 1.5T CVT", "Chery Tiggo 7 Pro"),
        ("Toyota", "Ленд Крузер 150", "Toyota Land Cruiser Prado"),
        ("Toyota", "Land Cruiser Prado 150", "Toyota Land Cruiser Prado"),
        ("УАЗ", "Patriot 2.7 5MT", "УАЗ Патриот"),
        ("UAZ", "Hunter", "УАЗ Хантер"),
        ("Форд", "Фокус II (рестайлинг) 2008 г.в.", "Ford Focus"),
        ("Hyundai", "Прочие", "Hyundai *"),
        ("Hyundai", "Hyundai (прочие модели)", "Hyundai *"),
    ] {
        assert_eq!(mapped(&catalogue, &matcher, &row("B", brand, model)), expected, "{brand} | {model}");
    }
}

#[test]
fn near_misses_are_left_to_a_person() {
    let catalogue = catalogue();
    let matcher = Matcher::new(&catalogue);
    for (category, brand, model) in [
        ("B", "Chery", "Tiggo 4"),
        ("B", "Chery", "Tiggo 77"),
        ("B", "BMW", "X7"),
        ("B", "ВАЗ", "2108"),
        ("B", "LADA", "Vesta Sport"),
        ("A", "Toyota", "Camry"),
        ("B", "BMW", "R 1200 GS"),
        ("B", "Hyundai", "Илантра"),
        ("B", "Тoйoтo", "Камри"),
        ("B", "Toyota", "автопогрузчик Camry"),
        ("B", "Погрузчик", "Toyota"),
        ("B", "Toyota", "Hyundai Solaris"),
        ("B", "Тарпан", "Honker"),
        ("B", "Volvo", "С70"),
        ("B", "", "Camry"),
        ("B", "", ""),
        ("B", "", "Прочие"),
        ("A", "Toyota", "Прочие"),
    ] {
        assert_eq!(
            mapped(&catalogue, &matcher, &row(category, brand, model)),
            "-",
            "{category} {brand} | {model}"
        );
    }
}

#[test]
fn the_category_is_part_of_the_name() {
    let catalogue = catalogue();
    let matcher = Matcher::new(&catalogue);
    let best = |category: &str| matcher.candidates(&row(category, "Ford", "Transit"));
    assert_eq!(best("B").len(), 1);
    assert_ne!(best("B")[0].entry, best("C")[0].entry);
    assert!(best("A").is_empty());
    let either = best("");
    assert_eq!((either.len(), either[0].confidence < SURE), (2, true), "without a category it is either");
}

#[test]
fn it_is_said_how_a_name_was_found() {
    let catalogue = catalogue();
    let matcher = Matcher::new(&catalogue);
    for (brand, model, how, confidence) in [
        ("Toyota", "Camry", How::Exact, 100),
        ("TOYOTA", "camry", How::Normalised, 99),
        ("Toyota", "Камри", How::Synonym, 98),
        ("ВАЗ", "Vesta", How::Synonym, 98),
        ("УАЗ", "Patriot", How::Transliterated, 97),
        ("Toyota", "Camry 2.5", How::Normalised, 96),
        ("Land Rover", "Discoveri", How::Transliterated, 95),
        ("Land Rover", "Discovary", How::Fuzzy, 95),
        ("Hyundai", "Прочие", How::Exact, 100),
    ] {
        let best = matcher.candidates(&row("B", brand, model))[0];
        assert_eq!((best.how, best.confidence), (how, confidence), "{brand} {model}");
    }
}

#[test]
fn a_brand_alone_is_known_too() {
    let catalogue = catalogue();
    let matcher = Matcher::new(&catalogue);
    assert_eq!(matcher.brand("Мерседес"), Some(EntryId(4)));
    assert_eq!(matcher.brand("LADA (ВАЗ)"), Some(EntryId(1)));
    assert_eq!(matcher.brand("Toyota Camry"), None);
    assert_eq!(matcher.brand("Tarpan"), None);
}

#[test]
fn every_name_of_the_shipped_catalogue_leads_to_its_model() {
    let catalogue = Catalogue::build(&shipped(), 2026).unwrap();
    let matcher = Matcher::new(&catalogue);
    let mut lost = Vec::new();
    for (brand, model) in catalogue.models() {
        for category in model.categories.iter() {
            let row = row(&category.letter().to_string(), &brand.name, &model.name.to_uppercase());
            let best = matcher.candidates(&row).first().copied();
            if best.is_none_or(|best| best.entry != model.id || best.confidence < SURE) {
                lost.push(format!("{category:?} {} {}: {}", brand.name, model.name, named(&catalogue, best)));
            }
        }
    }
    assert!(lost.is_empty(), "{} names are lost:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn dirty_names_are_mapped_rightly_or_not_at_all() {
    let catalogue = Catalogue::build(&shipped(), 2026).unwrap();
    let matcher = Matcher::new(&catalogue);
    let text = include_str!("../../../../catalogue/labelled/names.csv");
    let names = Labelled::read(text, &catalogue).unwrap_or_else(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("catalogue/labelled/names.csv:\n{}", told.join("\n"))
    });
    assert!(names.len() >= 600, "{} names are too few to measure by", names.len());
    let all = Measured::of(&matcher, &names, SURE);
    let mut told = String::new();
    for part in ["tune", "hold"] {
        let measured = Measured::of(&matcher, names.iter().filter(|name| name.part == part), SURE);
        told += &format!("{part}: precision {:.4}, recall {:.4}\n", measured.precision(), measured.recall());
        told.extend(measured.misses.iter().map(|miss| told_miss(&catalogue, miss)));
    }
    println!("{told}");
    assert!(all.precision() >= 0.995 && all.recall() >= 0.95, "{told}");
}

fn told_miss(catalogue: &Catalogue, Miss { labelled, best, automatic }: &Miss) -> String {
    let expected = labelled.expected.map(|entry| Candidate { entry, how: How::Person, confidence: 100 });
    let row = &labelled.row;
    format!(
        "  {} {:?} {} | {}: {} ({}), not {}\n",
        if *automatic { "WRONG" } else { "missed" },
        row.category,
        row.brand,
        row.model,
        named(catalogue, *best),
        best.map_or(0, |best| best.confidence),
        named(catalogue, expected),
    )
}
