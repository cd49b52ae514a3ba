//! Filters and functions: what stands before them and in their brackets.

use minijinja::machinery::{
    Span,
    ast::{Call, CallArg, Expr, Filter},
};

use super::Checker;
use crate::{
    filters::{self, Argument, Takes},
    problem::nearest,
    shape::Shape,
    table::short,
};

impl Checker<'_> {
    pub(super) fn filter(&mut self, span: Span, filter: &Filter<'_>) -> Shape {
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

    pub(super) fn call(&mut self, span: Span, call: &Call<'_>) -> Shape {
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
}

fn is_setting(expr: &Expr<'_>) -> bool {
    match expr {
        Expr::GetAttr(part) => matches!(&part.expr, Expr::Var(root) if root.id == "settings"),
        _ => false,
    }
}
