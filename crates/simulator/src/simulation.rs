//! Starting, watching and stopping the simulated insurers.
//!
//! All servers run on threads of their own, so a simulation can be started inside any runtime. A
//! simulation that is dropped without [`Simulation::stop`] stops too, without waiting for it.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, rt::System, web};
use tokio::sync::oneshot;

use crate::{
    Knobs, Plan, Received, Sale, Wire,
    company::Company,
    journal::Journal,
    sale::{self, page},
    server::listen,
    tls::{self, ClientTls},
    wires,
};

/// Simulated insurers that are running.
pub struct Simulation {
    insurers: Vec<Running>,
    journal: Arc<Journal>,
    servers: Vec<ServerHandle>,
    thread: Option<JoinHandle<()>>,
}

/// One running insurer and what a caller needs to know of it. The credentials are invented, and checked.
pub struct Running {
    /// Its name.
    pub code: String,
    /// What it speaks.
    pub wire: Wire,
    /// Where: `http://127.0.0.1:40123/`, or https where it wants a client certificate.
    pub base_url: String,
    /// The user's name, where the wire has users.
    pub user: String,
    /// The password, where the wire has passwords.
    pub password: String,
    /// The key or token, where the wire has one.
    pub key: String,
    /// What proves its own calls: the HMAC key, the form's key or the Basic password.
    pub callback_secret: String,
    /// What a caller needs where the insurer wants a client certificate; its address is https then.
    pub tls: Option<ClientTls>,
    company: Arc<Company>,
}

/// Why a simulation does not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The plan makes no sense; every problem is named.
    #[error("the simulation's plan makes no sense: {}", .0.join("; "))]
    Plan(Vec<String>),
    /// An insurer cannot listen where it should.
    #[error("the simulated insurer {code} cannot listen on {address}: {source}; choose another port, or 0")]
    Listen {
        /// The insurer.
        code: String,
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// An insurer cannot be played from its fixtures.
    #[error("{code} cannot be played from its fixtures: {problem}")]
    Fixtures {
        /// The insurer.
        code: String,
        /// What is wrong, with the file.
        problem: String,
    },
    /// The servers did not come up.
    #[error("the simulated insurers' servers did not start: {0}")]
    Servers(std::io::Error),
    /// No insurer has that code.
    #[error("there is no simulated insurer {0}")]
    Unknown(String),
}

/// The largest request body that is taken.
const LARGEST_BODY: usize = 1024 * 1024;

// === impl Simulation ===

impl Simulation {
    /// Starts every insurer of the plan; they answer from the moment that this returns.
    ///
    /// # Errors
    /// The plan makes no sense, or an insurer cannot listen.
    pub async fn start(plan: Plan) -> Result<Self, SimulatorError> {
        Self::start_at(plan, None).await
    }

    /// The same, reached under the name `host`, as in a network of containers, where the insurers listen on an address
    /// that is nobody's name.
    ///
    /// # Errors
    /// The plan makes no sense, or an insurer cannot listen.
    pub async fn start_at(plan: Plan, host: Option<&str>) -> Result<Self, SimulatorError> {
        plan.check()?;
        let reached = |address: SocketAddr| match host {
            Some(host) => format!("{host}:{}", address.port()),
            None => address.to_string(),
        };
        let journal = Arc::new(Journal::new());
        let mut insurers = Vec::new();
        let mut listeners = Vec::new();
        for insurer in &plan.insurers {
            let (listener, address) = listen(&insurer.code, insurer.listen)?;
            let (tls, client) = match insurer.wire.is_mutual_tls() {
                true => {
                    tls::mutual(address, host).map(|(server, client)| (Some(Box::new(server)), Some(client)))
                }
                false => Ok((None, None)),
            }
            .map_err(SimulatorError::Servers)?;
            let scheme = if tls.is_some() { "https" } else { "http" };
            // Browsers have no certificate: they pay next door.
            let pages = match tls.is_some() {
                true => Some(listen(&insurer.code, next_door(insurer.listen))?),
                false => None,
            };
            let base_url = format!("{scheme}://{}/", reached(address));
            let company = Company::new(plan.seed, insurer, base_url, journal.clone());
            let pages_url = pages.as_ref().map(|(_, address)| format!("http://{}/", reached(*address)));
            let company = Arc::new(company.with_pages(pages_url));
            listeners.extend(pages.map(|(listener, _)| (company.clone(), Door::Pages(listener))));
            listeners.push((company.clone(), Door::Wire(listener, tls)));
            insurers.push(Running::new(company, client));
        }
        let (started, handles) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("simulated-insurers".into())
            .spawn(move || System::new().block_on(serve(listeners, started)))
            .map_err(SimulatorError::Servers)?;
        let servers = handles
            .await
            .unwrap_or_else(|_| Err(std::io::Error::other("their thread ended")))
            .map_err(SimulatorError::Servers)?;
        Ok(Self { insurers, journal, servers, thread: Some(thread) })
    }

    /// The insurers, in the plan's order.
    pub fn insurers(&self) -> &[Running] {
        &self.insurers
    }

