//! Cross-sales in JSON: one list, the same on both wires that speak JSON.

use serde_json::{Value, json};
use veer_contract::domain::{CrossSale, CrossSaleOption, SelectedOption};

use super::fields::{at, text};

/// The list of a price reply.
pub(super) fn list(offered: &[CrossSale]) -> Value {
    offered.iter().map(product).collect()
}

/// The list of a request: items with `id` and `option_id`, as an array or as a form makes one. None where
/// an item is not understood.
pub(super) fn selected(list: Option<&Value>) -> Option<Vec<SelectedOption>> {
    let items: Vec<&Value> = match list {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(members)) => members.values().collect(),
        Some(_) => return None,
    };
    items
        .into_iter()
        .map(|item| {
            let field = |name| at(item, name).and_then(text);
            Some(SelectedOption { cross_sale_id: field("id")?, option_id: field("option_id")?.parse().ok()? })
        })
        .collect()
}

fn product(product: &CrossSale) -> Value {
    json!({
        "id": product.id,
        "is_required": product.required,
        "code": product.code,
        "short_name": product.short_name,
        "full_name": product.full_name,
        "insured": product.insured,
        "insurance_period": product.insurance_period,
        "options": product.options.iter().map(option).collect::<Value>(),
    })
}

fn option(option: &CrossSaleOption) -> Value {
    let payments = option.risk_payments.iter();
    json!({
        "id": option.id,
        "is_default": option.is_default,
        "compatibility_id": option.compatibility_id,
        "name": option.name,
        "description": option.description,
        "insured": option.insured,
        "price": option.price.to_string(),
        "risk_payments": payments.map(|paid| json!({"risk": paid.risk, "pays": paid.pays})).collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selections_are_read_from_json_and_from_forms() {
        let expected = Some(vec![SelectedOption { cross_sale_id: "accident".into(), option_id: 1 }]);
        assert_eq!(selected(Some(&json!([{"id": "accident", "option_id": 1}]))), expected);
        assert_eq!(selected(Some(&json!({"0": {"id": "accident", "option_id": "1"}}))), expected);
        assert_eq!(selected(None), Some(vec![]));
        assert_eq!(selected(Some(&json!([{"id": "accident"}]))), None);
    }
}
