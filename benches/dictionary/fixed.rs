//! What pages are held against: the same server, sending bytes and headers that never change.

use std::{fs, io::Read, net::Ipv4Addr, path::Path, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    http::header::{HeaderName, HeaderValue},
    rt::System,
    web,
};
use bytes::Bytes;

use crate::kept;

/// As the gateway's partner API has them.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// What it says before its address.
pub(crate) const LISTENING: &str = "listening at ";

/// One answer, read.
#[derive(Clone)]
struct Answer {
    name: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

/// Serves the answers of `folder` with so many threads, until its input ends.
pub(crate) fn run(folder: &Path, workers: usize) -> Result<(), String> {
    let answers = read(folder)?;
    let serving = async move {
        let server = HttpServer::new(move || {
            let answers = answers.clone();
            App::new().configure(|config| {
                for Answer { name, headers, body } in answers {
                    let answer = move || {
                        let (headers, body) = (headers.clone(), body.clone());
                        async move {
                            let mut answer = HttpResponse::Ok();
                            headers.into_iter().for_each(|header| {
                                answer.insert_header(header);
                            });
                            answer.body(body)
                        }
                    };
                    config.service(web::resource(format!("/{name}")).route(web::get().to(answer)));
                }
            })
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

fn read(folder: &Path) -> Result<Vec<Answer>, String> {
    let mut answers = Vec::new();
    for kept in kept::listed(folder)? {
        let body = fs::read(folder.join(&kept.name)).map_err(|error| error.to_string())?.into();
        let mut headers = Vec::new();
        for (name, value) in &kept.headers {
            let header = (name.parse(), value.parse());
            let (Ok(name), Ok(value)) = header else { return Err(format!("`{name}` is no header")) };
            headers.push((name, value));
        }
        answers.push(Answer { name: kept.name, headers, body });
    }
    Ok(answers)
}
