//! What a partner is told when there is no answer.
//!
//! Which error to use when:
//!
//! * [`ApiError::Fields`]: the request was read and fields of it are wrong. Name every one of them.
//! * [`ApiError::Unreadable`]: there is no request to read fields of (no body, no JSON, too large, too slow).
//! * [`ApiError::Forbidden`]: no credentials, or wrong ones. It never says which.
//! * [`ApiError::UnknownCalculation`]: nothing under that id *for this account*; another account's
//!   calculation looks the same as none.
//! * [`ApiError::UnknownOffer`], [`ApiError::NoFile`]: the calculation is there, and what is asked for of it
//!   is not. A *confirmation* of an unknown offer is [`ApiError::Fields`]: its `offer_id` is wrong.
//! * [`ApiError::UnknownBrand`], [`ApiError::UnknownModel`]: the dictionary has no such entry. One that was
//!   not made in that year, or not in that category, is an answer with an empty list.
//! * [`ApiError::UnknownVehicle`], [`ApiError::NoVehicleSource`]: nobody knows a vehicle with that number, or there
//!   is nobody to ask. Where they could not answer it is [`ApiError::Internal`].
//! * [`ApiError::Unproven`]: an insurer's own call does not prove whose it is.
//! * [`ApiError::UnknownPath`], [`ApiError::WrongMethod`]: the address is not one of ours.
//! * [`ApiError::Internal`]: the gateway failed. The cause was logged where it was seen; the partner is told
//!   what to do, not what broke.
//!
//! All have the contract's two shapes. `request_id` is the request's own where it has a valid one, else the
//! correlation id. No message quotes what was sent.

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue},
    },
};
use bytes::Bytes;
use uuid::Uuid;

use super::{
    correlation::CorrelationId,
    fields::{Violation, Violations},
    wire,
};
use crate::dictionary::answers::NoPage;

