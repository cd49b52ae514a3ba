//! `POST oauth/token`: access tokens for client credentials.

use actix_web::{HttpResponse, web::Bytes};

use super::This;
use crate::exchange::Operation;

const TOKEN: Operation = Operation::lists("oauth/token");

pub(super) async fn issue(body: Bytes, this: This) -> HttpResponse {
    this.tokens.grant(&this.company, &TOKEN, &body, 400).await
}
