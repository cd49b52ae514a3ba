//! The request as expressions see it: plain, with stable names, and with the partner's name of whatever is
//! left out.
//!
//! The shapes stand beside the values so that a wrong name is found at load; a test holds the two together.

mod address;
mod person;
mod vehicle;

use std::collections::BTreeMap;

use jiff::civil::Date;
use minijinja::Value;
use veer_contract::{
    VehicleCodes,
    domain::{OfferRef, Personal, Purpose, QuoteRequest, ReturnUrls, SelectedOption},
    operation::VehicleQuery,
};

use crate::{
    shape::Shape,
    value::{Absent, Fields, Items},
};

/// A table under construction.
#[derive(Default)]
struct View(BTreeMap<String, Value>);

/// The request.
pub(crate) fn request(request: &QuoteRequest) -> Value {
    let mut view = View::default();
    let purpose = match request.purpose {
        Purpose::Personal => "personal",
        Purpose::Taxi => "taxi",
    };
    view.put("purpose", purpose);
    view.put("policy_start", date(request.policy_start));
    view.put("policy_end", date(request.policy_end()));
    view.put("cross_sales_allowed", request.cross_sales_allowed);
    view.put("unlimited_drivers", request.drivers.is_unlimited());
    let drivers = request.drivers.named().iter().enumerate();
    let drivers = drivers.map(|(at, driver)| person::view(driver, &format!("drivers_info.drivers[{at}]")));
    view.put("drivers", Value::from_object(Items(drivers.collect())));
    view.put("owner", person::view(&request.owner, "owner"));
    view.put("policyholder", person::view(&request.policyholder, "insurer"));
    let (owner, policyholder) = (&request.owner, &request.policyholder);
    let same = owner.name == policyholder.name && owner.birth_date == policyholder.birth_date;
    view.put("owner_is_policyholder", same);
    view.put("vehicle", vehicle::view(&request.vehicle));
    view.put("return_urls", return_urls(request.return_urls.as_ref()));
    view.finish()
}

/// The shape of [`request`].
pub(crate) fn request_shape() -> Shape {
    Shape::parts(
        "request",
        [
            ("purpose", Shape::Text),
            ("policy_start", Shape::Text),
            ("policy_end", Shape::Text),
            ("cross_sales_allowed", Shape::Truth),
            ("unlimited_drivers", Shape::Truth),
            ("drivers", Shape::list(person::shape())),
            ("owner", person::shape()),
            ("policyholder", person::shape()),
            ("owner_is_policyholder", Shape::Truth),
            ("vehicle", vehicle::shape()),
            ("return_urls", return_urls_shape()),
        ],
    )
}

/// Where the payment page sends the user.
pub(crate) fn return_urls(urls: Option<&ReturnUrls>) -> Value {
    let Some(urls) = urls else { return Absent::field("return_urls") };
    let mut view = View::default();
    view.put("success", urls.success.as_str());
    view.put("failure", urls.failure.as_str());
    view.finish()
}

/// The shape of [`return_urls`].
pub(crate) fn return_urls_shape() -> Shape {
    Shape::parts("return_urls", [("success", Shape::Text), ("failure", Shape::Text)]).maybe()
}

/// The vehicle in the insurer's dictionary.
pub(crate) fn codes(codes: &VehicleCodes) -> Value {
    let mut view = View::default();
    view.put("brand", codes.brand.as_str());
    view.put("model", codes.model.as_str());
    // Such an insurer is not asked about a vehicle without a mapping, so this is nobody's field.
    let optional = |code: &Option<String>| code.as_deref().map_or_else(Absent::value, Value::from);
    view.put("brand_code", optional(&codes.brand_code));
    view.put("code", optional(&codes.code));
    view.finish()
}

/// The shape of [`codes`].
pub(crate) fn codes_shape() -> Shape {
    let text = || Shape::Text;
    let fields =
        [("brand", text()), ("model", text()), ("brand_code", text().maybe()), ("code", text().maybe())];
    Shape::parts("vehicle", fields)
}

/// What the insurer calls its offer.
pub(crate) fn offer(offer: &OfferRef) -> Value {
    Fields::value(offer.0.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect())
}