    /// The insurer with that code.
    pub fn insurer(&self, code: &str) -> Option<&Running> {
        self.insurers.iter().find(|insurer| insurer.code == code)
    }

    /// Every call that was taken since the start or the last clearing, in the order of arrival (the
    /// newest million).
    pub fn journal(&self) -> Vec<Received> {
        self.journal.read()
    }

    /// Forgets what was received.
    pub fn clear_journal(&self) {
        self.journal.clear();
    }

    /// Changes how an insurer behaves, from its next call on.
    ///
    /// # Errors
    /// There is no such insurer, or the knobs make no sense.
    pub fn set_knobs(&self, code: &str, knobs: Knobs) -> Result<(), SimulatorError> {
        let problems = knobs.problems();
        if !problems.is_empty() {
            return Err(SimulatorError::Plan(problems));
        }
        let insurer = self.insurer(code).ok_or_else(|| SimulatorError::Unknown(code.into()))?;
        insurer.company.set_knobs(knobs);
        Ok(())
    }

    /// Tells every insurer where the gateway is, so that those whose `callbacks` knob wants it can tell it of
    /// payments: at `{gateway}/insurers/{code}/callback`. Without it they tell whom the knob names.
    pub fn notify(&self, gateway: &str) {
        for insurer in &self.insurers {
            insurer.company.notices.set_gateway(gateway);
        }
    }

    /// Stops at once: calls under way are cut off.
    pub async fn stop(mut self) {
        for server in self.servers.drain(..) {
            server.stop(false).await;
        }
        let Some(thread) = self.thread.take() else { return };
        // The thread ends with its servers; it is waited for without holding up the caller's runtime.
        while !thread.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let _ = thread.join();
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        for server in self.servers.drain(..) {
            // Sends the command at once; only waiting for its end is given up.
            drop(server.stop(false));
        }
    }
}

// === impl Running ===

impl Running {
    fn new(company: Arc<Company>, tls: Option<ClientTls>) -> Self {
        let credentials = company.credentials.clone();
        Self {
            code: company.code.to_string(),
            wire: company.wire,
            base_url: company.base_url.clone(),
            user: credentials.user,
            password: credentials.password,
            key: credentials.key,
            callback_secret: credentials.callback,
            tls,
            company,
        }
    }

    /// The settings of a gateway's account with it, by the names of the adapter's manifest; those with a default
    /// that suits are left out.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        self.wire.settings(&self.company.credentials)
    }

    /// Calls under way now: taken, and their answers not yet ready.
    pub fn calls_under_way(&self) -> usize {
        self.company.busy.now()
    }

    /// The most calls that ever were under way at once.
    pub fn most_calls_at_once(&self) -> usize {
        self.company.busy.peak()
    }

    /// Every application it has, trials left out, in the order of their names.
    pub fn sales(&self) -> Vec<Sale> {
        sale::ledger(&self.company)
    }

    /// How it behaves now.
    pub fn knobs(&self) -> Knobs {
        Knobs::clone(&self.company.knobs())
    }
}

type Started = oneshot::Sender<std::io::Result<Vec<ServerHandle>>>;

/// What an insurer listens for.
enum Door {
    /// The gateway's calls, and browsers that pay.
    Wire(TcpListener, Option<Box<rustls::ServerConfig>>),
    /// Browsers that pay.
    Pages(TcpListener),
}

async fn serve(listeners: Vec<(Arc<Company>, Door)>, started: Started) {
    let mut servers = Vec::new();
    for (company, door) in listeners {
        match server(company, door) {
            Ok(server) => servers.push(server),
            Err(error) => {
                let _ = started.send(Err(error));
                return;
            }
        }
    }
    let handles = servers.iter().map(actix_web::dev::Server::handle).collect();
    if started.send(Ok(handles)).is_ok() {
        futures::future::join_all(servers).await;
    }
}

fn server(company: Arc<Company>, door: Door) -> std::io::Result<actix_web::dev::Server> {
    let state = matches!(door, Door::Wire(..)).then(|| wires::State::new(company.clone()));
    let server = HttpServer::new(move || {
        let (state, company) = (state.clone(), company.clone());
        let app = App::new()
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .configure(move |config| page::configure(company, config));
        app.configure(move |config| {
            if let Some(state) = state {
                state.configure(config);
            }
        })
    });
    // One worker an insurer: its wire's state is small, and insurers are many. A caller that leaves ends
    // its call, hanging ones too.
    let server =
        server.workers(1).h1_allow_half_closed(false).disable_signals().keep_alive(Duration::from_secs(75));
    let server = match door {
        Door::Wire(listener, Some(tls)) => server.listen_rustls_0_23(listener, *tls)?,
        Door::Wire(listener, None) | Door::Pages(listener) => server.listen(listener)?,
    };
    Ok(server.run())
}

/// The port behind that one; any where it is any.
fn next_door(address: SocketAddr) -> SocketAddr {
    let port = if address.port() == 0 { 0 } else { address.port().saturating_add(1) };
    SocketAddr::new(address.ip(), port)
}
