//! Documents of people and vehicles.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{PersonName, Personal};

/// A driving licence, Russian or foreign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Series; four characters on Russian licences.
    pub series: Personal<String>,
    /// Number; six digits on Russian licences.
    pub number: Personal<String>,
    /// Issue date, or the date driving experience starts: the partner API has one field for both.
    pub date: Personal<Date>,
}

/// A licence under an earlier name, which finds the driver's earlier bonus-malus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousLicence {
    /// The name then.
    pub name: PersonName,
    /// The licence then.
    pub licence: Licence,
}

/// A Russian passport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passport {
    /// Series, four digits.
    pub series: Personal<String>,
    /// Number, six digits.
    pub number: Personal<String>,
    /// Issue date.
    pub issued_on: Personal<Date>,
    /// Who issued it.
    pub issuer: Option<Personal<String>>,
    /// The issuing unit's code, `770-001`.
    pub subdivision: Option<Personal<String>>,
}

/// A vehicle's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VehicleDocument {
    /// Which one.
    pub kind: VehicleDocumentKind,
    /// Series.
    pub series: Personal<String>,
    /// Number.
    pub number: Personal<String>,
    /// Issue date.
    pub date: Personal<Date>,
}

/// Vehicle documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VehicleDocumentKind {
    /// СТС, the registration certificate.
    Sts,
    /// ПТС, the paper vehicle passport.
    Pts,
    /// ЭПТС, the electronic vehicle passport.
    Epts,
}
