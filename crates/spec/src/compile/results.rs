//! What a step gives.

use veer_contract::OperationKind;

use super::step::Site;
use crate::{
    model::{DocumentSpec, Each, Expr, Final, FoundSpec, NumberSpec, OfferSpec, ResultSpec, RowsSpec},
    shape::{Names, Shape},
    table::{Item, Table},
};

const RESULTS: [&str; 9] =
    ["offer", "session", "link", "payment", "document", "policy", "cancelled", "vehicles", "found"];
/// The tariff's coefficients.
pub(crate) const COEFFICIENTS: [&str; 10] = [
    "base_rate",
    "territory",
    "bonus_malus",
    "age_experience",
    "season",
    "term",
    "power",
    "violations",
    "drivers",
    "category",
];
const ROW: [&str; 5] = ["category", "brand_code", "code", "year_from", "year_to"];
const FOUND: [&str; 8] =
    ["category", "modification", "year", "engine_power", "plate", "vin", "body_number", "chassis_number"];

impl Site<'_, '_> {
    /// The step's result, where it has one; one of another operation is a problem.
    pub(super) fn result(
        &mut self,
        step: &Table<'_>,
        names: &Names,
        each: Option<&Each>,
    ) -> Option<ResultSpec> {
        let (own, example) = super::operation::needed_result(self.kind)?;
        let others: Vec<_> = RESULTS.into_iter().filter(|key| *key != own).collect();
        for name in step.misplaced(&others) {
            let what = format!("`{}` is not what `{}` gives", name.text, self.kind);
            name.problem(what, Some(format!("write `{own} = {example}`")));
        }
        step.get(own).and_then(|item| self.read_result(&item, names, each))
    }

    fn read_result(&mut self, item: &Item<'_>, names: &Names, each: Option<&Each>) -> Option<ResultSpec> {
        if self.kind == OperationKind::PaymentStatus {
            return Some(ResultSpec::Payment(self.value(&item.text()?, "payment", names)?));
        }
        if self.kind == OperationKind::Cancel {
            return item.truth()?.then_some(ResultSpec::Cancelled);
        }
        let table = item.table(&format!("`{}`", item.what))?;
        let found = match self.kind {
            OperationKind::Quote | OperationKind::Finalise => self.offer(&table, names, each),
            OperationKind::Login => self.session(&table, names),
            OperationKind::Confirm => self.link(&table, names),
            OperationKind::Draft => self.document(&table, names).map(ResultSpec::Document),
            OperationKind::Policies => self.policy(&table, names),
            OperationKind::Vehicles => self.rows(&table, names),
            _ => self.found(&table, names),
        };
        table.finish();
        found
    }

    fn need(&mut self, table: &Table<'_>, key: &str, example: &str, names: &Names) -> Option<(Expr, Shape)> {
        let placed = table.need(key, example)?.text()?;
        self.expression(&placed, key, names)
    }

    fn optional(&mut self, table: &Table<'_>, key: &str, names: &Names) -> Option<Expr> {
        let placed = table.text(key)?;
        self.value(&placed, key, names)
    }

    /// An amount, which a number without a unit is not.
    fn amount(&mut self, item: Option<Item<'_>>, key: &str, names: &Names) -> Option<Expr> {
        let placed = item?.text()?;
        let (expr, shape) = self.expression(&placed, key, names)?;
        if !matches!(shape.sure(), Shape::Kopecks) {
            let instead = "end it with `| roubles` or `| kopecks`";
            placed.problem(format!("`{key}` is an amount in kopecks"), Some(instead.into()));
        }
        Some(expr)
    }

