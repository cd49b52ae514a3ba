//! The template engine, closed on all sides.
//!
//! There is one engine for each place where a value can stand, and each escapes every value for that place,
//! whatever a template says: a body's text is never joined from raw parts. Nothing of the engine's own
//! filters, tests and functions is left; there is no loader, no include and no macro. Each evaluation has
//! its fuel, and its output a bound.

use std::sync::LazyLock;

use minijinja::{Environment, Error, Output, UndefinedBehavior, Value, value::Rest};
use veer_contract::slot;

use crate::{
    filters, plain_id,
    value::{Absent, Why, text, to_json},
};

/// Steps of the engine that one evaluation may take.
const FUEL: u64 = 100_000;
/// Bytes that one template may give.
const MOST_OUTPUT: usize = 1024 * 1024;
/// Nested frames.
const DEEPEST: usize = 100;

/// Where a template's values stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A query, a form, the words of a decline.
    Text,
    /// A header.
    Header,
    /// A body of JSON.
    Json,
    /// A body of XML.
    Xml,
    /// The path of a call.
    Path,
}

/// The engine for expressions; none of its settings depends on a spec.
pub(crate) static EXPRESSIONS: LazyLock<Environment<'static>> = LazyLock::new(|| closed(Place::Text));

/// The templates of one spec.
#[derive(Debug)]
pub(crate) struct Templates {
    engines: [(Place, Environment<'static>); 5],
    count: usize,
}

// === impl Templates ===

impl Templates {
    pub(crate) fn new() -> Self {
        let places = [Place::Text, Place::Header, Place::Json, Place::Xml, Place::Path];
        Self { engines: places.map(|place| (place, closed(place))), count: 0 }
    }

    /// Takes a template in and gives it a name.
    pub(crate) fn add(&mut self, place: Place, source: String) -> Result<String, Error> {
        let name = self.count.to_string();
        self.count += 1;
        if let Some((_, engine)) = self.engines.iter_mut().find(|(other, _)| *other == place) {
            engine.add_template_owned(name.clone(), source)?;
        }
        Ok(name)
    }

    /// Writes a template.
    pub(crate) fn render(&self, place: Place, name: &str, scene: Value) -> Result<String, Why> {
        let engine = self.engines.iter().find(|(other, _)| *other == place).map(|(_, engine)| engine);
        let template = engine.and_then(|engine| engine.get_template(name).ok());
        let template = template.ok_or(Why::Unfit("it was not compiled"))?;
        let text = template.render(scene).map_err(|error| Why::of(&error))?;
        if text.len() > MOST_OUTPUT {
            return Err(Why::Unfit("it is larger than a call may be"));
        }
        Ok(text)
    }
}

/// An engine that knows nothing but our own.
fn closed(place: Place) -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(DEEPEST);
    for filter in &filters::FILTERS {
        engine.add_filter(
            filter.name,
            move |state: &minijinja::State<'_, '_>, value: Value, arguments: Rest<Value>| {
                filters::apply(filter, state, &value, &arguments).map_err(Error::from)
            },
        );
    }
    for test in filters::TESTS {
        engine.add_test(test, move |value: Value| filters::holds(test, &value));
    }
    engine.add_function("basic", |names: Rest<String>| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        slot::basic(&names)
    });
    engine.set_formatter(move |out, _state, value| {
        write(out, place, value)?;
        Ok(())
    });
    engine
}

fn write(out: &mut Output<'_>, place: Place, value: &Value) -> Result<(), Error> {
    let written = match place {
        Place::Text => text(value)?,
        Place::Header => header(value)?,
        Place::Json => json(value)?,
        Place::Xml => xml(value)?,
        Place::Path => part_of_a_path(value)?,
    };
    out.write_str(&written).map_err(Error::from)
}

fn header(value: &Value) -> Result<String, Why> {
    let text = text(value)?;
    match text.chars().any(char::is_control) {
        true => Err(Why::Unfit("a header holds no control characters")),
        false => Ok(text),
    }
}

fn json(value: &Value) -> Result<String, Why> {
    to_json(value).map(|value| value.to_string())
}

fn xml(value: &Value) -> Result<String, Why> {
    // XML 1.0 has no place for control characters, escaped or not.
    let text: String = text(value)?.chars().filter(|c| !c.is_control()).collect();
    Ok(quick_xml::escape::escape(text.as_str()).into_owned())
}

fn part_of_a_path(value: &Value) -> Result<String, Why> {
    let text = text(value)?;
    if value.is_safe() && !Absent::is(value) {
        // The filter `as_path` has looked at it.
        return Ok(text);
    }
    let id = plain_id::check(&text, "it").map_err(|_| Why::Unfit("a part of a path is a plain id"))?;
    Ok(id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Fields;

    fn render(place: Place, source: &str, value: Value) -> Result<String, Why> {
        let mut templates = Templates::new();
        let name = templates.add(place, source.into()).expect("it compiles");
        templates.render(place, &name, Fields::value([("x".to_owned(), value)].into()))
    }

    #[test]
    fn a_value_is_escaped_for_its_place() {
        let nasty = || Value::from("a\"b\\<&'\n");
        assert_eq!(render(Place::Json, "{{ x }}", nasty()).as_deref(), Ok(r#""a\"b\\<&'\n""#));
        assert_eq!(render(Place::Xml, "{{ x }}", nasty()).as_deref(), Ok("a&quot;b\\&lt;&amp;&apos;"));
        assert!(render(Place::Header, "{{ x }}", nasty()).is_err());
        assert!(render(Place::Path, "a/{{ x }}", Value::from("../b")).is_err());
        assert_eq!(render(Place::Path, "a/{{ x }}", Value::from("b-1")).as_deref(), Ok("a/b-1"));
        // Escaping cannot be switched off, nor marked as done.
        let source = "{% autoescape false %}{{ x }}{% endautoescape %}{% set y %}{{ x }}{% endset %}{{ y }}";
        assert_eq!(render(Place::Json, source, Value::from("\"")).as_deref(), Ok(r#""\"""\"\\\"\"""#));
    }

    #[test]
    fn what_is_absent_is_not_written() {
        let absent = || Absent::field("insurer.passport");
        for place in [Place::Text, Place::Header, Place::Json, Place::Xml, Place::Path] {
            let written = render(place, "{{ x.series }}", absent());
            assert_eq!(written, Err(Why::NeedsField("insurer.passport".into())), "{place:?}");
        }
        assert_eq!(render(Place::Json, "{{ x | default(none) }}", absent()).as_deref(), Ok("null"));
    }

    #[test]
    fn a_runaway_ends() {
        let many = Value::from((0..2000).collect::<Vec<_>>());
        let nested = "{% for a in x %}{% for b in x %}{% for c in x %}.{% endfor %}{% endfor %}{% endfor %}";
        assert!(render(Place::Text, nested, many).is_err());
        let double = "{% set y = x %}".to_owned() + &"{% set y = y ~ y %}".repeat(60) + "{{ y }}";
        assert!(render(Place::Text, &double, Value::from("0123456789")).is_err());
    }
}
