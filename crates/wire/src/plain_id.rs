//! Ids that insurers give and that become a part of a path later.
//!
//! A call names a path below the insurer's base address. An id with a slash or dots in it would lead
//! elsewhere, so one that is not plain is not understood.

use veer_contract::Fault;

/// No insurer's id is longer.
const LONGEST: usize = 64;

/// The id without blanks around it; `what` names its place in the reply for the fault.
pub fn check<'a>(id: &'a str, what: &str) -> Result<&'a str, Fault> {
    let id = id.trim();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if id.is_empty() || id.len() > LONGEST || !id.bytes().all(plain) {
        return Err(Fault::not_understood(format!("{what} is no plain id")));
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_nowhere_else() {
        assert_eq!(check(" CL00-1_a ", "AgrID"), Ok("CL00-1_a"));
        for id in ["", " ", "a/b", "..", "a?b", "а", &"1".repeat(65)] {
            assert_eq!(check(id, "AgrID"), Err(Fault::not_understood("AgrID is no plain id")), "{id}");
        }
    }
}
