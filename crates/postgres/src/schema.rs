//! A place for a test: a schema that nobody else uses.

use std::{
    fs,
    path::Path,
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{SERVER, STORE, Server};

/// Whether the tests that run on either engine run on PostgreSQL.
pub fn is_chosen() -> bool {
    match std::env::var(STORE).as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("{STORE} is `{other}`; it must be `sqlite` or `postgres`"),
    }
}

/// The url of the schema that belongs to `folder`; it is made the first time. A test that needs it and cannot have it
/// fails, and says why.
pub fn url_in(folder: &Path) -> String {
    let kept = folder.join("postgres-url");
    if let Ok(url) = fs::read_to_string(&kept) {
        return url;
    }
    let url = make(server());
    fs::write(&kept, &url).expect("a writable folder");
    url
}

fn server() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    static OWN: OnceLock<Server> = OnceLock::new();
    URL.get_or_init(|| {
        std::env::var(SERVER).unwrap_or_else(|_| {
            let own = Server::start().unwrap_or_else(|problem| {
                panic!(
                    "this test needs PostgreSQL: run it by `cargo xtask test`, which brings it, or name a server by \
                     {SERVER} ({problem})"
                )
            });
            // A static is not dropped; its guard sees this process end.
            OWN.get_or_init(|| own).url()
        })
    })
}

/// Makes a schema; the url under which everything is looked for in it.
fn make(server: &'static str) -> String {
    let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let name = format!("veer_test_{}_{moment:x}", std::process::id());
    let sql = format!("CREATE SCHEMA {name}");
    // A runtime of its own, because the caller may or may not be within one.
    let made = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut connection = PgConnection::connect(server).await?;
            sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await?;
            connection.close().await
        })
    });
    let made = made.join().expect("no panic");
    made.unwrap_or_else(|error| panic!("{SERVER}: no schema can be made: {error}"));
    let sign = if server.contains('?') { '&' } else { '?' };
    format!("{server}{sign}options=-c%20search_path%3D{name}")
}
