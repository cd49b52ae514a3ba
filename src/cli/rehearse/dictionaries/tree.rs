//! The whole tree, as sync-all gave it: what every other method is held against.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cli::rehearse::{
    check::{list, text},
    fault::Fault,
};

/// The categories of the contract.
pub(super) const CATEGORIES: [&str; 5] = ["A", "B", "C", "D", "E"];

/// `GET /dictionaries/sync-all`, without a filter.
#[derive(Debug, Default)]
pub(super) struct Tree(pub(super) Value);

// === impl Tree ===

impl Tree {
    /// Every brand.
    pub fn brands(&self) -> &[Value] {
        list(&self.0, "brands")
    }

    /// How many models they have.
    pub fn models(&self) -> usize {
        self.brands().iter().map(|brand| list(brand, "models").len()).sum()
    }

    /// What is wrong where there is nothing to choose from: every other check would hold of nothing at all.
    pub fn emptiness(&self) -> Option<Fault> {
        match (self.brands().len(), self.models()) {
            (0, _) => Some(Fault::of("brands", "is empty: publish a dictionary")),
            (_, 0) => Some(Fault::of("brands", "no brand has a model: publish a dictionary")),
            _ => None,
        }
    }

    /// Where no brand has this id, or that brand no model of the other.
    pub fn lacks(&self, brand_id: &str, model_id: &str) -> Option<Fault> {
        let Some(brand) = self.brands().iter().find(|brand| text(brand, "brand_id") == brand_id) else {
            return Some(Fault::of("brand.brand_id", format!("{brand_id} does not stand in sync-all")));
        };
        let known = list(brand, "models").iter().any(|model| text(model, "model_id") == model_id);
        let told =
            || Fault::of("model.model_id", format!("{model_id} is no model of that brand in sync-all"));
        (!known).then(told)
    }

    /// Brands that are worth a closer look: the request's own, the one with the most models, the first.
    pub fn samples(&self, own: &str) -> Vec<&Value> {
        let largest = self.brands().iter().max_by_key(|brand| list(brand, "models").len());
        let own = self.brands().iter().find(|brand| text(brand, "brand_id") == own);
        let mut samples: Vec<&Value> = Vec::new();
        for brand in own.into_iter().chain(largest).chain(self.brands().first()) {
            if !samples.iter().any(|sample| sample["brand_id"] == brand["brand_id"]) {
                samples.push(brand);
            }
        }
        samples
    }

    /// The brand and the model that go by these names, written in any case.
    pub fn named(&self, brand: &str, model: &str) -> Option<(&Value, &Value)> {
        let same = |entry: &&Value, name: &str| {
            ["name", "name_ru"].iter().any(|key| text(entry, key).to_lowercase() == name.to_lowercase())
        };
        let brand = self.brands().iter().find(|entry| same(entry, brand))?;
        let model = list(brand, "models").iter().find(|entry| same(entry, model))?;
        Some((brand, model))
    }

    /// What the tree of some categories must be: brands with the models that are registered in one of them.
    pub fn of(&self, categories: &[&str]) -> BTreeSet<String> {
        let brands = self.brands().iter().flat_map(|brand| {
            let models =
                list(brand, "models").iter().filter(|model| is_of(model, "vehicle_types", categories));
            models.map(move |model| said(brand, model))
        });
        brands.collect()
    }

    /// What a tree of some categories says.
    pub fn said(tree: &Value) -> BTreeSet<String> {
        let brands = list(tree, "brands").iter();
        brands.flat_map(|brand| list(brand, "models").iter().map(move |model| said(brand, model))).collect()
    }

    /// Brands as `brands` must list them.
    pub fn listed(&self, category: Option<&str>) -> BTreeSet<String> {
        let wanted = |brand: &&Value| {
            category.is_none_or(|category| {
                list(brand, "models").iter().any(|model| is_of(model, "vehicle_types", &[category]))
            })
        };
        self.brands().iter().filter(wanted).map(|brand| entry(brand, "brand_id", "")).collect()
    }
}

/// Models as `models` must list them.
pub(super) fn models(brand: &Value, category: Option<&str>) -> BTreeSet<String> {
    let wanted = |model: &&Value| category.is_none_or(|category| is_of(model, "vehicle_types", &[category]));
    list(brand, "models")
        .iter()
        .filter(wanted)
        .map(|model| entry(model, "model_id", "vehicle_types"))
        .collect()
}

/// Entries of a list: id, names and, where there are any, categories.
pub(super) fn entries(items: &[Value], id: &str, categories: &str) -> BTreeSet<String> {
    items.iter().map(|item| entry(item, id, categories)).collect()
}

