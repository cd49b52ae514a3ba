//! Looking a vehicle up by its VIN or its plate.
//!
//! Who knows vehicles is asked: insurers and data sources that have the operation, all at once, each within the
//! limits of its lanes. The first good answer wins and the other conversations are dropped; good is one from
//! which a calculation can be asked for, so brand and model are entries of the catalogue, and category, year,
//! power and a number of the vehicle itself are known. One that is not good leaves time for a better one.
//!
//! With both numbers the VIN is asked for first, because plates move from vehicle to vehicle. The plate is asked
//! for where nobody knows the VIN or half of the time went by, and of what is found then a source must have said
//! that it has that VIN: the plate may be on another vehicle by now.
//!
//! | file | what is in it |
//! |---|---|
//! | [`number`] | the one writing of a VIN and of a plate |
//! | `source` | asking one source |
//! | `told` | what a source said, in the catalogue's entries |
//! | `memory` | what is remembered, so that a source is asked once a day and not once a click |
//!
//! A question goes on when whoever asked it goes away: the source may have been paid, and the next one to ask has
//! the answer. Where every source failed nothing is known, not even that nobody knows the vehicle, and nothing is
//! remembered.

mod memory;
pub mod number;
mod source;
mod told;

use std::{sync::Arc, time::Duration};

use futures::stream::{FuturesUnordered, StreamExt};
use metrics::{Counter, Label};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use veer_contract::{
    domain::{Vehicle, VehicleDocumentKind},
    operation::{VehicleInfo, VehicleQuery},
};

use self::{
    memory::{Answer, Memory},
    number::{Plate, Vin},
    source::Heard,
    told::{Lacks, Told},
};
use super::Dictionary;
use crate::{
    config::DictionaryConfig,
    telemetry::Metrics,
    upstream::{Budget, Class, Insurer},
};

/// That nobody knows a vehicle is remembered for no longer than this where a source failed.
const UNSURE: Duration = Duration::from_secs(30);
/// What is over is taken out of memory so often.
const TIDY: Duration = Duration::from_secs(60);

/// Looks vehicles up. Cheap to clone.
#[derive(Clone)]
pub struct VehicleLookUp(Arc<Inner>);

struct Inner {
    dictionary: Dictionary,
    sources: Vec<Arc<Insurer>>,
    config: DictionaryConfig,
    memory: Memory,
    stop: CancellationToken,
    runtime: Handle,
    outcomes: [Counter; Outcome::ALL.len()],
}

/// What a vehicle is looked up by: at least one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Its VIN.
    pub vin: Option<Vin>,
    /// Its plate.
    pub plate: Option<Plate>,
}

/// Why it is not known whether anybody knows the vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LookUpError {
    /// There is nobody to ask.
    #[error("no enabled account can look vehicles up: add one of a source, such as avtocod")]
    NoSource,
    /// Nobody answered; the reasons were logged.
    #[error("no source of vehicle data answered")]
    NoAnswer,
}

/// How a look-up ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Found,
    Cached,
    Unknown,
    Failed,
    Unmapped,
}

// === impl VehicleLookUp ===

impl VehicleLookUp {
    /// Asks those of `insurers` that know vehicles, while they are enabled, on the runtime that this is called on.
    pub fn new(
        dictionary: Dictionary,
        config: &DictionaryConfig,
        insurers: &[Arc<Insurer>],
        stop: CancellationToken,
        metrics: &Metrics,
    ) -> Self {
        let is_source = |it: &&Arc<Insurer>| it.can::<VehicleInfo>();
        let sources: Vec<Arc<Insurer>> = insurers.iter().filter(is_source).cloned().collect();
        if !sources.iter().any(|source| source.standing().enabled) {
            tracing::info!("no enabled account can look vehicles up: /auto/info will find none");
        }
        let counter = |outcome: &Outcome| {
            let text = "Vehicles that were looked up by VIN or plate";
            metrics.counter("veer_vehicle_look_ups_total", text, vec![Label::new("outcome", outcome.name())])
        };
        Self(Arc::new(Inner {
            dictionary,
            sources,
            memory: Memory::new(config.remembered),
            config: config.clone(),
            stop,
            runtime: Handle::current(),
            outcomes: Outcome::ALL.each_ref().map(counter),
        }))
    }

    /// The vehicle with those numbers; none where nobody knows it. The numbers that were asked for are told as
    /// they were asked.
    pub async fn find(&self, asked: &Asked) -> Result<Option<Vehicle>, LookUpError> {
        let found = self.look_up(asked).await;
        let outcome = match &found {
            Ok((_, outcome)) => *outcome,
            Err(LookUpError::NoSource) => Outcome::Unknown,
            Err(LookUpError::NoAnswer) => Outcome::Failed,
        };
        self.0.outcomes[outcome as usize].increment(1);
        found.map(|(vehicle, _)| vehicle)
    }

