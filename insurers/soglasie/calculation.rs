//! `calcProduct`: a contract as parameters and coefficients by their number or their short name, in SOAP 1.1.

use jiff::civil::Date;
use veer_contract::{
    Auth, Call, Context, Decline, Effect, Lane, Method,
    domain::{Coefficient, Licence, Person, Purpose, QuoteRequest, VehicleCategory, VehicleDocumentKind},
};

use super::{errors::WITH_ERROR_BODY, kbm::Bonus, request};
use crate::{
    codes,
    required::{self, Role},
    soap,
    written::cyrillic,
    xml::Writer,
};

/// The service's `brief` of the product.
const PRODUCT: &str = "ОСАГО";
/// A person, as owner and as policyholder.
const PERSON: &str = "1001";
/// Months of use: a whole year.
const WHOLE_YEAR: &str = "12";

/// What a calculation is written from; nothing that the insurer needs is missing.
pub(super) struct Contract<'a> {
    input: &'a QuoteRequest,
    cx: &'a Context<'a>,
    model: i64,
    territory: String,
    plate: Option<String>,
    drivers: Vec<(&'a Person, &'a Licence)>,
}

// === impl Contract ===

impl<'a> Contract<'a> {
    /// Checks that the insurer has what it needs.
    pub(super) fn of(input: &'a QuoteRequest, cx: &'a Context<'a>) -> Result<Self, Decline> {
        required::vehicle_identity(input)?;
        let model = request::model(cx)?;
        let address = Role::Owner.needs_registration(&input.owner)?;
        let territory = codes::kladr_of_length(address, &[13]);
        let territory = territory.ok_or_else(|| Role::Owner.lacks("addresses[0].city_kladr_code"))?;
        let mut drivers = Vec::new();
        for (place, person) in input.drivers.named().iter().enumerate() {
            drivers.push((person, Role::Driver(place).needs(person.licence.as_ref(), "license")?));
        }
        Ok(Self { input, cx, model, territory, plate: plate(input)?, drivers })
    }

    /// The call, with what the registry says of the drivers; nothing where anybody may drive.
    pub(super) fn call(&self, bonus: Option<&Bonus>) -> Call {
        let namespace = Writer::attribute("xmlns:ccm", self.cx.settings.get("namespace"));
        let body = soap::body(|xml| {
            xml.element(&format!("ccm:calcProduct{namespace}"), |xml| {
                xml.element("data", |xml| self.data(xml, bonus));
            });
        });
        let action = self.cx.settings.get("soap_action");
        // A price is computed and not kept.
        Call::new("calcProduct", Lane::Create, Effect::Read, Method::Post, "CCM/CCMService")
            .with_header("SOAPAction", format!("\"{action}\""))
            .with_body(body)
            .with_auth(Auth::Basic)
            .accepting(&WITH_ERROR_BODY)
    }

    fn data(&self, xml: &mut Writer, bonus: Option<&Bonus>) {
        xml.leaf("subuser", self.cx.settings.get("sub_user"));
        xml.element("product", |xml| xml.leaf("brief", PRODUCT));
        xml.element("contract", |xml| {
            xml.leaf("datebeg", &format!("{}T00:00:00", self.input.policy_start));
            xml.leaf("dateend", &format!("{}T23:59:59", self.input.policy_end()));
            self.terms(xml, bonus);
            self.vehicle(xml);
            self.people(xml);
            let unlimited = || self.cx.settings.get("unlimited_kbm").to_owned();
            coefficient(xml, "Кбм", &bonus.map_or_else(unlimited, |bonus| plain(bonus.value)));
            xml.leaf("datecalc", &format!("{}T00:00:00", self.cx.today));
        });
        xml.element("calc", |xml| xml.leaf("saveOnError", "false"));
    }

    fn terms(&self, xml: &mut Writer, bonus: Option<&Bonus>) {
        named(xml, "ВидДокумента", "ДогСтрахЕОСАГО");
        named(xml, "ДопускБезОграничений", if self.input.drivers.is_unlimited() { "1" } else { "0" });
        if let Some(bonus) = bonus {
            named(xml, "ИДРасчетаКБМ", &bonus.request_id);
        }
        named(xml, "ПериодИсп", WHOLE_YEAR);
        // 24: an electronic policy.
        named(xml, "ПотокВвода", "24");
        named(xml, "ПризнСтрахПрицеп", "0");
        named(xml, "Пролонгация", "0");
        // 8: a year.
        named(xml, "СрокСтрах", "8");
        named(xml, "ТерриторияИспользования", &self.territory);
        named(xml, "ТипСобственникаТС", PERSON);
        numbered(xml, 32, [PERSON]);
        numbered(
            xml,
            846,
            [match self.input.purpose {
                Purpose::Personal => "1",
                Purpose::Taxi => "5",
            }],
        );
    }

