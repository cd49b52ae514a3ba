//! The whole gateway, put together: built first, run then, stopped gently.
//!
//! Everything is read, checked, opened and bound before the first request is taken. Two servers run: the
//! partner's, whose workers answer polls from memory, and the operations port's. Calculations run on the
//! runtime that [`Gateway::start`] is called on, never on a server's worker.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, web::Data};
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use veer_contract::operation::Quote;

use crate::{
    calculation::{CalculationStatus, Calculations, EarlyFigures, Lives, Reuse, Services},
    cluster::Inherited,
    config::{Config, StoreConfig},
    dictionary::{Dictionary, DictionaryError, Reading, VehicleLookUp},
    offers::{
        Offers,
        links::FileLinks,
        sales::{Lifetime, Sales, SalesError},
    },
    operations::{self, incidents::Incidents, limits::Operators},
    partner::{self, Account, Accounts, BodyLimits, PartnerRender, PartnerState},
    specs::{Adapters, Specs, adapters::FalseClaims},
    store::{Sealer, Store, StoreError},
    telemetry::{self, Metrics, metrics::MetricsError},
    tuning::{Known, Tunable, Tuning},
    upstream::{
        Insurer, Verdict,
        callbacks::{Callbacks, Received},
        exchange::ClientError,
        front_gate::FrontGate,
        insurer::Shared,
        limit::DayBook,
        outage::Outage,
        speaker::Speaker,
    },
};

