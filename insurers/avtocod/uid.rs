//! Names of reports and of their types, `name@domain`, which become a part of a path.

use veer_contract::Fault;

/// The longest that was seen, a plate in base64 with a hash behind it, has 150.
const LONGEST: usize = 512;

/// The name without blanks around it; `what` says where it stands, for the fault, which does not repeat it:
/// it may hold the VIN.
pub(super) fn check<'a>(uid: &'a str, what: &str) -> Result<&'a str, Fault> {
    let uid = uid.trim();
    // Base64 ends with `=`; a slash would lead elsewhere.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_@.=+".contains(&byte);
    if uid.is_empty() || uid.len() > LONGEST || uid.contains("..") || !uid.bytes().all(plain) {
        return Err(Fault::not_understood(format!("{what} is no name such as `name@domain`")));
    }
    Ok(uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for uid in ["vehicle@veer", " t_Z94C0000000000001@veer ", "t_eyJ0eXBlIjoiR1JaIn0=@veer"] {
            assert_eq!(check(uid, "uid"), Ok(uid.trim()));
        }
        for uid in ["", " ", "a/b@veer", "..", "a@veer?x", "а@veer", "a%2F@veer", &"1".repeat(513)] {
            assert!(check(uid, "uid").is_err(), "{uid}");
        }
    }
}
