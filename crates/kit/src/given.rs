//! What a fixture gives the adapter: its input and its context.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::Error};
use veer_contract::{
    Manifest, Settings, VehicleCodes,
    domain::{Drivers, OfferRef, Purpose, QuoteRequest, SelectedOption, VehicleCategory},
    operation::{Confirmation, OfferInput, VehicleQuery},
};

use crate::{fields, requests};

/// The given part of a fixture.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Which of the kit's [requests] it starts from.
    #[serde(default)]
    pub request: RequestName,
    /// Anybody may drive.
    #[serde(default)]
    pub unlimited_drivers: bool,
    /// What the vehicle is used for, where not as in the request.
    pub purpose: Option<Purpose>,
    /// The vehicle's category, where not as in the request.
    pub category: Option<VehicleCategory>,
    /// Fields to leave out of the request, by their names in the partner API: `insurer.contact`,
    /// `owner.passport.issuer`, `owner.addresses[0].house`, `drivers_info.drivers[1].previous_license`,
    /// `vehicle.body_number`, `return_urls`. Each must be there.
    #[serde(default)]
    pub without: Vec<String>,
    /// The offer that the operation is about, as the adapter named it when it quoted.
    pub offer: Option<BTreeMap<String, String>>,
    /// What the user selected of the offer's cross-sales.
    #[serde(default)]
    pub selected: Vec<Selected>,
    /// The VIN that a vehicle is looked up by.
    pub vin: Option<String>,
    /// The plate that a vehicle is looked up by.
    pub plate: Option<String>,
    /// Today in Moscow, a date of TOML.
    #[serde(deserialize_with = "day")]
    pub today: Date,
    /// What is left of the budget.
    #[serde(default = "two_minutes")]
    pub remaining_s: u64,
    /// The ids that the adapter draws, in order.
    #[serde(default)]
    pub ids: Vec<String>,
    /// The vehicle in the insurer's words; the request's own words where it is not given.
    pub vehicle: Option<Vehicle>,
    /// Settings, where not the manifest's defaults.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The request has every field; only the probe asks for that.
    #[serde(skip)]
    pub(crate) filled: bool,
    /// One field more to leave out, after that.
    #[serde(skip)]
    pub(crate) without_too: Option<String>,
}

/// One of the kit's requests.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestName {
    /// [`requests::standard`]
    #[default]
    Standard,
    /// [`requests::documented`]
    Documented,
}

/// The vehicle in the insurer's dictionary.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `VehicleCodes`")]
pub struct Vehicle {
    pub brand: String,
    pub model: String,
    pub brand_code: Option<String>,
    pub code: Option<String>,
}

/// One choice of the user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `SelectedOption`")]
pub struct Selected {
    pub cross_sale_id: String,
    pub option_id: i64,
}

fn two_minutes() -> u64 {
    120
}

fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    toml::value::Datetime::deserialize(deserializer)?.to_string().parse().map_err(D::Error::custom)
}

/// An operation's input, made of what a fixture gives.
pub(crate) trait FixtureInput: Sized {
    /// Whether it holds the partner's request.
    const HAS_REQUEST: bool;

    /// The input, or what the fixture lacks.
    fn of(given: &Given) -> Result<Self, String>;
}

// === impl Given ===

impl Given {
    /// The request that the fixture starts from, with its changes.
    pub(crate) fn request(&self) -> Result<QuoteRequest, String> {
        let mut request = match self.request {
            RequestName::Standard => requests::standard(),
            RequestName::Documented => requests::documented(),
        };
        if let Some(purpose) = self.purpose {
            request.purpose = purpose;
        }
        request.vehicle.category = self.category.or(request.vehicle.category);
        if self.filled {
            request = fields::filled(&request);
        }
        let without = self.without.iter().chain(&self.without_too);
        without.into_iter().try_for_each(|field| fields::leave_out(&mut request, field))?;
        if self.unlimited_drivers {
            request.drivers = Drivers::Unlimited(request.drivers.named().to_vec());
        }
        Ok(request)
    }

