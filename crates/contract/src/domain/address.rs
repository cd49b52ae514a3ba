//! Addresses.

use serde::{Deserialize, Serialize};

use super::Personal;

/// What an address is to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// Where the person is registered; decides the territory coefficient.
    Registration,
    /// Where the person lives.
    Residence,
}

/// A postal address with its register codes: КЛАДР (13, 17 or 19 digits, each insurer cuts it as it
/// needs) and ФИАС (GUIDs). Every part but the text may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the parts of an address are what their names say")]
pub struct Address {
    pub kind: AddressKind,
    /// The whole address as one line.
    pub text: Personal<String>,
    /// The most precise КЛАДР code known.
    pub kladr: Personal<String>,
    pub country_code: Option<Personal<String>>,
    pub region_name: Personal<String>,
    pub region_type: Personal<String>,
    pub region_kladr: Personal<String>,
    pub region_fias: Option<Personal<String>>,
    pub district_name: Option<Personal<String>>,
    pub area_fias: Option<Personal<String>>,
    pub city_name: Option<Personal<String>>,
    pub city_type: Personal<String>,
    pub city_kladr: Option<Personal<String>>,
    pub city_fias: Option<Personal<String>>,
    pub settlement_name: Option<Personal<String>>,
    pub settlement_type: Option<Personal<String>>,
    pub settlement_kladr: Option<Personal<String>>,
    pub settlement_fias: Option<Personal<String>>,
    pub street_name: Option<Personal<String>>,
    pub street_type: Option<Personal<String>>,
    pub street_kladr: Option<Personal<String>>,
    pub street_fias: Option<Personal<String>>,
    pub house: Option<Personal<String>>,
    pub house_fias: Option<Personal<String>>,
    /// корпус
    pub building: Option<Personal<String>>,
    /// строение
    pub block: Option<Personal<String>>,
    pub apartment: Option<Personal<String>>,
    /// ФИАС of the whole address.
    pub fias: Option<Personal<String>>,
}

impl Address {
    /// The city's or settlement's КЛАДР, at most `digits` long; insurers cut it differently.
    pub fn city_kladr_cut(&self, digits: usize) -> String {
        let code = self.city_kladr.as_ref().unwrap_or(&self.region_kladr);
        code.as_str().chars().filter(char::is_ascii_digit).take(digits).collect()
    }

    /// The street's КЛАДР, at most `digits` long; empty where it is not known.
    pub fn street_kladr_cut(&self, digits: usize) -> String {
        let code = self.street_kladr.as_ref().map_or("", Personal::as_str);
        code.chars().filter(char::is_ascii_digit).take(digits).collect()
    }
}
