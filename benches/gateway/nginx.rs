//! nginx with Lua in the gateway's place: what most would take for a fan-out and a merge.

use std::{
    env,
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{house::Simulator, process::Process};

const PROGRAM: &str = include_str!("fan_out.lua");
/// Where Debian puts it; not in everybody's path.
const USUAL: &str = "/usr/sbin";
const MODULES: [&str; 2] =
    ["/usr/lib/nginx/modules/ndk_http_module.so", "/usr/lib/nginx/modules/ngx_http_lua_module.so"];
const BRING: &str = "on Debian: apt install nginx libnginx-mod-http-lua lua-cjson";

/// Starts it before the insurers of `simulator`, if the machine has one; else why not.
pub(crate) async fn start(
    simulator: &mut Simulator,
    folder: &Path,
) -> Result<Result<(Process, SocketAddr), String>, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places = env::split_paths(&path).chain([PathBuf::from(USUAL)]);
    let program = places.find_map(|place| Some(place.join("nginx")).filter(|file| file.is_file()));
    let Some(program) = program.filter(|_| MODULES.iter().all(|module| Path::new(module).is_file())) else {
        return Ok(Err(format!("this machine has no nginx with Lua ({BRING})")));
    };
    let failed = |error: std::io::Error| error.to_string();
    // It tells nobody which port it was given, so it is given one that was free a moment ago.
    let address =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr()).map_err(failed)?;
    let insurers = insurers(simulator)?;
    let keys: Vec<String> = insurers.iter().map(|(_, key)| format!("\"{key}\"")).collect();
    fs::write(folder.join("fan_out.lua"), PROGRAM.replace("--KEYS--", &keys.join(", "))).map_err(failed)?;
    fs::write(folder.join("nginx.conf"), configuration(folder, address, &insurers)).map_err(failed)?;
    let (log, place) = (folder.join("nginx.log"), folder.display().to_string());
    let arguments = ["-p", &place, "-c", "nginx.conf", "-e", "nginx.log"];
    let process = Process::start("nginx", &program, &arguments, folder, &folder.join("nginx.out"))?;
    for _ in 0..80 {
        if TcpStream::connect(address).is_ok() {
            return Ok(Ok((process, address)));
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let told = fs::read_to_string(log).unwrap_or_default();
    let told = told.lines().next().unwrap_or("it says nothing");
    Ok(Err(format!("{} did not come up ({BRING}): {told}", program.display())))
}

/// Where each insurer is, and its key.
fn insurers(simulator: &mut Simulator) -> Result<Vec<(String, String)>, String> {
    let codes = simulator.codes()?;
    let insurer = |code: &String| {
        let insurer = simulator.insurer(code);
        let base =
            insurer.get("base_url")?.as_str()?.strip_prefix("http://")?.trim_end_matches('/').to_owned();
        Some((base, insurer.get("settings")?.get("key")?.as_str()?.to_owned()))
    };
    let found: Option<Vec<_>> = codes.iter().map(insurer).collect();
    found.ok_or_else(|| "an insurer has no address or no key".into())
}

/// One process, so that its processor time is seen; connections to insurers stay open; nothing is logged.
fn configuration(folder: &Path, address: SocketAddr, insurers: &[(String, String)]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for module in MODULES {
        let _ = writeln!(text, "load_module {module};");
    }
    text.push_str(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nworker_rlimit_nofile 16384;\n\
         events { worker_connections 8192; }\nhttp {\naccess_log off;\nkeepalive_requests 1000000000;\n\
         client_body_buffer_size 64k;\nlua_code_cache on;\n",
    );
    // The usual folders may belong to somebody else.
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        let _ = writeln!(text, "{kind}_temp_path nginx-{kind};");
    }
    for (index, (insurer, _)) in insurers.iter().enumerate() {
        let index = index + 1;
        let _ = writeln!(
            text,
            "upstream insurer_{index} {{ server {insurer}; keepalive 512; keepalive_requests 1000000000; }}"
        );
    }
    let _ = writeln!(
        text,
        "server {{\nlisten {address};\nlocation = /osago/calculate {{ content_by_lua_file {}/fan_out.lua; }}",
        folder.display()
    );
    for (index, (insurer, _)) in insurers.iter().enumerate() {
        let index = index + 1;
        let _ = writeln!(
            text,
            "location /insurer/{index}/ {{\ninternal;\nproxy_pass http://insurer_{index}/;\n\
             proxy_http_version 1.1;\nproxy_pass_request_headers off;\nproxy_set_header Host {insurer};\n\
             proxy_set_header Connection \"\";\nproxy_set_header Content-Type application/x-www-form-urlencoded;\n}}"
        );
    }
    text + "}\n}\n"
}
