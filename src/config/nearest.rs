//! The name that was probably meant.

/// Below this likeness a suggestion misleads more than it helps: `lisen` and `listen` are at 0.83,
/// `port` and `workers` at 0.14.
const LIKE: f64 = 0.55;

/// The known name nearest to `given`, where one is near enough.
pub(super) fn nearest<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    known
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(given, name), name))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

/// The end of a sentence about an unknown name: the nearest known one, or all of them.
pub(crate) fn hint<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(given, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "nothing can be set here".into(),
        None => format!("known here: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let known = ["listen", "max_body", "workers"];
        assert_eq!(nearest("lisen", known), Some("listen"));
        assert_eq!(nearest("maxbody", known), Some("max_body"));
        assert_eq!(nearest("wrokers", known), Some("workers"));
    }

    #[test]
    fn a_stranger_gets_the_whole_list() {
        assert_eq!(hint("port", ["listen", "workers"]), "known here: listen, workers");
        assert_eq!(hint("port", []), "nothing can be set here");
    }
}