/// Numbers of a list.
pub(super) fn numbers(items: &Value) -> BTreeSet<String> {
    items.as_array().into_iter().flatten().map(|item| item.as_f64().unwrap_or(f64::NAN).to_string()).collect()
}

/// Where what a method says is not what the tree says.
pub(super) fn differences(path: &str, method: &BTreeSet<String>, tree: &BTreeSet<String>) -> Vec<Fault> {
    const SHOWN: usize = 5;
    let odd = method.symmetric_difference(tree).map(|odd| {
        let place = if method.contains(odd) { "not in sync-all" } else { "in sync-all only" };
        Fault::of(path, format!("{odd} is {place}"))
    });
    odd.take(SHOWN).collect()
}

fn entry(item: &Value, id: &str, categories: &str) -> String {
    let types: BTreeSet<&str> = list(item, categories).iter().filter_map(Value::as_str).collect();
    format!("{} {} {} {types:?}", text(item, id), text(item, "name"), text(item, "name_ru"))
}

fn said(brand: &Value, model: &Value) -> String {
    let years: Vec<String> = list(model, "years")
        .iter()
        .map(|year| format!("{} {:?}", year["year"], numbers(&year["engine_powers"])))
        .collect();
    format!("{} {} {years:?}", entry(brand, "brand_id", ""), entry(model, "model_id", "vehicle_types"))
}

fn is_of(model: &Value, key: &str, categories: &[&str]) -> bool {
    list(model, key).iter().any(|it| it.as_str().is_some_and(|it| categories.contains(&it)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree() -> Tree {
        let years = json!([{ "year": 2020, "engine_powers": [106, 113.0] }]);
        Tree(json!({ "brands": [
            { "brand_id": "1", "name": "LADA", "name_ru": "Лада", "models": [
                { "model_id": "7", "name": "Vesta", "vehicle_types": ["B"], "years": years },
                { "model_id": "8", "name": "Largus", "vehicle_types": ["B", "C"], "years": [] },
            ] },
            { "brand_id": "2", "name": "Урал", "models": [
                { "model_id": "9", "name": "М-67", "vehicle_types": ["A"], "years": years },
            ] },
        ] }))
    }

    #[test]
    fn the_tree_says_what_the_methods_must() {
        let tree = tree();
        assert_eq!(tree.listed(None).len(), 2);
        assert_eq!(tree.listed(Some("C")).len(), 1);
        assert_eq!(tree.of(&["A", "C"]).len(), 2);
        assert_eq!(tree.of(&CATEGORIES), Tree::said(&tree.0));
        assert_eq!(models(&tree.brands()[0], Some("C")).len(), 1);
        assert_eq!(tree.named("лада", "VESTA").map(|(_, model)| &model["model_id"]), Some(&json!("7")));
        assert!(tree.named("LADA", "М-67").is_none());
        assert_eq!(tree.samples("2").len(), 2);
    }

    #[test]
    fn a_tree_without_brands_or_models_is_empty() {
        let told = |tree: Value| Tree(tree).emptiness().map(|fault| fault.to_string());
        assert_eq!(told(tree().0), None);
        assert_eq!(told(json!({ "brands": [] })), Some("brands: is empty: publish a dictionary".into()));
        let bare = json!({ "brands": [{ "brand_id": "1", "name": "LADA", "models": [] }] });
        assert_eq!(told(bare), Some("brands: no brand has a model: publish a dictionary".into()));
    }

    #[test]
    fn a_model_stands_below_its_own_brand() {
        let tree = tree();
        assert_eq!(tree.lacks("1", "8"), None);
        let told = |brand, model| tree.lacks(brand, model).map(|fault| fault.to_string());
        assert_eq!(told("3", "8").unwrap(), "brand.brand_id: 3 does not stand in sync-all");
        assert_eq!(told("1", "9").unwrap(), "model.model_id: 9 is no model of that brand in sync-all");
    }

    #[test]
    fn what_differs_is_told() {
        let items = json!([{ "model_id": "7", "name": "Веста", "vehicle_type": ["B"] }]);
        let method = entries(items.as_array().unwrap(), "model_id", "vehicle_type");
        let told: Vec<String> = differences("models", &method, &models(&tree().brands()[0], None))
            .iter()
            .map(Fault::to_string)
            .collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.iter().any(|it| it.contains("Веста") && it.ends_with("not in sync-all")), "{told:?}");
        assert_eq!(numbers(&json!([106, 113.0])), numbers(&json!([106.0, 113])));
    }
}
