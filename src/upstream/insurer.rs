//! One account at one insurer, as it runs: its adapter, limits, clients, session.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use veer_contract::{
    Adapter, Callback, Context, Fault, Lane, OperationKind, Reply, Settings, VehicleCodes, slot::Slot,
};

use super::{
    budget::Budget,
    digest::Digest,
    error::Outcome,
    exchange::{ClientError, Clients},
    isolate::Isolation,
    limit::Limiter,
    permits::Permits,
    request::Secrets,
    session::SessionKeeper,
    verdict::Verdict,
};
use crate::{
    config::{CalculationConfig, InsurerConfig, LaneConfig, UpstreamConfig},
    telemetry::{LaneMetrics, Metrics},
};

/// Who an insurer is to the partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsurerIdentity {
    /// The account's name in the configuration, metrics and timelines.
    pub code: String,
    /// The insurer's code at the partner.
    pub partner_code: i64,
    /// Its name for users.
    pub name: String,
    /// Its logo.
    pub logo_url: Option<String>,
}

/// One account at one insurer.
pub struct Insurer {
    /// Who it is to the partner.
    pub identity: Arc<InsurerIdentity>,
    /// How to speak with it.
    pub adapter: &'static dyn Adapter,
    /// Its configuration.
    pub config: InsurerConfig,
    /// How failing calls are repeated.
    pub policy: UpstreamConfig,
    pub(super) gates: BTreeMap<Lane, Gate>,
    pub(super) clients: Clients,
    pub(super) digest: Digest,
    pub(super) sessions: SessionKeeper,
    pub(super) isolation: Isolation,
    pub(super) metrics: Arc<Metrics>,
    settings: Arc<Settings>,
}

/// A lane's limits and figures.
pub(super) struct Gate {
    pub config: LaneConfig,
    pub permits: Permits,
    pub limiter: Limiter,
    pub metrics: LaneMetrics,
}

// === impl Insurer ===

impl Insurer {
    /// Makes the account ready: clients built, lanes at rest, nobody logged in.
    pub fn new(
        adapter: &'static dyn Adapter,
        config: InsurerConfig,
        calculation: &CalculationConfig,
        policy: &UpstreamConfig,
        metrics: &Arc<Metrics>,
    ) -> Result<Self, ClientError> {
        let clients =
            Clients::build(config.lanes.values(), policy.idle_connection, config.ca_file.as_deref())?;
        let gate = |(lane, limits): (&Lane, &LaneConfig)| {
            let gate = Gate {
                permits: Permits::new(limits.concurrent),
                limiter: Limiter::new(&limits.rate),
                metrics: metrics.lane(&config.code, *lane, Outcome::ALL.into_iter().map(Outcome::label)),
                config: limits.clone(),
            };
            (*lane, gate)
        };
        Ok(Self {
            identity: Arc::new(InsurerIdentity {
                code: config.code.clone(),
                partner_code: config.partner_code,
                name: config.name.clone(),
                logo_url: config.logo_url.clone(),
            }),
            adapter,
            gates: config.lanes.iter().map(gate).collect(),
            clients,
            digest: Digest::default(),
            sessions: SessionKeeper::default(),
            isolation: Isolation::new(calculation.step_limit),
            settings: Arc::new(config.settings.clone()),
            metrics: metrics.clone(),
            policy: policy.clone(),
            config,
        })
    }

    /// Its name in configuration, metrics and timelines.
    pub fn code(&self) -> &str {
        &self.identity.code
    }

    /// Counts a conversation that ended.
    pub fn conversation_ended(&self, operation: OperationKind, verdict: Verdict, took: Duration) {
        self.metrics.verdict(self.code(), operation, verdict.label(), took);
    }

    /// How many of its adapter's steps hang now.
    pub fn stuck_steps(&self) -> usize {
        self.isolation.stuck()
    }

    /// What the insurer's own call is about, as its adapter reads it, isolated.
    pub async fn read_callback(
        &self,
        received: Reply,
    ) -> Result<Result<Callback, Fault>, super::isolate::StepLost> {
        let adapter = self.adapter;
        self.isolation.run(move || adapter.callback(&received)).await
    }

    /// Runs one step of an adapter's flow, isolated.
    pub(super) async fn step<T: Send + 'static>(
        &self,
        budget: &Budget,
        vehicle: &Arc<VehicleCodes>,
        step: impl FnOnce(&Context<'_>) -> T + Send + 'static,
    ) -> Result<T, super::isolate::StepLost> {
        let (vehicle, settings, remaining) = (vehicle.clone(), self.settings.clone(), budget.remaining());
        let run = move || {
            let new_id = || uuid::Uuid::new_v4().to_string();
            let cx = Context {
                remaining,
                today: crate::telemetry::moscow_today(),
                new_id: &new_id,
                vehicle: &vehicle,
                settings: &settings,
            };
            step(&cx)
        };
        self.isolation.run(run).await
    }
}

/// What the slots of a call are filled with: the account's secrets, and the session where there is one.
pub(super) struct AccountSecrets<'a> {
    pub config: &'a InsurerConfig,
    pub session: Option<&'a str>,
}

impl<'a> AccountSecrets<'a> {
    fn setting(&self, name: &str) -> Option<&'a str> {
        let secret = self.config.secrets.get(name).map(|secret| secret.reveal());
        secret.or_else(|| self.config.settings.0.get(name).map(String::as_str))
    }
}

impl Secrets for AccountSecrets<'_> {
    fn value(&self, slot: Slot<'_>) -> Option<String> {
        match slot {
            Slot::Session => self.session.map(str::to_owned),
            Slot::Secret(name) => self.config.secrets.get(name).map(|secret| secret.reveal().to_owned()),
            Slot::Basic(names) => {
                let values: Option<Vec<&str>> = names.split(':').map(|name| self.setting(name)).collect();
                Some(base64::engine::general_purpose::STANDARD.encode(values?.join(":")))
            }
            Slot::CallbackUrl => None,
        }
    }
}
