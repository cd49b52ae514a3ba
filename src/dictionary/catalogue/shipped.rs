//! The catalogue that comes with the gateway: the files of `catalogue/`, compiled in.

use super::records::{Records, Sheets};

/// The files as they are.
pub fn shipped_sheets() -> Sheets {
    Sheets {
        brands: include_str!("../../../catalogue/brands.csv").to_owned(),
        models: include_str!("../../../catalogue/models.csv").to_owned(),
        modifications: include_str!("../../../catalogue/modifications.csv").to_owned(),
    }
}

/// Their records.
pub fn shipped() -> Records {
    #[expect(clippy::expect_used, reason = "the files are part of the binary, and a test reads them")]
    Records::read(&shipped_sheets()).expect("the shipped catalogue is well formed")
}
