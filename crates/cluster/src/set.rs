//! All of it together: what `docker-compose.yml` describes, on loopback.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use tempfile::TempDir;
use veer_postgres::Server;

use crate::{Deployed, NGINX, PROMETHEUS, Process, Replica, Serve, ask, ports};

/// What is to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The workspace, with its folder `deploy`.
    pub root: PathBuf,
    /// The gateway's program, with its simulator.
    pub program: PathBuf,
    /// How many gateways.
    pub replicas: usize,
    /// Whether metrics are read too.
    pub prometheus: bool,
}

/// Everything that runs. Dropped, it is ended at once; [`Set::stop`] does it gently.
pub struct Set {
    /// The partner API, whichever gateway answers.
    pub balancer: SocketAddr,
    /// The gateways.
    pub replicas: Vec<Replica>,
    /// Where the metrics of all of them are read together, where that runs.
    pub prometheus: Option<SocketAddr>,
    /// Where logs, configurations and data are.
    pub folder: TempDir,
    /// It ends with the rest.
    _database: Server,
    /// Last, so that whoever calls them is gone first.
    others: Vec<Process>,
}

/// What the containers are called, and what stands for it in the files of `deploy/`.
const DATABASE: &str = "postgres://veer:veer@postgres:5432/veer";
const PARTNER: &str = "simulators:9100";
const BALANCER: &str = "balancer:8080";
/// How an address of the simulation's plan begins; the port of the container follows.
const LISTEN: &str = "listen = \"0.0.0.0:";
/// How the paths of nginx' own files begin.
const SCRATCH: &str = "/tmp/veer-nginx";
const PATIENCE: Duration = Duration::from_secs(60);

// === impl Set ===

impl Set {
    /// Starts all of it; returns when the load balancer finds the gateways.
    pub fn start(options: &Options) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("veer-cluster-").tempdir();
        let folder = folder.map_err(|error| format!("no scratch folder can be made: {error}"))?;
        let place = Place { options, folder: folder.path() };
        let (database, balancer) = (Server::start()?, ports::free_address()?);
        let (simulators, config) = place.simulators(&database, balancer)?;
        let mut others = vec![simulators];
        let mut replicas = Vec::new();
        for number in 1..=options.replicas {
            let name = format!("replica-{number}");
            replicas.push(Serve::new(&name, &options.program, &config, folder.path())?.begin()?);
        }
        replicas.iter_mut().try_for_each(Replica::answers)?;
        others.push(place.balancer(balancer, &replicas)?);
        let prometheus = match options.prometheus {
            true => {
                let (process, address) = place.prometheus(&replicas)?;
                others.push(process);
                Some(address)
            }
            false => None,
        };
        Ok(Self { balancer, replicas, prometheus, folder, _database: database, others })
    }

    /// Fails with the last words of whoever ended by itself.
    pub fn must_run(&mut self) -> Result<(), String> {
        let replicas = self.replicas.iter_mut().map(Replica::process);
        replicas.chain(&mut self.others).try_for_each(Process::must_run)
    }

    /// The same of all that is no gateway.
    pub fn others_must_run(&mut self) -> Result<(), String> {
        self.others.iter_mut().try_for_each(Process::must_run)
    }

    /// Stops the gateways gently, one after the other as in a rolling update, and then everything else.
    pub fn stop(mut self) -> Result<(), String> {
        self.replicas.iter_mut().try_for_each(Replica::stop)
    }
}

/// Where a set is made.
struct Place<'a> {
    options: &'a Options,
    folder: &'a Path,
}

// === impl Place ===

