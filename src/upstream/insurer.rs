//! One account at one insurer, as it runs: its adapter, limits, clients, session.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use veer_contract::{
    Callback, Context, Fault, Lane, Manifest, Operation, OperationKind, Reply, Settings, VehicleCodes,
    slot::Slot,
};

use super::{
    breaker::{Breaker, BreakerStanding},
    budget::Budget,
    digest::Digest,
    error::Outcome,
    exchange::{ClientError, Clients, Wire},
    front_gate::FrontGate,
    isolate::Isolation,
    limit::{Calendar, DayBook, LimitMetrics, Limiter, Permits, Setup},
    outage::Outage,
    point::Beginning,
    request::Secrets,
    session::SessionKeeper,
    speaker::{Revision, Speaker},
    verdict::Verdict,
};
use crate::{
    cluster::Cluster,
    config::{CalculationConfig, CompanyConfig, InsurerConfig, LaneConfig, StandingConfig, UpstreamConfig},
    telemetry::{LaneMetrics, Metrics},
};

/// Who an insurer is to the partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InsurerIdentity {
    /// The account's name in the configuration, metrics and timelines.
    pub code: String,
    /// Which company of an aggregator it is, by the aggregator's code; none for the account itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
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
    /// What its adapter claims. It stays the same while the gateway runs.
    pub manifest: Arc<Manifest>,
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
    pub(super) front_gate: FrontGate,
    pub(super) cluster: Cluster,
    pub(super) outage: Arc<Outage>,
    speaker: Arc<Speaker>,
    companies: BTreeMap<String, Arc<InsurerIdentity>>,
    settings: Arc<Settings>,
    standing: ArcSwap<StandingConfig>,
    switched_off: AtomicU64,
}

/// What all insurers of a gateway have together.
pub struct Shared<'a> {
    /// Figures.
    pub metrics: &'a Arc<Metrics>,
    /// Where insurers reach the gateway.
    pub front_gate: &'a FrontGate,
    /// Whether they fail together for the registry's reason.
    pub outage: &'a Arc<Outage>,
    /// What each lane has used of a day's quota.
    pub days: &'a DayBook,
    /// Whether this replica may send.
    pub cluster: &'a Cluster,
}

/// An offer is of a company that is not offered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoCompany {
    /// The manifest knows no such company.
    Unknown,
    /// The operator has switched it off.
    SwitchedOff,
}

/// A lane's limits and figures.
pub(super) struct Gate {
    pub config: LaneConfig,
    pub breaker: Arc<Breaker>,
    pub permits: Permits,
    pub limiter: Limiter,
    pub metrics: LaneMetrics,
}

// === impl Insurer ===

impl Insurer {
    /// Makes the account ready: clients built, lanes at rest, nobody logged in.
    pub fn new(
        speaker: Arc<Speaker>,
        config: InsurerConfig,
        calculation: &CalculationConfig,
        policy: &UpstreamConfig,
        shared: &Shared<'_>,
    ) -> Result<Self, ClientError> {
        let Shared { metrics, front_gate, outage, days, cluster } = *shared;
        let manifest = Arc::new(speaker.current().manifest().clone());
        let clients = Clients::build(&Wire {
            lanes: &config.lanes,
            idle: policy.idle_connection,
            extra_root: config.ca_file.as_deref(),
            identity: config.client_certificate_file.as_deref(),
            reply_headers: &manifest.reply_headers,
        })?;
        let gate = |(lane, limits): (&Lane, &LaneConfig)| {
            let gate = Gate {
                breaker: Breaker::new(&config.code, *lane, limits.breaker, metrics),
                permits: Permits::new(limits.concurrent),
                limiter: Limiter::new(&limits.rate, limits.limits, setup(&config, *lane, metrics, days)),
                metrics: metrics.lane(&config.code, *lane, Outcome::ALL.into_iter().map(Outcome::label)),
                config: limits.clone(),
            };
            (*lane, gate)
        };
        Ok(Self {
            identity: Arc::new(InsurerIdentity {
                code: config.code.clone(),
                company: None,
                partner_code: config.partner_code,
                name: config.name.clone(),
                logo_url: config.logo_url.clone(),
            }),
            companies: config
                .companies
                .iter()
                .map(|(code, it)| (code.clone(), company(&config, code, it)))
                .collect(),
            manifest,
            speaker,
            front_gate: front_gate.clone(),
            cluster: cluster.clone(),
            outage: outage.clone(),
            gates: config.lanes.iter().map(gate).collect(),
            clients,
            digest: Digest::default(),
            sessions: SessionKeeper::default(),
            isolation: Isolation::new(calculation.step_limit),
            settings: Arc::new(config.settings.clone()),
            standing: ArcSwap::from_pointee(config.standing.clone()),
            switched_off: AtomicU64::new(0),
            metrics: metrics.clone(),
            policy: policy.clone(),
            config,
        })
    }

