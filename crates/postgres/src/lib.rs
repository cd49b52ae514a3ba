//! A PostgreSQL server in a scratch directory: for tests.
//!
//! It is the system's own PostgreSQL (`initdb`, `pg_ctl`), reached over a Unix socket in its folder, without a
//! password and without durability. A shell watches over it: as soon as its input closes, which happens
//! whatever becomes of the process that started it, it stops the server and removes the folder. The server refuses to
//! be root, so as root it belongs to a system user.

mod account;
mod guard;
mod programs;
#[cfg(feature = "schema")]
mod schema;
mod scratch;
mod server;

#[cfg(feature = "schema")]
pub use self::schema::{is_chosen, url_in};
pub use self::{programs::Programs, server::Server};

/// The variable that names the tests' server by its url. Schemas whose names begin with `veer_test_` are made
/// there, and stay. Where it is not set, each process of tests starts a server of its own.
pub const SERVER: &str = "VEER_TEST_POSTGRES";
/// The variable that chooses the engine of those tests that run on either: `postgres`, or `sqlite`, the default.
pub const STORE: &str = "VEER_TEST_STORE";