    fn vehicle(&self, xml: &mut Writer) {
        let vehicle = &self.input.vehicle;
        named(xml, "МодельТС", &self.model.to_string());
        named(xml, "Мощность", &vehicle.engine_power.as_json_number().to_string());
        named(xml, "ТипТСОСАГО", category(vehicle.category()));
        named(xml, "ТСИностранное", "0");
        named(xml, "ТранзитныйНомер", "0");
        if let Some(plate) = &self.plate {
            numbered(xml, 761, [plate]);
        }
        if let Some(vin) = vehicle.vin.as_ref().filter(|vin| !vin.as_str().trim().is_empty()) {
            numbered(xml, 1421, [vin.as_str()]);
        }
        numbered(xml, 1162, [vehicle.year.to_string()]);
    }

    fn people(&self, xml: &mut Writer) {
        if self.drivers.is_empty() {
            return;
        }
        let of = |tell: &dyn Fn(&Person, &Licence) -> String| -> Vec<String> {
            self.drivers.iter().map(|(person, licence)| tell(person, licence)).collect()
        };
        let years = |since: Date| full_years(since, self.cx.today).to_string();
        let number = |_: &Person, licence: &Licence| {
            format!("{}{}", cyrillic(licence.series.as_str()), licence.number.as_str().trim())
        };
        numbered(xml, 2128, [of(&number).join(";")]);
        numbered(xml, 3206, [of(&|person, _| person.name.full()).join(";")]);
        numbered(xml, 11, of(&|person, _| years(*person.birth_date.reveal())));
        // The partner API has one date for issue and for the start of experience.
        numbered(xml, 31, of(&|_, licence| years(*licence.date.reveal())));
    }
}

/// The plate, which goes with a registration certificate and which a certificate cannot do without.
pub(super) fn plate(input: &QuoteRequest) -> Result<Option<String>, Decline> {
    let vehicle = &input.vehicle;
    if vehicle.main_document().is_none_or(|document| document.kind != VehicleDocumentKind::Sts) {
        return Ok(None);
    }
    let plate = vehicle.plate.as_ref().map(|plate| cyrillic(plate.as_str()));
    let plate = plate.filter(|plate| !plate.is_empty());
    plate.map(Some).ok_or_else(|| Decline::needs_field("vehicle.car_number"))
}

/// A parameter by its short name.
fn named(xml: &mut Writer, brief: &str, value: &str) {
    xml.element("param", |xml| {
        xml.leaf("brief", brief);
        xml.leaf("val", value);
    });
}

/// A parameter by its number; its value repeats where it has several.
fn numbered<T: AsRef<str>>(xml: &mut Writer, id: u16, values: impl IntoIterator<Item = T>) {
    xml.element("param", |xml| {
        xml.leaf("id", &id.to_string());
        for value in values {
            xml.leaf("val", value.as_ref());
        }
    });
}

fn coefficient(xml: &mut Writer, brief: &str, value: &str) {
    xml.element("coeff", |xml| {
        xml.leaf("brief", brief);
        xml.leaf("val", value);
    });
}

fn plain(value: Coefficient) -> String {
    value.as_json_number().to_string()
}

fn category(category: VehicleCategory) -> &'static str {
    match category {
        VehicleCategory::A => "1",
        VehicleCategory::C => "3",
        VehicleCategory::D => "4",
        // The manifest's scope lets no E through.
        VehicleCategory::B | VehicleCategory::E => "2",
    }
}

/// Full years from `from` to `to`, at least 0.
fn full_years(from: Date, to: Date) -> i16 {
    let before_the_day = (to.month(), to.day()) < (from.month(), from.day());
    (to.year() - from.year() - i16::from(before_the_day)).max(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn years_are_full_on_the_day() {
        assert_eq!(full_years(date(1985, 11, 17), date(2026, 11, 16)), 40);
        assert_eq!(full_years(date(1985, 11, 16), date(2026, 11, 16)), 41);
        assert_eq!(full_years(date(2027, 1, 1), date(2026, 11, 16)), 0);
    }
}
