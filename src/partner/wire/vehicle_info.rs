//! A vehicle: the one to insure, and the one that was looked up.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;
use veer_contract::domain::{self, Vehicle};

use super::{BrandInfo, CarDocument, DocumentType, ModelInfo, ModificationInfo};
use crate::partner::fields::{Choice, Fields};

/// A vehicle. In a calculation one of vin, body_number and chassis_number must be there; car_number must be there where a
/// document is an sts.
#[derive(Serialize, ToSchema)]
pub struct VehicleInfo {
    /// Registration plate. Strange ones are passed on; the insurer decides.
    #[schema(examples("А123БВ777"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub car_number: Option<String>,
    /// Category; B where a calculation leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<VehicleCategory>,
    /// VIN.
    #[schema(examples("XTA210990Y2765439"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
    /// Body number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_number: Option<String>,
    /// Chassis number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chassis_number: Option<String>,
    /// Brand.
    pub brand: BrandInfo,
    /// Model.
    pub model: ModelInfo,
    /// Modification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modification: Option<ModificationInfo>,
    /// Production year.
    pub year: i16,
    /// Horsepower.
    #[serde(serialize_with = "plain_number")]
    pub engine_power: f64,
    /// Documents: at least one in a calculation; none where those of a looked-up vehicle are not known.
    pub car_documents: Vec<CarDocument>,
}

/// A category of vehicles.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[expect(missing_docs, reason = "the categories of the road traffic convention")]
pub enum VehicleCategory {
    A,
    B,
    C,
    D,
    E,
}

// === impl VehicleInfo ===

impl VehicleInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let vehicle = Self {
            car_number: fields.optional_text("car_number"),
            category: fields.optional_choice("category"),
            vin: fields.optional_text("vin"),
            body_number: fields.optional_text("body_number"),
            chassis_number: fields.optional_text("chassis_number"),
            brand: fields.object("brand", BrandInfo::read),
            model: fields.object("model", ModelInfo::read),
            modification: fields.optional_object("modification", ModificationInfo::read),
            year: fields.integer("year", 1900..=2100),
            engine_power: fields.number("engine_power", 0.0..=10_000.0),
            car_documents: documents(fields),
        };
        vehicle.check(fields);
        vehicle
    }

    /// The rules between fields.
    fn check(&self, fields: &mut Fields<'_>) {
        if !["vin", "body_number", "chassis_number"].into_iter().any(|name| fields.has(name)) {
            fields.wrong("vin", "is required unless body_number or chassis_number is sent");
        }
        let registered =
            self.car_documents.iter().any(|document| document.document_type == DocumentType::Sts);
        if registered && !fields.has("car_number") {
            fields.wrong("car_number", "is required where car_documents has an sts");
        }
    }
}

fn documents(fields: &mut Fields<'_>) -> Vec<CarDocument> {
    let before = fields.wrong_so_far();
    let documents = fields.list("car_documents", CarDocument::read);
    if documents.is_empty() && fields.wrong_so_far() == before {
        fields.wrong("car_documents", "must hold at least one document");
    }
    documents
}

impl From<&Vehicle> for VehicleInfo {
    fn from(vehicle: &Vehicle) -> Self {
        let text = |number: &Option<domain::Personal<String>>| number.as_ref().map(|it| it.reveal().clone());
        Self {
            car_number: text(&vehicle.plate),
            category: vehicle.category.map(VehicleCategory::from),
            vin: text(&vehicle.vin),
            body_number: text(&vehicle.body_number),
            chassis_number: text(&vehicle.chassis_number),
            brand: BrandInfo::from(&vehicle.brand),
            model: ModelInfo::from(&vehicle.model),
            modification: vehicle.modification.as_ref().map(ModificationInfo::from),
            year: vehicle.year,
            engine_power: vehicle.engine_power.as_json_number().as_f64().unwrap_or_default(),
            car_documents: vehicle.documents.iter().map(CarDocument::from).collect(),
        }
    }
}

/// Whole horsepower are written without a point.
fn plain_number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    match number.fract() {
        0.0 => serializer.serialize_i64(*number as i64),
        _ => serializer.serialize_f64(*number),
    }
}

// === impl VehicleCategory ===

impl From<domain::VehicleCategory> for VehicleCategory {
    fn from(category: domain::VehicleCategory) -> Self {
        match category {
            domain::VehicleCategory::A => Self::A,
            domain::VehicleCategory::B => Self::B,
            domain::VehicleCategory::C => Self::C,
            domain::VehicleCategory::D => Self::D,
            domain::VehicleCategory::E => Self::E,
        }
    }
}

impl Choice for VehicleCategory {
    const WORDS: &'static [(&'static str, Self)] =
        &[("A", Self::A), ("B", Self::B), ("C", Self::C), ("D", Self::D), ("E", Self::E)];
}
