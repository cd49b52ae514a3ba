//! The closed list of operations, and what each takes and gives.

use serde::{Deserialize, Serialize};

use crate::{Adapter, ErasedFlow};

use crate::domain::{
    Document, FoundVehicle, InsurerVehicle, Offer, OfferRef, PaymentLink, PaymentState, Policy, QuoteRequest,
    ReturnUrls, SelectedOption,
};

/// One operation of the domain. The input is everything that the flow may know of the request; it is
/// kept beside the flow's state, so a flow need not copy it.
pub trait Operation: 'static {
    /// What goes in.
    type Input: Serialize + for<'de> Deserialize<'de> + Send + Sync;
    /// What comes out, possibly several times.
    type Output: Serialize + for<'de> Deserialize<'de> + Send;
    /// Its name.
    const KIND: OperationKind;

    /// The adapter's flow for it, where it has one.
    fn flow(adapter: &dyn Adapter) -> Option<&dyn ErasedFlow<Self>>
    where
        Self: Sized;
}

/// The names of the operations, as manifests, metrics and timelines write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// A price, perhaps preliminary.
    Quote,
    /// A session.
    Login,
    /// The final price, after the insurer's own checks.
    Finalise,
    /// A payment link for an accepted offer.
    Confirm,
    /// Whether it is paid.
    PaymentStatus,
    /// The draft policy's file.
    Draft,
    /// The issued policy.
    #[serde(rename = "policy")]
    Policies,
    /// Giving an application up.
    Cancel,
    /// The insurer's vehicle dictionary.
    Vehicles,
    /// One vehicle by its number.
    VehicleInfo,
}

/// A session token, for as long as the manifest says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The token, put into [slots](crate::slot) by the host.
    pub token: String,
    /// In how many seconds the insurer forgets it, where its reply says so (OAuth 2: `expires_in`); else
    /// as the manifest says.
    #[serde(default)]
    pub seconds: Option<u64>,
}

/// An offer that the user takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The offer, with the request that it answers.
    pub offer: OfferInput,
    /// The cross-sale options that the user selected.
    pub selected: Vec<SelectedOption>,
    /// Where the payment page sends the user back to.
    pub return_urls: Option<ReturnUrls>,
}

/// An offer and the request that it answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferInput {
    /// The request.
    pub request: QuoteRequest,
    /// What the insurer calls the offer.
    pub offer: OfferRef,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident ($flow:ident): $input:ty => $output:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}
            impl Operation for $name {
                type Input = $input;
                type Output = $output;
                const KIND: OperationKind = OperationKind::$name;

                fn flow(adapter: &dyn Adapter) -> Option<&dyn ErasedFlow<Self>> {
                    adapter.$flow()
                }
            }
        )*
    };
}

operations! {
    /// Asks for a price.
    Quote (quote): QuoteRequest => Offer;
    /// Opens a session with the account's secrets, which stand in slots.
    Login (login): () => Session;
    /// Asks for the final price of a preliminary offer.
    Finalise (finalise): OfferInput => Offer;
    /// Takes an offer: the payment link.
    Confirm (confirm): Confirmation => PaymentLink;
    /// Asks whether an offer is paid.
    PaymentStatus (payment_status): OfferInput => PaymentState;
    /// Fetches the draft policy's file.
    Draft (draft): OfferInput => Document;
    /// Fetches the issued policy.
    Policies (policy): OfferInput => Policy;
    /// Gives an application up; best effort.
    Cancel (cancel): OfferInput => ();
    /// Reads the insurer's vehicle dictionary, a portion at a time.
    Vehicles (vehicles): () => Vec<InsurerVehicle>;
    /// Looks a vehicle up by VIN or plate. One that is not known emits nothing, or is declined.
    VehicleInfo (vehicle_info): VehicleQuery => FoundVehicle;
}

/// What a vehicle is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum VehicleQuery {
    /// By VIN.
    Vin(crate::domain::Personal<String>),
    /// By registration plate.
    Plate(crate::domain::Personal<String>),
}

impl OperationKind {
    /// Every operation.
    pub const ALL: [OperationKind; 10] = [
        OperationKind::Quote,
        OperationKind::Login,
        OperationKind::Finalise,
        OperationKind::Confirm,
        OperationKind::PaymentStatus,
        OperationKind::Draft,
        OperationKind::Policies,
        OperationKind::Cancel,
        OperationKind::Vehicles,
        OperationKind::VehicleInfo,
    ];

    /// The name in manifests, metrics and timelines.
    pub const fn name(self) -> &'static str {
        match self {
            OperationKind::Quote => "quote",
            OperationKind::Login => "login",
            OperationKind::Finalise => "finalise",
            OperationKind::Confirm => "confirm",
            OperationKind::PaymentStatus => "payment_status",
            OperationKind::Draft => "draft",
            OperationKind::Policies => "policy",
            OperationKind::Cancel => "cancel",
            OperationKind::Vehicles => "vehicles",
            OperationKind::VehicleInfo => "vehicle_info",
        }
    }
}

impl std::fmt::Display for OperationKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(…)")
    }
}