/// Why a request gets no answer.
#[derive(Debug)]
pub enum ApiError {
    /// Fields are wrong.
    Fields {
        /// Them, or the first of very many.
        wrong: Vec<Violation>,
        /// How many they are in all.
        count: usize,
    },
    /// There is nothing to read fields of.
    Unreadable(Cow<'static, str>),
    /// As [`ApiError::Unreadable`], and the rest of the body will not be read: the connection is closed.
    CutOff(Cow<'static, str>),
    /// No credentials, or wrong ones.
    Forbidden,
    /// Nothing under that id for this account.
    UnknownCalculation,
    /// The calculation has no such offer.
    UnknownOffer,
    /// The offer has no such file, and will have none.
    NoFile,
    /// The dictionary has no such brand.
    UnknownBrand,
    /// The dictionary has no such model.
    UnknownModel,
    /// Nobody knows such a vehicle.
    UnknownVehicle,
    /// Nobody is connected who could know a vehicle.
    NoVehicleSource,
    /// An insurer's call without a good proof.
    Unproven,
    /// No such address.
    UnknownPath,
    /// An address that does not know this method; what it knows.
    WrongMethod(&'static str),
    /// The gateway failed; what to do.
    Internal(&'static str),
}

// === impl ApiError ===

impl ApiError {
    /// One wrong field.
    pub fn field(property: &str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Fields { wrong: vec![Violation::new(property, message)], count: 1 }
    }

    /// The answer. `request_id` is the request's own, where it has a valid one.
    pub fn answer(&self, correlation: CorrelationId, request_id: Option<Uuid>) -> HttpResponse {
        let request_id = request_id.unwrap_or(correlation.uuid());
        let message = self.message();
        let body = match self {
            Self::Fields { wrong, .. } => {
                json(&wire::ValidationError { request_id, message: &message, properties: wrong })
            }
            Self::Unreadable(_) | Self::CutOff(_) => {
                json(&wire::ValidationError { request_id, message: &message, properties: &[] })
            }
            _ => json(&wire::Error { request_id, message: &message }),
        };
        let mut answer = correlation.json(self.status(), body);
        match self {
            Self::WrongMethod(allowed) => {
                answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
            }
            Self::CutOff(_) => answer.head_mut().set_connection_type(actix_web::http::ConnectionType::Close),
            _ => {}
        }
        answer
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Fields { .. } | Self::Unreadable(_) | Self::CutOff(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden | Self::Unproven => StatusCode::FORBIDDEN,
            Self::UnknownCalculation
            | Self::UnknownOffer
            | Self::NoFile
            | Self::UnknownBrand
            | Self::UnknownModel
            | Self::UnknownVehicle
            | Self::NoVehicleSource
            | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn message(&self) -> Cow<'_, str> {
        match self {
            Self::Fields { wrong, count: 1 } if wrong.len() == 1 => {
                "One field is wrong; properties says which and what it must be.".into()
            }
            Self::Fields { wrong, count } if wrong.len() == *count => {
                format!("{count} fields are wrong; properties says which and what they must be.").into()
            }
            Self::Fields { wrong, count } => {
                format!("{count} fields are wrong; properties names the first {} of them.", wrong.len())
                    .into()
            }
            Self::Unreadable(message) | Self::CutOff(message) => Cow::Borrowed(message),
            Self::Forbidden => {
                "Valid credentials are required: Authorization with a Bearer token, or Basic with \
                 the client id and secret."
                    .into()
            }
            Self::UnknownCalculation => {
                "No calculation is known under this request_id; create it with POST /osago/calculate.".into()
            }
            Self::UnknownOffer => {
                "This calculation has no offer under this offer_id; GET /osago/calculate lists its offers."
                    .into()
            }
            Self::NoFile => {
                "There is no such file and there will be none: the insurer hands none out, or the offer \
                 was refused or closed."
                    .into()
            }
            Self::UnknownBrand => {
                "No brand is known under this brand_id; GET /dictionaries/brands lists the brands.".into()
            }
            Self::UnknownModel => {
                "No model is known under this model_id; GET /dictionaries/models lists a brand's models."
                    .into()
            }
            Self::UnknownVehicle => {
                "No vehicle is known under this number; check it, or let the user choose brand, model, year and \
                 engine power from the dictionaries."
                    .into()
            }
            Self::NoVehicleSource => {
                "This gateway has no source of vehicle data; let the user choose brand, model, year and engine power \
                 from the dictionaries."
                    .into()
            }
            Self::Unproven => {
                "The call does not prove that it is the insurer's; prove it with the agreed secret.".into()
            }
            Self::UnknownPath => "There is no such address; see the partner API's documentation.".into(),
            Self::WrongMethod(allowed) => format!("This address knows only {allowed}.").into(),
            Self::Internal(message) => Cow::Borrowed(message),
        }
    }
}

impl From<NoPage> for ApiError {
    fn from(unknown: NoPage) -> Self {
        match unknown {
            NoPage::UnknownBrand => Self::UnknownBrand,
            NoPage::UnknownModel => Self::UnknownModel,
        }
    }
}

impl From<Violations> for ApiError {
    fn from(violations: Violations) -> Self {
        let count = violations.count();
        Self::Fields { wrong: violations.into_listed(), count }
    }
}

/// An answer's bytes. Answers are plain structures with text keys, which always have a JSON form.
pub(super) fn json(answer: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(answer).expect("a structure with text keys has a JSON form").into()
}

#[cfg(test)]
mod tests {
    use actix_web::{
        body::{BoxBody, MessageBody},
        test::TestRequest,
    };
    use serde_json::{Value, json};

    use super::*;

    fn told(error: &ApiError, own: Option<Uuid>) -> (HttpResponse, Value) {
        let request = TestRequest::default()
            .insert_header(("x-request-id", "11111111-2222-4333-8444-555555555555"))
            .to_http_request();
        let (head, body) = error.answer(CorrelationId::of(&request), own).into_parts();
        let body = serde_json::from_slice(&body.try_into_bytes().unwrap()).unwrap();
        (head.set_body(BoxBody::new(())), body)
    }

    #[test]
    fn wrong_fields_are_all_named() {
        let wrong = vec![Violation::new("a.b", "is required"), Violation::new("c[0]", "must be an object")];
        let own = "550e8400-e29b-41d4-a716-446655440000".parse().unwrap();
        let (answer, body) = told(&ApiError::Fields { wrong, count: 2 }, Some(own));
        assert_eq!(answer.status(), 400);
        assert_eq!(
            body,
            json!({
                "request_id": "550e8400-e29b-41d4-a716-446655440000",
                "message": "2 fields are wrong; properties says which and what they must be.",
                "properties": [
                    {"property": "a.b", "message": "is required"},
                    {"property": "c[0]", "message": "must be an object"},
                ],
            })
        );
    }

    #[test]
    fn every_error_has_its_status_and_an_id() {
        let cases = [
            (ApiError::field("request_id", "is required"), 400),
            (ApiError::Unreadable("The body is empty.".into()), 400),
            (ApiError::CutOff("The body is too large.".into()), 400),
            (ApiError::Forbidden, 403),
            (ApiError::UnknownCalculation, 404),
            (ApiError::UnknownOffer, 404),
            (ApiError::NoFile, 404),
            (ApiError::UnknownBrand, 404),
            (ApiError::UnknownModel, 404),
            (ApiError::UnknownVehicle, 404),
            (ApiError::NoVehicleSource, 404),
            (ApiError::Unproven, 403),
            (ApiError::UnknownPath, 404),
            (ApiError::WrongMethod("GET, POST"), 405),
            (ApiError::Internal("Try again."), 500),
        ];
        for (error, status) in cases {
            let (answer, body) = told(&error, None);
            assert_eq!(answer.status(), status);
            assert_eq!(body["request_id"], "11111111-2222-4333-8444-555555555555");
            assert!(body["message"].as_str().is_some_and(|message| message.ends_with('.')), "{body}");
            let allowed = answer.headers().get(ALLOW).map(|value| value.to_str().unwrap());
            assert_eq!(allowed, (status == 405).then_some("GET, POST"));
        }
    }
}
