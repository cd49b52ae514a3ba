//! What polls are held against: the same server, sending one body that never changes.

use std::{io::Read, net::Ipv4Addr, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, rt::System, web};

/// As the gateway's partner API has them.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// What it says before its address.
pub(crate) const LISTENING: &str = "listening at ";

/// Serves a body of `size` bytes with so many threads, until its input ends.
pub(crate) fn run(size: usize, workers: usize) -> Result<(), String> {
    let body = bytes::Bytes::from(vec![b' '; size]);
    let serving = async move {
        let server = HttpServer::new(move || {
            let body = body.clone();
            let answer = move || {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            };
            App::new().service(web::resource("/osago/calculate").route(web::get().to(answer)))
        });
        let server = server.keep_alive(KEEP_ALIVE).client_request_timeout(HEAD_TIMEOUT).workers(workers);
        let server = server.disable_signals().bind((Ipv4Addr::LOCALHOST, 0));
        let server = server.map_err(|error| error.to_string())?;
        let address = server.addrs().first().copied().ok_or("it listens nowhere")?;
        println!("{LISTENING}{address}");
        server.run().await.map_err(|error| error.to_string())
    };
    // Whoever started it holds the other end of its input; when that is gone, so is the need for it.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    System::new().block_on(serving)
}
