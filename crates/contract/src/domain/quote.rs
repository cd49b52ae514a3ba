//! What an offer is asked for.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Person, Vehicle};

/// One risk to price. The same for every insurer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuoteRequest {
    /// What the vehicle is used for.
    pub purpose: Purpose,
    /// First day of the policy, in Moscow.
    pub policy_start: Date,
    /// Whether cross-sales may be offered.
    pub cross_sales_allowed: bool,
    /// The vehicle.
    pub vehicle: Vehicle,
    /// Who may drive.
    pub drivers: Drivers,
    /// The vehicle's owner.
    pub owner: Person,
    /// Who insures (страхователь).
    pub policyholder: Person,
    /// Where a payment page sends the user back to.
    pub return_urls: Option<ReturnUrls>,
}

/// What the vehicle is used for; the two that the partner API knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Privately.
    Personal,
    /// As a taxi.
    Taxi,
}

/// Who may drive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drivers {
    /// Anybody. The request may name people all the same.
    Unlimited(Vec<Person>),
    /// These, at least one.
    Named(Vec<Person>),
}

/// Where a payment page sends the user back to: http or https, internationalised hosts allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnUrls {
    /// After payment.
    pub success: String,
    /// After a failure.
    pub failure: String,
}

impl Drivers {
    /// The named drivers; none where anybody may drive.
    pub fn named(&self) -> &[Person] {
        match self {
            Drivers::Unlimited(_) => &[],
            Drivers::Named(people) => people,
        }
    }

    /// Whether anybody may drive.
    pub fn is_unlimited(&self) -> bool {
        matches!(self, Drivers::Unlimited(_))
    }
}

impl QuoteRequest {
    /// The last day of a policy of one year: start plus a year less a day.
    pub fn policy_end(&self) -> Date {
        let year = jiff::Span::new().years(1);
        self.policy_start.checked_add(year).and_then(|date| date.yesterday()).unwrap_or(self.policy_start)
    }
}
