//! What other replicas did, and who here is told.
//!
//! Word of it comes with the commit (`store::News`) and is only a hint: the store is looked into. As words can be missed,
//! the store is also looked into without them: operators' settings by their own room, every second; the dictionary and
//! insurers' calls here. Where the store is this gateway's alone there is nothing to do.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, MissedTickBehavior};

use crate::{
    dictionary::Dictionary,
    offers::Offers,
    store::{CallAbout, News, Store},
    telemetry,
    tuning::Tuning,
    upstream::callbacks::KEPT,
};

/// Between looks for insurers' calls of which nobody told.
const LOOK: Duration = Duration::from_secs(5);
/// Looks at the dictionary are rarer: nobody waits for it.
const LOOK_AT_DICTIONARY: Duration = Duration::from_secs(30);
/// A look for calls goes back so far: replicas' clocks differ, and a commit takes a while.
const BACK: SignedDuration = SignedDuration::from_secs(120);

/// Tells the rooms of this gateway what other replicas did.
pub struct Elsewhere {
    /// Where it is heard.
    pub store: Store,
    /// Operators' settings.
    pub tuning: Tuning,
    /// The vehicle dictionary.
    pub dictionary: Dictionary,
    /// Conversations that wait for an insurer's own call.
    pub offers: Offers,
}

// === impl Elsewhere ===

impl Elsewhere {
    /// Tells, for ever.
    pub async fn keep(self) {
        if !self.store.is_shared() {
            return;
        }
        let mut news = self.store.news();
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next_dictionary = Instant::now() + LOOK_AT_DICTIONARY;
        loop {
            tokio::select! {
                news = news.next() => self.hear(news).await,
                _ = looks.tick() => {
                    self.look_for_calls(telemetry::now().saturating_sub(BACK)).await;
                    if next_dictionary <= Instant::now() {
                        next_dictionary = Instant::now() + LOOK_AT_DICTIONARY;
                        self.refresh_dictionary().await;
                    }
                }
            }
        }
    }

    /// Deals with one word.
    pub async fn hear(&self, news: News) {
        match news {
            News::Everything => {
                self.refresh_tuning().await;
                self.refresh_dictionary().await;
                let kept = SignedDuration::try_from(KEPT).unwrap_or(SignedDuration::MAX);
                self.look_for_calls(telemetry::now().saturating_sub(kept)).await;
            }
            News::Tuning => self.refresh_tuning().await,
            News::Dictionary => self.refresh_dictionary().await,
            News::InsurerCall(CallAbout { insurer, correlation }) => {
                if let Err(error) = self.offers.insurer_called_elsewhere(&insurer, &correlation).await {
                    tracing::warn!(insurer, %error, "a call that another replica took in cannot be looked up now");
                }
            }
        }
    }

    async fn refresh_tuning(&self) {
        if let Err(error) = self.tuning.refresh().await {
            tracing::debug!(%error, "what other replicas changed is not known");
        }
    }

    async fn refresh_dictionary(&self) {
        if let Err(error) = self.dictionary.refresh().await {
            tracing::warn!(%error, "what other replicas changed in the dictionary is not taken in yet");
        }
    }

    async fn look_for_calls(&self, since: Result<Timestamp, jiff::Error>) {
        let since = since.unwrap_or(Timestamp::MIN);
        if let Err(error) = self.offers.look_for_calls(since).await {
            tracing::debug!(%error, "insurers' calls cannot be looked for now");
        }
    }
}
