//! Addresses of insurers' payment pages, on their way to the client's browser.

use veer_contract::Fault;

/// Nobody's payment page has a longer address.
const LONGEST: usize = 4096;

/// The address, where a browser can open it and nothing else than a page can hide in it.
pub fn check(url: &str) -> Result<String, Fault> {
    let url = url.trim();
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let printable = !url.chars().any(|c| c.is_whitespace() || c.is_control());
    if host.is_empty() || host.starts_with('/') || !printable || url.len() > LONGEST {
        // The address itself opens the client's payment: it stays out.
        return Err(Fault::not_understood("the payment page's address is no address of a page"));
    }
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_is_a_page() {
        assert_eq!(check(" https://pay.example/1?a=b "), Ok("https://pay.example/1?a=b".to_owned()));
        assert!(check("http://127.0.0.1:8083/pay/1").is_ok());
        for odd in ["", "https://", "https:///x", "javascript:alert(1)", "pay.example/1", "https://a b"] {
            assert!(check(odd).is_err(), "{odd}");
        }
    }
}
