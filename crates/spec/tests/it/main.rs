//! Specs from the outside: compiled, driven by the kit, broken in every way.

mod companies;
mod example;
mod fuzz;
mod problems;
mod revisions;
mod runaways;
