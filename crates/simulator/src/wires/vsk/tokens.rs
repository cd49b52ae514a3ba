//! `POST token`: OAuth 2 with the client's credentials.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Bytes};

use super::This;
use crate::{
    exchange::{Operation, respond},
    wires::oauth,
};

const TOKEN: Operation = Operation::lists("token");

pub(super) async fn handle(request: HttpRequest, body: Bytes, this: This) -> HttpResponse {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return respond(oauth::refusal(400, "invalid_request"));
    }
    this.tokens.grant(&this.company, &TOKEN, &body, 401).await
}
