//! Sizes in memory and on the wire: `512B`, `256KiB`, `20MiB`, `1GiB`.

use super::Written;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) struct Size(pub(in crate::config) usize);

const UNITS: [(&str, usize); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

impl Written for Size {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no size; write a whole number and B, KiB, MiB or GiB, as in \"256KiB\"");
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at(unit_at);
        let number: usize = number.parse().map_err(|_| wrong())?;
        let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        number.checked_mul(*bytes).map(Self).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        let read = |text| Size::parse(text).map(|size| size.0).ok();
        assert_eq!(read("512B"), Some(512));
        assert_eq!(read("256KiB"), Some(262_144));
        assert_eq!(read("20MiB"), Some(20_971_520));
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in
            ["", "5", "KiB", "5 KiB", "5KB", "5kb", "1.5MiB", "99999999999999999999B", "99999999999999GiB"]
        {
            let rule = Size::parse(text).unwrap_err();
            assert!(rule.contains("as in \"256KiB\""), "{text}: {rule}");
        }
    }
}
