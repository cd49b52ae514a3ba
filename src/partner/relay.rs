//! What another replica works on is asked of that replica.
//!
//! A load balancer sends any request anywhere. Reading the dictionary, accepting a calculation and taking an insurer's
//! call are the same everywhere; but the answer of a calculation grows in the memory of the replica that asks the insurers, and
//! what happens to its offers happens there one by one. So a request about it that comes to another replica is passed on,
//! with the credentials that it came with, and the answer goes back byte for byte. There is no second truth and no wait for
//! the store.
//!
//! **When the other one is not reached**, or hangs, it has died or is about to stop. Until its work is taken over, a poll is
//! answered from what is written down, and everything else is told to come again in a few seconds. A request is passed on
//! once, and says to whom: a replica that is not meant refuses it (421), so an address that leads to another one, or an owner
//! that has changed, is noticed, and nothing goes round in circles.

use std::{sync::Arc, time::Duration};

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{
            ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue,
            RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    web::Data,
};
use bytes::Bytes;
use moka::sync::Cache;
use reqwest::Client;
use uuid::Uuid;

use super::{correlation::X_REQUEST_ID, query, state::PartnerState};
use crate::{
    calculation::Calculations,
    cluster::{Owner, ReplicaId},
    upstream::exchange,
};

/// Says that a replica passed the request on, and to which.
pub const X_VEER_REPLICA: HeaderName = HeaderName::from_static("x-veer-replica");

/// A replica in the same network answers its door at once, or is not there.
const CONNECT: Duration = Duration::from_secs(1);
/// What is added to the longest time that an answer waits for an insurer.
const BESIDE: Duration = Duration::from_secs(10);
/// A poll waits for nobody: a replica that has not answered it by then hangs.
const POLL: Duration = Duration::from_secs(2);
/// How long it is believed where a calculation is. It moves only when a replica dies or stops, which is noticed; and while
/// the store is away, nothing moves at all.
const BELIEVED: Duration = Duration::from_secs(600);
/// Of so many calculations.
const KNOWN: u64 = 100_000;
/// What of a request the other replica needs.
const ASKED: [HeaderName; 4] = [AUTHORIZATION, CONTENT_TYPE, ACCEPT, X_REQUEST_ID];
/// What of its answer the caller is given.
const TOLD: [HeaderName; 6] =
    [CONTENT_TYPE, CACHE_CONTROL, CONTENT_DISPOSITION, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS, X_REQUEST_ID];

/// The way to the other replicas.
pub struct Relay {
    http: Client,
    me: HeaderValue,
    places: Cache<(Arc<str>, Uuid), Place>,
}

/// Where a calculation is.
#[derive(Debug, Clone)]
struct Place {
    replica: HeaderValue,
    address: Arc<str>,
}

/// The other replica did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the replica at {address} did not answer: {cause}")]
struct Silent {
    address: Arc<str>,
    cause: String,
}

// === impl Relay ===

impl Relay {
    /// The way from the replica `me`. An answer may wait for an insurer as long as `patience`.
    pub fn new(me: ReplicaId, patience: Duration) -> Result<Self, reqwest::Error> {
        let http = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(patience + BESIDE)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .tcp_nodelay(true)
            .build()?;
        let me = name(me);
        let places = Cache::builder().max_capacity(KNOWN).time_to_live(BELIEVED).build();
        Ok(Self { http, me, places })
    }

    /// The other replica's answer, where the calculation is another's and that one answers; none: it is answered here.
    async fn answer(
        &self,
        calculations: &Calculations,
        account: &Arc<str>,
        request_id: Uuid,
        request: &HttpRequest,
        body: Bytes,
    ) -> Option<HttpResponse> {
        let key = (account.clone(), request_id);
        let place = match self.places.get(&key) {
            Some(place) => place,
            None => {
                // Where the store fails, whoever looks the calculation up next is told so.
                let Ok(Some(Owner::Other { id, address })) = calculations.owner(account, request_id).await
                else {
                    return None;
                };
                // One that has just begun does not listen yet.
                let address = Some(address).filter(|address| !address.is_empty())?.into();
                let place = Place { replica: name(id), address };
                self.places.insert(key.clone(), place.clone());
                place
            }
        };
        match self.pass_on(&place, request, body).await {
            Ok(answer) => Some(answer),
            Err(silent) => {
                self.places.invalidate(&key);
                tracing::warn!(%request_id, error = %silent, "a request could not be passed on");
                None
            }
        }
    }

    async fn pass_on(
        &self,
        Place { replica, address }: &Place,
        request: &HttpRequest,
        body: Bytes,
    ) -> Result<HttpResponse, Silent> {
        let silent = |cause: String| Silent { address: address.clone(), cause };
        let broken = |error: reqwest::Error| silent(exchange::cause(&error));
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes()).unwrap_or_default();
        let mut outgoing = self.http.request(method, format!("{address}{path}")).body(body);
        for name in ASKED {
            // All of a name: two credentials are refused there as they would be here.
            for value in request.headers().get_all(&name) {
                outgoing = outgoing.header(name.as_str(), value.as_bytes());
            }
        }
        if request.path().starts_with("/osago/calculate") {
            outgoing = outgoing.timeout(POLL);
        }
        let answer = outgoing.header(X_VEER_REPLICA.as_str(), replica.as_bytes()).send().await;
        let answer = answer.map_err(broken)?;
        if answer.status() == reqwest::StatusCode::MISDIRECTED_REQUEST {
            return Err(silent("it is another replica".to_owned()));
        }
        let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut told = HttpResponse::build(status);
        for name in TOLD {
            if let Some(value) = answer.headers().get(name.as_str())
                && let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
            {
                told.insert_header((name, value));
            }
        }
        Ok(told.body(answer.bytes().await.map_err(broken)?))
    }
}

/// The answer of the replica whose calculation it is, where that is another one.
pub(super) async fn elsewhere(
    request: &HttpRequest,
    state: &PartnerState,
    account: &Arc<str>,
    request_id: Uuid,
    body: Bytes,
) -> Option<HttpResponse> {
    let relay = state.relay.as_ref()?;
    // Anybody can say that it was passed on, and gains nothing: it is answered here then, or not at all.
    if let Some(meant) = request.headers().get(X_VEER_REPLICA) {
        return (*meant != relay.me).then(|| HttpResponse::new(StatusCode::MISDIRECTED_REQUEST));
    }
    if state.calculations.live(account, request_id).is_some() {
        return None;
    }
    Box::pin(relay.answer(&state.calculations, account, request_id, request, body)).await
}

/// A replica's name in a header.
fn name(id: ReplicaId) -> HeaderValue {
    // It has letters, digits and hyphens.
    HeaderValue::try_from(id.to_string()).unwrap_or(HeaderValue::from_static("a replica"))
}

/// Around an address whose query names a calculation. What is wrong with the request is told by the address itself.
pub(super) async fn by_query<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<BoxBody, B>>, Error> {
    let answer = match request.app_data::<Data<PartnerState>>() {
        Some(state) if request.method() == Method::GET => {
            let id = query::request_id(request.query_string()).ok();
            let account = state.accounts.identify(request.headers());
            match (account, id) {
                (Some(account), Some(id)) => {
                    elsewhere(request.request(), state, account, id, Bytes::new()).await
                }
                _ => None,
            }
        }
        _ => None,
    };
    match answer {
        Some(answer) => Ok(request.into_response(answer).map_into_left_body()),
        None => Ok(next.call(request).await?.map_into_right_body()),
    }
}
