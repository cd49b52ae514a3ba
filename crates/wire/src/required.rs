//! Fields that an insurer cannot do without, by their names in the partner API.

use veer_contract::{
    Context, Decline, DeclineKind,
    domain::{Address, Contact, Person, Personal, QuoteRequest, VehicleDocument},
};

/// A person's role in the request, which begins the names of the person's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Who insures: `insurer` on the partner's wire.
    Policyholder,
    /// The vehicle's owner.
    Owner,
    /// The driver at that place of the request.
    Driver(usize),
}

// === impl Role ===

impl Role {
    /// `value`, or a decline that names the field.
    pub fn needs<'a, T>(self, value: Option<&'a T>, field: &str) -> Result<&'a T, Decline> {
        value.ok_or_else(|| self.lacks(field))
    }

    /// The decline that names the field.
    pub fn lacks(self, field: &str) -> Decline {
        Decline::needs_field(&self.path(field))
    }

    /// The address of registration, or a decline that names the field.
    pub fn needs_registration(self, person: &Person) -> Result<&Address, Decline> {
        self.needs(person.registration(), "addresses")
    }

    fn path(self, field: &str) -> String {
        match self {
            Role::Policyholder => format!("insurer.{field}"),
            Role::Owner => format!("owner.{field}"),
            Role::Driver(place) => format!("drivers_info.drivers[{place}].{field}"),
        }
    }
}

/// How the policyholder is reached, or a decline that names what is missing: electronic policies are mailed.
pub fn mailed_to(request: &QuoteRequest) -> Result<&Contact, Decline> {
    let contact = Role::Policyholder.needs(request.policyholder.contact.as_ref(), "contact")?;
    if contact.email.as_str().trim().is_empty() {
        return Err(Role::Policyholder.lacks("contact.email"));
    }
    Ok(contact)
}

/// The insurer's code of the model. The host skips an insurer with codes where it has none, so a missing one is as
/// good as not mapped.
pub fn model_code<'a>(cx: &'a Context<'_>) -> Result<&'a str, Decline> {
    cx.vehicle.code.as_deref().ok_or_else(not_mapped)
}

/// The decline of a vehicle without a code that the insurer knows.
pub fn not_mapped() -> Decline {
    Decline::new(DeclineKind::VehicleNotMapped, "Модели нет в справочнике страховщика")
}

/// The vehicle's main document, or a decline that names the field.
pub fn vehicle_document(request: &QuoteRequest) -> Result<&VehicleDocument, Decline> {
    request.vehicle.main_document().ok_or_else(|| Decline::needs_field("vehicle.car_documents"))
}

/// A decline where neither VIN nor body nor chassis number is there: no insurer takes such a vehicle.
pub fn vehicle_identity(request: &QuoteRequest) -> Result<(), Decline> {
    let vehicle = &request.vehicle;
    let known = [&vehicle.vin, &vehicle.body_number, &vehicle.chassis_number]
        .into_iter()
        .flatten()
        .any(|number| !number.as_str().trim().is_empty());
    if known { Ok(()) } else { Err(Decline::needs_field("vehicle.vin")) }
}

/// The text of an optional field; empty where it is absent.
pub fn text(value: Option<&Personal<String>>) -> &str {
    value.map_or("", Personal::as_str)
}
