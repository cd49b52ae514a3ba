//! Taking a request's body off the wire.
//!
//! The server bounds how long a request's head may take, not its body, and its own errors are plain text. So
//! the body is read here: up to a size, for a limited time, and with the contract's error for each way in
//! which it can go wrong. What is not JSON is named by line and column and never quoted.

use std::{borrow::Cow, time::Duration};

use actix_web::{
    error::PayloadError,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap},
};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use serde_json::{Map, Value, error::Category};

use super::error::ApiError;

/// How much of a body is read, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// The largest body, in bytes.
    pub max_bytes: usize,
    /// From the head's arrival to the last byte.
    pub max_time: Duration,
}

/// The object that the body is.
pub async fn read_object(
    headers: &HeaderMap,
    payload: impl Stream<Item = Result<Bytes, PayloadError>>,
    limits: BodyLimits,
) -> Result<Map<String, Value>, ApiError> {
    object(&read_bytes(headers, payload, limits).await?)
}

/// The object that the bytes of a body are.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    // A byte order mark is no JSON, but some writers cannot be stopped from putting one there.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.trim_ascii().is_empty() {
        return Err(unreadable("The body is empty; send the request as a JSON object."));
    }
    match serde_json::from_slice(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(unreadable("The body must be a JSON object.")),
        Err(error) => {
            let what = match error.classify() {
                Category::Eof => "ends too early",
                _ => "is not valid JSON",
            };
            let (line, column) = (error.line(), error.column());
            Err(unreadable(format!("The body {what}: line {line}, column {column}. Send JSON in UTF-8.")))
        }
    }
}

/// The body as it came.
pub async fn read_bytes(
    headers: &HeaderMap,
    payload: impl Stream<Item = Result<Bytes, PayloadError>>,
    limits: BodyLimits,
) -> Result<Bytes, ApiError> {
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.as_bytes());
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        return Err(cut_off("The body must not be compressed; send it without Content-Encoding."));
    }
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limits.max_bytes) {
        return Err(too_large(limits));
    }
    let whole = collect(payload, announced.unwrap_or_default(), limits);
    tokio::time::timeout(limits.max_time, whole).await.unwrap_or_else(|_| {
        let seconds = limits.max_time.as_secs();
        Err(cut_off(format!("The body did not arrive within {seconds} s; send the request again.")))
    })
}

async fn collect(
    payload: impl Stream<Item = Result<Bytes, PayloadError>>,
    announced: usize,
    limits: BodyLimits,
) -> Result<Bytes, ApiError> {
    let mut payload = std::pin::pin!(payload);
    let mut body = BytesMut::with_capacity(announced);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| cut_off("The body did not arrive whole; send the request again."))?;
        if body.len() + chunk.len() > limits.max_bytes {
            return Err(too_large(limits));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(limits: BodyLimits) -> ApiError {
    cut_off(format!("The body is larger than {} bytes, the most that is read.", limits.max_bytes))
}

fn unreadable(message: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::Unreadable(message.into())
}

fn cut_off(message: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::CutOff(message.into())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use futures::stream;

    use super::*;

    const LIMITS: BodyLimits = BodyLimits { max_bytes: 64, max_time: Duration::from_secs(3600) };

    async fn read(chunks: &[&'static [u8]]) -> Result<Map<String, Value>, String> {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk))).collect();
        read_object(&HeaderMap::new(), stream::iter(chunks), LIMITS).await.map_err(told)
    }

    fn told(error: ApiError) -> String {
        match error {
            ApiError::Unreadable(message) => message.into_owned(),
            ApiError::CutOff(message) => format!("cut off: {message}"),
            other => panic!("{other:?}"),
        }
    }

    #[actix_web::test]
    async fn an_object_arrives_in_pieces() {
        assert_eq!(read(&[b"{\"a\":", b" 1}"]).await.unwrap()["a"], 1);
        assert_eq!(read(&[b"\xef\xbb\xbf{\"a\": 1}\n"]).await.unwrap()["a"], 1);
    }

    #[actix_web::test]
    async fn what_is_no_object_is_told_apart_and_never_quoted() {
        assert!(read(&[]).await.unwrap_err().starts_with("The body is empty"));
        assert!(read(&[b" \n"]).await.unwrap_err().starts_with("The body is empty"));
        assert_eq!(read(&[b"[1]"]).await.unwrap_err(), "The body must be a JSON object.");
        assert_eq!(
            read(&[b"{\"name\":\n \"secret\" oops}"]).await.unwrap_err(),
            "The body is not valid JSON: line 2, column 11. Send JSON in UTF-8."
        );
        assert_eq!(
            read(&[b"{\"name\": \"secret"]).await.unwrap_err(),
            "The body ends too early: line 1, column 16. Send JSON in UTF-8."
        );
        assert!(read(&[b"{\"a\": \"\xff\"}"]).await.unwrap_err().starts_with("The body is not valid JSON"));
    }

    #[actix_web::test]
    async fn a_body_over_the_cap_is_cut_off_announced_or_not() {
        let over: &'static [u8] = &[b' '; 33];
        assert_eq!(
            read(&[over, over]).await.unwrap_err(),
            "cut off: The body is larger than 64 bytes, the most that is read."
        );
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("65"));
        // Nothing of it is read: the stream would never end.
        let error = read_object(&headers, stream::pending(), LIMITS).await.unwrap_err();
        assert!(told(error).starts_with("cut off: The body is larger"));
    }

    #[actix_web::test]
    async fn a_body_that_never_comes_is_given_up() {
        let limits = BodyLimits { max_time: Duration::ZERO, ..LIMITS };
        let error = read_object(&HeaderMap::new(), stream::pending(), limits).await.unwrap_err();
        assert!(told(error).starts_with("cut off: The body did not arrive within 0 s"));
    }

    #[actix_web::test]
    async fn a_broken_or_compressed_body_is_refused() {
        let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(PayloadError::Incomplete(None))]);
        let error = read_object(&HeaderMap::new(), broken, LIMITS).await.unwrap_err();
        assert!(told(error).starts_with("cut off: The body did not arrive whole"));

        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let error = read_object(&headers, stream::pending(), LIMITS).await.unwrap_err();
        assert!(told(error).starts_with("cut off: The body must not be compressed"));
    }
}
