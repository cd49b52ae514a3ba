//! Several gateways, and all that belongs to them, as processes on loopback.
//!
//! `cargo xtask cluster` shows with it what `docker-compose.yml` describes where there is no container engine; tests
//! kill, freeze and starve with it. Everything listens on loopback, on ports that were free, keeps its files in scratch
//! folders and ends with whoever started it, however that ends: a process that loses its starter is killed by the
//! system (`setpriv --pdeathsig`), and PostgreSQL has a watcher of its own.
//!
//! | module | what it does |
//! |---|---|
//! | `process` | one process: start, kill, freeze, thaw, starve |
//! | `replica` | one `veer serve` |
//! | `set` | all of it together, configured by the files of `deploy/` |
//! | `deployed` | those files, with the addresses of this machine in them |
//! | `ports`, `ask`, `programs`, `launch` | free ports; whether something answers; what Debian brings; who starts |

mod ask;
mod deployed;
mod launch;
mod ports;
mod process;
mod programs;
mod replica;
mod set;

pub use self::{
    ask::{get, until},
    deployed::Deployed,
    ports::free_address,
    process::{Process, may_open},
    programs::{NGINX, PROMETHEUS, PROMTOOL, Program, faketime},
    replica::{Replica, Serve},
    set::{Options, Set},
};