/// Idle connections are kept longer than a load balancer in front keeps them, so it is never us who
/// closes one that it is about to use.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// Answers of the dictionary are compressed so long after the start; who asks before waits for its own.
const WARM_AFTER: Duration = Duration::from_secs(10);
/// Between tries to take up what was taken over.
const TAKE_UP_AGAIN: Duration = Duration::from_secs(1);
/// A request's head must be complete by then.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// A running gateway.
pub struct Gateway {
    /// Where the partner API listens.
    pub partner: SocketAddr,
    /// Where operations listens.
    pub operations: SocketAddr,
    /// The calculations.
    pub calculations: Calculations,
    /// Reads insurers' dictionaries.
    pub reading: Reading,
    stop_grace: Duration,
    servers: Vec<ServerHandle>,
    tasks: Vec<JoinHandle<io::Result<()>>>,
    house: [JoinHandle<()>; 8],
}

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// The vehicle dictionary.
    #[error("the vehicle dictionary: {0}")]
    Dictionary(#[from] DictionaryError),
    /// The metrics.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// An insurer's client.
    #[error("insurers.{code}: {error}")]
    Client {
        /// The insurer.
        code: String,
        /// What is wrong.
        error: ClientError,
    },
    /// Where sales are confirmed.
    #[error(transparent)]
    Sales(#[from] SalesError),
    /// The configuration names an adapter that is not built in.
    #[error("insurers.{code}: there is no adapter `{adapter}`")]
    NoAdapter {
        /// The insurer.
        code: String,
        /// What it names.
        adapter: String,
    },
    /// An adapter's manifest claims operations that it has not, or leaves out some that it has.
    #[error("the adapter `{code}`: {claims}")]
    Claims {
        /// The adapter.
        code: String,
        /// What is claimed, and what is there.
        claims: FalseClaims,
    },
    /// An address cannot be listened on.
    #[error("{key} = \"{address}\" cannot be listened on: {error}")]
    Bind {
        /// The key of the configuration.
        key: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
}

// === impl Gateway ===

impl Gateway {
    /// Starts a gateway with the given adapters, and takes up what an earlier one left unfinished.
    pub async fn start(config: Config, adapters: impl Into<Adapters>) -> Result<Self, StartError> {
        // Fails only where a provider is installed already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let house = assemble(&config, &adapters.into()).await?;
        let calculations = house.calculations.clone();
        let opened = Self::open(&config, house).await;
        if opened.is_err() {
            // Whoever starts another one finds the store free.
            calculations.stop(Duration::ZERO).await;
            calculations.services().store.release().await;
        }
        opened
    }

    /// Binds the servers and takes up what was left unfinished.
    async fn open(config: &Config, house: House) -> Result<Self, StartError> {
        let House {
            calculations,
            offers,
            sales,
            render,
            links,
            front_gate,
            dictionary,
            reading,
            look_up,
            specs,
            incidents,
            tuning,
        } = house;
        let stop_grace = config.server.stop_grace;

        // Built once, before the workers: each worker only takes a reference.
        let state = Data::new(PartnerState {
            calculations: calculations.clone(),
            offers: offers.clone(),
            render,
            links: links.clone(),
            dictionary: dictionary.clone(),
            look_up: look_up.clone(),
            accounts: accounts(config),
            limits: BodyLimits { max_bytes: config.partner.max_body, max_time: config.partner.body_timeout },
        });
        let operations_state = Data::new(calculations.clone());
        let sales_state = Data::new(sales);
        let reading_state = Data::new(reading.clone());
        let specs_state = Data::new(specs.clone());
        let incidents_state = Data::new(incidents);
        let tuning_state = Data::new(tuning.clone());
        let operators = Data::new(Operators::new(&config.operations.accounts));
        let (partner, partner_server) = {
            let server = HttpServer::new(move || {
                let state = state.clone();
                App::new().configure(move |app| partner::configure(app, state.clone()))
            })
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_TIMEOUT);
            let workers = config.partner.workers;
            let server = if workers > 0 { server.workers(workers) } else { server };
            let address = config.partner.listen;
            let server = server.disable_signals().shutdown_timeout(5).bind(address);
            let server =
                server.map_err(|error| StartError::Bind { key: "partner.listen", address, error })?;
            (server.addrs().first().copied().unwrap_or(address), server.run())
        };
        let (operations, operations_server) = {
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(operations_state.clone())
                    .app_data(sales_state.clone())
                    .app_data(reading_state.clone())
                    .app_data(specs_state.clone())
                    .app_data(incidents_state.clone())
                    .app_data(tuning_state.clone())
                    .app_data(operators.clone())
                    .configure(operations::configure)
            })
            .workers(1);
            let address = config.operations.listen;
            let server = server.disable_signals().shutdown_timeout(5).bind(address);
            let server =
                server.map_err(|error| StartError::Bind { key: "operations.listen", address, error })?;
            (server.addrs().first().copied().unwrap_or(address), server.run())
        };
        let public_url = config.partner.public_url.as_ref().map(ToString::to_string);
        let public_url = public_url.unwrap_or_else(|| format!("http://{partner}"));
        links.begin_with(&public_url);
        front_gate.stands_at(&public_url);
        let cluster = calculations.services().store.cluster().clone();
        cluster.stands_at(&format!("http://{}", reached_at(partner, &config.store)));
        let mut work = cluster.work();
        work.mark_unchanged();
        let resumed = calculations.resume().await?;
        let sales = offers.resume().await?;
        let servers = vec![partner_server.handle(), operations_server.handle()];
        let tasks = vec![tokio::spawn(partner_server), tokio::spawn(operations_server)];
        let house = [
            tokio::spawn(calculations.clone().keep_house()),
            tokio::spawn(offers.clone().keep_house()),
            tokio::spawn(reading.clone().keep()),
            tokio::spawn(look_up.keep()),
            tokio::spawn(specs.keep()),
            tokio::spawn(tuning.keep()),
            tokio::spawn(take_up(calculations.clone(), offers.clone(), work)),
            tokio::spawn(async move {
                // What has just started has better things to do.
                tokio::time::sleep(WARM_AFTER).await;
                dictionary.warm().await;
            }),
        ];
        tracing::info!(%partner, %operations, resumed, sales, "veer is listening");
        Ok(Self { partner, operations, calculations, reading, stop_grace, servers, tasks, house })
    }

    /// Stops gently: new calculations are refused and polls answered while calls under way finish and
    /// conversations are saved; then the servers stop.
    pub async fn stop(self) {
        tracing::info!("stopping: no new calculations, conversations are being saved");
        self.calculations.stop(self.stop_grace).await;
        futures::future::join_all(self.servers.iter().map(|server| server.stop(true))).await;
        for task in self.tasks {
            // A server that was told to stop has nothing left to say.
            let _ = task.await;
        }
        for task in self.house {
            task.abort();
            let _ = task.await;
        }
        let services = self.calculations.services();
        futures::future::join_all(services.everyone.iter().map(|insurer| insurer.rest())).await;
        services.store.release().await;
        tracing::info!("stopped");
    }

    /// Returns when another replica has taken over the work of this one; never when alone.
    pub async fn deposed(&self) {
        let deposed = self.calculations.services().store.cluster().deposed();
        deposed.cancelled().await;
    }

    /// Gives everything up at once, without a word to anybody: it is another replica's. Returns when nothing is sent any
    /// more and the addresses are free.
    pub async fn abandon(self) {
        self.calculations.abandon().await;
        for task in self.house {
            task.abort();
            let _ = task.await;
        }
        futures::future::join_all(self.servers.iter().map(|server| server.stop(false))).await;
        for task in self.tasks {
            // A server that was told to stop has nothing left to say.
            let _ = task.await;
        }
    }
}

