//! What is sold with the policy: `AddProductList` of a tariff, and the choices that go into a bill.

use serde::Deserialize;
use veer_contract::{
    Fault,
    domain::{CrossSale, CrossSaleOption, Kopecks, OfferRef, RiskPayment, SelectedOption},
};

use super::reply::Answer;
use crate::xml::Writer;

/// The offer's own note of the reinsurance pool, which only the tariff tells.
const POOL: &str = "reinsurance_pool";

#[derive(Deserialize)]
struct ProductList {
    #[serde(rename = "AddProduct", default)]
    products: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Product {
    #[serde(rename = "ID")]
    id: Option<String>,
    code: Option<String>,
    required: Option<String>,
    short_name: Option<String>,
    full_name: Option<String>,
    insured: Option<String>,
    period: Option<String>,
    option_list: Option<OptionList>,
}

#[derive(Deserialize)]
struct OptionList {
    #[serde(rename = "Option", default)]
    options: Vec<Choice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Choice {
    #[serde(rename = "ID")]
    id: Option<String>,
    default: Option<String>,
    #[serde(rename = "CompatibilityID")]
    compatibility_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    insured: Option<String>,
    price: Option<String>,
    risk_list: Option<RiskList>,
}

#[derive(Deserialize)]
struct RiskList {
    #[serde(rename = "Risk", default)]
    risks: Vec<Risk>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Risk {
    name: Option<String>,
    pay_list: Option<PayList>,
}

#[derive(Deserialize)]
struct PayList {
    #[serde(rename = "Pay", default)]
    pays: Vec<String>,
}

/// The tariff's cross-sales; none where it tells of none. A price is not lost for one that cannot be read:
/// it is left out. But an offer that cannot be taken without it cannot be sold either, so where it is
/// required, by itself or by the pool, the tariff is not understood.
pub(super) fn cross_sales(answer: &Answer<'_>) -> Result<Vec<CrossSale>, Fault> {
    let Some(list) = answer.fragment("AddProductList") else { return Ok(Vec::new()) };
    let list: ProductList = quick_xml::de::from_str(list)
        .map_err(|_| Fault::not_understood("AddProductList is not the list that was expected"))?;
    let in_pool = reinsurance_pool(answer) == Some(true);
    let mut found = Vec::new();
    for product in list.products {
        let required = is_yes(product.required.as_ref());
        match cross_sale(product, required) {
            Some(cross_sale) => found.push(cross_sale),
            None if required || in_pool => {
                let detail = "a required AddProduct lacks its ID, an option or a price";
                return Err(Fault::not_understood(detail));
            }
            None => {}
        }
    }
    Ok(found)
}

/// Whether the contract goes to the reinsurance pool, where the tariff tells.
pub(super) fn reinsurance_pool(answer: &Answer<'_>) -> Option<bool> {
    pool(answer.text("ReinsurancePool")?)
}

/// The note of the pool that an offer carries to its final price.
pub(super) fn pool_reference(pool: bool) -> OfferRef {
    OfferRef::of(POOL, if pool { "Y" } else { "N" })
}

/// What [`pool_reference`] noted.
pub(super) fn noted_pool(reference: &OfferRef) -> Option<bool> {
    pool(reference.get(POOL))
}

/// Writes the choices; nothing where there are none.
pub(super) fn write_selected(xml: &mut Writer, selected: &[SelectedOption]) {
    if selected.is_empty() {
        return;
    }
    xml.element("AddProductList", |xml| {
        for choice in selected {
            xml.element("AddProduct", |xml| {
                xml.leaf("ID", &choice.cross_sale_id);
                xml.leaf("OptionID", &choice.option_id.to_string());
            });
        }
    });
}

fn cross_sale(product: Product, required: bool) -> Option<CrossSale> {
    let options = product.option_list.map(|list| list.options).unwrap_or_default();
    let options: Option<Vec<_>> = options.into_iter().map(option).collect();
    Some(CrossSale {
        id: Some(text(product.id)).filter(|id| !id.is_empty())?,
        required,
        code: Some(text(product.code)).filter(|code| !code.is_empty()),
        short_name: text(product.short_name),
        full_name: text(product.full_name),
        insured: text(product.insured),
        insurance_period: text(product.period),
        options: options.filter(|options| !options.is_empty())?,
    })
}

fn option(choice: Choice) -> Option<CrossSaleOption> {
    let price = Kopecks::parse_roubles(choice.price.as_deref()?).ok()?;
    let risks = choice.risk_list.map(|list| list.risks).unwrap_or_default();
    Some(CrossSaleOption {
        id: text(choice.id).parse().ok()?,
        is_default: is_yes(choice.default.as_ref()),
        // Whatever lacks it goes together only with its like.
        compatibility_id: text(choice.compatibility_id).parse().unwrap_or_default(),
        name: text(choice.name),
        description: text(choice.description),
        insured: text(choice.insured),
        risk_payments: risks.into_iter().map(risk).collect(),
        price: Some(price).filter(|price| *price >= Kopecks::ZERO)?,
    })
}

fn risk(risk: Risk) -> RiskPayment {
    let pays = risk.pay_list.map(|list| list.pays).unwrap_or_default();
    let pays = pays.into_iter().map(|pay| text(Some(pay))).filter(|pay| !pay.is_empty());
    RiskPayment { risk: text(risk.name), pays: pays.collect() }
}

fn text(value: Option<String>) -> String {
    value.map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn is_yes(word: Option<&String>) -> bool {
    word.is_some_and(|word| word.trim() == "Y")
}

fn pool(word: &str) -> Option<bool> {
    match word {
        "Y" => Some(true),
        "N" => Some(false),
        _ => None,
    }
}