    /// Takes what is over out of memory, until the gateway stops.
    pub async fn keep(self) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(TIDY) => self.0.memory.tidy().await,
                () = self.0.stop.cancelled() => return,
            }
        }
    }

    async fn look_up(&self, asked: &Asked) -> Result<(Option<Vehicle>, Outcome), LookUpError> {
        if !self.0.sources.iter().any(|source| source.standing().enabled) {
            return Err(LookUpError::NoSource);
        }
        let budget = Budget::of(self.0.config.look_up).for_class(Class::Quote);
        let mut outcome = Outcome::Unknown;
        let mut unanswered = None;
        for question in asked.questions() {
            let by_vin = matches!(question, VehicleQuery::Vin(_));
            let waits = match by_vin && asked.plate.is_some() {
                true => self.0.config.look_up / 2,
                // The question ends with its budget.
                false => Duration::MAX,
            };
            let answered = tokio::time::timeout(waits, self.answer(question, budget)).await;
            let (answer, is_new) = match answered.unwrap_or(Err(LookUpError::NoAnswer)) {
                Ok(answered) => answered,
                Err(error) => {
                    unanswered = Some(error);
                    continue;
                }
            };
            let known = self.known(&answer);
            if let Some(vehicle) = known.filter(|vehicle| asked.may_be(vehicle, by_vin)) {
                return Ok((
                    Some(asked.put_into(vehicle)),
                    if is_new { Outcome::Found } else { Outcome::Cached },
                ));
            }
            outcome = match is_new {
                false => Outcome::Cached,
                true if answer.told.is_empty() => Outcome::Unknown,
                true => Outcome::Unmapped,
            };
        }
        unanswered.map_or(Ok((None, outcome)), Err)
    }

    /// What the sources say, and whether they were asked just now.
    async fn answer(
        &self,
        question: VehicleQuery,
        budget: Budget,
    ) -> Result<(Arc<Answer>, bool), LookUpError> {
        let key = self.0.memory.key(&question);
        if let Some(answer) = self.0.memory.get(&key).await {
            // The catalogue or a mapping has changed: others may know better words now.
            let went_bad = answer.good && self.known(&answer).is_none();
            if !went_bad {
                return Ok((answer, false));
            }
            self.0.memory.forget(&key).await;
        }
        let this = self.clone();
        let asking = async move { this.0.memory.get_or(key, this.ask(question, budget)).await };
        // A panic was logged where it happened.
        self.0.runtime.spawn(asking).await.unwrap_or(Err(LookUpError::NoAnswer))
    }

    async fn ask(&self, question: VehicleQuery, budget: Budget) -> Result<Answer, LookUpError> {
        let question = Arc::new(question);
        let ask = |source| {
            let (question, stop) = (question.clone(), self.0.stop.clone());
            async move { (source, source::ask(source, question, budget, stop).await) }
        };
        let enabled = self.0.sources.iter().filter(|source| source.standing().enabled).count();
        let mut asked: FuturesUnordered<_> =
            self.0.sources.iter().filter(|source| source.is_open()).map(ask).collect();
        // Who is not asked at this hour may know it later.
        let (mut told, mut unknown, mut failed) = (Vec::new(), 0_usize, enabled.saturating_sub(asked.len()));
        while let Some((source, heard)) = asked.next().await {
            match heard {
                Heard::Vehicle(mut found) => {
                    if let VehicleQuery::Vin(vin) = &*question {
                        found.vin.get_or_insert_with(|| vin.clone());
                    }
                    let said = Told { dictionary: source.config.adapter.clone(), found: *found };
                    match self.vehicle(&said) {
                        Ok(_) => {
                            let lasts = self.0.config.remember;
                            return Ok(Answer { told: vec![said], good: true, lasts });
                        }
                        Err(lacks) => {
                            said.log(source.code(), lacks);
                            told.push(said);
                        }
                    }
                }
                Heard::Unknown => unknown += 1,
                Heard::Nothing => failed += 1,
            }
        }
        if told.is_empty() && unknown == 0 {
            return Err(LookUpError::NoAnswer);
        }
        let unknown = self.0.config.remember_unknown;
        Ok(Answer { told, good: false, lasts: if failed == 0 { unknown } else { unknown.min(UNSURE) } })
    }

    fn known(&self, answer: &Answer) -> Option<Vehicle> {
        answer.told.iter().find_map(|told| self.vehicle(told).ok())
    }

    fn vehicle(&self, told: &Told) -> Result<Vehicle, Lacks> {
        let dictionary = &self.0.dictionary;
        let book = dictionary.book(&told.dictionary);
        told.vehicle(&dictionary.published(), book.as_deref(), self.0.config.sure)
    }
}

