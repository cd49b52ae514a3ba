//! Vehicles: rows of a dictionary, and one that was looked up.

use minijinja::Value;
use veer_contract::{
    Fault,
    create_then_poll::Refusal,
    domain::{Coefficient, FoundVehicle, InsurerVehicle, Personal, VehicleDocument, VehicleDocumentKind},
};

use super::{Source, optional, unfit};
use crate::{
    dictionary::{self, Rows, Told},
    model::{Expr, FoundSpec, RowsSpec},
    scene,
    value::{Absent, Why, items, text},
};

/// Rows that one reply may have.
const MOST_ROWS: usize = 500_000;

/// The rows of a dictionary.
pub(super) fn rows(spec: &RowsSpec, from: Source<'_>) -> Result<Vec<InsurerVehicle>, Refusal> {
    let mut rows = Rows::default();
    let mut count = 0;
    for item in list(&spec.each, from.scene)? {
        let scene = scene::with(from.scene, vec![("item", item)]);
        let inside = match &spec.inner {
            Some(inner) => list(inner, &scene)?.into_iter().map(Some).collect(),
            None => vec![None],
        };
        for inner in inside {
            let scene = match inner {
                Some(inner) => scene::with(&scene, vec![("inner", inner)]),
                None => scene.clone(),
            };
            count += 1;
            if count > MOST_ROWS {
                return Err(unfit(&spec.each, "there are too many rows"));
            }
            let (told, row) = row(spec, &scene)?;
            rows.add(told, row);
        }
    }
    let rows = match from.in_parts {
        true => rows.part("a part of the vehicle dictionary"),
        false => rows.whole("the vehicle dictionary"),
    };
    rows.map_err(Refusal::from)
}

fn row(spec: &RowsSpec, scene: &Value) -> Result<(Told, InsurerVehicle), Refusal> {
    let mut row = InsurerVehicle::default();
    let mut told = Told::Nothing;
    let (mut first, mut last) = (None, None);
    for (name, expr) in &spec.columns {
        // Letter for letter, with the blanks at their ends: a name may be the insurer's code.
        let value = match expr.value(scene).and_then(|value| text(&value)) {
            Ok(text) => text,
            Err(Why::Absent) => continue,
            Err(why) => return Err(why.refusal(&expr.place)),
        };
        let code = Some(value.trim().to_owned()).filter(|code| !code.is_empty());
        match name.as_str() {
            "brand" => row.brand = value,
            "model" => row.model = value,
            "category" => told = dictionary::category(&value),
            "brand_code" => row.brand_code = code,
            "code" => row.code = code,
            "year_from" => first = value.trim().parse::<i16>().ok(),
            _ => last = value.trim().parse::<i16>().ok(),
        }
    }
    row.years = match (first, last) {
        (Some(first), Some(last)) => Some((first, last)),
        (Some(first), None) => Some((first, i16::MAX)),
        (None, Some(last)) => Some((i16::MIN, last)),
        (None, None) => None,
    };
    Ok((told, row))
}

fn list(expr: &Expr, scene: &Value) -> Result<Vec<Value>, Refusal> {
    let value = expr.value(scene).map_err(|why| why.refusal(&expr.place))?;
    if Absent::is(&value) {
        // The dictionary's reader says what an empty one means.
        return Ok(Vec::new());
    }
    items(&value).ok_or_else(|| unfit(expr, "it is no list"))
}

/// A vehicle that was looked up.
pub(super) fn make(spec: &FoundSpec, from: Source<'_>) -> Result<FoundVehicle, Refusal> {
    let mut found = FoundVehicle::default();
    let mut all_empty = true;
    for (name, expr) in &spec.fields {
        let Some(value) = optional(Some(expr), from.scene)? else { continue };
        all_empty = false;
        let personal = || Some(Personal::new(value.clone()));
        match name.as_str() {
            "brand" => found.vehicle.brand = value,
            "model" => found.vehicle.model = value,
            "category" => found.vehicle.category = dictionary::category(&value).known(),
            "modification" => found.modification = Some(value),
            "year" => found.year = value.parse().ok(),
            "engine_power" => found.engine_power = Coefficient::parse(&value).ok(),
            "plate" => found.plate = personal(),
            "vin" => found.vin = personal(),
            "body_number" => found.body_number = personal(),
            _ => found.chassis_number = personal(),
        }
    }
    found.documents = spec.documents.iter().filter_map(|fields| document(fields, from.scene)).collect();
    if all_empty {
        return Err(Fault::not_understood("nothing is known of the vehicle, and nothing says so").into());
    }
    Ok(found)
}

/// A document, where all of it is there.
fn document(fields: &[(String, Expr)], scene: &Value) -> Option<VehicleDocument> {
    let field = |name: &str| {
        let (_, expr) = fields.iter().find(|(other, _)| other == name)?;
        optional(Some(expr), scene).ok().flatten()
    };
    let kind = match field("kind")?.as_str() {
        "sts" => VehicleDocumentKind::Sts,
        "pts" => VehicleDocumentKind::Pts,
        "epts" => VehicleDocumentKind::Epts,
        _ => return None,
    };
    Some(VehicleDocument {
        kind,
        series: Personal::new(field("series").unwrap_or_default()),
        number: Personal::new(field("number")?),
        date: Personal::new(field("date")?.get(..10)?.parse().ok()?),
    })
}
