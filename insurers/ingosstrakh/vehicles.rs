//! `GetDicti`: the dictionary, a tree of `MODEL` elements with `NAME` and `ISN`.
//!
//! Counted from the root of the data, categories stand on the fourth level, makes on the fifth, models on the
//! sixth. What the levels above are called is not public, so an installation may have one more or less: where
//! an element has the number of a category that is known, its level is the categories'.

use veer_contract::{
    AskOnce, Call, Context, Effect, Lane, Reply,
    create_then_poll::Refusal,
    domain::{InsurerVehicle, VehicleCategory},
    operation::Vehicles,
};

use super::{reply::Answer, request};
use crate::{
    dictionary::{self, Rows, Told},
    xml::Element,
};

/// Reads the dictionary.
pub(super) struct Dictionary;

/// The level of categories where none of them is known by its number.
const CATEGORIES: usize = 4;

// === impl Dictionary ===

impl AskOnce<Vehicles> for Dictionary {
    fn ask(&self, (): &(), cx: &Context<'_>) -> Result<Call, Refusal> {
        Ok(request::in_session("GetDicti", Lane::Dictionary, Effect::Read, cx, |xml| {
            xml.leaf("Product", cx.settings.get("product"));
        }))
    }

    fn answered(&self, (): &(), reply: &Reply, _cx: &Context<'_>) -> Result<Vec<InsurerVehicle>, Refusal> {
        let answer = Answer::granted(reply, "").map_err(dictionary::failure)?;
        let rows = answer.data().map(rows).unwrap_or_default();
        Ok(rows.whole("the tree of GetDicti")?)
    }
}

/// The rows of the tree below `data`.
fn rows(data: &Element) -> Rows {
    let mut categories = Vec::new();
    at_level(data, known_level(data, 0).unwrap_or(CATEGORIES), &mut categories);
    let mut rows = Rows::default();
    categories.into_iter().for_each(|category| vehicles(category, &mut rows));
    rows
}

/// The level of the first element that has a known category's number.
fn known_level(element: &Element, level: usize) -> Option<usize> {
    if number(element).and_then(known_category).is_some() {
        return Some(level);
    }
    element.children().iter().find_map(|child| known_level(child, level + 1))
}

/// The nodes so many levels below `element`, whatever stands between.
fn at_level<'e>(element: &'e Element, level: usize, found: &mut Vec<&'e Element>) {
    match level {
        0 => found.push(element),
        _ => element.children().iter().for_each(|child| at_level(child, level - 1, found)),
    }
}

/// The makes and models below a category. What stands below a model (modifications) is no row.
fn vehicles(category: &Element, rows: &mut Rows) {
    let known = number(category).and_then(known_category);
    let told = known
        .map_or_else(|| dictionary::category(category.attribute("NAME").unwrap_or_default()), Told::Category);
    for make in nodes(category) {
        for model in nodes(make) {
            let name = |node: &Element| node.attribute("NAME").unwrap_or_default().to_owned();
            let vehicle = InsurerVehicle {
                brand: name(make),
                model: name(model),
                brand_code: number(make).map(str::to_owned),
                code: number(model).map(str::to_owned),
                ..InsurerVehicle::default()
            };
            rows.add(told, vehicle);
        }
    }
}

fn nodes(element: &Element) -> impl Iterator<Item = &Element> {
    element.children().iter().filter(|child| child.is("MODEL"))
}

fn number(node: &Element) -> Option<&str> {
    node.attribute("ISN").map(str::trim).filter(|isn| !isn.is_empty())
}

fn known_category(isn: &str) -> Option<VehicleCategory> {
    let all = [VehicleCategory::A, VehicleCategory::B, VehicleCategory::C, VehicleCategory::D];
    all.into_iter().find(|category| request::category(*category) == isn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inside: &str) -> Vec<InsurerVehicle> {
        rows(&Element::parse(&format!("<Data>{inside}</Data>")).unwrap()).part("x").unwrap()
    }

    const KIA: &str = "<MODEL NAME='Kia' ISN='10'><MODEL NAME='Rio' ISN='11'/></MODEL>";

    #[test]
    fn a_known_number_shows_the_level_of_categories_and_else_the_fourth_is() {
        let known = format!("<MODEL NAME='?' ISN='8244'>{KIA}</MODEL>");
        let other = format!("<MODEL NAME='C - грузовые' ISN='1'>{KIA}</MODEL>");
        for deep in [0, 2, 5] {
            let rows = read(&format!("{}{known}{other}{}", "<x>".repeat(deep), "</x>".repeat(deep)));
            let categories: Vec<_> = rows.iter().map(|row| row.category).collect();
            assert_eq!(categories, [Some(VehicleCategory::B), Some(VehicleCategory::C)], "{deep}");
        }
        assert_eq!(read(&format!("<x><x><x>{other}</x></x></x>")).len(), 1);
        assert_eq!(read(&format!("<x><x>{other}</x></x>")).len(), 0);
    }

    #[test]
    fn an_outer_level_may_be_made_of_the_same_elements() {
        let inner = format!("<MODEL NAME='B' ISN='8244'>{KIA}</MODEL>");
        let outer = format!("<MODEL NAME='ТС' ISN='1'><MODEL NAME='x' ISN='2'>{inner}</MODEL></MODEL>");
        let rows = read(&outer);
        assert_eq!((rows[0].brand.as_str(), rows[0].code.as_deref()), ("Kia", Some("11")));
        assert_eq!(rows[0].brand_code.as_deref(), Some("10"));
    }
}
