//! From two texts to a checked spec, or to everything that is wrong with them.

mod call;
mod claims;
mod manifest;
mod names;
mod operation;
mod results;
mod rules;
mod step;

#[cfg(test)]
pub(crate) use results::COEFFICIENTS;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use minijinja::Value;
use toml::de::DeTable;
use veer_contract::{Manifest, OperationKind};

use crate::{
    check::{self, Known, Uses},
    engine::{self, Place, Templates},
    model::{Expr, Operation, Template},
    problem::Problems,
    shape::{Names, Shape},
    sheet::{Placed, Sheet},
    table::Table,
    value::Fields,
};

/// Bytes of a file.
const LARGEST: usize = 1024 * 1024;
/// The version of the language.
const LANGUAGE: u64 = 1;

/// Everything that a compiled spec is.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) manifest: Manifest,
    pub(crate) operations: Vec<Operation>,
    pub(crate) templates: Templates,
    /// The enums, as the filter `map` finds them.
    pub(crate) enums: Value,
    pub(crate) session_expired: Option<(Expr, Uses)>,
    pub(crate) callback: Option<(Expr, Uses)>,
}

/// What is known while a spec is compiled.
struct Compiler<'c> {
    manifest: Option<&'c Manifest>,
    known: Known,
    /// The names that the offer's references have, in whatever operation they come in.
    references: BTreeSet<String>,
    has_login: bool,
    templates: RefCell<Templates>,
}

/// Compiles a spec.
pub(crate) fn compile(manifest: &str, spec: &str) -> Result<Compiled, Problems> {
    let manifest_sheet = Sheet::new("manifest.toml", manifest);
    let sheet = Sheet::new("insurer.toml", spec);
    let manifest = manifest::read(&manifest_sheet);
    let compiled = read(&manifest_sheet, manifest.as_ref(), &sheet);
    let mut problems = manifest_sheet.into_problems();
    problems.extend(sheet.into_problems());
    match (problems.is_empty(), compiled, manifest) {
        (true, Some(parts), Some(manifest)) => Ok(Compiled { manifest, ..parts }),
        _ => Err(Problems(problems)),
    }
}

fn read(manifest_sheet: &Sheet<'_>, manifest: Option<&Manifest>, sheet: &Sheet<'_>) -> Option<Compiled> {
    if sheet.text().len() > LARGEST {
        sheet.problem(0, format!("the file is larger than {LARGEST} bytes"), None);
        return None;
    }
    let (whole, errors) = DeTable::parse_recoverable(sheet.text());
    if !errors.is_empty() {
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            let what = format!("this is no TOML: {}", crate::table::short(error.message()));
            sheet.problem(at, what, None);
        }
        return None;
    }
    let table = Table::new(sheet, "the file", 0, whole.get_ref());
    match table.need("spec", "1").and_then(|item| Some((item.number()?, item))) {
        Some((LANGUAGE, _)) | None => {}
        Some((_, item)) => {
            item.problem("this is another version of the language", Some("write `spec = 1`".into()));
        }
    }
    let enums = enums(&table);
    let described: Vec<_> =
        OperationKind::ALL.into_iter().filter_map(|kind| Some((kind, table.get(kind.name())?))).collect();
    let compiler = Compiler {
        manifest,
        known: Known {
            enums: enums.keys().cloned().collect(),
            settings: manifest.map(|manifest| manifest.settings.keys().cloned().collect()),
        },
        references: operation::references(whole.get_ref()),
        has_login: described.iter().any(|(kind, _)| *kind == OperationKind::Login),
        templates: RefCell::new(Templates::new()),
    };
    let of_a_reply = compiler.only_reply();
    let compile_one = |key: &str| {
        let placed = table.text(key)?;
        compiler.expression(&placed, key, &of_a_reply)
    };
    let session_expired = compile_one("session_expired");
    let callback = compile_one("callback");
    let mut operations = Vec::new();
    for (kind, item) in &described {
        if let Some(table) = item.table(&format!("`[{kind}]`")) {
            operations.extend(compiler.operation(*kind, table));
        }
    }
    if let Some(manifest) = manifest {
        claims::check(manifest_sheet, manifest, &table, &described, &operations);
    }
    table.finish();
    let words = |words: BTreeMap<String, Value>| Fields::value(words);
    Some(Compiled {
        manifest: empty_manifest(),
        operations,
        templates: compiler.templates.into_inner(),
        enums: Fields::value(enums.into_iter().map(|(name, table)| (name, words(table))).collect()),
        session_expired: session_expired.map(|(code, _, uses)| (code, uses)),
        callback: callback.map(|(code, _, uses)| (code, uses)),
    })
}

/// Stands where the real one is put in once nothing is wrong with it.
fn empty_manifest() -> Manifest {
    Manifest {
        contract: 0,
        code: String::new(),
        partner_code: 0,
        name: String::new(),
        logo_url: None,
        protocol: String::new(),
        operations: Vec::new(),
        scope: Default::default(),
        vehicles: Default::default(),
        session: None,
        signature: None,
        client_certificate: false,
        reuse: true,
        reply_headers: Vec::new(),
        companies: BTreeMap::new(),
        callback: None,
        lanes: BTreeMap::new(),
        settings: BTreeMap::new(),
    }
}

fn enums(table: &Table<'_>) -> BTreeMap<String, BTreeMap<String, Value>> {
    let mut found = BTreeMap::new();
    let Some(all) = table.get("enums").and_then(|item| item.table("`[enums]`")) else { return found };
    for (name, item) in all.entries() {
        let Some(words) = item.table(&format!("`[enums.{}]`", name.text)) else { continue };
        let mut table = BTreeMap::new();
        for (word, value) in words.entries() {
            // Some insurers' codes are numbers in JSON.
            let value = match value.is_text() {
                true => value.text().map(|text| Value::from(text.text)),
                false => value.number().map(Value::from),
            };
            if let Some(value) = value {
                table.insert(word.text, value);
            }
        }
        if table.is_empty() {
            name.problem(format!("the enum `{}` has no word", name.text), None);
        }
        found.insert(name.text, table);
    }
    found
}

// === impl Compiler ===

impl Compiler<'_> {
    /// An expression, its shape, and what it makes use of.
    fn expression(&self, placed: &Placed<'_>, place: &str, names: &Names) -> Option<(Expr, Shape, Uses)> {
        let (shape, uses) = check::expression(placed, names, &self.known)?;
        match engine::EXPRESSIONS.compile_expression_owned(placed.text.clone()) {
            Ok(code) => Some((Expr { place: place.to_owned(), code }, shape, uses)),
            Err(_) => {
                placed.problem("the engine does not take this expression", None);
                None
            }
        }
    }

    /// A template, and what it makes use of.
    fn template(
        &self,
        placed: &Placed<'_>,
        place: &str,
        stands: Place,
        names: &Names,
    ) -> Option<(Template, Uses)> {
        let uses = check::template(placed, stands, names, &self.known)?;
        match self.templates.borrow_mut().add(stands, placed.text.clone()) {
            Ok(name) => Some((Template { place: place.to_owned(), stands, name }, uses)),
            Err(_) => {
                placed.problem("the engine does not take this template", None);
                None
            }
        }
    }
}
