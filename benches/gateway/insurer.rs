//! One insurer, as a bare client calls it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};
use futures::future::try_join_all;
use reqwest::{Client, Method, header};
use url::{Url, form_urlencoded};
use veer::{config::InsurerConfig, telemetry::moscow_today};
use veer_contract::{
    Adapter, Auth, Body, Call, Context, ErasedFlow, Event, Next, Operation, Reply, VehicleCodes,
    domain::{InsurerVehicle, QuoteRequest, Vehicle},
    slot::{self, Slot},
};
use veer_simulator::Wire;

/// An insurer and a pooled client.
pub(crate) struct Insurer {
    adapter: &'static dyn Adapter,
    config: InsurerConfig,
    vehicle: VehicleCodes,
    client: Client,
    session: Option<String>,
    challenge: Mutex<Option<WwwAuthenticateHeader>>,
    calls: Arc<AtomicU64>,
}

// === impl Insurer ===

impl Insurer {
    /// A client with the gateway's settings of connections.
    pub(crate) fn new(
        config: InsurerConfig,
        vehicle: &Vehicle,
        idle: Duration,
        calls: Arc<AtomicU64>,
    ) -> Result<Self, String> {
        let missing = |what: &str| format!("{} has no {what}", config.code);
        let adapter = veer_insurers::find(&config.adapter).ok_or_else(|| missing("adapter"))?;
        let vehicle = codes(&config.adapter, vehicle).ok_or_else(|| missing("word for the vehicle"))?;
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(3))
            .pool_idle_timeout(idle)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .tcp_nodelay(true)
            .user_agent(concat!("veer/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { adapter, config, vehicle, client, session: None, challenge: Mutex::default(), calls })
    }

    /// Opens the session that all calls will use.
    pub(crate) async fn log_in(&mut self) -> Result<(), String> {
        if let Some(login) = self.adapter.login() {
            self.session = self.converse(login, &()).await?.pop().map(|session| session.token);
        }
        Ok(())
    }

    /// Asks for a price.
    pub(crate) async fn quote(&self, request: &QuoteRequest) -> Result<(), String> {
        let quote = self.adapter.quote().ok_or("the adapter has no quote")?;
        let offers = self.converse(quote, request).await?;
        if offers.is_empty() { Err(format!("{} made no offer", self.config.code)) } else { Ok(()) }
    }

    /// Drives a flow: no budget, no limits, nothing kept.
    async fn converse<O: Operation>(
        &self,
        flow: &dyn ErasedFlow<O>,
        input: &O::Input,
    ) -> Result<Vec<O::Output>, String> {
        let failed = |what: &dyn std::fmt::Debug| format!("{}: {what:?}", self.config.code);
        let mut results = Vec::new();
        let mut step = self.step(|cx| flow.start(input, cx));
        loop {
            let done = step.map_err(|error| failed(&error))?;
            results.extend(done.emit);
            step = match done.next {
                Next::Call { calls, then } => {
                    let replies = try_join_all(calls.iter().map(|call| self.call(call))).await?;
                    self.step(|cx| flow.resume(input, &then, Event::Replies(&replies), cx))
                }
                Next::Wait { at_least, then } => {
                    tokio::time::sleep(at_least).await;
                    self.step(|cx| flow.resume(input, &then, Event::Woke, cx))
                }
                Next::Done => return Ok(results),
                Next::Decline(decline) => return Err(failed(&decline)),
                Next::Fail(fault) => return Err(failed(&fault)),
                Next::Await { .. } => return Err(failed(&"waits for a callback")),
            };
        }
    }

    fn step<T>(&self, step: impl FnOnce(&Context<'_>) -> T) -> T {
        step(&Context {
            remaining: Duration::from_secs(60),
            today: moscow_today(),
            new_id: &|| uuid::Uuid::new_v4().to_string(),
            vehicle: &self.vehicle,
            settings: &self.config.settings,
        })
    }

    async fn call(&self, call: &Call) -> Result<Reply, String> {
        let failed = |what: &dyn std::fmt::Display| format!("{} {}: {what}", self.config.code, call.tag);
        let mut url = self.config.base_url.join(&call.path).map_err(|error| failed(&error))?;
        for (name, value) in &call.query {
            url.query_pairs_mut().append_pair(name, &self.fill(value)?);
        }
        let body = self.body(&call.body)?;
        let method = Method::from_bytes(call.method.as_str().as_bytes()).map_err(|error| failed(&error))?;
        let mut challenged = false;
        loop {
            let mut request = self.client.request(method.clone(), url.clone());
            if let Some((content_type, body)) = &body {
                request = request.header(header::CONTENT_TYPE, *content_type).body(body.clone());
            }
            for (name, value) in &call.headers {
                request = request.header(name, self.fill(value)?);
            }
            if call.auth == Auth::Digest
                && let Some(proof) = self.proof(&method, &url, body.as_ref().map(|(_, body)| &body[..]))
            {
                request = request.header(header::AUTHORIZATION, proof);
            }
            self.calls.fetch_add(1, Ordering::Relaxed);
            let response = request.send().await.map_err(|error| failed(&error))?;
            let status = response.status().as_u16();
            if status == 401 && !challenged {
                challenged = self.challenged(response.headers());
                continue;
            }
            if !call.statuses.contain(status) {
                return Err(failed(&status));
            }
            let body = response.bytes().await.map_err(|error| failed(&error))?.into();
            return Ok(Reply { tag: call.tag.clone(), status, headers: Vec::new(), body });
        }
    }

    fn body<'c>(&self, body: &'c Body) -> Result<Option<(&'c str, bytes::Bytes)>, String> {
        Ok(match body {
            Body::Empty => None,
            Body::Json(text) => Some(("application/json", self.fill(text)?.into())),
            Body::Xml { content_type, text } => Some((content_type, self.fill(text)?.into())),
            Body::Form(pairs) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in pairs {
                    form.append_pair(name, &self.fill(value)?);
                }
                Some(("application/x-www-form-urlencoded", form.finish().into()))
            }
        })
    }

