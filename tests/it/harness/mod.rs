//! Gateways to try, and a partner to try them with.

mod client;
mod contract;
mod explained;
mod house;
pub mod plan;
mod process;
pub mod request;
mod settings;

use std::time::Duration;

pub use self::{
    client::{Answer, Client, Raw},
    contract::Contract,
    explained::Explained,
    house::House,
    process::{Process, VEER},
    settings::{Settings, yandex},
};

/// Asks `look` until it finds something. The bound is for a hang; nothing that is tested takes so long.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waited = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(60), waited).await;
    found.unwrap_or_else(|_| panic!("waited in vain: {what}"))
}