impl Place<'_> {
    /// The simulated insurers, and the configuration of the gateways in front of them.
    fn simulators(&self, database: &Server, balancer: SocketAddr) -> Result<(Process, PathBuf), String> {
        let mut plan = self.deployed("simulation.toml")?;
        let mut config = self.deployed("veer.toml")?.exchange(DATABASE, &database.url())?;
        let first = plan.text().lines().filter_map(|line| line.strip_prefix(LISTEN)?.strip_suffix('"'));
        let containers: Vec<String> = first.map(str::to_owned).collect();
        let mut last = None;
        for port in containers {
            let here = ports::free_address()?;
            plan = plan.exchange(&format!("{LISTEN}{port}\""), &format!("listen = \"{here}\""))?;
            config = config.exchange(&format!("//simulators:{port}/"), &format!("//{here}/"))?;
            last = Some(here);
        }
        let partner = ports::free_address()?;
        config = config.exchange(PARTNER, &partner.to_string())?.exchange(BALANCER, &balancer.to_string())?;
        let (plan, config) = (plan.write(self.folder)?, config.write(self.folder)?);
        let mut command = Command::new(&self.options.program);
        command.arg("simulate").arg("--plan").arg(plan).arg("--out").arg(self.folder.join("simulated"));
        command.args(["--yandex", &partner.to_string(), "--gateway", &format!("http://{balancer}")]);
        let mut process = self.process("simulators", &command)?;
        let listens = |address: SocketAddr| std::net::TcpStream::connect(address).is_ok();
        ask::until("the simulators listen", PATIENCE, || {
            process.must_run()?;
            Ok(last.is_some_and(listens) && listens(partner))
        })?;
        Ok((process, config))
    }

    fn balancer(&self, address: SocketAddr, replicas: &[Replica]) -> Result<Process, String> {
        let config = self.nginx(address, replicas)?;
        let mut command = Command::new(NGINX.find()?);
        // One process: its children would outlive it when it is killed.
        command.args(["-g", "daemon off; master_process off;", "-e", "stderr", "-c"]).arg(config);
        let mut process = self.process("balancer", &command)?;
        ask::until("the load balancer finds a gateway", PATIENCE, || {
            process.must_run()?;
            // Without credentials: who answers 403 is a gateway.
            Ok(ask::get(address, "/osago/calculate").is_ok_and(|(status, _)| status == 403))
        })?;
        Ok(process)
    }

    /// The load balancer's configuration.
    fn nginx(&self, address: SocketAddr, replicas: &[Replica]) -> Result<PathBuf, String> {
        let scratch = self.folder.join("nginx");
        let mut file = self
            .deployed("nginx.conf")?
            .replicas(replicas.len())?
            .exchange("listen 8080;", &format!("listen {address};"))?
            .exchange(SCRATCH, &scratch.display().to_string())?;
        for replica in replicas {
            let there = format!("server {}:8080 ", replica.serve.name);
            file = file.exchange(&there, &format!("server {} ", replica.serve.partner))?;
        }
        file.write(self.folder)
    }

    fn prometheus(&self, replicas: &[Replica]) -> Result<(Process, SocketAddr), String> {
        let mut file = self.deployed("prometheus.yml")?.replicas(replicas.len())?;
        for replica in replicas {
            let there = format!("{}:9090", replica.serve.name);
            file = file.exchange(&there, &replica.serve.operations.to_string())?;
        }
        self.deployed("alerts.yml")?.write(self.folder)?;
        let (config, address) = (file.write(self.folder)?, ports::free_address()?);
        let mut command = Command::new(PROMETHEUS.find()?);
        command.arg(format!("--config.file={}", config.display()));
        command.arg(format!("--storage.tsdb.path={}", self.folder.join("metrics").display()));
        command.arg(format!("--web.listen-address={address}"));
        let mut process = self.process("prometheus", &command)?;
        ask::until("Prometheus answers", PATIENCE, || {
            process.must_run()?;
            Ok(ask::get(address, "/-/ready").is_ok_and(|(status, _)| status == 200))
        })?;
        Ok((process, address))
    }

    fn process(&self, name: &str, command: &Command) -> Result<Process, String> {
        Process::start(name, command, &self.folder.join(format!("{name}.log")))
    }

    fn deployed(&self, name: &str) -> Result<Deployed, String> {
        Deployed::read(&self.options.root, name)
    }
}