    /// The simulators' secrets and sessions need no escaping anywhere.
    fn fill(&self, text: &str) -> Result<String, String> {
        let value = |slot: Slot<'_>| match slot {
            Slot::Session => self.session.clone(),
            Slot::Secret(name) => self.config.secrets.get(name).map(|secret| secret.reveal().to_owned()),
            Slot::Basic(_) | Slot::CallbackUrl => None,
        };
        slot::fill(text, value).map(std::borrow::Cow::into_owned).map_err(|error| error.to_string())
    }

    fn proof(&self, method: &Method, url: &Url, body: Option<&[u8]>) -> Option<String> {
        let password = self.config.secrets.get("password").map_or("", |secret| secret.reveal());
        let target = &url[url::Position::BeforePath..];
        let method = HttpMethod::from(method.as_str());
        let user = self.config.settings.get("user");
        let context = AuthContext::new_with_method(user, password, target, body, method);
        let mut challenge = self.challenge.lock().unwrap_or_else(PoisonError::into_inner);
        challenge.as_mut()?.respond(&context).ok().map(|header| header.to_string())
    }

    fn challenged(&self, headers: &header::HeaderMap) -> bool {
        let header = headers.get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
        let challenge = header.and_then(|header| digest_auth::parse(header).ok());
        let understood = challenge.is_some();
        *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = challenge;
        understood
    }
}

/// What the simulated insurer calls a vehicle that it writes as the request does, but for the case.
fn codes(adapter: &str, vehicle: &Vehicle) -> Option<VehicleCodes> {
    let wire = Wire::INSURERS.iter().copied().find(|wire| wire.name() == adapter)?;
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let is_it =
        |row: &InsurerVehicle| same(&row.brand, &vehicle.brand.name) && same(&row.model, &vehicle.model.name);
    let row = veer_simulator::vehicles(wire).into_iter().find(is_it)?;
    Some(VehicleCodes { brand: row.brand, model: row.model, brand_code: row.brand_code, code: row.code })
}
