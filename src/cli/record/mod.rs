//! `veer record`: asks an insurer with the real driver and writes what was said as fixtures, with every secret and
//! personal value replaced.
//!
//! The journey begins with a price and goes as far as it is told to. What is past the price makes something at the
//! insurer, so it is for its test environment, and is never gone to unasked. Nobody in the request exists unless an
//! operator sends their own, and then nobody of it comes into a fixture.

mod journey;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Args, ValueEnum};
use jiff::ToSpan;
use serde_json::{Map, Value};
use veer_contract::{VehicleCodes, domain::QuoteRequest};
use veer_kit::{
    recording::{self, Heard, Recorder, Scrub},
    requests,
};

use self::journey::Journey;
use super::{BAD_CONFIGURATION, check, failed, serve};
use crate::{
    config::{Config, InsurerConfig, hint},
    partner::{fields, translate, wire},
    specs::Adapters,
    telemetry,
};

/// Ask an insurer with the real driver, and write what was said as fixtures in which nobody is named.
#[derive(Debug, Args)]
pub struct Record {
    /// The insurer, by its section in the configuration.
    insurer: String,
    /// The configuration with its account.
    #[arg(long, default_value = "config/veer.toml")]
    config: PathBuf,
    /// How far to go. What is past `quote` makes something at the insurer: use a test environment.
    #[arg(long, value_enum, default_value = "quote")]
    through: Through,
    /// A request of the partner API with test persons of the insurer's; without it, the kit's own, in which nobody
    /// exists.
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    /// The vehicle in the insurer's words; the request's own words without it.
    #[arg(long)]
    brand: Option<String>,
    /// See `--brand`.
    #[arg(long)]
    model: Option<String>,
    /// The insurer's code of the model, where it has codes.
    #[arg(long)]
    code: Option<String>,
    /// The insurer's code of the brand, where it has codes of brands.
    #[arg(long)]
    brand_code: Option<String>,
    /// The folder of the insurer whose `fixtures/` the recordings come into.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// The journey's places, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Through {
    /// A price.
    Quote,
    /// The application and its final price.
    Finalise,
    /// The draft.
    Draft,
    /// The payment link.
    Confirm,
    /// How the payment stands, asked once.
    PaymentStatus,
    /// The policy; somebody must have paid meanwhile.
    Policy,
}

/// The day that recordings are of: that of the fixtures which were written by hand.
const TODAY: &str = "2026-11-16";

impl Record {
    pub(super) fn run(self) -> ExitCode {
        let (config, adapters) = match check::load_with_adapters(&self.config) {
            Ok(read) => read,
            Err(problems) => return failed(BAD_CONFIGURATION, &problems),
        };
        serve::block_on(async {
            match Box::pin(self.record(&config, &adapters)).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(problem) => failed(1, &problem),
            }
        })
    }

    async fn record(&self, config: &Config, adapters: &Adapters) -> Result<(), String> {
        let account =
            config.insurers.iter().find(|insurer| insurer.code == self.insurer).ok_or_else(|| {
                let known = config.insurers.iter().map(|insurer| insurer.code.as_str());
                format!(
                    "{} has no [insurers.{}]; {}",
                    self.config.display(),
                    self.insurer,
                    hint(&self.insurer, known)
                )
            })?;
        let adapter = adapters.find(&account.adapter).ok_or("the account's adapter is not there")?.shared();
        let recorder = Arc::new(Recorder::new(adapter.clone()));
        let request = self.request()?;
        let vehicle = self.vehicle(&request);
        let journey = Journey::new(recorder.clone(), account, config)?;
        let went = Box::pin(journey.go(&request, vehicle, self.through)).await;

        let folder = self.out.clone().unwrap_or_else(|| Path::new("insurers").join(&account.adapter));
        let readme = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
        let mut scrub = Scrub::new(&secrets(account), &request, &requests::standard());
        recorder.tokens().iter().for_each(|token| scrub.token(token));
        scrub.day(telemetry::moscow_today(), TODAY);
        for heard in recorder.take() {
            let heard = Heard { today: None, vehicle: known(&heard.vehicle), ..heard };
            match recording::fixture(&*adapter, &heard, &scrub, &readme) {
                Ok(text) => println!("{}", write(&folder, &heard, &text)?),
                Err(why) => println!("{}: not written: {why}", heard.operation),
            }
        }
        println!(
            "\n{went}\nRead each before it is kept: names of people that the insurer itself added may be left."
        );
        Ok(())
    }

    fn request(&self) -> Result<QuoteRequest, String> {
        let Some(path) = &self.request else {
            let mut request = requests::standard();
            // No insurer takes a policy that begins in the past.
            let start = telemetry::moscow_today().checked_add(5.days());
            request.policy_start = start.map_err(|error| error.to_string())?;
            return Ok(request);
        };
        let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        let text = fs::read(path).map_err(|error| failed(&error))?;
        let object: Map<String, Value> = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
        let read = fields::read(&object, wire::CalculationRequest::read);
        read.map(translate::quote_request).map_err(|violations| {
            let wrong = violations.into_listed().into_iter();
            let wrong: Vec<String> =
                wrong.map(|wrong| failed(&format_args!("{} {}", wrong.property, wrong.message))).collect();
            wrong.join("\n")
        })
    }

    fn vehicle(&self, request: &QuoteRequest) -> VehicleCodes {
        VehicleCodes {
            brand: self.brand.clone().unwrap_or_else(|| request.vehicle.brand.name.clone()),
            model: self.model.clone().unwrap_or_else(|| request.vehicle.model.name.clone()),
            brand_code: self.brand_code.clone(),
            code: self.code.clone(),
        }
    }
}

/// The vehicle of a fixture: the kit's car, under the code that the insurer was asked with.
fn known(vehicle: &VehicleCodes) -> VehicleCodes {
    if vehicle.brand.is_empty() {
        return VehicleCodes::default();
    }
    let car = requests::standard().vehicle;
    VehicleCodes { brand: car.brand.name, model: car.model.name, ..vehicle.clone() }
}

fn secrets(account: &InsurerConfig) -> BTreeMap<String, String> {
    account.secrets.iter().map(|(name, secret)| (name.clone(), secret.reveal().to_owned())).collect()
}

/// Writes the fixture under a name that is free; its path.
fn write(folder: &Path, heard: &Heard, text: &str) -> Result<String, String> {
    let folder = folder.join("fixtures").join(heard.operation.name());
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    let names = (1..).map(|n| if n == 1 { "recorded.toml".to_owned() } else { format!("recorded_{n}.toml") });
    let path = names.map(|name| folder.join(name)).find(|path| !path.exists()).unwrap_or_default();
    fs::write(&path, text).map_err(failed)?;
    Ok(path.display().to_string())
}
