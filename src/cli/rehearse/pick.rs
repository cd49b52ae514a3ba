//! Which offer is bought, and with which cross-sales.

use serde_json::{Value, json};

use super::{
    check::{self, list, text},
    money::price,
};

/// One option of one cross-sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pick {
    /// The cross-sale.
    pub upsale_id: String,
    /// The option.
    pub option_id: i64,
    /// What it costs, in kopecks.
    pub price: i64,
    compatibility: i64,
}

/// The offers that can be bought, in the order in which to try them: outside the reinsurance pool before
/// those within, with a cross-sale before those without, cheap before dear.
pub(super) fn offers_to_try(calculation: &Value) -> Vec<&Value> {
    let mut offers: Vec<&Value> =
        list(calculation, "offers").iter().filter(|offer| check::has_price(text(offer, "status"))).collect();
    offers.sort_by_key(|offer| (is_pool(offer), list(offer, "upsales").is_empty(), price(offer)));
    offers
}

/// Whether the offer is of the reinsurance pool, where every cross-sale is mandatory.
pub(super) fn is_pool(offer: &Value) -> bool {
    offer["is_reinsurance_pool"] == true
}

/// What a user would take: whatever is required, else the first cross-sale, with their default options as
/// far as these are compatible. Empty where there is nothing to take.
pub(super) fn selection(offer: &Value) -> Vec<Pick> {
    let all: Vec<&Value> =
        list(offer, "upsales").iter().filter(|upsale| !list(upsale, "options").is_empty()).collect();
    let required: Vec<&Value> =
        all.iter().copied().filter(|upsale| is_pool(offer) || is_required(upsale)).collect();
    let wanted = if required.is_empty() { all.into_iter().take(1).collect() } else { required };
    let mut groups: Vec<i64> =
        wanted.iter().flat_map(|upsale| picks(upsale)).map(|pick| pick.compatibility).collect();
    groups.dedup();
    let whole = |group: i64| -> Option<Vec<Pick>> {
        wanted.iter().map(|upsale| picks(upsale).find(|pick| pick.compatibility == group)).collect()
    };
    groups.into_iter().find_map(whole).unwrap_or_default()
}

/// A good selection with a second option of one cross-sale.
pub(super) fn two_of_one(offer: &Value) -> Option<Vec<Pick>> {
    let upsale = list(offer, "upsales").iter().find(|upsale| list(upsale, "options").len() > 1)?;
    Some(replaced(offer, picks(upsale).take(2).collect()))
}

/// A good selection with two options that are not compatible.
pub(super) fn incompatible(offer: &Value) -> Option<Vec<Pick>> {
    let all: Vec<Pick> = list(offer, "upsales").iter().flat_map(picks).collect();
    let pair = all.iter().enumerate().find_map(|(index, one)| {
        let fits_not =
            |other: &&Pick| one.upsale_id != other.upsale_id && one.compatibility != other.compatibility;
        all[index + 1..].iter().find(fits_not).map(|other| vec![one.clone(), other.clone()])
    })?;
    Some(replaced(offer, pair))
}

/// A good selection less a cross-sale that is required.
pub(super) fn without_required(offer: &Value) -> Option<Vec<Pick>> {
    let required = list(offer, "upsales").iter().find(|upsale| is_required(upsale))?;
    let mut picks = selection(offer);
    picks.retain(|pick| pick.upsale_id != text(required, "id"));
    Some(picks)
}

/// The picks as the contract has them: the option's id as text, or as the number that it is elsewhere.
pub(super) fn on_the_wire(picks: &[Pick], as_text: bool) -> Value {
    let option = |id: i64| if as_text { json!(id.to_string()) } else { json!(id) };
    picks
        .iter()
        .map(|pick| json!({ "upsale_id": pick.upsale_id, "option_id": option(pick.option_id) }))
        .collect()
}

/// The good selection with these picks in place of its own for the same cross-sales.
fn replaced(offer: &Value, picks: Vec<Pick>) -> Vec<Pick> {
    let mut all = selection(offer);
    all.retain(|pick| picks.iter().all(|other| other.upsale_id != pick.upsale_id));
    all.extend(picks);
    all
}

