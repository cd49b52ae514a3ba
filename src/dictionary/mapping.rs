//! The mapping file.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use serde::Deserialize;
use veer_contract::{VehicleCodes, domain::Vehicle, manifest::VehicleNames};

/// What each insurer calls each vehicle.
#[derive(Debug, Clone, Default)]
pub struct VehicleMapping {
    codes: HashMap<(String, String), BTreeMap<String, VehicleCodes>>,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It cannot be read.
    #[error("{path}: {error}; set dictionary.vehicles to the mapping file or leave it out")]
    Unreadable {
        /// Which file.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// It does not parse.
    #[error("{path}: {error}")]
    Malformed {
        /// Which file.
        path: String,
        /// Line and reason.
        error: Box<toml::de::Error>,
    },
    /// A vehicle stands twice.
    #[error("{path}: {brand} {model} stands there twice; join the two entries")]
    Twice {
        /// Which file.
        path: String,
        /// The brand.
        brand: String,
        /// The model.
        model: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    vehicle: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    brand: String,
    model: String,
    insurers: BTreeMap<String, Codes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    brand: Option<String>,
    model: Option<String>,
    code: Option<String>,
}

// === impl VehicleMapping ===

impl VehicleMapping {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, MappingError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| MappingError::Unreadable { path: name.clone(), error })?;
        Self::parse(&text, &name)
    }

    /// Reads the text of a file called `path`.
    pub fn parse(text: &str, path: &str) -> Result<Self, MappingError> {
        let file: File = toml::from_str(text)
            .map_err(|error| MappingError::Malformed { path: path.to_owned(), error: Box::new(error) })?;
        let mut codes = HashMap::with_capacity(file.vehicle.len());
        for Entry { brand, model, insurers } in file.vehicle {
            let named = |codes: Codes| VehicleCodes {
                brand: codes.brand.unwrap_or_else(|| brand.clone()),
                model: codes.model.unwrap_or_else(|| model.clone()),
                brand_code: None,
                code: codes.code,
            };
            let insurers = insurers.into_iter().map(|(insurer, codes)| (insurer, named(codes))).collect();
            if codes.insert(key(&brand, &model), insurers).is_some() {
                return Err(MappingError::Twice { path: path.to_owned(), brand, model });
            }
        }
        Ok(Self { codes })
    }

    /// What `adapter`'s insurer calls `vehicle`; `None` where it needs a code and there is none.
    pub fn codes(&self, adapter: &str, names: VehicleNames, vehicle: &Vehicle) -> Option<VehicleCodes> {
        let mapped = self
            .codes
            .get(&key(&vehicle.brand.name, &vehicle.model.name))
            .and_then(|insurers| insurers.get(adapter));
        match (mapped, names) {
            (Some(codes), VehicleNames::Names) => Some(codes.clone()),
            (Some(codes), VehicleNames::Codes) => codes.code.is_some().then(|| codes.clone()),
            (None, VehicleNames::Codes) => None,
            (None, VehicleNames::Names) => Some(VehicleCodes {
                brand: vehicle.brand.name.clone(),
                model: vehicle.model.name.clone(),
                ..VehicleCodes::default()
            }),
        }
    }
}

/// Names are compared without case, blanks and the difference of ё and е.
fn key(brand: &str, model: &str) -> (String, String) {
    let fold = |name: &str| {
        let kept = name.chars().filter(|c| !c.is_whitespace() && *c != '-');
        kept.flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c }).collect::<String>()
    };
    (fold(brand), fold(model))
}

#[cfg(test)]
mod tests {
    use veer_contract::domain::{Coefficient, Named};

    use super::*;

    const FILE: &str = r#"
        [[vehicle]]
        brand = "Toyota"
        model = "Camry"
        insurers.ingosstrakh.code = "100000001"
        insurers.alfastrah = { brand = "TOYOTA", model = "CAMRY" }
    "#;

    fn vehicle(brand: &str, model: &str) -> Vehicle {
        let named = |name: &str| Named { id: "1".into(), name: name.into(), name_ru: None };
        Vehicle {
            plate: None,
            category: None,
            vin: None,
            body_number: None,
            chassis_number: None,
            brand: named(brand),
            model: named(model),
            modification: None,
            year: 2020,
            engine_power: Coefficient::from_ten_thousandths(1_500_000),
            documents: Vec::new(),
        }
    }

    #[test]
    fn an_insurer_with_codes_needs_a_mapping_and_one_with_names_does_not() {
        let mapping = VehicleMapping::parse(FILE, "vehicles.toml").unwrap();
        let code = |adapter, names, vehicle| mapping.codes(adapter, names, &vehicle);
        let camry = code("ingosstrakh", VehicleNames::Codes, vehicle("TOYOTA", "camry")).unwrap();
        assert_eq!(camry.code.as_deref(), Some("100000001"));
        assert_eq!(code("ingosstrakh", VehicleNames::Codes, vehicle("Toyota", "Corolla")), None);
        let upper = code("alfastrah", VehicleNames::Names, vehicle("Toyota", "Camry")).unwrap();
        assert_eq!(upper.brand, "TOYOTA");
        let own = code("renessans", VehicleNames::Names, vehicle("Toyota", "Corolla")).unwrap();
        assert_eq!(own.model, "Corolla");
    }

    #[test]
    fn mistakes_name_their_place() {
        let twice = format!("{FILE}{FILE}");
        let error = VehicleMapping::parse(&twice, "vehicles.toml").unwrap_err().to_string();
        assert_eq!(error, "vehicles.toml: Toyota Camry stands there twice; join the two entries");
        let error = VehicleMapping::parse("[[vehicle]]\nbrnd = \"x\"", "v.toml").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("brnd"), "{error}");
    }
}
