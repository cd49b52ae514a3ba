//! The one function through which everything personal passes on its way into the store.
//!
//! Each sealed value begins with a byte that says how it was sealed, so ways can be added and old rows
//! stay readable. There is one way today: as it is.

/// A sealed value, as it stands in a column.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub(super) Vec<u8>);

/// Seals and opens.
#[derive(Debug, Clone, Default)]
pub struct Sealer(());

/// A sealed value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value in the store is sealed in a way that this version does not know ({0:?})")]
pub struct SealError(Option<u8>);

/// As it is.
const PLAIN: u8 = 0;

// === impl Sealer ===

impl Sealer {
    /// Seals `value`.
    pub fn seal(&self, value: &[u8]) -> Sealed {
        let mut sealed = Vec::with_capacity(value.len() + 1);
        sealed.push(PLAIN);
        sealed.extend_from_slice(value);
        Sealed(sealed)
    }

    /// Opens what [`Sealer::seal`] made.
    pub fn open<'s>(&self, sealed: &'s Sealed) -> Result<&'s [u8], SealError> {
        match sealed.0.split_first() {
            Some((&PLAIN, value)) => Ok(value),
            other => Err(SealError(other.map(|(way, _)| *way))),
        }
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens() {
        let sealer = Sealer::default();
        assert_eq!(sealer.open(&sealer.seal(b"x")), Ok(&b"x"[..]));
        assert_eq!(sealer.open(&Sealed(vec![9, 1])), Err(SealError(Some(9))));
        assert_eq!(sealer.open(&Sealed(Vec::new())), Err(SealError(None)));
    }
}
