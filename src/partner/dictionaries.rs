//! `/dictionaries/*`: the published version's pages.
//!
//! What a question is made of is read here, and answered from the pages that the version keeps. What is not
//! drawn yet and takes long is drawn off the server's workers.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::{correlation::CorrelationId, error::ApiError, page, query, state::PartnerState, wire};
use crate::dictionary::{
    Published,
    answers::{NoPage, Page, Question},
};

const ASK_AGAIN: &str = "The gateway could not draw the answer; ask again in a second.";

/// Lists brands
///
/// All of them, or those that have at least one model in the category.
#[utoipa::path(
    get,
    path = "/dictionaries/brands",
    operation_id = "listBrands",
    tag = "dictionaries",
    params(
        ("category" = Option<wire::VehicleCategory>, Query, description = "Only brands that have a model in it."),
    ),
    responses(
        (status = 200, description = "The brands, by name.", body = wire::BrandsAnswer<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn brands(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    answer(&request, &state, ask_brands).await
}

pub(super) fn ask_brands(query: &str) -> Result<Question, ApiError> {
    query::read(query, |query| Question::Brands { category: query.category() })
}

/// Lists a brand's models
///
/// A known brand without models in the category has an empty list. The id of a brand that was merged into
/// another one is answered with that one's models.
#[utoipa::path(
    get,
    path = "/dictionaries/models",
    operation_id = "listModels",
    tag = "dictionaries",
    params(
        ("brand_id" = String, Query, description = "The brand."),
        ("category" = Option<wire::VehicleCategory>, Query, description = "Only models that are registered in it."),
    ),
    responses(
        (status = 200, description = "The models, by name.", body = wire::ModelsAnswer<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "No brand has that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn models(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    answer(&request, &state, ask_models).await
}

pub(super) fn ask_models(query: &str) -> Result<Question, ApiError> {
    let (brand, category) = query::read(query, |query| (query.brand_id(), query.category()))?;
    Ok(Question::Models { brand: brand.ok_or(NoPage::UnknownBrand)?, category })
}

/// Lists the years in which a model was made
///
/// A known model that is not registered in the category has an empty list.
#[utoipa::path(
    get,
    path = "/dictionaries/years",
    operation_id = "listYears",
    tag = "dictionaries",
    params(
        ("model_id" = String, Query, description = "The model."),
        ("category" = Option<wire::VehicleCategory>, Query, description = "Only where it is registered in it."),
    ),
    responses(
        (status = 200, description = "The years, ascending.", body = wire::YearsAnswer),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "No model has that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn years(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    answer(&request, &state, ask_years).await
}

pub(super) fn ask_years(query: &str) -> Result<Question, ApiError> {
    let (model, category) = query::read(query, |query| (query.model_id(), query.category()))?;
    Ok(Question::Years { model: model.ok_or(NoPage::UnknownModel)?, category })
}

/// Lists the engine powers that a model was made with in one year
///
/// A year in which a known model was not made has an empty list.
#[utoipa::path(
    get,
    path = "/dictionaries/powers",
    operation_id = "listPowers",
    tag = "dictionaries",
    params(
        ("model_id" = String, Query, description = "The model."),
        ("year" = i16, Query, description = "The year, from 1900 to 2100."),
    ),
    responses(
        (status = 200, description = "The powers in horsepower, ascending.", body = wire::PowersAnswer<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "No model has that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn powers(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    answer(&request, &state, ask_powers).await
}

pub(super) fn ask_powers(query: &str) -> Result<Question, ApiError> {
    let (model, year) = query::read(query, |query| (query.model_id(), query.year()))?;
    Ok(Question::Powers { model: model.ok_or(NoPage::UnknownModel)?, year })
}

/// Lists a model's modifications of one year and engine power
///
/// A known model that was not made so, or whose modifications are not known, has an empty list.
#[utoipa::path(
    get,
    path = "/dictionaries/modifications",
    operation_id = "listModifications",
    tag = "dictionaries",
    params(
        ("model_id" = String, Query, description = "The model."),
        ("year" = i16, Query, description = "The year, from 1900 to 2100."),
        ("power" = f64, Query, description = "The engine power in horsepower, up to two digits behind the point."),
    ),
    responses(
        (status = 200, description = "The modifications, by name.", body = wire::ModificationsAnswer<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 404, description = "No model has that id.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn modifications(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    answer(&request, &state, ask_modifications).await
}

pub(super) fn ask_modifications(query: &str) -> Result<Question, ApiError> {
    let asked = query::read(query, |query| (query.model_id(), query.year(), query.power()));
    let (model, year, power) = asked?;
    Ok(Question::Modifications { model: model.ok_or(NoPage::UnknownModel)?, year, power })
}

/// Tells the whole dictionary, brands to engine powers
///
/// With categories: the models that are registered in at least one of them, and their brands.
#[utoipa::path(
    get,
    path = "/dictionaries/sync-all",
    operation_id = "syncAll",
    tag = "dictionaries",
    params(
        ("category" = Option<Vec<wire::VehicleCategory>>, Query, style = Form, explode = true, description = "Repeatable (category=A&category=B); a comma-separated list is accepted too."),
    ),
    responses(
        (status = 200, description = "Brands, models, years and engine powers.", body = wire::SyncAllAnswer<'static>),
        (status = 400, description = "The request is wrong; every wrong field is named.", body = wire::ValidationError<'static>),
        (status = 403, description = "No credentials, or wrong ones.", body = wire::Error<'static>),
        (status = 500, description = "The gateway failed.", body = wire::Error<'static>),
    )
)]
pub(super) async fn sync_all(request: HttpRequest, state: web::Data<PartnerState>) -> HttpResponse {
    answer(&request, &state, ask_sync_all).await
}

pub(super) fn ask_sync_all(query: &str) -> Result<Question, ApiError> {
    query::read(query, |query| Question::SyncAll { categories: query.categories() })
}

async fn answer(
    request: &HttpRequest,
    state: &PartnerState,
    ask: fn(&str) -> Result<Question, ApiError>,
) -> HttpResponse {
    let correlation = CorrelationId::of(request);
    let found = async {
        state.account(request)?;
        found(state.dictionary.published(), ask(request.query_string())?).await
    };
    match found.await {
        Ok(page) => page::answer(request, correlation, &page),
        Err(error) => error.answer(correlation, None),
    }
}

async fn found(published: Arc<Published>, question: Question) -> Result<Page, ApiError> {
    if published.answers.at_hand(&question) {
        return Ok(published.answers.page(&question)?);
    }
    let drawn = web::block(move || published.answers.page(&question)).await;
    Ok(drawn.map_err(|error| {
        tracing::error!(?question, %error, "a page of the dictionary was not drawn");
        ApiError::Internal(ASK_AGAIN)
    })??)
}
