//! The partner API's own shapes, one noun a file.
//!
//! A *request* type knows how to `read` itself from the body and has no `Debug`: it is made of personal data
//! that the domain's types wrap only after [`translate`](super::translate). An *answer* type is serialised,
//! and leaves out what is not known; a vehicle is both. All describe themselves to the OpenAPI document with the names of the
//! contract, so the document cannot drift from what is read and sent.

mod accepted;
mod address_info;
mod calculation;
mod calculation_request;
mod car_document;
mod contact_info;
mod dictionary_brands;
mod dictionary_entry;
mod dictionary_letters;
mod dictionary_models;
mod dictionary_modifications;
mod dictionary_powers;
mod dictionary_tree;
mod dictionary_years;
mod draft_answer;
mod driver_info;
mod drivers_info;
mod file_format;
mod license_info;
mod offer_confirmation;
mod osago_offer;
mod partner_info;
mod passport_info;
mod pdf_file;
mod person_info;
mod policy_answer;
mod problem;
mod return_urls;
mod status;
mod status_answer;
mod upsale_info;
mod vehicle_info;

pub use accepted::Accepted;
pub use address_info::{AddressInfo, AddressType};
pub use calculation::Calculation;
pub use calculation_request::{CalculationRequest, Purpose};
pub use car_document::{CarDocument, DocumentType};
pub use contact_info::ContactInfo;
pub use dictionary_brands::{BrandsAnswer, ListedBrand};
pub use dictionary_entry::{BrandInfo, ModelInfo, ModificationInfo};
pub use dictionary_models::{ListedModel, ModelsAnswer};
pub use dictionary_modifications::{ListedModification, ModificationsAnswer};
pub use dictionary_powers::{Horsepower, PowersAnswer};
pub use dictionary_tree::{ModelYear, SyncAllAnswer, VehicleBrand, VehicleModel};
pub use dictionary_years::YearsAnswer;
pub use draft_answer::DraftAnswer;
pub use driver_info::{DriverCoefficients, DriverInfo};
pub use drivers_info::DriversInfo;
pub use file_format::FileFormat;
pub use license_info::{LicenseInfo, PreviousLicenseInfo};
pub use offer_confirmation::{OfferConfirmation, SelectedUpsale};
pub use osago_offer::OsagoOffer;
pub use partner_info::PartnerInfo;
pub use passport_info::PassportInfo;
pub use pdf_file::{FileEncoding, Pdf, PdfFile};
pub use person_info::PersonInfo;
pub use policy_answer::PolicyAnswer;
pub use problem::{Error, ValidationError};
pub use return_urls::ReturnUrls;
pub use status::{CalculationStatus, OfferStatus};
pub use status_answer::{OfferState, StatusAnswer};
pub use upsale_info::{RiskPays, UpsaleInfo, UpsaleOption};
pub use vehicle_info::{VehicleCategory, VehicleInfo};
