//! The one query parameter of the GET addresses.

use url::form_urlencoded;
use uuid::Uuid;

use super::{error::ApiError, fields::parse_uuid};

/// `request_id`, once and as a UUID. Other parameters are ignored.
pub fn request_id(query: &str) -> Result<Uuid, ApiError> {
    let mut sent = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "request_id");
    let wrong = |message: &'static str| ApiError::field("request_id", message);
    let Some((_, text)) = sent.next() else {
        return Err(wrong("is required: add ?request_id= with the UUID of the calculation"));
    };
    if sent.next().is_some() {
        return Err(wrong("must be there once"));
    }
    parse_uuid(&text).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_uuid_and_nothing_else_will_do() {
        let id = "550e8400-e29b-41d4-a716-446655440000";
        let read = |query: &str| request_id(query).map(|id| id.to_string()).ok();
        assert_eq!(read(&format!("request_id={id}")).as_deref(), Some(id));
        assert_eq!(read(&format!("a=b&request_id={}&c", id.replace('-', "%2D"))).as_deref(), Some(id));
        for wrong in [
            "",
            "request_id",
            "request_id=",
            "request_id=17",
            "Request_Id=550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(&format!("request_id={id}&request_id={id}")), None);
    }
}
