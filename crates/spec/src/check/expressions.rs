//! Expressions: what each gives, and what is wrong with it.

use minijinja::{
    Value,
    machinery::{
        Span,
        ast::{BinOpKind, CompareOpKind, Expr, GetAttr, GetItem, UnaryOpKind},
    },
    value::ValueKind,
};

use super::Checker;
use crate::{filters, problem::nearest, shape::Shape, table::short};

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
        // The name itself stands at the end of what the engine calls the part.
        let at = span.end_offset.saturating_sub(u32::try_from(part.name.len()).unwrap_or_default());
        self.part_of(Span { start_offset: at, ..span }, &part.expr, &whole, part.name)
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
            return self.part_of(constant.span(), &item.expr, &whole, name);
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

    pub(super) fn no_slot(&mut self, expr: &Expr<'_>, shape: &Shape) {
        if matches!(shape, Shape::Slot) {
            let instead = "write it as it is, or join it with `~`";
            self.problem(expr.span(), "the value of a slot is known to the host alone", Some(instead.into()));
        }
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
