//! What insurers' wires have in common: Russian documents and registries, JSON and XML as services really write them.
//!
//! Adapters in Rust and specs read by the same rules, so an amount, a file or a registry's outage means the same in
//! both. What knows one insurer belongs into that insurer's folder.
//!
//! | module | what is in it |
//! |---|---|
//! | [`loose`], [`number`] | JSON of services that do not keep to their own spelling; its numbers, read exactly |
//! | [`xml`], [`soap`] | XML, written, and read by local names; the envelope of SOAP 1.1 |
//! | [`registry`] | what texts tell of РСА's and НСИС' checks: down, failed, or neither |
//! | [`required`] | fields that an insurer cannot do without, by their names in the partner API |
//! | [`written`], [`codes`] | how documents and plates are written; codes of the address register |
//! | [`plain_id`], [`payment_page`] | what an insurer names and others will open: a part of a path, a page |
//! | [`coefficients`] | the tariff's coefficients under their own names |
//! | [`cross_sales`] | cross-sales in the partner API's own words |
//! | [`dictionary`], [`brand_by_brand`] | vehicle dictionaries: rows, categories, failures; how one is read in parts |
//! | [`issue`], [`policy_number`], [`pdf`] | how a policy is fetched, its series and number, its file |
//!
//! Nothing here does I/O, reads a clock or draws a random number, and a test holds the crate's list of
//! dependencies to that. Whatever arrives, nothing here panics.

pub mod brand_by_brand;
pub mod codes;
pub mod coefficients;
pub mod cross_sales;
pub mod dictionary;
pub mod issue;
pub mod loose;
pub mod number;
pub mod payment_page;
pub mod pdf;
pub mod plain_id;
pub mod policy_number;
pub mod registry;
pub mod required;
pub mod soap;
pub mod written;
pub mod xml;
