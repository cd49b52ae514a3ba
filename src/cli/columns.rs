//! Tables and times for people.

use std::fmt::Write as _;

/// A column's heading.
#[derive(Debug, Clone, Copy)]
pub(super) enum Heading {
    /// Above texts, which begin below each other.
    Text(&'static str),
    /// Above numbers, which end below each other.
    Number(&'static str),
}

/// The rows below their headings, every column as wide as its longest cell.
pub(super) fn table<const N: usize>(headings: [Heading; N], rows: &[[String; N]]) -> String {
    let titles = headings.map(|heading| heading.title().to_owned());
    let lines: Vec<&[String; N]> = std::iter::once(&titles).chain(rows).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for line in &lines {
        let mut padded = String::new();
        for ((cell, heading), width) in line.iter().zip(headings).zip(widths) {
            // Writing to a string does not fail.
            let _ = match heading {
                Heading::Text(_) => write!(padded, "{cell:<width$}  "),
                Heading::Number(_) => write!(padded, "{cell:>width$}  "),
            };
        }
        text.push_str(padded.trim_end());
        text.push('\n');
    }
    text
}

/// A time without parts of a second, in UTC.
pub(super) fn seconds(time: &str) -> String {
    time.parse::<jiff::Timestamp>().map_or(time.to_owned(), |time| time.strftime("%FT%TZ").to_string())
}

/// The beginning of a text that is too long for a column, on one line.
pub(super) fn cut(text: &str, most: usize) -> String {
    // Strangers' names may hold anything; a terminal would obey it.
    let text = text.replace(char::is_control, " ");
    if text.chars().count() <= most {
        return text;
    }
    let beginning: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", beginning.trim_end())
}

// === impl Heading ===

impl Heading {
    fn title(self) -> &'static str {
        match self {
            Heading::Text(title) | Heading::Number(title) => title,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_any_script_stand_below_each_other() {
        let rows = [["ВАЗ".to_owned(), "7".to_owned()], ["Kia".to_owned(), "1000".to_owned()]];
        let text = table([Heading::Text("BRAND"), Heading::Number("NAMES")], &rows);
        assert_eq!(text, "BRAND  NAMES\nВАЗ        7\nKia     1000\n");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!((&*cut("Патриот", 7), &*cut("Патриот 3", 9)), ("Патриот", "Патриот 3"));
        assert_eq!(cut("Патриот 3", 8), "Патриот…");
        assert_eq!(cut("X\u{1b}[2J\nY", 20), "X [2J Y");
    }
}