// === impl Asked ===

impl Asked {
    /// What sources are asked for, one after the other.
    fn questions(&self) -> impl Iterator<Item = VehicleQuery> {
        let vin = self.vin.iter().map(|vin| VehicleQuery::Vin(vin.number().clone()));
        vin.chain(self.plate.iter().map(|plate| VehicleQuery::Plate(plate.number().clone())))
    }

    /// Whether `vehicle` is the one: found by the VIN, it must not have another; found by the plate, it must
    /// have the VIN that was asked for.
    fn may_be(&self, vehicle: &Vehicle, by_vin: bool) -> bool {
        let its: Option<Vin> = vehicle.vin.as_ref().and_then(|vin| vin.as_str().parse().ok());
        self.vin.is_none() || self.vin == its || (by_vin && its.is_none())
    }

    fn put_into(&self, mut vehicle: Vehicle) -> Vehicle {
        vehicle.vin = self.vin.as_ref().map(|vin| vin.number().clone()).or(vehicle.vin);
        vehicle.plate = self.plate.as_ref().map(|plate| plate.number().clone()).or(vehicle.plate);
        if vehicle.plate.is_none() {
            // A certificate of registration is not told without the plate that stands in it.
            vehicle.documents.retain(|document| document.kind != VehicleDocumentKind::Sts);
        }
        vehicle
    }
}

// === impl Outcome ===

impl Outcome {
    const ALL: [Outcome; 5] =
        [Outcome::Found, Outcome::Cached, Outcome::Unknown, Outcome::Failed, Outcome::Unmapped];

    const fn name(self) -> &'static str {
        match self {
            Outcome::Found => "found",
            Outcome::Cached => "cached",
            Outcome::Unknown => "unknown",
            Outcome::Failed => "failed",
            Outcome::Unmapped => "unmapped",
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;
    use veer_contract::domain::{Coefficient, Named, Personal, VehicleDocument};

    use super::*;

    fn asked(vin: Option<&str>, plate: Option<&str>) -> Asked {
        Asked { vin: vin.map(|it| it.parse().unwrap()), plate: plate.map(|it| it.parse().unwrap()) }
    }

    #[test]
    fn the_vin_is_asked_for_before_the_plate() {
        let both = asked(Some("XTA210990Y2765439"), Some("A123BC777"));
        let questions: Vec<VehicleQuery> = both.questions().collect();
        let (vin, plate) = ("XTA210990Y2765439".into(), "А123ВС777".into());
        assert_eq!(questions, [VehicleQuery::Vin(vin), VehicleQuery::Plate(plate)]);
        assert_eq!(asked(None, None).questions().count(), 0);
    }

    fn vehicle(vin: Option<&str>) -> Vehicle {
        let named = || Named { id: "1".into(), name: "Toyota".into(), name_ru: None };
        let document = |kind| VehicleDocument {
            kind,
            series: "9900".into(),
            number: "000001".into(),
            date: Personal::new(Date::constant(2020, 5, 6)),
        };
        Vehicle {
            plate: None,
            category: None,
            vin: vin.map(Into::into),
            body_number: None,
            chassis_number: None,
            brand: named(),
            model: named(),
            modification: None,
            year: 2020,
            engine_power: Coefficient::from_ten_thousandths(0),
            documents: vec![document(VehicleDocumentKind::Sts), document(VehicleDocumentKind::Pts)],
        }
    }

    #[test]
    fn a_vehicle_found_by_its_plate_must_have_the_vin_that_was_asked_for() {
        let vin = "XTA210990Y2765439";
        let both = asked(Some(vin), Some("A123BC777"));
        let may_be = |its: Option<&str>, by_vin: bool| both.may_be(&vehicle(its), by_vin);
        assert!(may_be(Some(vin), false) && may_be(Some(vin), true));
        assert!(!may_be(None, false), "nobody said that the plate is on the vehicle of that VIN");
        assert!(may_be(None, true), "its VIN was the question");
        for by_vin in [false, true] {
            assert!(!may_be(Some("XTA210990Y2765430"), by_vin));
            assert!(asked(None, Some("A123BC777")).may_be(&vehicle(None), by_vin));
        }
    }

    #[test]
    fn a_certificate_of_registration_is_told_with_a_plate_only() {
        let kinds = |asked: Asked| {
            let documents = asked.put_into(vehicle(None)).documents;
            documents.into_iter().map(|document| document.kind).collect::<Vec<_>>()
        };
        let (sts, pts) = (VehicleDocumentKind::Sts, VehicleDocumentKind::Pts);
        assert_eq!(kinds(asked(Some("XTA210990Y2765439"), None)), [pts]);
        assert_eq!(kinds(asked(None, Some("A123BC777"))), [sts, pts]);
    }
}