    fn offer(&mut self, table: &Table<'_>, names: &Names, each: Option<&Each>) -> Option<ResultSpec> {
        let premium = self.amount(table.need("premium", "\"… | roubles\""), "premium", names);
        let is_final = match table.get("final") {
            None => Some(Final::Always(self.kind == OperationKind::Finalise)),
            Some(item) if item.is_text() => self.value(&item.text()?, "final", names).map(Final::Where),
            Some(item) => item.truth().map(Final::Always),
        };
        let reference = match self.kind {
            OperationKind::Quote => table.need("reference", "{ id = \"…\" }"),
            _ => table.get("reference"),
        };
        let reference = self.expressions(reference, "reference", names);
        let mut own = |key: &str| {
            let item = table.get(key)?;
            if each.is_some_and(Each::is_company) {
                item.problem(format!("`{key}` is the company's code in steps with `each`"), None);
                return None;
            }
            self.value(&item.text()?, key, names)
        };
        let (key, company) = (own("key"), own("company"));
        let mut optional = |key| self.optional(table, key, names);
        let message = optional("message");
        let prolongation = optional("prolongation");
        let external_prolongation = optional("external_prolongation");
        let reinsurance_pool = optional("reinsurance_pool");
        let cross_sales = optional("cross_sales");
        let coefficients = table.get("coefficients").and_then(|item| item.table("`coefficients`"));
        let coefficients = coefficients.map(|inside| {
            let found = self.named(&inside, &COEFFICIENTS, names);
            inside.finish();
            found
        });
        let drivers = table.get("drivers").and_then(|item| item.table("`drivers`")).and_then(|inside| {
            let (each, names) = self.each_of(&inside, "each", "item", names);
            let found = self.named(&inside, &COEFFICIENTS, &names);
            inside.finish();
            Some((each?, found))
        });
        Some(ResultSpec::Offer(Box::new(OfferSpec {
            premium: premium?,
            is_final: is_final?,
            reference,
            key,
            company,
            message,
            prolongation,
            external_prolongation,
            reinsurance_pool,
            coefficients: coefficients.unwrap_or_default(),
            drivers,
            cross_sales,
        })))
    }

    fn session(&mut self, table: &Table<'_>, names: &Names) -> Option<ResultSpec> {
        let token = self.need(table, "token", "\"reply.json.access_token\"", names);
        let seconds = self.optional(table, "seconds", names);
        Some(ResultSpec::Session { token: token?.0, seconds })
    }

    fn link(&mut self, table: &Table<'_>, names: &Names) -> Option<ResultSpec> {
        let url = self.need(table, "url", "\"reply.json.url\"", names);
        let amount = self.amount(table.get("amount"), "amount", names);
        let reference = self.expressions(table.get("reference"), "reference", names);
        let correlation = self.optional(table, "correlation", names);
        Some(ResultSpec::Link { url: url?.0, amount, reference, correlation })
    }

    fn document(&mut self, table: &Table<'_>, names: &Names) -> Option<DocumentSpec> {
        let bytes = table.truth("bytes");
        let base64 = table.text("base64");
        match (bytes, base64) {
            (Some(true), None) if names.known.contains_key("reply") => {
                self.uses.roots.insert("reply".into());
                Some(DocumentSpec::Bytes)
            }
            (Some(true), None) => {
                table.problem("the reply is the file, and the step has no call", None);
                None
            }
            (None, Some(placed)) => Some(DocumentSpec::Base64(self.value(&placed, "base64", names)?)),
            _ => {
                let instead = "write `bytes = true` or `base64 = \"…\"`";
                table.problem("a file is the reply itself, or base64 in it", Some(instead.into()));
                None
            }
        }
    }

    fn policy(&mut self, table: &Table<'_>, names: &Names) -> Option<ResultSpec> {
        let document = table.get("document").and_then(|item| item.table("`document`"));
        let document = document.map(|inside| {
            let found = self.document(&inside, names);
            inside.finish();
            found
        });
        let number = match table.text("text") {
            Some(placed) => {
                for key in ["series", "number"] {
                    if let Some(item) = table.get(key) {
                        item.problem("`text` holds both series and number", Some("leave it out".into()));
                    }
                }
                self.value(&placed, "text", names).map(NumberSpec::Joined)
            }
            None => {
                let series = self.need(table, "series", "\"reply.json.series\"", names);
                let number = self.need(table, "number", "\"reply.json.number\"", names);
                series
                    .zip(number)
                    .map(|(series, number)| NumberSpec::Apart { series: series.0, number: number.0 })
            }
        };
        Some(ResultSpec::Policy { number: number?, document: document.flatten() })
    }

