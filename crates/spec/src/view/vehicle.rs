//! The vehicle.

use minijinja::Value;
use veer_contract::domain::{Named, Vehicle, VehicleDocument, VehicleDocumentKind};

use super::{View, date};
use crate::{
    shape::Shape,
    value::{Absent, Items},
};

const DOCUMENTS: &str = "vehicle.car_documents";

/// The vehicle as the request names it.
pub(super) fn view(vehicle: &Vehicle) -> Value {
    let mut view = View::default();
    view.optional("plate", vehicle.plate.as_ref(), "vehicle.car_number");
    view.put("category", vehicle.category().letter().to_string());
    view.optional("vin", vehicle.vin.as_ref(), "vehicle.vin");
    view.optional("body_number", vehicle.body_number.as_ref(), "vehicle.body_number");
    view.optional("chassis_number", vehicle.chassis_number.as_ref(), "vehicle.chassis_number");
    view.put("brand", named(&vehicle.brand, "vehicle.brand"));
    view.put("model", named(&vehicle.model, "vehicle.model"));
    let modification = vehicle.modification.as_ref().map(|it| named(it, "vehicle.modification"));
    view.put("modification", modification.unwrap_or_else(|| Absent::field("vehicle.modification")));
    view.put("year", i64::from(vehicle.year));
    let power = vehicle.engine_power.as_json_number();
    view.put("engine_power", crate::tree::json(&power.into()));
    view.put("document", document(vehicle.main_document()));
    for (name, kind) in [
        ("sts", VehicleDocumentKind::Sts),
        ("pts", VehicleDocumentKind::Pts),
        ("epts", VehicleDocumentKind::Epts),
    ] {
        view.put(name, document(vehicle.documents.iter().find(|document| document.kind == kind)));
    }
    let documents = vehicle.documents.iter().map(|it| document(Some(it)));
    view.put("documents", Value::from_object(Items(documents.collect())));
    view.finish()
}

/// The shape of [`view`].
pub(super) fn shape() -> Shape {
    let fields = [("id", Shape::Text), ("name", Shape::Text), ("name_ru", Shape::Text.maybe())];
    let named = Shape::parts("dictionary entry", fields);
    let fields = ["kind", "series", "number", "date"].map(|name| (name, Shape::Text));
    let document = Shape::parts("document", fields);
    Shape::parts(
        "vehicle",
        [
            ("plate", Shape::Text.maybe()),
            ("category", Shape::Text),
            ("vin", Shape::Text.maybe()),
            ("body_number", Shape::Text.maybe()),
            ("chassis_number", Shape::Text.maybe()),
            ("brand", named.clone()),
            ("model", named.clone()),
            ("modification", named.maybe()),
            ("year", Shape::Number),
            ("engine_power", Shape::Number),
            ("document", document.clone().maybe()),
            ("sts", document.clone().maybe()),
            ("pts", document.clone().maybe()),
            ("epts", document.clone().maybe()),
            ("documents", Shape::list(document)),
        ],
    )
}

fn named(entry: &Named, at: &str) -> Value {
    let mut view = View::default();
    view.put("id", entry.id.as_str());
    view.put("name", entry.name.as_str());
    let russian = entry.name_ru.as_deref();
    view.put("name_ru", russian.map_or_else(|| Absent::field(format!("{at}.name_ru")), Value::from));
    view.finish()
}

fn document(document: Option<&VehicleDocument>) -> Value {
    let Some(document) = document else { return Absent::field(DOCUMENTS) };
    let mut view = View::default();
    let kind = match document.kind {
        VehicleDocumentKind::Sts => "sts",
        VehicleDocumentKind::Pts => "pts",
        VehicleDocumentKind::Epts => "epts",
    };
    view.put("kind", kind);
    view.put("series", document.series.as_str());
    view.put("number", document.number.as_str());
    view.put("date", date(*document.date.reveal()));
    view.finish()
}
