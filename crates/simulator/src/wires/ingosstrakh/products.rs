//! Cross-sales in XML. No such elements are public.

use std::fmt::Write;

use quick_xml::escape::escape;
use veer_contract::domain::{CrossSale, CrossSaleOption, SelectedOption};

use super::soap::Node;

/// The list of a tariff's answer; nothing where nothing is offered.
pub(super) fn list(offered: &[CrossSale]) -> String {
    if offered.is_empty() {
        return String::new();
    }
    format!("<AddProductList>{}</AddProductList>", offered.iter().map(product).collect::<String>())
}

/// The list of a bill's call; none where an item is not understood.
pub(super) fn selected(call: &Node) -> Option<Vec<SelectedOption>> {
    let Some(list) = call.find("AddProductList") else { return Some(Vec::new()) };
    let item = |item: &Node| {
        let cross_sale_id = item.text_at("ID")?;
        Some(SelectedOption { cross_sale_id, option_id: item.text_at("OptionID")?.parse().ok()? })
    };
    list.children.iter().map(item).collect()
}

fn product(product: &CrossSale) -> String {
    let mut xml = String::from("<AddProduct>");
    element(&mut xml, "ID", &product.id);
    element(&mut xml, "Code", product.code.as_deref().unwrap_or_default());
    element(&mut xml, "Required", flag(product.required));
    element(&mut xml, "ShortName", &product.short_name);
    element(&mut xml, "FullName", &product.full_name);
    element(&mut xml, "Insured", &product.insured);
    element(&mut xml, "Period", &product.insurance_period);
    let options: String = product.options.iter().map(option).collect();
    xml + "<OptionList>" + &options + "</OptionList></AddProduct>"
}

fn option(option: &CrossSaleOption) -> String {
    let mut xml = String::from("<Option>");
    element(&mut xml, "ID", &option.id.to_string());
    element(&mut xml, "Default", flag(option.is_default));
    element(&mut xml, "CompatibilityID", &option.compatibility_id.to_string());
    element(&mut xml, "Name", &option.name);
    element(&mut xml, "Description", &option.description);
    element(&mut xml, "Insured", &option.insured);
    element(&mut xml, "Price", &option.price.to_string());
    xml.push_str("<RiskList>");
    for payment in &option.risk_payments {
        xml.push_str("<Risk>");
        element(&mut xml, "Name", &payment.risk);
        xml.push_str("<PayList>");
        payment.pays.iter().for_each(|pay| element(&mut xml, "Pay", pay));
        xml.push_str("</PayList></Risk>");
    }
    xml + "</RiskList></Option>"
}

fn element(xml: &mut String, name: &str, text: &str) {
    // Writing to a string does not fail.
    let _ = write!(xml, "<{name}>{}</{name}>", escape(text));
}

fn flag(set: bool) -> &'static str {
    if set { "Y" } else { "N" }
}
