//! The two shapes of an answer that is no answer.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::partner::fields::Violation;

/// Something other than the request's content is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Error<'a> {
    /// The request's own id where it has a valid one, else the correlation id that X-Request-Id carries.
    pub request_id: Uuid,
    /// What happened and what to do.
    pub message: &'a str,
}

/// The request is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValidationError<'a> {
    /// The request's own id where it has a valid one, else the correlation id that X-Request-Id carries.
    pub request_id: Uuid,
    /// What happened and what to do.
    pub message: &'a str,
    /// Every wrong field.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(inline)]
    pub properties: &'a [Violation],
}