fn is_required(upsale: &Value) -> bool {
    upsale["is_required"] == true
}

/// A cross-sale's options, the default one first.
fn picks(upsale: &Value) -> impl Iterator<Item = Pick> {
    let mut options: Vec<&Value> = list(upsale, "options").iter().collect();
    options.sort_by_key(|option| option["is_default"] != true);
    options.into_iter().filter_map(|option| {
        Some(Pick {
            upsale_id: text(upsale, "id").to_owned(),
            option_id: option["id"].as_i64()?,
            price: price(option)?,
            compatibility: option["compatibility_id"].as_i64()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upsale(id: &str, required: bool, options: &[(i64, i64, bool)]) -> Value {
        let options: Vec<Value> = options
            .iter()
            .map(|(id, group, default)| json!({ "id": id, "compatibility_id": group, "is_default": default, "price": 100.5 }))
            .collect();
        json!({ "id": id, "is_required": required, "options": options })
    }

    fn ids(picks: &[Pick]) -> Vec<(&str, i64)> {
        picks.iter().map(|pick| (pick.upsale_id.as_str(), pick.option_id)).collect()
    }

    #[test]
    fn the_cheapest_with_a_cross_sale_outside_the_pool_is_tried_first() {
        let offer = |id: &str, price: f64, pool: bool, upsales: Value| json!({ "offer_id": id, "status": "PRE_CALC_READY", "price": price, "is_reinsurance_pool": pool, "upsales": upsales });
        let some = json!([upsale("u", false, &[(1, 1, true)])]);
        let calculation = json!({ "offers": [
            { "offer_id": "no", "status": "REJECTED" },
            offer("pool", 1.0, true, some.clone()),
            offer("plain", 2.0, false, json!([])),
            offer("dear", 4.0, false, some.clone()),
            offer("cheap", 3.0, false, some),
        ]});
        let tried: Vec<&str> =
            offers_to_try(&calculation).iter().map(|offer| text(offer, "offer_id")).collect();
        assert_eq!(tried, ["cheap", "dear", "plain", "pool"]);
    }

    #[test]
    fn a_selection_is_what_is_required_in_one_compatible_group() {
        let offer = json!({ "upsales": [
            upsale("free", false, &[(1, 1, true)]),
            upsale("a", true, &[(2, 1, false), (3, 2, true)]),
            upsale("b", true, &[(4, 1, true)]),
        ]});
        assert_eq!(ids(&selection(&offer)), [("a", 2), ("b", 4)]);
        assert_eq!(ids(&without_required(&offer).unwrap()), [("b", 4)]);
        assert_eq!(ids(&two_of_one(&offer).unwrap()), [("b", 4), ("a", 3), ("a", 2)]);
        let wrong = incompatible(&offer).unwrap();
        assert_eq!(ids(&wrong), [("b", 4), ("free", 1), ("a", 3)]);
        assert_eq!(on_the_wire(&wrong[..1], true), json!([{ "upsale_id": "b", "option_id": "4" }]));
        assert_eq!(on_the_wire(&wrong[..1], false)[0]["option_id"], 4);
    }

    #[test]
    fn without_a_required_one_the_first_is_taken_with_its_default() {
        let offer = json!({ "upsales": [
            upsale("none", false, &[]),
            upsale("a", false, &[(1, 1, false), (2, 1, true)]),
            upsale("b", false, &[(3, 1, false)]),
        ]});
        assert_eq!(ids(&selection(&offer)), [("a", 2)]);
        assert_eq!(selection(&offer)[0].price, 10_050);
        assert_eq!(without_required(&offer), None);
        assert_eq!(incompatible(&offer), None);
        let pool = json!({ "is_reinsurance_pool": true, "upsales": offer["upsales"] });
        assert_eq!(ids(&selection(&pool)), [("a", 2), ("b", 3)]);
        assert_eq!(selection(&json!({})), []);
    }
}
