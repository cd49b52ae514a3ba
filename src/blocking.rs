//! Work that would hold up the threads that serve, done aside of them.

use tokio::task::JoinHandle;

/// Runs `work` on the pool of threads that may be held up. In the simulation, which has one thread, it is a task.
pub fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    #[cfg(test)]
    if crate::simulation::stage::is_on() {
        return tokio::spawn(async { work() });
    }
    tokio::task::spawn_blocking(work)
}
