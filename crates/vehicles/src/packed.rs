//! A catalogue as the store keeps it: its sheets, compressed.

use crate::catalogue::{Records, Sheets};

/// Kept contents are not what they should be.
#[derive(Debug, thiserror::Error)]
#[error("a kept catalogue is not readable: {0}")]
pub struct Unreadable(String);

/// Catalogues are read rarely and kept for ever; this level packs half a megabyte in milliseconds.
const LEVEL: i32 = 9;
/// A catalogue is a few megabytes; more is no catalogue.
const LARGEST: usize = 256 << 20;

/// Packs a catalogue.
pub fn pack(records: &Records) -> Result<Vec<u8>, Unreadable> {
    let unreadable = |error: &dyn std::fmt::Display| Unreadable(error.to_string());
    let text = serde_json::to_vec(&records.write()).map_err(|error| unreadable(&error))?;
    zstd::bulk::compress(&text, LEVEL).map_err(|error| unreadable(&error))
}

/// Unpacks what [`pack`] made.
pub fn unpack(content: &[u8]) -> Result<Records, Unreadable> {
    let unreadable = |error: &dyn std::fmt::Display| Unreadable(error.to_string());
    let text = zstd::bulk::decompress(content, LARGEST).map_err(|error| unreadable(&error))?;
    let sheets: Sheets = serde_json::from_slice(&text).map_err(|error| unreadable(&error))?;
    Records::read(&sheets).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        Unreadable(format!("{} problems, the first: {first}", problems.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::shipped;

    #[test]
    fn what_is_packed_unpacks() {
        let records = shipped();
        assert_eq!(unpack(&pack(&records).unwrap()).unwrap(), records);
        assert!(unpack(b"no catalogue").is_err());
    }
}
