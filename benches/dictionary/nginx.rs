//! The same bytes from files, sent by nginx: the static file server that most would take.

use std::{
    env,
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{kept::Kept, process::Process};

/// Where Debian puts it; not in everybody's path.
const USUAL: &str = "/usr/sbin";
/// nginx names the content itself.
const NAMED_BY_NGINX: [&str; 2] = ["etag", "content-type"];

/// Starts it, if the machine has one; else why not.
pub(crate) async fn start(folder: &Path, answers: &[Kept]) -> Result<(Process, SocketAddr), String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = env::split_paths(&path).chain([PathBuf::from(USUAL)]);
    let program = places.find_map(|place| Some(place.join("nginx")).filter(|file| file.is_file()));
    let program = program.ok_or("this machine has none (on Debian: apt install nginx)")?;
    let failed = |error: std::io::Error| error.to_string();
    // It tells nobody which port it was given, so it is given one that was free a moment ago.
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr());
    let address = address.map_err(failed)?;
    fs::write(folder.join("nginx.conf"), configuration(folder, address, answers)).map_err(failed)?;
    let (log, place) = (folder.join("nginx.log"), folder.display().to_string());
    let arguments = ["-p", &place, "-c", "nginx.conf", "-e", "nginx.log"];
    let process = Process::start("nginx", &program, &arguments, folder, &folder.join("nginx.out"))?;
    for _ in 0..80 {
        if TcpStream::connect(address).is_ok() {
            return Ok((process, address));
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let told = fs::read_to_string(log).unwrap_or_default();
    Err(format!(
        "{} did not come up: {}",
        program.display(),
        told.lines().next().unwrap_or("it says nothing")
    ))
}

/// One process, so that its processor time is seen; nothing is logged; files stay open.
fn configuration(folder: &Path, address: SocketAddr, answers: &[Kept]) -> String {
    let mut text =
        "daemon off;\nmaster_process off;\npid nginx.pid;\nevents { worker_connections 1024; }\nhttp {\n\
                    access_log off;\nsendfile on;\ntcp_nopush on;\nkeepalive_requests 1000000000;\n\
                    open_file_cache max=100 inactive=10m;\nopen_file_cache_valid 10m;\n"
            .to_owned();
    // The usual folders may belong to somebody else. Writing to a string cannot fail.
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        let _ = writeln!(text, "{kind}_temp_path nginx-{kind};");
    }
    let _ = writeln!(text, "server {{\nlisten {address};\nroot {};", folder.display());
    for Kept { name, headers, .. } in answers {
        let _ = writeln!(text, "location = /{name} {{\ntypes {{ }}\ndefault_type application/json;");
        for (name, value) in headers.iter().filter(|(name, _)| !NAMED_BY_NGINX.contains(&&**name)) {
            let _ = writeln!(text, "add_header {name} \"{value}\";");
        }
        text.push_str("}\n");
    }
    text + "}\n}\n"
}
