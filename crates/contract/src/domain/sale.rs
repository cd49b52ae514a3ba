//! Payment and policy.

use serde::{Deserialize, Serialize};

use super::{Kopecks, Personal};

/// Where the user pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentLink {
    /// The page.
    pub url: String,
    /// What will be paid there, cross-sales included, where the insurer says.
    pub amount: Option<Kopecks>,
    /// What the insurer calls the application and the payment: added to the offer's own reference for
    /// every later operation.
    pub reference: super::OfferRef,
    /// What the insurer's own call about this payment will carry, where it makes such calls.
    pub correlation: Option<String>,
}

/// How a payment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Nothing yet, or still under way.
    Pending,
    /// Paid.
    Paid,
    /// The user or the bank gave up; it may be tried again.
    Cancelled,
}

/// An issued policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Series, `ХХХ` in Cyrillic letters.
    pub series: Personal<String>,
    /// Number, ten digits.
    pub number: Personal<String>,
    /// The file, where the insurer hands one out.
    pub document: Option<Document>,
}

/// A file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its type, `application/pdf`.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Document({}, {} bytes)", self.content_type, self.bytes.len())
    }
}