/// Takes up what this replica has taken over from others, for ever.
async fn take_up(calculations: Calculations, offers: Offers, mut work: watch::Receiver<Inherited>) {
    while work.changed().await.is_ok() {
        loop {
            let taken = async { Ok((calculations.resume().await?, offers.resume().await?)) };
            match taken.await {
                Ok((resumed, sales)) => {
                    tracing::info!(resumed, sales, "work that was taken over goes on");
                    break;
                }
                Err::<_, StoreError>(error) => {
                    tracing::error!(%error, "work that was taken over could not be taken up; it is tried again");
                    tokio::time::sleep(TAKE_UP_AGAIN).await;
                }
            }
        }
    }
    // Nobody is left who takes over.
    std::future::pending().await
}

/// Where other replicas reach what listens at `partner`: they are where the database is reached from, unless it listens at
/// one address only.
fn reached_at(partner: SocketAddr, store: &StoreConfig) -> SocketAddr {
    let StoreConfig::Postgres(config) = store else { return partner };
    let local = || {
        let url = url::Url::parse(config.url.reveal()).ok()?;
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        let socket = std::net::UdpSocket::bind(SocketAddr::new(partner.ip(), 0)).ok()?;
        // Nothing is sent: the system only says which of its addresses it would use.
        socket.connect((host, url.port().unwrap_or(5432))).ok()?;
        Some(SocketAddr::new(socket.local_addr().ok()?.ip(), partner.port()))
    };
    match partner.ip().is_unspecified() {
        true => local().unwrap_or_else(|| SocketAddr::new([127, 0, 0, 1].into(), partner.port())),
        false => partner,
    }
}

/// What the servers and the housekeeping work with.
struct House {
    calculations: Calculations,
    offers: Offers,
    sales: Sales,
    render: PartnerRender,
    links: FileLinks,
    front_gate: FrontGate,
    dictionary: Dictionary,
    reading: Reading,
    look_up: VehicleLookUp,
    specs: Specs,
    incidents: Incidents,
    tuning: Tuning,
}

async fn assemble(config: &Config, adapters: &Adapters) -> Result<House, StartError> {
    adapters.check_claims().map_err(|(code, claims)| StartError::Claims { code, claims })?;
    // One an adapter: what its aliases speak through is exchanged with it.
    let mut speakers: BTreeMap<String, Arc<Speaker>> = BTreeMap::new();
    for insurer in &config.insurers {
        let adapter = adapters.find(&insurer.adapter).ok_or_else(|| StartError::NoAdapter {
            code: insurer.code.clone(),
            adapter: insurer.adapter.clone(),
        })?;
        speakers.entry(insurer.adapter.clone()).or_insert_with(|| Arc::new(Speaker::new(adapter)));
    }
    let spoken: Vec<_> = config
        .insurers
        .iter()
        .filter_map(|insurer| Some((insurer, speakers.get(&insurer.adapter)?)))
        .map(|(insurer, speaker)| (insurer, speaker, speaker.current().manifest().operations.clone()))
        .collect();
    let operations = spoken.iter().map(|(insurer, _, operations)| (&*insurer.code, &**operations));
    let mut statuses = vec!["ACCEPTED"];
    statuses.extend(CalculationStatus::ALL.iter().map(|status| status.as_str()));
    let verdicts: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.label()).collect();
    let metrics = Arc::new(Metrics::new(operations, &verdicts, &statuses)?);
    let store = Store::join(&config.store, &config.replicas, Sealer::default()).await?;
    let days = DayBook::new(store.clone());
    let mut insurers = Vec::new();
    let front_gate = FrontGate::default();
    let outage = Outage::new(config.upstream.registry_outage, &metrics);
    for (insurer, speaker, _) in &spoken {
        let (speaker, account) = (Arc::clone(speaker), (*insurer).clone());
        let (calculation, upstream) = (&config.calculation, &config.upstream);
        let shared = Shared {
            metrics: &metrics,
            front_gate: &front_gate,
            outage: &outage,
            days: &days,
            cluster: store.cluster(),
        };
        let made = Insurer::new(speaker, account, calculation, upstream, &shared);
        let code = || insurer.code.clone();
        insurers.push(Arc::new(made.map_err(|error| StartError::Client { code: code(), error })?));
    }
    let priced_only: HashSet<Arc<str>> = config
        .partner
        .accounts
        .iter()
        .filter(|account| account.priced_only)
        .map(|account| account.name.as_str().into())
        .collect();
    let specs = Specs::open(adapters, &speakers, store.clone(), config.calculation.keep, &metrics).await?;
    let callbacks = Arc::new(what_came_before(&store).await?);
    let dictionary = Dictionary::open(store.clone(), &config.dictionary, &config.insurers, &metrics).await?;
    let stopping = CancellationToken::new();
    let reading = Reading::new(dictionary.clone(), &insurers, stopping.clone());
    let look_up =
        VehicleLookUp::new(dictionary.clone(), &config.dictionary, &insurers, stopping.clone(), &metrics);
    let incidents = Incidents { outage, insurers: insurers.clone() };
    let everyone = insurers.clone();
    let tunables = insurers.iter().map(|it| (it.code().to_owned(), it.clone() as Arc<dyn Tunable>)).collect();
    let (known, file) = (Known::of(&config.insurers), config.tuning.file.clone());
    let tuning = Tuning::open(known, tunables, store.clone(), file, &metrics).await?;
    // A source of vehicle data is asked for no price.
    insurers.retain(|insurer| insurer.can::<Quote>());
    let links = FileLinks::new(store.link_key, config.offers.file_links);
    let render = PartnerRender {
        code: config.partner.code,
        name: config.partner.name.clone(),
        logo_url: config.partner.logo_url.clone(),
        links: links.clone(),
    };
    let windows = insurers.iter().map(|insurer| (insurer.code(), insurer.config.reuse));
    let reuse = Reuse::new(windows, config.calculation.budget, &metrics);
    let calculations = Calculations::new(Services {
        runtime: Handle::current(),
        store,
        insurers,
        everyone,
        dictionary: dictionary.clone(),
        render: Arc::new(render.clone()),
        config: config.calculation.clone(),
        upstream: config.upstream.clone(),
        priced_only,
        early: EarlyFigures::new(&metrics),
        metrics,
        live: Lives::default(),
        callbacks,
        reuse,
        stopping,
        park: CancellationToken::new(),
        abort: CancellationToken::new(),
        tracker: TaskTracker::new(),
        offers_valid: config.offers.valid,
    });
    let sold = Arc::new(Notify::new());
    let offers = Offers::new(calculations.clone(), config.offers.clone(), sold.clone());
    let services = calculations.services();
    let lifetime = Lifetime {
        tracker: services.tracker.clone(),
        stop: services.stopping.clone(),
        abort: services.abort.clone(),
    };
    let (accounts, metrics) = (&config.partner.accounts, &services.metrics);
    let sales = Sales::start(&config.sales, accounts, &services.store, metrics, sold, &lifetime)?;
    Ok(House {
        calculations,
        offers,
        sales,
        render,
        links,
        front_gate,
        dictionary,
        reading,
        look_up,
        specs,
        incidents,
        tuning,
    })
}

