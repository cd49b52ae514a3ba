//! One journey at one insurer, with the real driver.

use std::{sync::Arc, time::Duration};

use clap::ValueEnum;
use tokio_util::sync::CancellationToken;
use veer_contract::{
    Operation, VehicleCodes,
    domain::{Offer, OfferRef, PaymentLink, QuoteRequest},
    operation::{Confirm, Confirmation, Draft, Finalise, OfferInput, PaymentStatus, Policies, Quote},
};
use veer_kit::recording::Recorder;

use super::Through;
use crate::{
    cluster::Cluster,
    config::{Config, InsurerConfig},
    telemetry::Metrics,
    upstream::{
        Budget, Insurer, aside,
        driver::End,
        front_gate::FrontGate,
        insurer::Shared,
        limit::DayBook,
        outage::Outage,
        speaker::{Revision, Speaker},
    },
};

/// What one operation may take.
const BUDGET: Duration = Duration::from_secs(180);

/// An account with a recorder in front of its adapter.
pub(super) struct Journey {
    insurer: Arc<Insurer>,
}

// === impl Journey ===

impl Journey {
    pub(super) fn new(
        recorder: Arc<Recorder>,
        account: &InsurerConfig,
        config: &Config,
    ) -> Result<Self, String> {
        // Fails only where a provider is installed already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let metrics = Metrics::new(std::iter::empty(), &[], &[]).map_err(|error| error.to_string())?;
        let metrics = Arc::new(metrics);
        let speaker = Arc::new(Speaker::new(Revision::of_spec(recorder, 0)));
        let insurer = Insurer::new(
            speaker,
            account.clone(),
            &config.calculation,
            &config.upstream,
            &Shared {
                metrics: &metrics,
                front_gate: &FrontGate::default(),
                outage: &Outage::new(config.upstream.registry_outage, &metrics),
                days: &DayBook::default(),
                cluster: &Cluster::alone(),
            },
        );
        Ok(Self { insurer: Arc::new(insurer.map_err(|error| error.to_string())?) })
    }

    /// Goes as far as `through`, or as the insurer lets it; how far that was.
    pub(super) async fn go(&self, request: &QuoteRequest, vehicle: VehicleCodes, through: Through) -> String {
        let vehicle = Arc::new(vehicle);
        let mut offers: Vec<Offer> = match self.ask::<Quote>(Arc::new(request.clone()), &vehicle).await {
            Ok(offers) => offers,
            Err(why) => return why,
        };
        // Several for one journey: the last that was published is the freshest.
        let Some(offer) = offers.pop() else { return "The insurer made no offer.".to_owned() };
        let mut input = OfferInput { request: request.clone(), offer: offer.reference };
        for step in Through::value_variants().iter().filter(|step| **step <= through) {
            if let Err(why) = self.step(*step, &mut input, &vehicle).await {
                return why;
            }
        }
        let name = through.to_possible_value().map(|value| value.get_name().to_owned());
        format!("The journey went through {}.", name.unwrap_or_default())
    }

    async fn step(
        &self,
        step: Through,
        input: &mut OfferInput,
        vehicle: &Arc<VehicleCodes>,
    ) -> Result<(), String> {
        let asked = Arc::new(input.clone());
        match step {
            Through::Finalise if self.insurer.can::<Finalise>() => {
                let offers = self.ask::<Finalise>(asked, vehicle).await?;
                offers.into_iter().for_each(|offer| merge(&mut input.offer, offer.reference));
            }
            Through::Confirm if self.insurer.can::<Confirm>() => {
                let confirmation = Confirmation {
                    offer: input.clone(),
                    selected: Vec::new(),
                    return_urls: input.request.return_urls.clone(),
                };
                let links: Vec<PaymentLink> = self.ask::<Confirm>(Arc::new(confirmation), vehicle).await?;
                links.into_iter().for_each(|link| merge(&mut input.offer, link.reference));
            }
            Through::Draft if self.insurer.can::<Draft>() => drop(self.ask::<Draft>(asked, vehicle).await?),
            Through::PaymentStatus if self.insurer.can::<PaymentStatus>() => {
                drop(self.ask::<PaymentStatus>(asked, vehicle).await?);
            }
            Through::Policy if self.insurer.can::<Policies>() => {
                drop(self.ask::<Policies>(asked, vehicle).await?);
            }
            // The price is there; or the insurer has no such operation.
            _ => {}
        }
        Ok(())
    }

    /// What it gave, or how it ended without anything.
    async fn ask<O: Operation>(
        &self,
        input: Arc<O::Input>,
        vehicle: &Arc<VehicleCodes>,
    ) -> Result<Vec<O::Output>, String> {
        let stop = CancellationToken::new();
        let (end, given) =
            aside::converse_about::<O>(&self.insurer, input, vehicle.clone(), Budget::of(BUDGET), stop).await;
        match end {
            End::Done => Ok(given),
            End::Declined(decline) => Err(format!("{}: the insurer says no: {}", O::KIND, decline.message)),
            End::Failed { verdict, detail } => Err(format!("{}: {} ({detail})", O::KIND, verdict.meaning())),
            End::Parked => Err(format!("{}: broken off", O::KIND)),
        }
    }
}

fn merge(known: &mut OfferRef, more: OfferRef) {
    known.0.extend(more.0);
}