    /// The vehicle in the insurer's words.
    pub(crate) fn vehicle(&self) -> Result<VehicleCodes, String> {
        Ok(match &self.vehicle {
            Some(Vehicle { brand, model, brand_code, code }) => VehicleCodes {
                brand: brand.clone(),
                model: model.clone(),
                brand_code: brand_code.clone(),
                code: code.clone(),
            },
            None => {
                let vehicle = self.request()?.vehicle;
                VehicleCodes {
                    brand: vehicle.brand.name,
                    model: vehicle.model.name,
                    ..VehicleCodes::default()
                }
            }
        })
    }

    /// The settings as the host would give them: those that are no secrets.
    pub(crate) fn settings(&self, manifest: &Manifest) -> Result<Settings, String> {
        let mut settings = BTreeMap::new();
        for (name, setting) in manifest.settings.iter().filter(|(_, setting)| !setting.secret) {
            let given = self.settings.get(name).or(setting.default.as_ref());
            let value = given.ok_or_else(|| {
                format!("the setting `{name}` has no default: write it under [given.settings]")
            })?;
            settings.insert(name.clone(), value.clone());
        }
        match self.settings.keys().find(|name| !settings.contains_key(*name)) {
            Some(name) => Err(format!(
                "[given.settings] has `{name}`, which the manifest does not declare, or declares as a secret"
            )),
            None => Ok(Settings(settings)),
        }
    }

    fn offer(&self) -> Result<OfferInput, String> {
        let offer = self.offer.clone().ok_or("this operation is about an offer: write [given.offer]")?;
        Ok(OfferInput { request: self.request()?, offer: OfferRef(offer) })
    }
}

impl FixtureInput for () {
    const HAS_REQUEST: bool = false;

    fn of(_given: &Given) -> Result<Self, String> {
        Ok(())
    }
}

impl FixtureInput for QuoteRequest {
    const HAS_REQUEST: bool = true;

    fn of(given: &Given) -> Result<Self, String> {
        given.request()
    }
}

impl FixtureInput for OfferInput {
    const HAS_REQUEST: bool = true;

    fn of(given: &Given) -> Result<Self, String> {
        given.offer()
    }
}

impl FixtureInput for Confirmation {
    const HAS_REQUEST: bool = true;

    fn of(given: &Given) -> Result<Self, String> {
        let offer = given.offer()?;
        let choice = |selected: &Selected| SelectedOption {
            cross_sale_id: selected.cross_sale_id.clone(),
            option_id: selected.option_id,
        };
        let return_urls = offer.request.return_urls.clone();
        Ok(Self { selected: given.selected.iter().map(choice).collect(), return_urls, offer })
    }
}

impl FixtureInput for VehicleQuery {
    const HAS_REQUEST: bool = false;

    fn of(given: &Given) -> Result<Self, String> {
        match (&given.vin, &given.plate) {
            (Some(vin), None) => Ok(VehicleQuery::Vin(vin.as_str().into())),
            (None, Some(plate)) => Ok(VehicleQuery::Plate(plate.as_str().into())),
            _ => Err("a vehicle is looked up by one thing: write given.vin or given.plate".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_changed_as_the_fixture_says() {
        let given = |rest: &str| toml::from_str::<Given>(&format!("today = 2026-11-16\n{rest}")).unwrap();
        let whole = "request = 'documented'\npurpose = 'personal'\ncategory = 'C'\n";
        let request =
            given(&format!("{whole}without = ['vehicle.vin', 'owner.addresses[0].house']")).request();
        let request = request.unwrap();
        assert_eq!(
            (request.purpose, request.vehicle.category),
            (Purpose::Personal, Some(VehicleCategory::C))
        );
        assert_eq!((request.vehicle.vin, &request.owner.addresses[0].house), (None, &None));
        assert!(request.vehicle.body_number.is_some());
        let error = given("without = ['vehicle.body_number']").request().unwrap_err();
        assert_eq!(error, "the request has no `vehicle.body_number` to leave out");
    }
}
