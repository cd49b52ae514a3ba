//! Vehicles in insurers' own codes.
//!
//! A mapping file names a vehicle as the request does and says what each insurer calls it. An insurer
//! that knows vehicles by name is sent the request's names where the file says nothing; one that knows
//! them by code is skipped then, by name and reason (verdict 102), without spending a call. Aliases of an
//! insurer share its mapping. The unified dictionary with ids of its own has its place here.

mod mapping;

pub use mapping::{MappingError, VehicleMapping};
