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
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsurerVehicle {
    /// Brand as the insurer writes it.
    pub brand: String,
    /// Model as the insurer writes it.
    pub model: String,
    /// Category, where the dictionary knows categories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<VehicleCategory>,
    /// The insurer's code of the brand, where it has codes of brands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand_code: Option<String>,
    /// The insurer's code of the model, where it has codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The production years that the row holds for, the first and the last one, where codes depend on the
    /// year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub years: Option<(i16, i16)>,
}

/// A vehicle as a register or an insurer knows it, in words and codes of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FoundVehicle {
    /// Brand, model and category.
    pub vehicle: InsurerVehicle,
    /// The modification's name.
    pub modification: Option<String>,
    /// Production year.
    pub year: Option<i16>,
    /// Engine power in horsepower.
    pub engine_power: Option<Coefficient>,
    /// Registration plate.
    pub plate: Option<Personal<String>>,
    /// VIN.
    pub vin: Option<Personal<String>>,
    /// Body number.
    pub body_number: Option<Personal<String>>,
    /// Chassis number.
    pub chassis_number: Option<Personal<String>>,
    /// Documents.
    pub documents: Vec<VehicleDocument>,
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

    /// The category of exactly that letter.
    pub fn parse(letter: &str) -> Option<Self> {
        Some(match letter {
            "A" => VehicleCategory::A,
            "B" => VehicleCategory::B,
            "C" => VehicleCategory::C,
            "D" => VehicleCategory::D,
            "E" => VehicleCategory::E,
            _ => return None,
        })
    }
}
