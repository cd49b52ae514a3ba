//! A simulated Yandex that counts sales.
//!
//! Yandex credits a sale when it is told of it at `/confirm`: by GET one by one, or by POST in bulk. Whoever
//! tells it cannot know what became of a call whose answer is missing, so it tells again, and the one thing
//! that matters is that every sale is credited exactly once. This Yandex shows whether it is: it reads
//! strictly, credits a `request_id` with an `offer_id` once, takes a repetition without crediting it again,
//! and refuses one that contradicts. Its knobs make it refuse, keep silent or lose its answers.
//!
//! It knows no deadlines: a sale is as good after eleven days as at once. It keeps what it knows in memory,
//! and a new one knows nothing.
//!
//! | module | what is in it |
//! |---|---|
//! | `plan`, `knobs` | where it listens, whom it trusts, how it behaves |
//! | `server` | its thread and its socket |
//! | `routes` | one call: admitted, read, counted, answered or not |
//! | `fields` | reading a sale strictly, each wrong field by name |
//! | `ledger` | what was received, credited and refused |

mod fields;
mod knobs;
mod ledger;
mod plan;
mod routes;

use std::{net::SocketAddr, sync::Arc};

use actix_web::web::{Data, ServiceConfig};

use crate::{
    SimulatorError,
    server::{self, Server},
};
use routes::Desk;

pub use knobs::YandexKnobs;
pub use ledger::{Confirmation, ConfirmedBy, Contradiction, Refusal};
pub use plan::YandexPlan;

/// A simulated Yandex that is running. Dropped without [`Yandex::stop`], it stops too, without waiting.
pub struct Yandex {
    address: SocketAddr,
    desk: Arc<Desk>,
    server: Server,
}

// === impl Yandex ===

impl Yandex {
    /// Starts it; it answers from the moment that this returns.
    ///
    /// # Errors
    /// The plan makes no sense, or its address cannot be listened on.
    pub async fn start(plan: YandexPlan) -> Result<Self, SimulatorError> {
        plan.check()?;
        let (listener, address) = server::listen("yandex", plan.listen)?;
        let desk = Arc::new(Desk::new(plan));
        let data = Data::from(desk.clone());
        let configure = move |config: &mut ServiceConfig| routes::configure(config.app_data(data.clone()));
        let server = Server::start("yandex", listener, configure).await?;
        Ok(Self { address, desk, server })
    }

    /// Where sales are confirmed: `http://127.0.0.1:40123/confirm`.
    pub fn confirm_url(&self) -> String {
        format!("http://{}{}", self.address, routes::PATH)
    }

    /// Changes how it behaves, from the next call on. What is known and credited stays.
    ///
    /// # Errors
    /// The knobs make no sense.
    pub fn set(&self, knobs: YandexKnobs) -> Result<(), SimulatorError> {
        knobs.check()?;
        self.desk.open().knobs = knobs;
        Ok(())
    }

    /// What is left of the knobs.
    pub fn knobs(&self) -> YandexKnobs {
        self.desk.open().knobs.clone()
    }

    /// Every sale that it was told of and could read, credited or not, in the order of arrival (the newest
    /// million). The rows of one call in bulk share their [`Confirmation::call`].
    pub fn received(&self) -> Vec<Confirmation> {
        self.desk.open().ledger.received()
    }

    /// The credited sales, each once, in the order of their crediting.
    pub fn credited(&self) -> Vec<Confirmation> {
        self.desk.open().ledger.credited()
    }

    /// The sales that were told again with another amount or insurer.
    pub fn contradictions(&self) -> Vec<Contradiction> {
        self.desk.open().ledger.contradictions()
    }

    /// The calls that were refused for what they were: the token missing or wrong, fields wrong, sales
    /// contradicted. What the knobs refuse is not here.
    pub fn refusals(&self) -> Vec<Refusal> {
        self.desk.open().ledger.refusals()
    }

    /// Stops at once: calls under way are cut off.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
