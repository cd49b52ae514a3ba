//! Cross-sales as a list of JSON, in the partner API's own words.
//!
//! A price is not lost for a cross-sale that cannot be read: it is left out. But an offer that cannot be
//! taken without it cannot be sold either, so where it is required, the reply is not understood.

use veer_contract::{
    Fault,
    domain::{CrossSale, CrossSaleOption, RiskPayment},
};

use crate::loose::Loose;

/// The cross-sales of a list; none where there is no list.
pub fn read(list: Loose<'_>) -> Result<Vec<CrossSale>, Fault> {
    let mut found = Vec::new();
    for item in list.items() {
        let required = item.get("is_required").truth() == Some(true);
        match cross_sale(item, required) {
            Some(cross_sale) => found.push(cross_sale),
            None if required => {
                return Err(Fault::not_understood(
                    "a required cross-sale lacks its id, an option or a price",
                ));
            }
            None => {}
        }
    }
    Ok(found)
}

fn cross_sale(item: Loose<'_>, required: bool) -> Option<CrossSale> {
    let options: Option<Vec<_>> = item.get("options").items().map(option).collect();
    let id = item.get("id").trimmed();
    let code = item.get("code").trimmed();
    Some(CrossSale {
        id: Some(id).filter(|id| !id.is_empty())?,
        required,
        code: Some(code).filter(|code| !code.is_empty()),
        short_name: item.get("short_name").trimmed(),
        full_name: item.get("full_name").trimmed(),
        insured: item.get("insured").trimmed(),
        insurance_period: item.get("insurance_period").trimmed(),
        options: options.filter(|options| !options.is_empty())?,
    })
}

fn option(item: Loose<'_>) -> Option<CrossSaleOption> {
    let price = item.get("price").number()?.roubles().ok()?;
    Some(CrossSaleOption {
        id: item.get("id").integer()?,
        is_default: item.get("is_default").truth() == Some(true),
        compatibility_id: item.get("compatibility_id").integer().unwrap_or_default(),
        name: item.get("name").trimmed(),
        description: item.get("description").trimmed(),
        insured: item.get("insured").trimmed(),
        risk_payments: item.get("risk_payments").items().map(risk_payment).collect(),
        price: Some(price).filter(|price| price.get() >= 0)?,
    })
}

fn risk_payment(item: Loose<'_>) -> RiskPayment {
    RiskPayment {
        risk: item.get("risk").trimmed(),
        pays: item.get("pays").items().map(Loose::trimmed).filter(|pay| !pay.is_empty()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn ids(list: Value) -> Result<Vec<String>, Fault> {
        read(Loose::of(&list)).map(|found| found.into_iter().map(|cross_sale| cross_sale.id).collect())
    }

    #[test]
    fn no_list_is_no_cross_sale() {
        assert_eq!(ids(Value::Null), Ok(Vec::new()));
        assert_eq!(ids(json!([])), Ok(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_left_out_unless_it_is_required() {
        let one = |required: bool, price: &str| json!([{"id": 5, "is_required": required, "options": [{"id": "1", "price": price}]}]);
        assert_eq!(ids(one(false, "1480.00")), Ok(vec!["5".to_owned()]));
        assert_eq!(ids(one(false, "-1")), Ok(Vec::new()));
        assert_eq!(ids(one(false, "free")), Ok(Vec::new()));
        assert!(ids(one(true, "free")).is_err());
        assert!(ids(json!([{"id": "x", "is_required": true, "options": []}])).is_err());
    }
}
