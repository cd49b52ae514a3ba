//! Expressions: what each gives, and what is wrong with it.

use minijinja::{
    Value,
    machinery::{
        Span,
        ast::{BinOpKind, Call, CallArg, CompareOpKind, Expr, Filter, GetAttr, GetItem, UnaryOpKind},
    },
    value::ValueKind,
};

use super::Checker;
use crate::{
    filters::{self, Argument, Takes},
    problem::nearest,
    shape::Shape,
    table::short,
};

impl Checker<'_> {
    /// The shape of what an expression gives; anything where it is wrong, so that one mistake is one problem.
    pub(super) fn expression(&mut self, expr: &Expr<'_>) -> Shape {
        match expr {
            Expr::Var(var) => self.name(var.span(), var.id),
            Expr::Const(constant) => constant_shape(&constant.value),
            Expr::GetAttr(part) => self.part(part.span(), part),
            Expr::GetItem(item) => self.item(item.span(), item),
            Expr::Filter(filter) => self.filter(filter.span(), filter),
            Expr::Test(test) => {
                let shape = self.expression(&test.expr);
                self.no_slot(&test.expr, &shape);
                if !filters::TESTS.contains(&test.name) {
                    let what = format!("there is no test `{}`", short(test.name));
                    self.problem(test.span(), what, nearest(test.name, filters::TESTS));
                } else if !test.args.is_empty() {
                    self.problem(test.span(), format!("`{}` takes nothing in brackets", test.name), None);
                }
                Shape::Truth
            }
            Expr::UnaryOp(operation) => {
                let shape = self.expression(&operation.expr);
                self.no_slot(&operation.expr, &shape);
                match operation.op {
                    UnaryOpKind::Not => Shape::Truth,
                    UnaryOpKind::Neg => {
                        if !matches!(operation.expr, Expr::Const(_)) {
                            self.arithmetic(operation.span());
                        }
                        Shape::Number
                    }
                }
            }
            Expr::BinOp(operation) => {
                let left = self.expression(&operation.left);
                let right = self.expression(&operation.right);
                let sides = [(&operation.left, &left), (&operation.right, &right)];
                match operation.op {
                    BinOpKind::Concat => self.joined(sides),
                    BinOpKind::Eq | BinOpKind::Ne | BinOpKind::In => self.compared(sides, false),
                    BinOpKind::Lt | BinOpKind::Lte | BinOpKind::Gt | BinOpKind::Gte => {
                        self.compared(sides, true)
                    }
                    BinOpKind::ScAnd | BinOpKind::ScOr => {
                        sides.iter().for_each(|(expr, shape)| self.no_slot(expr, shape));
                        match (&left, &right) {
                            (Shape::Truth, Shape::Truth) => Shape::Truth,
                            _ => Shape::Any,
                        }
                    }
                    _ => self.arithmetic(operation.span()),
                }
            }
            Expr::Compare(comparison) => {
                let mut left = (&comparison.expr, self.expression(&comparison.expr));
                for step in &comparison.ops {
                    let right = (&step.expr, self.expression(&step.expr));
                    let ordered = matches!(
                        step.op,
                        CompareOpKind::Lt | CompareOpKind::Lte | CompareOpKind::Gt | CompareOpKind::Gte
                    );
                    self.compared([(left.0, &left.1), (right.0, &right.1)], ordered);
                    left = right;
                }
                Shape::Truth
            }
            Expr::IfExpr(choice) => {
                self.condition(&choice.test_expr);
                let yes = self.expression(&choice.true_expr);
                let Some(other) = &choice.false_expr else {
                    let instead = Some("write `a if b else c`".into());
                    self.problem(choice.span(), "`if` inside an expression has an `else`", instead);
                    return Shape::Any;
                };
                let no = self.expression(other);
                either(yes, no)
            }
            Expr::List(list) => self.list(&list.items),
            Expr::Tuple(tuple) => self.list(&tuple.items),
            Expr::Call(call) => self.call(call.span(), call),
            Expr::Slice(slice) => {
                self.problem(slice.span(), "`[a:b]` is not in the language", Some("write `| cut(n)`".into()));
                Shape::Any
            }
            Expr::Map(map) => {
                self.problem(map.span(), "a table is not written in an expression", None);
                Shape::Any
            }
        }
    }

    /// Something that is true or false.
    pub(super) fn condition(&mut self, expr: &Expr<'_>) {
        let shape = self.expression(expr);
        self.no_slot(expr, &shape);
    }

    fn name(&mut self, span: Span, name: &str) -> Shape {
        if let Some(shape) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return shape.clone();
        }
        if let Some(shape) = self.names.find(name) {
            self.uses.roots.insert(name.to_owned());
            return shape.clone();
        }
        match self.names.elsewhere.get(name) {
            Some(why) => self.problem(span, format!("`{name}` is not here: {why}"), None),
            None => {
                let own = self.scopes.iter().flat_map(|scope| scope.keys().map(String::as_str));
                let instead = nearest(name, self.names.all().chain(own));
                self.problem(span, format!("there is no `{}`", short(name)), instead);
            }
        }
        Shape::Any
    }

    fn part(&mut self, span: Span, part: &GetAttr<'_>) -> Shape {
        let whole = self.expression(&part.expr);
        self.note(&part.expr, part.name);
        self.part_of(span, &part.expr, &whole, part.name)
    }

    /// Notes `taken.id`, `reply.json` and the like.
    fn note(&mut self, whole: &Expr<'_>, part: &str) {
        if let Expr::Var(root) = whole
            && self.names.find(root.id).is_some()
            && !self.scopes.iter().any(|scope| scope.contains_key(root.id))
        {
            self.uses.parts.insert(format!("{}.{part}", root.id));
        }
    }

    fn part_of(&mut self, span: Span, expr: &Expr<'_>, whole: &Shape, name: &str) -> Shape {
        let found = match whole.sure() {
            Shape::Any => return Shape::Any,
            Shape::Parts(parts) => match parts.fields.get(name) {
                Some(shape) => shape.clone(),
                None => {
                    let what = match parts.what {
                        "taken" => format!("no earlier step takes `{}`", short(name)),
                        what => format!("`{}` has no `{}`", words(expr, what), short(name)),
                    };
                    self.problem(span, what, nearest(name, parts.fields.keys().map(String::as_str)));
                    return Shape::Any;
                }
            },
            Shape::List(_) => {
                let instead = "write `[0]` before it, or go through the list with `for`";
                self.problem(span, "a list has no parts by name", Some(instead.into()));
                return Shape::Any;
            }
            other => {
                let what = format!("`{}` is {} and has no parts", words(expr, "it"), other.words());
                self.problem(span, what, None);
                return Shape::Any;
            }
        };
        if whole.may_be_absent() { found.maybe() } else { found }
    }

    fn item(&mut self, span: Span, item: &GetItem<'_>) -> Shape {
        let whole = self.expression(&item.expr);
        if let Expr::Const(constant) = &item.subscript_expr
            && let Some(name) = constant.value.as_str()
        {
            self.note(&item.expr, name);
            return self.part_of(span, &item.expr, &whole, name);
        }
        let subscript = self.expression(&item.subscript_expr);
        if !subscript.is_number() {
            let instead = "write a number or a text in quotes in the brackets";
            self.problem(item.subscript_expr.span(), "a place in a list is a number", Some(instead.into()));
        }
        match whole.sure() {
            Shape::Any => Shape::Any,
            Shape::List(inside) => inside.as_ref().clone().maybe(),
            other => {
                self.problem(span, format!("{} has no places by number", other.words()), None);
                Shape::Any
            }
        }
    }

    fn filter(&mut self, span: Span, filter: &Filter<'_>) -> Shape {
        let before = match &filter.expr {
            Some(expr) => {
                let shape = self.expression(expr);
                self.no_slot(expr, &shape);
                shape
            }
            None => Shape::Any,
        };
        let Some(known) = filters::find(filter.name) else {
            let names = filters::FILTERS.iter().map(|filter| filter.name);
            let what = format!("there is no filter `{}`", short(filter.name));
            self.problem(span, what, nearest(filter.name, names));
            return Shape::Any;
        };
        let mut inside = Vec::new();
        for argument in &filter.args {
            let CallArg::Pos(argument) = argument else {
                self.problem(span, format!("`{}` takes no names in brackets", known.name), None);
                return Shape::Any;
            };
            let shape = self.expression(argument);
            self.no_slot(argument, &shape);
            inside.push((argument, shape));
        }
        let (most, least) = (known.arguments.len(), known.arguments.len() - known.optional);
        if !(least..=most).contains(&inside.len()) {
            let wanted = if least == most { most.to_string() } else { format!("{least} to {most}") };
            let what = format!("`{}` takes {wanted} in brackets, and here are {}", known.name, inside.len());
            self.problem(span, what, Some("see its line in the reference".into()));
            return Shape::Any;
        }
        for ((expr, shape), wanted) in inside.iter().zip(known.arguments) {
            self.argument(expr, shape, *wanted);
        }
        self.takes(span, known, filter.expr.as_ref(), &before);
        let inside: Vec<_> = inside.into_iter().map(|(_, shape)| shape).collect();
        known.gives.shape(&before, &inside)
    }

    fn takes(&mut self, span: Span, known: &filters::Filter, expr: Option<&Expr<'_>>, before: &Shape) {
        let is = |what: &str| matches!(before.sure(), Shape::Parts(parts) if parts.what == what);
        let any = matches!(before, Shape::Any);
        let (fits, wanted) = match known.takes {
            Takes::Anything => (true, ""),
            Takes::Scalar => (before.is_scalar(), "a text or a number"),
            Takes::List => (any || matches!(before.sure(), Shape::List(_)), "a list"),
            Takes::Kopecks => {
                (any || before.sure().is_number(), "an amount in kopecks, from `roubles` or `kopecks`")
            }
            Takes::Person => (any || is("person"), "a person, such as `request.owner`"),
            Takes::Address => (any || is("address"), "an address, such as `request.owner.registration`"),
            Takes::Setting => (
                self.place == crate::engine::Place::Path && expr.is_some_and(is_setting),
                "a setting, in the path of a call",
            ),
        };
        if !fits {
            let what = format!("`{}` is for {wanted}, and here is {}", known.name, before.words());
            self.problem(span, what, None);
        }
    }

    fn argument(&mut self, expr: &Expr<'_>, shape: &Shape, wanted: Argument) {
        let constant = match expr {
            Expr::Const(constant) => Some(&constant.value),
            _ => None,
        };
        let text = constant.and_then(|value| value.as_str());
        let number = constant.and_then(|value| value.as_usize());
        let (fits, what, instead) = match wanted {
            Argument::Anything => (!matches!(shape, Shape::Parts(_)), "a table cannot stand here", None),
            Argument::Text => (text.is_some(), "here stands a text in quotes", None),
            Argument::Number => (
                number.is_some_and(|number| (1..=1000).contains(&number)),
                "here stands a whole number",
                None,
            ),
            Argument::PhoneForm => (
                text.is_some_and(|text| filters::PHONE_FORMS.contains(&text)),
                "here stands the form of a phone",
                nearest(text.unwrap_or_default(), filters::PHONE_FORMS),
            ),
            Argument::Form | Argument::WholeForm => (
                text.is_some_and(|text| filters::is_form(text, wanted == Argument::WholeForm)),
                "here stands the form of a date, with each part once",
                Some("write it like `DD.MM.YYYY`".into()),
            ),
            Argument::Enum => (
                text.is_some_and(|text| self.known.enums.contains(text)),
                "here stands the name of one of this file's enums, in quotes",
                nearest(text.unwrap_or_default(), self.known.enums.iter().map(String::as_str))
                    .or_else(|| Some("write a table `[enums.name]`".into())),
            ),
        };
        if !fits {
            self.problem(expr.span(), what, instead);
        }
    }

    fn call(&mut self, span: Span, call: &Call<'_>) -> Shape {
        let name = match &call.expr {
            Expr::Var(var) => var.id,
            _ => {
                self.problem(span, "a value has no methods", Some("write a filter: `x | upper`".into()));
                return Shape::Any;
            }
        };
        if !filters::FUNCTIONS.contains(&name) {
            let what = format!("there is no function `{}`", short(name));
            self.problem(span, what, nearest(name, filters::FUNCTIONS));
            return Shape::Any;
        }
        if !self.names.known.contains_key("secret") {
            self.problem(span, "a slot stands only in the templates of a call", None);
        }
        if call.args.is_empty() {
            let instead = Some("write `basic(\"user\", \"password\")`".into());
            self.problem(span, "`basic` takes the names of settings", instead);
        }
        for argument in &call.args {
            let name = match argument {
                CallArg::Pos(Expr::Const(constant)) => constant.value.as_str(),
                _ => None,
            };
            let Some(name) = name else {
                self.problem(span, "`basic` takes the names of settings, in quotes", None);
                continue;
            };
            if let Some(settings) = &self.known.settings
                && !settings.contains(name)
            {
                let what = format!("the manifest has no setting `{}`", short(name));
                self.problem(span, what, nearest(name, settings.iter().map(String::as_str)));
            }
        }
        Shape::Slot
    }

    fn list(&mut self, items: &[Expr<'_>]) -> Shape {
        let mut inside = None;
        for item in items {
            let shape = self.expression(item);
            self.no_slot(item, &shape);
            inside = Some(match inside {
                None => shape,
                Some(other) => either(other, shape),
            });
        }
        Shape::list(inside.unwrap_or(Shape::Any))
    }

    fn joined(&mut self, sides: [(&Expr<'_>, &Shape); 2]) -> Shape {
        for (expr, shape) in sides {
            if shape.may_be_absent() {
                let instead = "write `x | text`, or `x | default(\"\")` where it may be absent";
                self.problem(expr.span(), "`~` joins texts, and this may be none", Some(instead.into()));
            } else if !shape.is_scalar() {
                self.problem(expr.span(), format!("`~` joins texts, and this is {}", shape.words()), None);
            }
        }
        if sides.iter().any(|(_, shape)| matches!(shape, Shape::Slot)) { Shape::Slot } else { Shape::Text }
    }

    fn compared(&mut self, sides: [(&Expr<'_>, &Shape); 2], ordered: bool) -> Shape {
        for (expr, shape) in sides {
            self.no_slot(expr, shape);
            if ordered && !shape.is_number() {
                let what = "`<` and its like compare numbers, and this may be something else";
                self.problem(expr.span(), what, Some("write `x | number`".into()));
            } else if matches!(shape, Shape::Null) {
                let instead = Some("write `x is there` or `not x is there`".into());
                self.problem(expr.span(), "nothing is equal to `none`", instead);
            }
        }
        Shape::Truth
    }

    fn arithmetic(&mut self, span: Span) -> Shape {
        let instead = "join texts with `~`; add amounts up with `sum`";
        self.problem(span, "there is no arithmetic in the language", Some(instead.into()));
        Shape::Any
    }

    fn no_slot(&mut self, expr: &Expr<'_>, shape: &Shape) {
        if matches!(shape, Shape::Slot) {
            let instead = "write it as it is, or join it with `~`";
            self.problem(expr.span(), "the value of a slot is known to the host alone", Some(instead.into()));
        }
    }
}

fn is_setting(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::GetAttr(part) => matches!(&part.expr, Expr::Var(root) if root.id == "settings"),
        _ => false,
    }
}

fn constant_shape(value: &Value) -> Shape {
    match value.kind() {
        ValueKind::String => Shape::Text,
        ValueKind::Number => Shape::Number,
        ValueKind::Bool => Shape::Truth,
        ValueKind::None => Shape::Null,
        _ => Shape::Any,
    }
}

/// The shape of one of two.
fn either(one: Shape, other: Shape) -> Shape {
    let maybe = one.may_be_absent() || other.may_be_absent();
    let same = match (one.sure(), other.sure()) {
        (Shape::Slot, _) | (_, Shape::Slot) => return Shape::Slot,
        (Shape::Text, Shape::Text) => Shape::Text,
        (Shape::Number, Shape::Number) => Shape::Number,
        (Shape::Kopecks, Shape::Kopecks) => Shape::Kopecks,
        (Shape::Truth, Shape::Truth) => Shape::Truth,
        (Shape::Null, Shape::Null) => Shape::Null,
        _ => return Shape::Any,
    };
    if maybe { same.maybe() } else { same }
}

/// `request.owner` of the expression, where it is that plain.
fn words(expr: &Expr<'_>, otherwise: &str) -> String {
    match expr {
        Expr::Var(var) => short(var.id),
        Expr::GetAttr(part) => match words(&part.expr, "") {
            whole if whole.is_empty() => otherwise.to_owned(),
            whole => short(&format!("{whole}.{}", part.name)),
        },
        _ => otherwise.to_owned(),
    }
}
