//! The manifest, read by the contract's own type.

use veer_contract::Manifest;

use crate::{problem::nearest, sheet::Sheet, table::short};

/// Reads it; `None` where it cannot be read.
pub(super) fn read(sheet: &Sheet<'_>) -> Option<Manifest> {
    if sheet.text().len() > super::LARGEST {
        sheet.problem(0, format!("the file is larger than {} bytes", super::LARGEST), None);
        return None;
    }
    match toml::from_str(sheet.text()) {
        Ok(manifest) => Some(manifest),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let (what, instead) = said(error.message());
            sheet.problem(at, what, instead);
            None
        }
    }
}

/// A message of serde's, with the nearest of the names that it lists.
fn said(message: &str) -> (String, Option<String>) {
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let mut names = message.split('`').skip(1).step_by(2);
    match names.next().filter(|_| unknown) {
        Some(wrong) => {
            let what = message.split(',').next().unwrap_or(message);
            (short(what), nearest(wrong, names))
        }
        None => (short(message.lines().next().unwrap_or(message)), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_gets_the_nearest_known_one() {
        let sheet = Sheet::new("manifest.toml", "contract = 1\nprotokol = 'x'\n");
        assert!(read(&sheet).is_none());
        let problems = sheet.into_problems();
        assert_eq!((problems[0].line, problems[0].column), (2, 1));
        assert_eq!(problems[0].instead.as_deref(), Some("write `protocol`"));
    }
}
