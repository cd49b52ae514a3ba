//! A postal address with its register codes.

use utoipa::ToSchema;

use crate::partner::fields::{Choice, Fields};

/// A postal address with its КЛАДР and ФИАС codes.
#[derive(ToSchema)]
pub struct AddressInfo {
    /// What the address is to the person.
    pub r#type: AddressType,
    /// The whole address as one line.
    #[schema(examples("Красноярский край, г. Красноярск, ул. Ленина, д. 1, кв. 1"))]
    pub address: String,
    /// The most precise КЛАДР code known.
    pub addresses_kladr_code: String,
    /// Country code.
    pub country_code: Option<String>,
    /// Region.
    pub region_name: String,
    /// Region's type.
    pub region_type: String,
    /// Region's КЛАДР code.
    pub region_kladr_code: String,
    /// Region's ФИАС code.
    pub region_fias_code: Option<String>,
    /// District.
    pub district_name: Option<String>,
    /// District's ФИАС code.
    pub area_fias_code: Option<String>,
    /// City.
    pub city_name: Option<String>,
    /// City's type; may be empty where there is no city.
    pub city_type: String,
    /// City's КЛАДР code.
    pub city_kladr_code: Option<String>,
    /// City's ФИАС code.
    pub city_fias_code: Option<String>,
    /// Settlement.
    pub settlement_name: Option<String>,
    /// Settlement's type.
    pub settlement_type: Option<String>,
    /// Settlement's КЛАДР code.
    pub settlement_kladr_code: Option<String>,
    /// Settlement's ФИАС code.
    pub settlement_fias_code: Option<String>,
    /// Street.
    pub street_name: Option<String>,
    /// Street's type.
    pub street_type: Option<String>,
    /// Street's КЛАДР code.
    pub street_kladr_code: Option<String>,
    /// Street's ФИАС code.
    pub street_fias_code: Option<String>,
    /// House.
    pub house: Option<String>,
    /// House's ФИАС code.
    pub house_fias_code: Option<String>,
    /// корпус
    pub building: Option<String>,
    /// строение
    pub block: Option<String>,
    /// Apartment.
    pub apartment: Option<String>,
    /// ФИАС code of the whole address.
    pub fias_code: Option<String>,
}

/// What an address is to a person.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum AddressType {
    /// Registered there.
    Registration,
    /// Lives there.
    Residence,
}

// === impl AddressInfo ===

impl AddressInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            r#type: fields.choice("type"),
            address: fields.long_text("address"),
            addresses_kladr_code: fields.text("addresses_kladr_code"),
            country_code: fields.optional_text("country_code"),
            region_name: fields.text("region_name"),
            region_type: fields.text("region_type"),
            region_kladr_code: fields.text("region_kladr_code"),
            region_fias_code: fields.optional_text("region_fias_code"),
            district_name: fields.optional_text("district_name"),
            area_fias_code: fields.optional_text("area_fias_code"),
            city_name: fields.optional_text("city_name"),
            // Required by the contract even for a village, where there is no city to have a type.
            city_type: match fields.has("city_name") {
                true => fields.text("city_type"),
                false => fields.text_or_empty("city_type"),
            },
            city_kladr_code: fields.optional_text("city_kladr_code"),
            city_fias_code: fields.optional_text("city_fias_code"),
            settlement_name: fields.optional_text("settlement_name"),
            settlement_type: fields.optional_text("settlement_type"),
            settlement_kladr_code: fields.optional_text("settlement_kladr_code"),
            settlement_fias_code: fields.optional_text("settlement_fias_code"),
            street_name: fields.optional_text("street_name"),
            street_type: fields.optional_text("street_type"),
            street_kladr_code: fields.optional_text("street_kladr_code"),
            street_fias_code: fields.optional_text("street_fias_code"),
            house: fields.optional_text("house"),
            house_fias_code: fields.optional_text("house_fias_code"),
            building: fields.optional_text("building"),
            block: fields.optional_text("block"),
            apartment: fields.optional_text("apartment"),
            fias_code: fields.optional_text("fias_code"),
        }
    }
}

impl Choice for AddressType {
    const WORDS: &'static [(&'static str, Self)] =
        &[("registration", Self::Registration), ("residence", Self::Residence)];
}
