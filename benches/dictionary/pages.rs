//! The dictionary's answers beside servers that send the same bytes and do nothing else.

use std::{fs, net::SocketAddr, path::Path};

use crate::{
    figure::{Row, Section, ratios},
    fixed,
    house::{Gateway, Insurers, Simulator},
    kept::{self, Kept},
    nginx,
    process::Process,
    server::Server,
    workload::Pages,
};

const SYNC_ALL: &str = "/dictionaries/sync-all";

/// What is asked for.
struct Page {
    target: String,
    coding: &'static str,
    kept: Kept,
}

/// Measures `[pages]`: a section a page.
pub(crate) async fn measure(pages: &Pages, log: &str, folder: &Path) -> Result<Vec<Section>, String> {
    let folder = folder.join("pages");
    let answers = folder.join("answers");
    fs::create_dir_all(&answers).map_err(|error| format!("{}: {error}", answers.display()))?;
    // A gateway needs an insurer; nobody asks it anything here.
    let simulator = Simulator::start(Insurers::healthy(1), folder.clone()).await?;
    let Gateway { process, partner, .. } = simulator.gateway(pages.workers, log).await?;

    let asked = fetch(partner, pages, &answers).await?;
    let kept: Vec<Kept> = asked.iter().map(|page| page.kept.clone()).collect();
    kept::list(&answers, &kept)?;
    let mut servers = vec![Server::new("gateway", process, partner, asked.len())];
    let (process, address) = fixed_server(&answers, pages.workers, &folder).await?;
    servers.push(Server::new("fixed", process, address, asked.len()));
    let beside = match nginx::start(&answers, &kept).await {
        Ok((process, address)) => {
            servers.push(Server::new("nginx", process, address, asked.len()));
            "nginx: the same bytes as files, one process, open files cached, nothing logged.".to_owned()
        }
        Err(reason) => format!("nginx is left out: {reason}."),
    };

    // The first round warms up; by its end the gateway has drawn all that it draws by itself.
    for round in 0..=pages.rounds {
        for (at, page) in asked.iter().enumerate() {
            for server in &mut servers {
                let request = match server.name {
                    "gateway" => kept::request(&page.target, page.coding, "keep-alive"),
                    _ => kept::request(&format!("/{}", page.kept.name), page.coding, "keep-alive"),
                };
                server.round(round > 0, at, &request, page.kept.size, pages).await?;
            }
        }
    }
    let mut sections: Vec<Section> =
        asked.iter().enumerate().map(|(at, page)| section(page, at, &servers)).collect();
    if let Some(first) = sections.first_mut() {
        first.notes = notes(pages, beside);
    }
    Ok(sections)
}

async fn fetch(gateway: SocketAddr, pages: &Pages, folder: &Path) -> Result<Vec<Page>, String> {
    let years = format!("/dictionaries/years?model_id={}", pages.model);
    let mut asked = Vec::new();
    for (name, target, coding) in [
        ("sync-all.identity", SYNC_ALL, "identity"),
        ("sync-all.gzip", SYNC_ALL, "gzip"),
        ("sync-all.br", SYNC_ALL, "br"),
        ("sync-all.zstd", SYNC_ALL, "zstd"),
        ("years", &years, "identity"),
    ] {
        let kept = Kept::fetch(gateway, name, target, coding, folder).await?;
        asked.push(Page { target: target.to_owned(), coding, kept });
    }
    Ok(asked)
}

async fn fixed_server(
    answers: &Path,
    workers: usize,
    folder: &Path,
) -> Result<(Process, SocketAddr), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let (answers, workers) = (answers.display().to_string(), workers.to_string());
    let log = folder.join("fixed.log");
    let mut process = Process::start("the fixed bodies", &own, &["fixed", &answers, &workers], folder, &log)?;
    let address = process.hear(fixed::LISTENING).await?;
    let address = address.parse().map_err(|_| format!("`{address}` is no address"))?;
    Ok((process, address))
}

fn section(page: &Page, at: usize, servers: &[Server]) -> Section {
    let mut rows = Vec::new();
    for server in servers {
        rows.push(Row::new(format!("{}, answers", server.name), "/s", &server.found[at].per_second));
    }
    if let [gateway, others @ ..] = servers {
        let ours = &gateway.found[at];
        for other in others {
            let theirs = &other.found[at];
            let name = format!("gateway / {}, answers a second", other.name);
            rows.push(Row::new(name, "×", &ratios(&ours.per_second, &theirs.per_second)));
            let name = format!("{} / gateway, processor time", other.name);
            rows.push(Row::new(name, "×", &ratios(&theirs.micros, &ours.micros)));
        }
    }
    for server in servers {
        let found = &server.found[at];
        rows.push(Row::new(format!("{}, processor time of the server", server.name), "µs", &found.micros));
        rows.push(Row::new(format!("{}, how busy its threads were", server.name), "%", &found.busy));
    }
    let Page { target, coding, kept } = page;
    Section { title: format!("GET {target}, {coding}, {} bytes", kept.size), notes: Vec::new(), rows }
}

fn notes(pages: &Pages, beside: String) -> Vec<String> {
    let Pages { workers, connections, seconds, .. } = pages;
    vec![
        format!("{connections} connections that stay open, {workers} thread(s) a server, {seconds} s a round, the servers in turns."),
        "Gateway: the real binary, asked with a partner's credentials. Fixed: actix with the same settings and the same".into(),
        "headers, sending bytes from memory without looking at the request. The load runs on the same machine: where a".into(),
        "server's threads are not near 100 % busy, it was the limit, and the processor time is the better figure.".into(),
        beside,
    ]
}