    /// Its name in configuration, metrics and timelines.
    pub fn code(&self) -> &str {
        &self.identity.code
    }

    /// When it is asked, and whether what it says is shown, as it is set now. Who decides several things takes it
    /// once.
    pub fn standing(&self) -> Arc<StandingConfig> {
        self.standing.load_full()
    }

    /// Sets that. It holds for conversations that begin from now on.
    pub fn set_standing(&self, standing: StandingConfig) {
        let is_off = !standing.enabled;
        let before = self.standing.swap(Arc::new(standing));
        if is_off && before.enabled {
            self.switched_off.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often it was switched off since the gateway started.
    pub fn times_switched_off(&self) -> u64 {
        self.switched_off.load(Ordering::Relaxed)
    }

    /// How to speak with it now.
    pub fn adapter(&self) -> Revision {
        self.speaker.current()
    }

    /// Whether it has that operation.
    pub fn can<O: Operation>(&self) -> bool {
        O::flow(&*self.adapter()).is_some()
    }

    /// How to speak with it in a conversation that begins there: one that was saved goes on as it was.
    pub fn adapter_for(&self, beginning: &Beginning) -> Revision {
        match beginning {
            Beginning::At(point) | Beginning::Lost(Some(point)) => self.speaker.of_state(&point.state),
            Beginning::Start | Beginning::Lost(None) => self.speaker.current(),
        }
    }

    /// Who its offer is of to the partner: one of an aggregator's companies, or the account itself.
    pub fn identity_of(&self, company: Option<&str>) -> Result<&Arc<InsurerIdentity>, NoCompany> {
        let Some(code) = company else { return Ok(&self.identity) };
        let identity = self.companies.get(code).ok_or(NoCompany::Unknown)?;
        let is_on = self.config.companies.get(code).is_some_and(|company| company.enabled);
        if is_on { Ok(identity) } else { Err(NoCompany::SwitchedOff) }
    }

    /// Who a company was to the partner, also where it is switched off by now.
    pub fn identity_of_sold(&self, company: Option<&str>) -> Option<&Arc<InsurerIdentity>> {
        company.map_or(Some(&self.identity), |code| self.companies.get(code))
    }

    /// The breaker of a lane; none where the manifest has no such lane.
    pub fn breaker(&self, lane: Lane) -> Option<&Arc<Breaker>> {
        self.gates.get(&lane).map(|gate| &gate.breaker)
    }

    /// Where the breakers of its lanes stand.
    pub fn breakers(&self) -> Vec<BreakerStanding> {
        self.gates.values().map(|gate| gate.breaker.standing()).collect()
    }

    /// The rate limits of a lane, where it has one.
    pub fn limiter(&self, lane: Lane) -> Option<&Limiter> {
        self.gates.get(&lane).map(|gate| &gate.limiter)
    }

    /// How many calls of a lane may be under way at once.
    pub fn permits(&self, lane: Lane) -> Option<&Permits> {
        self.gates.get(&lane).map(|gate| &gate.permits)
    }

    /// Tells the metrics how its limits stand.
    pub fn observe_limits(&self) {
        self.gates.values().for_each(|gate| gate.limiter.observe());
    }

    /// Nothing more leaves: what is reserved of the days' quotas goes back.
    pub async fn rest(&self) {
        futures::future::join_all(self.gates.values().map(|gate| gate.limiter.rest())).await;
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
        let adapter = self.adapter();
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

fn setup(account: &InsurerConfig, lane: Lane, metrics: &Metrics, days: &DayBook) -> Setup {
    Setup {
        name: format!("{} {}", account.code, lane.name()),
        page: days.page(&account.code, lane),
        calendar: Calendar::Wall,
        metrics: LimitMetrics::new(metrics, &account.code, lane),
    }
}

fn company(account: &InsurerConfig, code: &str, company: &CompanyConfig) -> Arc<InsurerIdentity> {
    Arc::new(InsurerIdentity {
        code: account.code.clone(),
        company: Some(code.to_owned()),
        partner_code: company.partner_code,
        name: company.name.clone(),
        logo_url: company.logo_url.clone(),
    })
}

/// What the slots of a call are filled with: the account's secrets, the session where there is one, and where
/// the insurer calls back.
pub(super) struct AccountSecrets<'a> {
    pub config: &'a InsurerConfig,
    pub session: Option<&'a str>,
    pub gate: &'a FrontGate,
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
            Slot::CallbackUrl => self.gate.callback_url(&self.config.code),
        }
    }
}
