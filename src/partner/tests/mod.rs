//! What a single file cannot show: every field of the contract, held against the generated document.

mod after_quote;
mod answers;
mod confirmation;
mod dictionaries;
mod document;
mod every_field;
mod rules;
mod schema;
mod vehicle;
