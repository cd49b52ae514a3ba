//! How a calculation is asked for: a tree of fields with bracketed names, as PHP reads them.

use veer_contract::{
    Context, Decline,
    domain::{Person, PersonName, Personal, Purpose, QuoteRequest},
    slot,
};

use crate::{
    codes,
    required::{self, Role},
    written::cyrillic,
};

/// The fields in order.
#[derive(Default)]
struct Fields(Vec<(String, String)>);

// === impl Fields ===

impl Fields {
    fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    fn add_if_there(&mut self, name: impl Into<String>, value: Option<&Personal<String>>) {
        if let Some(value) = value {
            self.add(name, value.as_str());
        }
    }

    fn name(&mut self, prefix: &str, name: &PersonName) {
        self.add(format!("{prefix}[lastname]"), name.last.as_str());
        self.add(format!("{prefix}[name]"), name.first.as_str());
        self.add_if_there(format!("{prefix}[middlename]"), name.middle.as_ref());
    }

    fn person(&mut self, prefix: &str, person: &Person) {
        self.name(prefix, &person.name);
        self.add(format!("{prefix}[birthday]"), person.birth_date.reveal().to_string());
    }
}

/// The form of the calculation, or the field that it cannot do without.
pub(super) fn calculation(input: &QuoteRequest, cx: &Context<'_>) -> Result<Vec<(String, String)>, Decline> {
    required::vehicle_identity(input)?;
    let mut fields = Fields::default();
    fields.add("key", slot::secret("key"));
    fields.add("dateStart", input.policy_start.to_string());
    fields.add("period", "12");
    fields.add("purpose", purpose(input.purpose));
    fields.add("limitDrivers", if input.drivers.is_unlimited() { "0" } else { "1" });
    fields.add("trailer", "0");
    fields.add("isJuridical", "0");
    fields.add("codeKladr", owner_kladr(&input.owner)?);
    owner(&mut fields, &input.owner)?;
    car(&mut fields, input, cx);
    fields.add("usagePeriod[0][dateStart]", input.policy_start.to_string());
    fields.add("usagePeriod[0][dateEnd]", input.policy_end().to_string());
    for (place, person) in input.drivers.named().iter().enumerate() {
        driver(&mut fields, place, person)?;
    }
    fields.add("fullInformation", "1");
    Ok(fields.0)
}

fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Personal => "Личная",
        Purpose::Taxi => "Такси",
    }
}

/// The service takes codes of cities, streets and houses.
fn owner_kladr(owner: &Person) -> Result<String, Decline> {
    let address = Role::Owner.needs_registration(owner)?;
    codes::kladr_of_length(address, &[13, 17, 19])
        .ok_or_else(|| Role::Owner.lacks("addresses[0].addresses_kladr_code"))
}

/// A passport, or else the licence, which the service takes as an identity document too.
fn owner(fields: &mut Fields, owner: &Person) -> Result<(), Decline> {
    fields.person("owner", owner);
    if let (None, Some(licence)) = (&owner.passport, &owner.licence) {
        fields.add("owner[document][typeofdocument]", "DriverLicense");
        fields.add("owner[document][series]", cyrillic(licence.series.as_str()));
        fields.add("owner[document][number]", licence.number.as_str());
        fields.add("owner[document][dateIssue]", licence.date.reveal().to_string());
        return Ok(());
    }
    let passport = Role::Owner.needs(owner.passport.as_ref(), "passport")?;
    fields.add("owner[document][typeofdocument]", "RussianPassport");
    fields.add("owner[document][series]", passport.series.as_str());
    fields.add("owner[document][number]", passport.number.as_str());
    fields.add_if_there("owner[document][issued]", passport.issuer.as_ref());
    fields.add("owner[document][dateIssue]", passport.issued_on.reveal().to_string());
    Ok(())
}

fn car(fields: &mut Fields, input: &QuoteRequest, cx: &Context<'_>) {
    let vehicle = &input.vehicle;
    fields.add("car[make]", cx.vehicle.brand.as_str());
    fields.add("car[model]", cx.vehicle.model.as_str());
    // Free text: the request's own words, also where the dictionary has only `Прочие`.
    fields.add("car[MarkAndModelString]", format!("{} {}", vehicle.brand.name, vehicle.model.name));
    fields.add("car[category]", vehicle.category().letter().to_string());
    fields.add("car[power]", vehicle.engine_power.as_json_number().to_string());
    fields.add_if_there("car[documents][vin]", vehicle.vin.as_ref());
    if let Some(plate) = &vehicle.plate {
        fields.add("car[documents][registrationNumber]", cyrillic(plate.as_str()));
    }
    fields.add_if_there("car[documents][chassisNumber]", vehicle.chassis_number.as_ref());
    fields.add_if_there("car[documents][carcaseNumber]", vehicle.body_number.as_ref());
}

fn driver(fields: &mut Fields, place: usize, person: &Person) -> Result<(), Decline> {
    let licence = Role::Driver(place).needs(person.any_licence(), "license")?;
    let series = match person.licence {
        Some(_) => cyrillic(licence.series.as_str()),
        None => licence.series.as_str().to_owned(),
    };
    let prefix = format!("drivers[{place}]");
    fields.person(&prefix, person);
    fields.add(format!("{prefix}[license][series]"), series);
    fields.add(format!("{prefix}[license][number]"), licence.number.as_str());
    // The partner API has one date for issue and for the start of experience.
    let date = licence.date.reveal().to_string();
    fields.add(format!("{prefix}[license][dateIssue]"), date.as_str());
    fields.add(format!("{prefix}[license][dateBeginDrive]"), date);
    Ok(())
}
