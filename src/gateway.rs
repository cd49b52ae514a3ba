//! The whole gateway, put together: built first, run then, stopped gently.
//!
//! Everything is read, checked, opened and bound before the first request is taken. Two servers run: the
//! partner's, whose workers answer polls from memory, and the operations port's. Calculations run on the
//! runtime that [`Gateway::start`] is called on, never on a server's worker.

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle, web::Data};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    calculation::Calculations,
    cluster::Inherited,
    config::{Config, StoreConfig},
    dictionary::{DictionaryError, Reading},
    elsewhere::Elsewhere,
    house::{House, assemble},
    offers::{Offers, sales::SalesError},
    operations::{self, limits::Operators},
    partner::{self, Account, Accounts, BodyLimits, PartnerState, relay::Relay},
    specs::{Adapters, adapters::FalseClaims},
    store::StoreError,
    telemetry::metrics::MetricsError,
    upstream::exchange::ClientError,
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
    house: [JoinHandle<()>; 9],
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
    /// Other replicas cannot be asked.
    #[error("the HTTP client for the other replicas could not be built: {0}")]
    Relay(String),
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
            relay: relay(config, &calculations)?,
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
        let elsewhere = Elsewhere {
            store: calculations.services().store.clone(),
            tuning: tuning.clone(),
            dictionary: dictionary.clone(),
            offers: offers.clone(),
        };
        let house = [
            tokio::spawn(calculations.clone().keep_house()),
            tokio::spawn(offers.clone().keep_house()),
            tokio::spawn(reading.clone().keep()),
            tokio::spawn(look_up.keep()),
            tokio::spawn(specs.keep()),
            tokio::spawn(tuning.keep()),
            tokio::spawn(take_up(calculations.clone(), offers.clone(), work)),
            tokio::spawn(elsewhere.keep()),
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
        self.calculations.services().store.cluster().retire();
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

/// The way to the other replicas, where there can be some.
fn relay(config: &Config, calculations: &Calculations) -> Result<Option<Relay>, StartError> {
    let Some(me) = calculations.services().store.cluster().me() else { return Ok(None) };
    let patience = config.offers.patience.max(config.offers.confirm_patience);
    Relay::new(me, patience).map(Some).map_err(|error| StartError::Relay(error.without_url().to_string()))
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

fn accounts(config: &Config) -> Accounts {
    let account = |account: &crate::config::AccountConfig| Account {
        name: account.name.clone(),
        client_id: account.client_id.clone(),
        client_secret: account.client_secret.reveal().to_owned(),
        tokens: account.tokens.iter().map(|token| token.reveal().to_owned()).collect(),
    };
    Accounts::new(config.partner.accounts.iter().map(account))
}
