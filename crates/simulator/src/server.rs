//! The thread and the socket of a single server. The thread has a runtime of its own, so it can be started inside
//! any other.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    thread::JoinHandle,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::{self, ServerHandle},
    rt::System,
    web::{PayloadConfig, ServiceConfig},
};
use tokio::sync::oneshot;

use crate::SimulatorError;

/// A server that is running.
pub(crate) struct Server {
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// The largest request body that is taken.
const LARGEST_BODY: usize = 1024 * 1024;

/// Takes the address for the server of that name; the real one where the port was 0.
pub(crate) fn listen(name: &str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), SimulatorError> {
    let failed = |source| SimulatorError::Listen { code: name.into(), address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

// === impl Server ===

impl Server {
    /// Serves what `configure` puts into the application.
    pub(crate) async fn start(
        name: &str,
        listener: TcpListener,
        configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    ) -> Result<Self, SimulatorError> {
        let (started, handle) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(format!("simulated-{name}"))
            .spawn(move || System::new().block_on(serve(server(listener, configure), started)))
            .map_err(SimulatorError::Servers)?;
        let handle = handle
            .await
            .unwrap_or_else(|_| Err(io::Error::other("its thread ended")))
            .map_err(SimulatorError::Servers)?;
        Ok(Self { handle, thread: Some(thread) })
    }

    pub(crate) async fn stop(mut self) {
        self.handle.stop(false).await;
        let Some(thread) = self.thread.take() else { return };
        // The thread ends with its server; it is waited for without holding up the caller's runtime.
        while !thread.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let _ = thread.join();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Sends the command at once; only waiting for its end is given up.
        drop(self.handle.stop(false));
    }
}

async fn serve(server: io::Result<dev::Server>, started: oneshot::Sender<io::Result<ServerHandle>>) {
    match server {
        Ok(server) => {
            if started.send(Ok(server.handle())).is_ok() {
                let _ = server.await;
            }
        }
        Err(error) => {
            let _ = started.send(Err(error));
        }
    }
}

fn server(
    listener: TcpListener,
    configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<dev::Server> {
    let server = HttpServer::new(move || {
        App::new().app_data(PayloadConfig::new(LARGEST_BODY)).configure(configure.clone())
    });
    // A caller that leaves ends its call, also one that is never answered.
    let server = server
        .workers(1)
        .h1_allow_half_closed(false)
        .disable_signals()
        .keep_alive(Duration::from_secs(75))
        .listen(listener)?;
    Ok(server.run())
}
