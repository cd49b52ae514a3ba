//! Addresses: a code for each level of the register, and words.

use veer_contract::domain::{Address, AddressKind, Person, Personal};

use crate::{required::text, xml::Writer};

/// The address of registration, and where the person lives: the insurer wants both, so where the request has
/// only one, it is written twice.
pub(super) fn both(xml: &mut Writer, person: &Person) {
    let Some(registration) = person.registration() else { return };
    let home = person.addresses.iter().find(|address| address.kind == AddressKind::Residence);
    write(xml, "registration", registration);
    write(xml, "home", home.unwrap_or(registration));
}

/// The region's number, two digits, where the address has a code.
pub(super) fn region(address: &Address) -> Option<String> {
    [&address.region_kladr, &address.kladr].into_iter().find_map(|code| {
        let code = digits(code.as_str())?;
        code.get(..2).map(str::to_owned)
    })
}

fn write(xml: &mut Writer, kind: &str, address: &Address) {
    xml.element("address", |xml| {
        xml.leaf("addressType", kind);
        xml.leaf("country", "RU");
        leaf(xml, "region", region(address).as_deref());
        let codes = [
            digits(address.region_kladr.as_str()).map(str::to_owned),
            district(address),
            code(address.city_kladr.as_ref()),
            code(address.settlement_kladr.as_ref()),
            code(address.street_kladr.as_ref()),
            digits(address.kladr.as_str()).filter(|code| code.len() == HOUSE).map(str::to_owned),
        ];
        for (level, code) in (1..).zip(codes) {
            leaf(xml, &format!("KLADR{level}"), code.as_deref());
        }
        for (name, part) in [
            ("district", &address.district_name),
            ("city", &address.city_name),
            ("populatedCenter", &address.settlement_name),
            ("street", &address.street_name),
        ] {
            leaf(xml, name, part.as_ref().map(Personal::as_str));
        }
        leaf(xml, "building", Some(&house(address)));
        leaf(xml, "flat", Some(text(address.apartment.as_ref())));
    });
}

/// Digits of a house's code.
const HOUSE: usize = 19;

/// The code of the district, which the partner API does not name: digits three to five of any code below it.
fn district(address: &Address) -> Option<String> {
    let below = [address.settlement_kladr.as_ref(), address.city_kladr.as_ref(), Some(&address.kladr)];
    below.into_iter().flatten().find_map(|code| {
        let code = digits(code.as_str())?;
        (code.get(2..5)? != "000").then(|| format!("{}00000000", &code[..5]))
    })
}

/// House, корпус and строение: the insurer has one place for them.
fn house(address: &Address) -> String {
    let part = |before: &str, part: &Option<Personal<String>>| {
        let part = text(part.as_ref()).trim();
        if part.is_empty() { String::new() } else { format!("{before}{part}") }
    };
    let whole =
        part("", &address.house) + &part(" корп. ", &address.building) + &part(" стр. ", &address.block);
    whole.trim().to_owned()
}

fn code(code: Option<&Personal<String>>) -> Option<String> {
    digits(code?.as_str()).map(str::to_owned)
}

/// The text, where it is a code.
fn digits(code: &str) -> Option<&str> {
    let code = code.trim();
    ((11..=HOUSE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

fn leaf(xml: &mut Writer, name: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
        xml.leaf(name, text);
    }
}

#[cfg(test)]
mod tests {
    use veer_kit::requests;

    use super::*;

    fn standard() -> Address {
        requests::standard().owner.addresses.remove(0)
    }

    #[test]
    fn a_district_is_found_in_the_codes_below_it() {
        assert_eq!(district(&standard()), None, "Moscow has none");
        let village = Address { settlement_kladr: Some("5000700012300".into()), ..standard() };
        assert_eq!(district(&village).as_deref(), Some("5000700000000"));
        let odd = Address { settlement_kladr: Some("string".into()), ..standard() };
        assert_eq!(district(&odd), None);
    }

    #[test]
    fn a_region_is_two_digits_of_the_first_code_that_is_one() {
        assert_eq!(region(&standard()).as_deref(), Some("77"));
        let odd = Address { region_kladr: "string".into(), ..standard() };
        assert_eq!(region(&odd).as_deref(), Some("77"));
        assert_eq!(region(&Address { kladr: "77".into(), ..odd }), None);
    }

    #[test]
    fn a_house_is_written_with_all_that_it_has() {
        assert_eq!(house(&standard()), "11");
        let parts = Address { building: Some("2".into()), block: Some("а".into()), ..standard() };
        assert_eq!(house(&parts), "11 корп. 2 стр. а");
    }
}
