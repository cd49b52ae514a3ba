//! The one line of an insurer in `insurers/lib.rs`.

/// Where the lines begin.
const BEGIN: &str = "register! {\n";

/// The file with the line at its sorted place.
pub(super) fn with(text: &str, tier: &str, code: &str) -> Result<String, String> {
    let (before, lines, after) = parts(text)?;
    let mut lines: Vec<&str> = lines.lines().collect();
    let line = format!("    {tier} {code};");
    let at = lines.iter().position(|other| code_of(other) > code).unwrap_or(lines.len());
    lines.insert(at, &line);
    Ok(format!("{before}{}\n{after}", lines.join("\n")))
}

/// The file without the line of `code`.
pub(super) fn without(text: &str, code: &str) -> Result<String, String> {
    let (before, lines, after) = parts(text)?;
    let kept: Vec<&str> = lines.lines().filter(|line| code_of(line) != code).collect();
    Ok(format!("{before}{}\n{after}", kept.join("\n")))
}

fn code_of(line: &str) -> &str {
    line.trim().trim_end_matches(';').split(' ').next_back().unwrap_or_default()
}

fn parts(text: &str) -> Result<(&str, &str, &str), String> {
    let lost = || format!("insurers/lib.rs has no `{}` with lines to add one to", BEGIN.trim());
    let begin = text.find(BEGIN).ok_or_else(lost)? + BEGIN.len();
    let end = begin + text[begin..].find("}\n").ok_or_else(lost)?;
    Ok((&text[..begin], &text[begin..end], &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "x\nregister! {\n    rust alfa;\n    spec gamma;\n}\ny\n";

    #[test]
    fn a_line_comes_to_its_sorted_place_and_goes_again() {
        let more = with(LIST, "rust", "beta").unwrap();
        assert_eq!(more, "x\nregister! {\n    rust alfa;\n    rust beta;\n    spec gamma;\n}\ny\n");
        assert_eq!(without(&more, "beta").unwrap(), LIST);
        let last = with(LIST, "spec", "zeta").unwrap();
        assert_eq!(last, "x\nregister! {\n    rust alfa;\n    spec gamma;\n    spec zeta;\n}\ny\n");
        assert!(with("nothing", "rust", "a").unwrap_err().contains("register! {"));
    }
}