    fn rows(&mut self, table: &Table<'_>, names: &Names) -> Option<ResultSpec> {
        let (each, names) = self.each_of(table, "each", "item", names);
        let (inner, names) = match table.get("inner") {
            Some(_) => self.each_of(table, "inner", "inner", &names),
            None => (None, names),
        };
        let brand = self.need(table, "brand", "\"item.brand\"", &names);
        let model = self.need(table, "model", "\"item.model\"", &names);
        let more = self.named(table, &ROW, &names);
        let mut columns = vec![("brand".to_owned(), brand?.0), ("model".to_owned(), model?.0)];
        columns.extend(more);
        Some(ResultSpec::Vehicles(Box::new(RowsSpec { each: each?, inner, columns })))
    }

    fn found(&mut self, table: &Table<'_>, names: &Names) -> Option<ResultSpec> {
        let brand = self.need(table, "brand", "\"reply.json.brand\"", names);
        let model = self.need(table, "model", "\"reply.json.model\"", names);
        let mut fields = self.named(table, &FOUND, names);
        let mut documents = Vec::new();
        for item in table.get("documents").and_then(|item| item.list()).unwrap_or_default() {
            let Some(inside) = item.table("the document") else { continue };
            let mut document = Vec::new();
            for key in ["kind", "series", "number", "date"] {
                if let Some((expr, _)) = self.need(&inside, key, "\"…\"", names) {
                    document.push((key.to_owned(), expr));
                }
            }
            inside.finish();
            documents.push(document);
        }
        fields.push(("brand".into(), brand?.0));
        fields.push(("model".into(), model?.0));
        Some(ResultSpec::Found(Box::new(FoundSpec { fields, documents })))
    }

    /// A list, and the names with one of its items among them.
    fn each_of(
        &mut self,
        table: &Table<'_>,
        key: &str,
        item: &'static str,
        names: &Names,
    ) -> (Option<Expr>, Names) {
        let placed = table.need(key, "\"reply.json.rows\"").and_then(|item| item.text());
        let found = placed.and_then(|placed| Some((self.expression(&placed, key, names)?, placed)));
        let mut of = Shape::Any;
        let expr = found.map(|((expr, shape), placed)| {
            match shape.sure() {
                Shape::List(inside) => of = inside.as_ref().clone(),
                Shape::Any => {}
                other => placed.problem(format!("`{key}` is a list, and here is {}", other.words()), None),
            }
            expr
        });
        let mut names = names.clone();
        names.elsewhere.remove(item);
        names.known.insert(item, of);
        (expr, names)
    }

    /// Expressions under keys of a closed list.
    fn named(&mut self, table: &Table<'_>, keys: &[&str], names: &Names) -> Vec<(String, Expr)> {
        let found =
            keys.iter().filter_map(|key| Some(((*key).to_owned(), self.optional(table, key, names)?)));
        found.collect()
    }

    /// Expressions under names of the spec's own.
    fn expressions(&mut self, item: Option<Item<'_>>, key: &str, names: &Names) -> Vec<(String, Expr)> {
        let Some(table) = item.and_then(|item| item.table(&format!("`{key}`"))) else { return Vec::new() };
        let mut found = Vec::new();
        for (name, item) in table.entries() {
            let Some(placed) = item.text() else { continue };
            super::operation::is_name(&name);
            if let Some(expr) = self.value(&placed, &format!("{key}.{}", name.text), names) {
                found.push((name.text, expr));
            }
        }
        found
    }
}
