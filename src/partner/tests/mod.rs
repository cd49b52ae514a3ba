//! What a single file cannot show: every field of the contract, held against the generated document.

mod answers;
mod every_field;
mod rules;
mod schema;
