//! The statements of a template.

use minijinja::machinery::ast::{Expr, Stmt};

use super::Checker;
use crate::{engine::Place, problem::nearest, shape::Shape};

impl Checker<'_> {
    pub(super) fn statement(&mut self, statement: &Stmt<'_>) {
        let (span, what, instead) = match statement {
            Stmt::Template(template) => return self.body(&template.children),
            Stmt::EmitRaw(_) => return,
            Stmt::EmitExpr(emit) => {
                let shape = self.expression(&emit.expr);
                return self.written(&emit.expr, &shape);
            }
            Stmt::ForLoop(each) => {
                if each.recursive {
                    self.problem(each.span(), "a loop does not call itself", None);
                }
                let item = self.items(&each.iter);
                let Expr::Var(target) = &each.target else {
                    return self.problem(
                        each.span(),
                        "a loop has one name",
                        Some("write `for x in …`".into()),
                    );
                };
                self.scopes.push([("loop".to_owned(), loop_shape())].into());
                self.assign(target.span(), target.id, item);
                if let Some(filter) = &each.filter_expr {
                    self.expression(filter);
                }
                self.body(&each.body);
                self.scopes.pop();
                return self.block(&each.else_body);
            }
            Stmt::IfCond(condition) => {
                self.condition(&condition.expr);
                self.block(&condition.true_body);
                return self.block(&condition.false_body);
            }
            Stmt::Set(set) => {
                let shape = self.expression(&set.expr);
                let Expr::Var(target) = &set.target else {
                    return self.problem(set.span(), "`set` names one value", None);
                };
                return self.assign(target.span(), target.id, shape);
            }
            Stmt::WithBlock(it) => (it.span(), "with", "write `{% set x = … %}`"),
            Stmt::SetBlock(it) => (it.span(), "set … endset", "write `{% set x = … %}`"),
            Stmt::AutoEscape(it) => (it.span(), "autoescape", "every value is escaped for its place"),
            Stmt::FilterBlock(it) => {
                (it.span(), "filter", "write the filter in the braces: `{{ x | upper }}`")
            }
            Stmt::Do(it) => (it.span(), "do", "write `{{ … }}`, `{% if %}`, `{% for %}` or `{% set %}`"),
        };
        self.problem(span, format!("`{{% {what} %}}` is not in the language"), Some(instead.into()));
    }

    fn body(&mut self, statements: &[Stmt<'_>]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    /// A body whose names are its own.
    fn block(&mut self, statements: &[Stmt<'_>]) {
        self.scopes.push(Default::default());
        self.body(statements);
        self.scopes.pop();
    }

    fn assign(&mut self, span: minijinja::machinery::Span, name: &str, shape: Shape) {
        let taken = self.names.find(name).is_some() || self.names.elsewhere.contains_key(name);
        if taken || name == "loop" {
            self.problem(span, format!("`{name}` has a meaning already"), Some("take another name".into()));
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), shape);
        }
    }

    /// The shape of each item of what is looped over.
    pub(super) fn items(&mut self, list: &Expr<'_>) -> Shape {
        let shape = self.expression(list);
        match shape.sure() {
            Shape::List(item) => item.as_ref().clone(),
            Shape::Any => Shape::Any,
            other => {
                let what = format!("`for` goes through a list, and here is {}", other.words());
                self.problem(list.span(), what, None);
                Shape::Any
            }
        }
    }

    /// Whether a value of that shape can be written at all.
    fn written(&mut self, expr: &Expr<'_>, shape: &Shape) {
        let in_json = self.place == Place::Json;
        if let Shape::Parts(parts) = shape.sure() {
            let instead = nearest("", parts.fields.keys().map(String::as_str));
            self.problem(expr.span(), "a table cannot be written as a whole", instead);
        } else if self.place == Place::Path && matches!(shape, Shape::Slot) {
            let instead = "write it in `query` or `headers`";
            self.problem(expr.span(), "a path holds no secret: paths are logged", Some(instead.into()));
        } else if !in_json && matches!(shape.sure(), Shape::List(_)) {
            let instead = "write `| join(\", \")`, or go through it with `for`";
            self.problem(expr.span(), "a list cannot be written as a text", Some(instead.into()));
        } else if !in_json && matches!(shape, Shape::Null) {
            self.problem(expr.span(), "`none` cannot be written as a text", Some("write a text".into()));
        }
    }
}

fn loop_shape() -> Shape {
    let number = ["index", "index0", "length"].map(|name| (name, Shape::Number));
    let truth = ["first", "last"].map(|name| (name, Shape::Truth));
    Shape::parts("loop", number.into_iter().chain(truth))
}