/// What insurers told by themselves and no conversation has behind it, from before this start. It is as if it had
/// come now: while the gateway was down nobody could hear it, and the insurer does not tell it again.
async fn what_came_before(store: &Store) -> Result<Callbacks, StoreError> {
    let (callbacks, now) = (Callbacks::default(), telemetry::now());
    for row in store.insurer_calls().await? {
        match store.sealer.open(&row.call).ok().and_then(|call| serde_json::from_slice(call).ok()) {
            Some(reply) => {
                callbacks.deliver(Received::new(&row.insurer, &row.correlation, reply, now));
            }
            None => tracing::error!(insurer = row.insurer, "a kept call of an insurer is not readable"),
        }
    }
    Ok(callbacks)
}

fn accounts(config: &Config) -> Accounts {
    let account = |account: &crate::config::AccountConfig| Account {
        name: account.name.clone(),
        client_id: account.client_id.clone(),
        client_secret: account.client_secret.reveal().to_owned(),
        tokens: account.tokens.iter().map(|token| token.reveal().to_owned()).collect(),
    };
    Accounts::new(config.partner.accounts.iter().map(account))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use veer_contract::Reply;

    use super::*;
    use crate::{
        store::{InsurerCallRow, trial},
        upstream::callbacks,
    };

    #[tokio::test]
    async fn what_an_insurer_told_before_the_gateway_was_down_for_days_is_there() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = trial::config_in(folder.path());
        let store = Store::open(&file, Sealer::default()).await.unwrap();
        let reply =
            Reply { tag: "callback".into(), status: 200, headers: Vec::new(), body: b"paid".to_vec() };
        let row = |about: &str, call: &[u8]| InsurerCallRow {
            insurer: "vsk".into(),
            correlation: about.into(),
            digest: [1; 32],
            call: store.sealer.seal(call),
            received: Timestamp::UNIX_EPOCH,
        };
        let text = serde_json::to_vec(&reply).unwrap();
        store.keep_insurer_call(row("unreadable", b"x")).await.unwrap();
        store.keep_insurer_call(row("c-1", &text)).await.unwrap();
        let callbacks = what_came_before(&store).await.unwrap();
        let yesterday = telemetry::now() - jiff::SignedDuration::try_from(callbacks::KEPT).unwrap();
        assert_eq!(callbacks.forget(yesterday), 0, "its time to be heard begins now");
        assert_eq!(callbacks.take("vsk", "c-1").await.reply, reply);
    }
}
