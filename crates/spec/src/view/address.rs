//! Addresses.

use minijinja::Value;
use veer_contract::domain::{Address, Personal};

use super::View;
use crate::{shape::Shape, value::Absent};

/// Every part: its name, the partner's, and whether it may be left out.
const PARTS: [(&str, &str, bool); 28] = [
    ("text", "address", false),
    ("kladr", "addresses_kladr_code", false),
    ("country_code", "country_code", true),
    ("region_name", "region_name", false),
    ("region_type", "region_type", false),
    ("region_kladr", "region_kladr_code", false),
    ("region_fias", "region_fias_code", true),
    ("district_name", "district_name", true),
    ("area_fias", "area_fias_code", true),
    ("city_name", "city_name", true),
    ("city_type", "city_type", false),
    ("city_kladr", "city_kladr_code", true),
    ("city_fias", "city_fias_code", true),
    ("settlement_name", "settlement_name", true),
    ("settlement_type", "settlement_type", true),
    ("settlement_kladr", "settlement_kladr_code", true),
    ("settlement_fias", "settlement_fias_code", true),
    ("street_name", "street_name", true),
    ("street_type", "street_type", true),
    ("street_kladr", "street_kladr_code", true),
    ("street_fias", "street_fias_code", true),
    ("house", "house", true),
    ("house_fias", "house_fias_code", true),
    ("building", "building", true),
    ("block", "block", true),
    ("apartment", "apartment", true),
    ("fias", "fias_code", true),
    ("kind", "type", false),
];

/// An address; `at` is the partner's name of the list that it stands in.
pub(super) fn view(address: Option<&Address>, at: &str) -> Value {
    let Some(address) = address else { return Absent::field(at) };
    let mut view = View::default();
    for (name, partner, _) in PARTS {
        view.optional(name, part(address, name), &format!("{at}[0].{partner}"));
    }
    let kind = match address.kind {
        veer_contract::domain::AddressKind::Registration => "registration",
        veer_contract::domain::AddressKind::Residence => "residence",
    };
    view.put("kind", kind);
    view.finish()
}

/// The shape of [`view`].
pub(super) fn shape() -> Shape {
    let part = |(name, _, optional)| (name, if optional { Shape::Text.maybe() } else { Shape::Text });
    Shape::parts("address", PARTS.map(part)).maybe()
}

fn part<'a>(address: &'a Address, name: &str) -> Option<&'a Personal<String>> {
    match name {
        "text" => Some(&address.text),
        "kladr" => Some(&address.kladr),
        "country_code" => address.country_code.as_ref(),
        "region_name" => Some(&address.region_name),
        "region_type" => Some(&address.region_type),
        "region_kladr" => Some(&address.region_kladr),
        "region_fias" => address.region_fias.as_ref(),
        "district_name" => address.district_name.as_ref(),
        "area_fias" => address.area_fias.as_ref(),
        "city_name" => address.city_name.as_ref(),
        "city_type" => Some(&address.city_type),
        "city_kladr" => address.city_kladr.as_ref(),
        "city_fias" => address.city_fias.as_ref(),
        "settlement_name" => address.settlement_name.as_ref(),
        "settlement_type" => address.settlement_type.as_ref(),
        "settlement_kladr" => address.settlement_kladr.as_ref(),
        "settlement_fias" => address.settlement_fias.as_ref(),
        "street_name" => address.street_name.as_ref(),
        "street_type" => address.street_type.as_ref(),
        "street_kladr" => address.street_kladr.as_ref(),
        "street_fias" => address.street_fias.as_ref(),
        "house" => address.house.as_ref(),
        "house_fias" => address.house_fias.as_ref(),
        "building" => address.building.as_ref(),
        "block" => address.block.as_ref(),
        "apartment" => address.apartment.as_ref(),
        "fias" => address.fias.as_ref(),
        _ => None,
    }
}
