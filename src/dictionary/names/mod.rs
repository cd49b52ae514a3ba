//! How names of vehicles are compared.

mod fold;

pub use fold::fold;
