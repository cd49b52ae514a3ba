//! The vehicle to insure.

use utoipa::ToSchema;

use super::{BrandInfo, CarDocument, DocumentType, ModelInfo, ModificationInfo};
use crate::partner::fields::{Choice, Fields};

/// The vehicle. One of vin, body_number and chassis_number must be there; car_number must be there where a
/// document is an sts.
#[derive(ToSchema)]
pub struct VehicleInfo {
    /// Registration plate. Strange ones are passed on; the insurer decides.
    #[schema(examples("А123БВ777"))]
    pub car_number: Option<String>,
    /// Category; B where absent.
    pub category: Option<VehicleCategory>,
    /// VIN.
    #[schema(examples("XTA210990Y2765439"))]
    pub vin: Option<String>,
    /// Body number.
    pub body_number: Option<String>,
    /// Chassis number.
    pub chassis_number: Option<String>,
    /// Brand.
    pub brand: BrandInfo,
    /// Model.
    pub model: ModelInfo,
    /// Modification.
    pub modification: Option<ModificationInfo>,
    /// Production year.
    pub year: i16,
    /// Horsepower.
    pub engine_power: f64,
    /// Documents, at least one.
    pub car_documents: Vec<CarDocument>,
}

/// A category of vehicles.
#[derive(Clone, Copy, ToSchema)]
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

impl Choice for VehicleCategory {
    const WORDS: &'static [(&'static str, Self)] =
        &[("A", Self::A), ("B", Self::B), ("C", Self::C), ("D", Self::D), ("E", Self::E)];
}
