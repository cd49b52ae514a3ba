//! Vehicles.

use serde::{Deserialize, Serialize};

use super::{Coefficient, Personal, VehicleDocument, VehicleDocumentKind};

/// Categories of the partner API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the categories of the road traffic convention")]
pub enum VehicleCategory {
    A,
    B,
    C,
    D,
    E,
}

/// An entry of the unified dictionary, as the request names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The unified dictionary's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its Russian name.
    pub name_ru: Option<String>,
}

/// The vehicle to insure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vehicle {
    /// Registration plate as given: strange ones are passed on, the insurer decides.
    pub plate: Option<Personal<String>>,
    /// Category; absent means B.
    pub category: Option<VehicleCategory>,
    /// VIN.
    pub vin: Option<Personal<String>>,
    /// Body number, for vehicles without a VIN.
    pub body_number: Option<Personal<String>>,
    /// Chassis number.
    pub chassis_number: Option<Personal<String>>,
    /// Brand.
    pub brand: Named,
    /// Model.
    pub model: Named,
    /// Modification.
    pub modification: Option<Named>,
    /// Production year.
    pub year: i16,
    /// Engine power in horsepower.
    pub engine_power: Coefficient,
    /// Documents.
    pub documents: Vec<VehicleDocument>,
}

/// A row of an insurer's own vehicle dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsurerVehicle {
    /// Brand as the insurer writes it.
    pub brand: String,
    /// Model as the insurer writes it.
    pub model: String,
    /// Category.
    pub category: Option<VehicleCategory>,
    /// The insurer's code, where it has codes.
    pub code: Option<String>,
}

impl Vehicle {
    /// The category; B where the request does not say.
    pub fn category(&self) -> VehicleCategory {
        self.category.unwrap_or(VehicleCategory::B)
    }

    /// The document that insurers ask for first: СТС, else ПТС, else ЭПТС.
    pub fn main_document(&self) -> Option<&VehicleDocument> {
        [VehicleDocumentKind::Sts, VehicleDocumentKind::Pts, VehicleDocumentKind::Epts]
            .into_iter()
            .find_map(|kind| self.documents.iter().find(|document| document.kind == kind))
    }
}

impl VehicleCategory {
    /// The letter.
    pub const fn letter(self) -> char {
        match self {
            VehicleCategory::A => 'A',
            VehicleCategory::B => 'B',
            VehicleCategory::C => 'C',
            VehicleCategory::D => 'D',
            VehicleCategory::E => 'E',
        }
    }
}
