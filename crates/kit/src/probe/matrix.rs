//! The findings of all insurers as one page.

use std::collections::{BTreeMap, BTreeSet};

use veer_contract::OperationKind;

use super::{Finding, Probe};

const HEAD: &str = "\
# Which insurer needs which field

Written by `cargo xtask insurer fields`, from the adapters' own answers; a test keeps it current.

Each optional field of the partner's request is left out alone, of a request that has the others. What the kit's standard
request lacks (an earlier licence, a body number, a modification) is left out of one that has everything.

| mark | means |
|---|---|
| **needs** | without it the insurer is not asked: verdict 103 |
| sends | it is sent where it is there, or decides what is sent; the insurer is asked without it too |
| declines | without it the adapter says no for another reason |
| · | it makes no difference |

A field that only stands in for another (a foreign licence, a body number) may make no difference beside it and all the
difference without it: the rows tell of each field alone.
";

/// The page: a table for each operation, insurers across, fields down, in a steady order.
pub fn render(probes: &[Probe]) -> String {
    let mut page = HEAD.to_owned();
    for operation in OperationKind::ALL {
        let of_it: Vec<&Probe> = probes.iter().filter(|probe| probe.operation == operation).collect();
        if !of_it.is_empty() {
            page.push_str(&table(operation, &of_it));
        }
    }
    page
}

fn table(operation: OperationKind, probes: &[&Probe]) -> String {
    let insurers: BTreeSet<&str> = probes.iter().map(|probe| probe.insurer.as_str()).collect();
    let mut rows: BTreeMap<(usize, &str), BTreeMap<&str, Finding>> = BTreeMap::new();
    for probe in probes {
        rows.entry((place_of(&probe.field), &probe.field)).or_default().insert(&probe.insurer, probe.finding);
    }
    let matters = |row: &BTreeMap<&str, Finding>| row.values().any(|finding| *finding != Finding::Unused);
    let (told, silent): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, row)| matters(row));
    let mut text = format!("\n## {operation}\n");
    if told.is_empty() {
        let insurers: Vec<_> = insurers.into_iter().collect();
        text.push_str(&format!("\nNo field makes a difference: {}.\n", insurers.join(", ")));
        return text;
    }
    let columns: Vec<_> = insurers.iter().copied().collect();
    text.push_str(&format!("\n| field | {} |\n|---|{}\n", columns.join(" | "), "---|".repeat(columns.len())));
    for ((_, field), row) in &told {
        let marks: Vec<_> = columns.iter().map(|insurer| mark(row.get(insurer))).collect();
        text.push_str(&format!("| `{field}` | {} |\n", marks.join(" | ")));
    }
    if !silent.is_empty() {
        text.push_str(&format!("\nThe other {} optional fields make no difference.\n", silent.len()));
    }
    text
}

fn mark(finding: Option<&Finding>) -> &'static str {
    match finding {
        Some(Finding::Needed) => "**needs**",
        Some(Finding::Sent) => "sends",
        Some(Finding::Declines) => "declines",
        Some(Finding::Broken) => "broken",
        Some(Finding::Unused) | None => "·",
    }
}

/// The order of a request.
fn place_of(field: &str) -> usize {
    let heads = ["vehicle", "drivers_info", "owner", "insurer"];
    heads.iter().position(|head| field.starts_with(head)).unwrap_or(heads.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_stand_in_the_order_of_a_request_and_silent_ones_are_counted() {
        let probe = |insurer: &str, field: &str, finding| Probe {
            insurer: insurer.into(),
            operation: OperationKind::Quote,
            field: field.into(),
            finding,
        };
        let page = render(&[
            probe("b", "owner.passport", Finding::Needed),
            probe("b", "vehicle.vin", Finding::Sent),
            probe("a", "vehicle.vin", Finding::Unused),
            probe("a", "return_urls", Finding::Unused),
        ]);
        let table = "\n## quote\n\n| field | a | b |\n|---|---|---|\n| `vehicle.vin` | · | sends |\n\
                     | `owner.passport` | · | **needs** |\n\nThe other 1 optional fields make no difference.\n";
        assert!(page.ends_with(table), "{page}");
    }
}
