//! A policy's series and number, as the registries write them.
//!
//! Series are three Cyrillic letters, `ХХХ` for an electronic policy; some insurers write Latin `XXX`.
//! Numbers have ten digits.

use veer_contract::{
    Fault,
    domain::{Document, Policy},
};

use crate::written::cyrillic;

/// A checked series and number.
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyNumber {
    series: String,
    number: String,
}

// === impl PolicyNumber ===

impl PolicyNumber {
    /// From two texts; `None` where either is empty: the policy is not issued yet.
    pub fn of(series: &str, number: &str) -> Result<Option<Self>, Fault> {
        let series = cyrillic(series);
        let number = number.trim().to_owned();
        if series.is_empty() || number.is_empty() {
            return Ok(None);
        }
        let letters = series.chars().count() == 3 && series.chars().all(char::is_alphabetic);
        if !letters || number.len() != 10 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            // The number itself is the client's: it stays out.
            return Err(Fault::not_understood("a policy's series is three letters, its number ten digits"));
        }
        Ok(Some(Self { series, number }))
    }

    /// From one text, `ХХХ 0100000001`, with a blank, a number sign or nothing between.
    pub fn joined(text: &str) -> Result<Option<Self>, Fault> {
        let letters: String = text.chars().take_while(|c| !c.is_ascii_digit() && *c != '№').collect();
        let number: String = text.chars().skip(letters.chars().count()).filter(|c| *c != '№').collect();
        if letters.trim().is_empty() != number.trim().is_empty() {
            return Err(Fault::not_understood("a policy has a series and a number"));
        }
        Self::of(&letters, &number)
    }

    /// The policy, with its file where it is there.
    pub fn policy(self, document: Option<Document>) -> Policy {
        let Self { series, number } = self;
        Policy { series: series.as_str().into(), number: number.as_str().into(), document }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(found: Result<Option<PolicyNumber>, Fault>) -> Option<(String, String)> {
        found.unwrap().map(|PolicyNumber { series, number }| (series, number))
    }

    #[test]
    fn series_become_cyrillic() {
        let issued = Some(("ХХХ".to_owned(), "0100000001".to_owned()));
        assert_eq!(read(PolicyNumber::of("XXX", " 0100000001 ")), issued);
        assert_eq!(read(PolicyNumber::joined("ХХХ 0100000001")), issued);
        assert_eq!(read(PolicyNumber::joined("XXX№0100000001")), issued);
        assert_eq!(read(PolicyNumber::joined("xxx0100000001")), issued);
    }

    #[test]
    fn nothing_is_not_issued_and_half_of_it_is_not_understood() {
        assert_eq!(read(PolicyNumber::of("ХХХ", "")), None);
        assert_eq!(read(PolicyNumber::joined(" ")), None);
        for odd in ["ХХХ", "0100000001", "ХХХ 010000000", "ХХ 0100000001", "ХХХ 01000000O1"] {
            assert!(PolicyNumber::joined(odd).is_err(), "{odd}");
        }
    }
}
