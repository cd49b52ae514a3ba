//! The OpenAPI document that the gateway serves, as a judge of its answers.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};

/// What every answer of the partner API is held against.
pub struct Contract {
    answers: BTreeMap<Operation, BTreeMap<u16, Validator>>,
}

/// `GET /osago/calculate`.
type Operation = (String, String);

// === impl Contract ===

impl Contract {
    /// Reads an OpenAPI document.
    pub fn read(document: &Value) -> Self {
        let mut answers = BTreeMap::new();
        for (path, operations) in document["paths"].as_object().expect("paths") {
            for (method, operation) in operations.as_object().expect("operations") {
                let responses = operation["responses"].as_object().expect("responses").iter();
                let judges = responses.map(|(status, response)| {
                    let schema = &response["content"]["application/json"]["schema"];
                    assert!(schema.is_object(), "{method} {path} {status} has no schema");
                    let alone = json!({"allOf": [schema], "components": document["components"]});
                    let judge = jsonschema::validator_for(&alone).expect("a schema");
                    (status.parse().expect("a status"), judge)
                });
                answers.insert((method.to_uppercase(), path.clone()), judges.collect());
            }
        }
        assert!(!answers.is_empty(), "the document describes nothing");
        Self { answers }
    }

    /// The answer is one that the document describes. Addresses and methods that it does not know are not
    /// its business.
    #[track_caller]
    pub fn hold(&self, method: &str, target: &str, status: u16, body: &Value) {
        let path = target.split('?').next().unwrap_or(target);
        let Some(answers) = self.answers.get(&(method.to_owned(), path.to_owned())) else { return };
        let judge = answers.get(&status);
        let judge =
            judge.unwrap_or_else(|| panic!("{method} {path} answers an undocumented {status}: {body}"));
        let broken: Vec<_> =
            judge.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(broken.is_empty(), "{method} {path} {status} breaks the document: {broken:?}\n{body}");
    }
}

#[test]
fn an_answer_that_breaks_the_document_is_found() {
    let document = json!({
        "components": {"schemas": {"Answer": {"type": "object", "required": ["id"]}}},
        "paths": {"/a": {"get": {"responses": {"200": {"content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Answer"},
        }}}}}}},
    });
    let contract = Contract::read(&document);
    contract.hold("GET", "/a?x=1", 200, &json!({"id": 1}));
    contract.hold("GET", "/b", 200, &json!(1));
    let refused = |status: u16, body: Value| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| contract.hold("GET", "/a", status, &body)))
    };
    assert!(refused(200, json!({})).is_err());
    assert!(refused(500, json!({"id": 1})).is_err());
}
