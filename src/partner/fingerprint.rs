//! Whether two requests say the same.
//!
//! A partner that got no answer sends its request again, perhaps with its keys in another order. The
//! fingerprint is taken of what was understood, not of the bytes: key order, nulls, unknown fields and blanks
//! around a text do not matter, and neither does the id, which is what the fingerprint is looked up by. It is
//! kept with the calculation, so absent values leave no trace in it: a field that a later version learns to
//! read does not change the fingerprint of requests without it.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use veer_contract::domain::QuoteRequest;

/// SHA-256 of the content.
pub type Fingerprint = [u8; 32];

/// The fingerprint of what insurers will be asked and of who is said to ask.
pub fn of(partner: &str, request: &QuoteRequest) -> Result<Fingerprint, serde_json::Error> {
    let content = serde_json::to_value(Content { partner, request })?;
    let mut hash = Sha256::new();
    absorb(&mut hash, &content);
    Ok(hash.finalize().into())
}

#[derive(Serialize)]
struct Content<'a> {
    partner: &'a str,
    request: &'a QuoteRequest,
}

/// Every value with its type and length in front, objects in key order and without their nulls, so that no
/// two contents run together.
fn absorb(hash: &mut Sha256, value: &Value) {
    let mut leaf = |kind: u8, text: &str| {
        hash.update([kind]);
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    match value {
        Value::Null => leaf(b'n', ""),
        Value::Bool(flag) => leaf(b'b', if *flag { "true" } else { "false" }),
        Value::Number(number) => leaf(b'd', &number.to_string()),
        Value::String(text) => leaf(b's', text),
        Value::Array(items) => {
            leaf(b'[', &items.len().to_string());
            items.iter().for_each(|item| absorb(hash, item));
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
            fields.sort_unstable_by_key(|(name, _)| name.as_str());
            leaf(b'{', &fields.len().to_string());
            for (name, value) in fields {
                absorb(hash, &Value::String(name.clone()));
                absorb(hash, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::partner::{sample, translate::quote_request};

    fn fingerprint(body: &Value) -> Fingerprint {
        let request = sample::read(body);
        let partner = request.partner.clone();
        of(&partner, &quote_request(request)).unwrap()
    }

    fn reversed(value: &Value) -> Value {
        match value {
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .rev()
                    .map(|(name, value)| (name.clone(), reversed(value)))
                    .collect::<Map<_, _>>(),
            ),
            Value::Array(items) => items.iter().map(reversed).collect(),
            other => other.clone(),
        }
    }

    #[test]
    fn writing_the_same_differently_changes_nothing() {
        let body = sample::body();
        let plain = fingerprint(&body);

        // The text is really in another order, whatever order a parsed map keeps.
        let shuffled = r#"{"return_urls":null,"#.to_owned() + &body.to_string()[1..];
        let shuffled: Value = serde_json::from_str(&shuffled).unwrap();
        assert_eq!(fingerprint(&shuffled), plain);
        assert_eq!(fingerprint(&reversed(&body)), plain);

        let mut same = body.clone();
        same["unknown"] = json!({"of": ["any", "shape"]});
        same["owner"]["unknown"] = json!(1);
        same["request_id"] = json!("11111111-2222-4333-8444-555555555555");
        same["vehicle"]["vin"] = json!("  XTA210990Y2765439 ");
        same["vehicle"]["engine_power"] = json!(150.0);
        same["owner"]["contact"]["phone"] = json!("+7 (916) 123-45-67");
        same["policy_start_date"] = json!("2023-12-01T03:00:00+03:00");
        assert_eq!(fingerprint(&same), plain);

        let mut absent = body.clone();
        absent["vehicle"].as_object_mut().unwrap().remove("category");
        let mut null = body;
        null["vehicle"]["category"] = Value::Null;
        assert_eq!(fingerprint(&absent), fingerprint(&null));
        assert_ne!(fingerprint(&absent), plain);
    }

    #[test]
    fn every_leaf_of_the_sample_counts() {
        let body = sample::body();
        let plain = fingerprint(&body);
        for (pointer, other) in [
            ("/partner", json!("another")),
            ("/purpose", json!("personal")),
            ("/is_cross_allowed", json!(false)),
            ("/policy_start_date", json!("2023-12-02T00:00:00Z")),
            ("/vehicle/year", json!(2021)),
            ("/vehicle/car_documents/0/date", json!("2020-05-16")),
            ("/drivers_info/drivers/0/license/number", json!("123457")),
            ("/owner/addresses/0/apartment", json!("2")),
            ("/insurer/first_name", json!("Пётр")),
            ("/return_urls/success_url", json!("https://example.com/")),
        ] {
            let mut changed = body.clone();
            *changed.pointer_mut(pointer).unwrap() = other;
            assert_ne!(fingerprint(&changed), plain, "{pointer}");
        }
    }

    #[test]
    fn neighbouring_texts_do_not_run_together() {
        let hash = |value: Value| {
            let mut hash = Sha256::new();
            absorb(&mut hash, &value);
            hash.finalize()
        };
        assert_ne!(hash(json!(["ab", "c"])), hash(json!(["a", "bc"])));
        assert_ne!(hash(json!([["a"], "b"])), hash(json!([["a", "b"]])));
        assert_ne!(hash(json!(["1"])), hash(json!([1])));
    }
}
