//! The field's own types.
//!
//! Names are the field's: the *policyholder* is the person who insures (страхователь; the partner API
//! calls it `insurer`), the *insurer* is the company (страховщик; the partner API calls it an offer's
//! `partner`). Money is kopecks. Personal data has a type whose `Debug` shows nothing.

mod address;
mod coefficients;
mod cross_sale;
mod document;
mod letters;
mod money;
mod offer;
mod person;
mod personal;
mod quote;
mod sale;
mod vehicle;

pub use address::{Address, AddressKind};
pub use coefficients::{Coefficient, CoefficientError, Coefficients};
pub use cross_sale::{CrossSale, CrossSaleOption, RiskPayment, SelectedOption};
pub use document::{Licence, Passport, PreviousLicence, VehicleDocument, VehicleDocumentKind};
pub use letters::cyrillic_look_alike;
pub use money::{Kopecks, MoneyError};
pub use offer::{Offer, OfferRef, Premium};
pub use person::{Contact, Person, PersonName};
pub use personal::Personal;
pub use quote::{Drivers, Purpose, QuoteRequest, ReturnUrls};
pub use sale::{Document, PaymentLink, PaymentState, Policy};
pub use vehicle::{FoundVehicle, InsurerVehicle, Named, Vehicle, VehicleCategory};
