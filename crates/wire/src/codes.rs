//! Codes of the address register, as insurers cut them.

use veer_contract::domain::{Address, Personal};

/// The most precise КЛАДР code of one of these lengths that the address has.
pub fn kladr_of_length(address: &Address, lengths: &[usize]) -> Option<String> {
    let optional = [&address.street_kladr, &address.settlement_kladr, &address.city_kladr];
    std::iter::once(&address.kladr)
        .chain(optional.into_iter().flatten())
        .chain([&address.region_kladr])
        .map(Personal::as_str)
        .map(str::trim)
        .find(|code| lengths.contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
}
