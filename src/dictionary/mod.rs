//! Vehicles in insurers' own codes.

pub mod catalogue;
mod mapping;
pub mod names;

pub use mapping::{MappingError, VehicleMapping};
