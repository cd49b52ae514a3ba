//! Calls, written from their templates.

use minijinja::Value;
use serde::de::IgnoredAny;
use veer_contract::{Body, Call, Effect, Fault, Statuses, create_then_poll::Refusal};

use crate::{
    engine::Templates,
    model::{BodySpec, CallSpec, EffectSpec, FormPart, Pair, Template},
    scene,
    value::{Why, items},
    xml::Element,
};

/// Fields that one form may have.
const MOST_FIELDS: usize = 2000;

/// Writes a call.
pub(crate) fn write(
    spec: &CallSpec,
    tag: String,
    optional: bool,
    templates: &Templates,
    scene: &Value,
) -> Result<Call, Refusal> {
    let text = |template: &Template| render(templates, template, scene);
    let path = text(&spec.path)?;
    if path.starts_with('/') || path.contains("..") {
        return Err(Why::Unfit("it is no path below the insurer's address").refusal(&spec.path.place));
    }
    let mut call = Call::new(&tag, spec.lane, Effect::Read, spec.method, path).with_auth(spec.auth);
    call.effect = match &spec.effect {
        EffectSpec::Read => Effect::Read,
        EffectSpec::Creates => Effect::Creates,
        EffectSpec::Keyed(key) => Effect::Keyed(text(key)?),
    };
    call.query = pairs(&spec.query, templates, scene)?;
    call.headers = pairs(&spec.headers, templates, scene)?;
    call.body = match &spec.body {
        BodySpec::Empty => Body::Empty,
        BodySpec::Json(template) => Body::Json(json(&text(template)?, &template.place)?),
        BodySpec::Xml { content_type, text: template } => {
            let text = text(template)?.trim().to_owned();
            if Element::parse(&text).is_err() {
                return Err(unwritten(&template.place, "what it gives is no XML"));
            }
            Body::Xml { content_type: content_type.clone(), text }
        }
        BodySpec::Form(parts) => Body::Form(form(parts, templates, scene)?),
    };
    if !spec.accept.is_empty() {
        call.statuses = Statuses::SuccessAnd(spec.accept.clone());
    }
    call.optional = spec.optional || optional;
    Ok(call)
}

/// What a template gives.
pub(crate) fn render(templates: &Templates, template: &Template, scene: &Value) -> Result<String, Refusal> {
    let written = templates.render(template.stands, &template.name, scene.clone());
    written.map_err(|why| why.refusal(&template.place))
}

fn pairs(specs: &[Pair], templates: &Templates, scene: &Value) -> Result<Vec<(String, String)>, Refusal> {
    let mut pairs = Vec::new();
    for Pair { name, condition, value } in specs {
        let wanted = match condition {
            Some(condition) => condition.holds(scene).map_err(|why| why.refusal(&condition.place))?,
            None => true,
        };
        if wanted {
            pairs.push((name.clone(), render(templates, value, scene)?));
        }
    }
    Ok(pairs)
}

fn form(parts: &[FormPart], templates: &Templates, scene: &Value) -> Result<Vec<(String, String)>, Refusal> {
    let mut pairs = Vec::new();
    for part in parts {
        if let Some(condition) = &part.condition
            && !condition.holds(scene).map_err(|why| why.refusal(&condition.place))?
        {
            continue;
        }
        let scenes = match &part.each {
            None => vec![scene.clone()],
            Some(each) => {
                let list = each.value(scene).map_err(|why| why.refusal(&each.place))?;
                let list = items(&list).ok_or(Why::Unfit("it is no list"));
                let list = list.map_err(|why| why.refusal(&each.place))?;
                let numbered = list.into_iter().enumerate();
                numbered
                    .map(|(at, item)| scene::with(scene, vec![("item", item), ("index", Value::from(at))]))
                    .collect()
            }
        };
        for scene in &scenes {
            for (name, value) in &part.fields {
                if pairs.len() >= MOST_FIELDS {
                    return Err(unwritten(&name.place, "the form has too many fields"));
                }
                pairs.push((render(templates, name, scene)?, render(templates, value, scene)?));
            }
        }
    }
    Ok(pairs)
}

/// A body of JSON: commas before closing brackets dropped, and surely JSON.
fn json(text: &str, place: &str) -> Result<String, Refusal> {
    let text = without_last_commas(text.trim());
    match serde_json::from_str::<IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(unwritten(place, "what it gives is no JSON")),
    }
}

fn unwritten(place: &str, what: &str) -> Refusal {
    Fault::not_understood(format!("{place}: {what}")).into()
}

fn without_last_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A comma and the blanks behind it, until it is known what follows.
    let mut held = String::new();
    let (mut in_text, mut escaped) = (false, false);
    for c in text.chars() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            c if c.is_whitespace() && !held.is_empty() => held.push(c),
            ',' if held.is_empty() => held.push(c),
            _ => {
                let dropped = matches!(c, ']' | '}');
                out.push_str(if dropped { held.trim_start_matches(',') } else { &held });
                held.clear();
                out.push(c);
                in_text = c == '"';
            }
        }
    }
    out.push_str(&held);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_comma_is_dropped_and_a_text_is_left_alone() {
        assert_eq!(without_last_commas("[1, 2, ]"), "[1, 2 ]");
        assert_eq!(without_last_commas("{\"a\": [{},\n],}"), "{\"a\": [{}\n]}");
        assert_eq!(without_last_commas("[\",]\", \"\\\",}\"]"), "[\",]\", \"\\\",}\"]");
        // Two in a row stay a mistake.
        assert_eq!(without_last_commas("[1,,]"), "[1,,]");
        assert!(json("[1,,]", "x").is_err() && json("", "x").is_err());
    }
}