/// What the user chose of the cross-sales.
pub(crate) fn selected(selected: &[SelectedOption]) -> Value {
    let option = |option: &SelectedOption| {
        let mut view = View::default();
        view.put("cross_sale_id", option.cross_sale_id.as_str());
        view.put("option_id", option.option_id);
        view.finish()
    };
    Value::from_object(Items(selected.iter().map(option).collect()))
}

/// The shape of [`selected`].
pub(crate) fn selected_shape() -> Shape {
    let fields = [("cross_sale_id", Shape::Text), ("option_id", Shape::Number)];
    Shape::list(Shape::parts("selected", fields))
}

/// What a vehicle is looked up by.
pub(crate) fn query(query: &VehicleQuery) -> Value {
    let mut view = View::default();
    let (vin, plate) = match query {
        VehicleQuery::Vin(vin) => (Some(vin), None),
        VehicleQuery::Plate(plate) => (None, Some(plate)),
    };
    for (name, value) in [("vin", vin), ("plate", plate)] {
        view.put(name, value.map_or_else(Absent::value, |value| Value::from(value.as_str())));
    }
    view.finish()
}

/// The shape of [`query`].
pub(crate) fn query_shape() -> Shape {
    Shape::parts("query", [("vin", Shape::Text.maybe()), ("plate", Shape::Text.maybe())])
}

/// A date, as expressions see it.
pub(crate) fn date(date: Date) -> Value {
    Value::from(date.to_string())
}

// === impl View ===

impl View {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// A text that may be left out, with the partner's name of it.
    fn optional(&mut self, name: &str, value: Option<&Personal<String>>, field: &str) {
        let value = value.map_or_else(|| Absent::field(field), |value| Value::from(value.as_str()));
        self.put(name, value);
    }

    fn finish(self) -> Value {
        Fields::value(self.0)
    }
}

#[cfg(test)]
mod tests {
    use minijinja::value::ValueKind;

    use super::*;

    /// Every difference between a value and its shape, by path.
    fn compare(value: &Value, shape: &Shape, path: &str, found: &mut Vec<String>) {
        if Absent::is(value) {
            if !shape.may_be_absent() {
                found.push(format!("{path} is absent"));
            }
            return;
        }
        let same = match (shape.sure(), value.kind()) {
            (Shape::Parts(parts), ValueKind::Map) => {
                let fields = value.downcast_object_ref::<Fields>().map(|it| &it.0).unwrap();
                let names: Vec<_> = fields.keys().collect();
                if names != parts.fields.keys().collect::<Vec<_>>() {
                    found.push(format!("{path} has {names:?}"));
                }
                for (name, shape) in &parts.fields {
                    if let Some(value) = fields.get(name) {
                        compare(value, shape, &format!("{path}.{name}"), found);
                    }
                }
                true
            }
            (Shape::List(of), ValueKind::Seq) => {
                let items = crate::value::items(value).unwrap();
                items.iter().for_each(|item| compare(item, of, &format!("{path}[]"), found));
                true
            }
            (Shape::Text, ValueKind::String) | (Shape::Truth, ValueKind::Bool) => true,
            (Shape::Number, ValueKind::Number) => true,
            _ => false,
        };
        if !same {
            found.push(format!("{path} is a {:?}, its shape says {}", value.kind(), shape.words()));
        }
    }

    #[test]
    fn every_value_has_the_shape_that_is_promised() {
        for asked in [veer_kit::requests::standard(), veer_kit::requests::documented()] {
            let mut found = Vec::new();
            compare(&request(&asked), &request_shape(), "request", &mut found);
            compare(&codes(&VehicleCodes::default()), &codes_shape(), "vehicle", &mut found);
            let option = SelectedOption { cross_sale_id: "1".into(), option_id: 2 };
            compare(&selected(&[option]), &selected_shape(), "selected", &mut found);
            compare(&query(&VehicleQuery::Vin("X".into())), &query_shape(), "query", &mut found);
            assert!(found.is_empty(), "{found:#?}");
        }
    }
}
