//! `/osago/offer/draft` and `/osago/offer/policy`: an offer's files, for the partner.
//!
//! A file is put into the JSON, with an address that a browser can open, or is the answer itself. Until it is
//! there, both are the JSON that says how far it is.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use bytes::Bytes;
use uuid::Uuid;

use super::{
    correlation::CorrelationId,
    error::{ApiError, json},
    offer, pdf,
    pdf::Disposition,
    query, refusal,
    state::PartnerState,
    wire,
};
use crate::{
    offers::{FileAnswer, OfferError, Offers, Shown},
    store::DocumentKind,
};

/// A file as it is asked for.
struct Wanted<'r> {
    account: &'r Arc<str>,
    request_id: Uuid,
    offer_id: String,
    format: wire::FileFormat,
}

/// Hands out the draft policy
///
/// Where the draft is not there yet, it is asked for; the answer waits a few seconds for it.
#[utoipa::path(
    get,
    path = "/osago/offer/draft",
    operation_id = "getOfferDraft",
    tag = "osago",
    params(
        ("request_id" = Uuid, Query, description = "The id that the calculation was created under."),
        ("offer_id" = String, Query, description = "The id of one of its offers."),
        ("format" = Option<wire::FileFormat>, Query, description = "base64 puts the file into the JSON; binary answers with the PDF itself."),
    ),
    responses(
        (status = 200, description = "The draft policy, or the word that it is still being made.", content(
            (wire::DraftAnswer<'static> = "application/json"),
            (wire::Pdf = "application/pdf"),
        )),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "Nothing is known under that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn draft(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    let correlation = CorrelationId::of(&request);
    let answered = async {
        let wanted = Wanted::read(&request, &state)?;
        let found = Box::pin(state.offers.draft(wanted.account, wanted.request_id, &wanted.offer_id)).await;
        wanted.answer(correlation, DocumentKind::Draft, found, |wanted, found| wanted.draft(&state, found))
    };
    answered.await.unwrap_or_else(|error: ApiError| error.answer(correlation, own_id(&request)))
}

/// Hands out the policy
///
/// Until the policy is issued, the answer is the offer's status alone.
#[utoipa::path(
    get,
    path = "/osago/offer/policy",
    operation_id = "getOfferPolicy",
    tag = "osago",
    params(
        ("request_id" = Uuid, Query, description = "The id that the calculation was created under."),
        ("offer_id" = String, Query, description = "The id of one of its offers."),
        ("format" = Option<wire::FileFormat>, Query, description = "base64 puts the file into the JSON; binary answers with the PDF itself."),
    ),
    responses(
        (status = 200, description = "The policy, or how far the offer is.", content(
            (wire::PolicyAnswer<'static> = "application/json"),
            (wire::Pdf = "application/pdf"),
        )),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "Nothing is known under that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn policy(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    let correlation = CorrelationId::of(&request);
    let answered = async {
        let wanted = Wanted::read(&request, &state)?;
        let found = Box::pin(state.offers.policy(wanted.account, wanted.request_id, &wanted.offer_id)).await;
        wanted.answer(correlation, DocumentKind::Policy, found, |wanted, found| wanted.policy(&state, found))
    };
    answered.await.unwrap_or_else(|error: ApiError| error.answer(correlation, own_id(&request)))
}

fn own_id(request: &HttpRequest) -> Option<Uuid> {
    query::request_id(request.query_string()).ok()
}

// === impl Wanted ===

impl<'r> Wanted<'r> {
    fn read(request: &HttpRequest, state: &'r PartnerState) -> Result<Self, ApiError> {
        let account = state.account(request)?;
        query::read(request.query_string(), |query| Self {
            account,
            request_id: query.request_id(),
            offer_id: query.offer_id(),
            format: query.choice("format").unwrap_or_default(),
        })
    }

    fn answer(
        &self,
        correlation: CorrelationId,
        kind: DocumentKind,
        found: Result<FileAnswer, OfferError>,
        told: impl FnOnce(&Self, FileAnswer) -> Bytes,
    ) -> Result<HttpResponse, ApiError> {
        let found = found.map_err(|error| {
            offer::log(&error, self.account, self.request_id, "a file was not looked up");
            refusal::of_question(&error)
        })?;
        Ok(match (self.format, found) {
            (wire::FileFormat::Binary, FileAnswer { file: Some(file), .. }) => {
                pdf::answer(correlation, kind, Disposition::Attachment, file.bytes)
            }
            (_, found) => correlation.json(StatusCode::OK, told(self, found)),
        })
    }

    fn draft(&self, state: &PartnerState, found: FileAnswer) -> Bytes {
        let (request_id, offer_id) = (self.request_id, self.offer_id.as_str());
        json(&match found.file {
            Some(file) => wire::DraftAnswer::Success {
                request_id,
                offer_id,
                url: state.links.address(offer_id, DocumentKind::Draft),
                file: wire::PdfFile::of(&file.bytes),
            },
            None => wire::DraftAnswer::InProcess { request_id, offer_id },
        })
    }

    fn policy(&self, state: &PartnerState, found: FileAnswer) -> Bytes {
        let FileAnswer { offer: Shown { entry, request }, file } = found;
        let is_issued = entry.sale.as_ref().is_some_and(|sale| sale.policy.is_some());
        json(&wire::PolicyAnswer {
            request_id: self.request_id,
            offer_id: &self.offer_id,
            status: entry.status.as_str(),
            policy_start_date: Offers::policy_start(&request).filter(|_| is_issued),
            url: file.as_ref().map(|_| state.links.address(&self.offer_id, DocumentKind::Policy)),
            file: file.map(|file| wire::PdfFile::of(&file.bytes)),
        })
    }
}
