//! The generated document as a test's guide: every property of the request beside its place in the sample.

use serde_json::Value;

use crate::partner::{openapi, sample};

/// One property of the request, at one place of the sample.
pub struct Spot {
    /// Where it is, as a violation writes it.
    pub path: String,
    /// Where it is, as [`Value::pointer_mut`] reads it: the object, and the name in it.
    pub parent: String,
    /// Its name.
    pub name: String,
    /// Its schema, references followed.
    pub schema: Value,
    /// The contract demands it.
    pub required: bool,
}

/// The whole document as JSON.
pub fn document() -> Value {
    serde_json::to_value(openapi::document()).unwrap()
}

/// A schema of the document that stands alone.
pub fn standing_alone(name: &str) -> Value {
    let document = document();
    serde_json::json!({
        "$ref": format!("#/components/schemas/{name}"),
        "components": document["components"],
    })
}

/// Every property of the request.
pub fn spots() -> Vec<Spot> {
    let document = document();
    let request = resolved(&document, &document["components"]["schemas"]["CalculationRequest"]);
    let mut spots = Vec::new();
    walk(&document, &request, &sample::body(), "", "", &mut spots);
    spots
}

fn walk(document: &Value, schema: &Value, sent: &Value, path: &str, pointer: &str, spots: &mut Vec<Spot>) {
    if let Some(items) = schema.get("items") {
        let items = resolved(document, items);
        for (index, item) in sent.as_array().into_iter().flatten().enumerate() {
            walk(document, &items, item, &format!("{path}[{index}]"), &format!("{pointer}/{index}"), spots);
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let own = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let schema_here = resolved(document, property);
        let value = sent.get(name).unwrap_or_else(|| panic!("the sample has no {own}"));
        walk(document, &schema_here, value, &own, &format!("{pointer}/{name}"), spots);
        let required = schema["required"].as_array().into_iter().flatten().any(|it| it == name);
        let (parent, name) = (pointer.to_owned(), name.clone());
        spots.push(Spot { path: own, parent, name, schema: schema_here, required });
    }
}

fn resolved(document: &Value, schema: &Value) -> Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect("a schema of the document").clone(),
        None => schema.clone(),
    }
}

// === impl Spot ===

impl Spot {
    /// The sample with another value here.
    pub fn with(&self, value: Value) -> Value {
        let mut body = sample::body();
        body.pointer_mut(&self.parent).unwrap()[self.name.as_str()] = value;
        body
    }

    /// The sample without this.
    pub fn without(&self) -> Value {
        let mut body = sample::body();
        let parent = body.pointer_mut(&self.parent).unwrap().as_object_mut().unwrap();
        assert!(parent.remove(&self.name).is_some());
        body
    }

    /// The JSON type that the schema names.
    pub fn kind(&self) -> &str {
        self.schema["type"].as_str().unwrap_or_else(|| panic!("{} has no single type", self.path))
    }

    /// Nothing within it has a name of its own.
    pub fn is_leaf(&self) -> bool {
        !matches!(self.kind(), "object" | "array")
    }
}
