//! Scope and companies: rules that can hold, and insurers that can be told apart.

use std::collections::{BTreeMap, BTreeSet};

use veer_contract::{Manifest, Scope};

/// Nobody drives earlier.
const YOUNGEST: u8 = 14;
/// Nobody drives later, and no vehicle is older.
const OLDEST: u8 = 120;

/// What is wrong with the scope and the companies.
pub(super) fn problems(manifest: &Manifest) -> Vec<String> {
    let mut problems = regions(&manifest.scope);
    problems.extend(ages(&manifest.scope));
    problems.extend(companies(manifest));
    problems
}

fn regions(scope: &Scope) -> Vec<String> {
    let Scope { regions, regions_except, .. } = scope;
    let mut problems = Vec::new();
    if !regions.is_empty() && !regions_except.is_empty() {
        problems.push(
            "scope has both `regions` and `regions_except`: what is in neither is ambiguous; keep one of them".into(),
        );
    }
    for (name, list) in [("regions", regions), ("regions_except", regions_except)] {
        let mut seen = BTreeSet::new();
        for region in list {
            if region.len() != 2 || !region.bytes().all(|byte| byte.is_ascii_digit()) {
                problems.push(format!(
                    "scope.{name} has `{region}`: a region is the first two digits of its КЛАДР code, as in `77`"
                ));
            } else if !seen.insert(region) {
                problems.push(format!("scope.{name} has `{region}` twice"));
            }
        }
    }
    problems
}

fn ages(scope: &Scope) -> Vec<String> {
    let Scope { least_age, greatest_age, greatest_vehicle_age, .. } = *scope;
    let mut problems = Vec::new();
    for (name, age) in [("least_age", least_age), ("greatest_age", greatest_age)] {
        if age.is_some_and(|age| !(YOUNGEST..=OLDEST).contains(&age)) {
            problems.push(format!("scope.{name} is no age of a driver: {YOUNGEST} to {OLDEST}"));
        }
    }
    if let (Some(least), Some(greatest)) = (least_age, greatest_age)
        && least > greatest
    {
        problems.push(format!("scope takes nobody: least_age {least} is above greatest_age {greatest}"));
    }
    if greatest_vehicle_age.is_some_and(|age| !(1..=OLDEST).contains(&age)) {
        problems.push(format!("scope.greatest_vehicle_age is no age of a vehicle: 1 to {OLDEST}"));
    }
    problems
}

fn companies(manifest: &Manifest) -> Vec<String> {
    let mut problems = Vec::new();
    let mut codes: BTreeMap<i64, &str> = BTreeMap::new();
    for (key, company) in &manifest.companies {
        if key.trim().is_empty() || company.name.trim().is_empty() {
            problems.push(format!("[companies.{key}] needs a key and a name: users read the name"));
        }
        if company.partner_code == 0 {
            problems.push(format!("[companies.{key}] has no partner_code: an offer names its insurer by it"));
        } else if let Some(other) = codes.insert(company.partner_code, key) {
            problems.push(format!(
                "[companies.{key}] and [companies.{other}] have the same partner_code {}: nobody could tell their \
                 offers apart",
                company.partner_code
            ));
        }
    }
    problems
}
