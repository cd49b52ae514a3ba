//! `vehicleInfo`: what is insured, in the insurer's words.

use veer_contract::{
    Context,
    domain::{Personal, Purpose, QuoteRequest, VehicleDocument, VehicleDocumentKind},
};

use crate::{required::text, written::cyrillic, xml::Writer};

/// What the vehicle is written from.
pub(super) struct Insured<'a> {
    pub(super) request: &'a QuoteRequest,
    pub(super) cx: &'a Context<'a>,
    /// The insurer's number of the model in the year of production.
    pub(super) model: &'a str,
    pub(super) document: &'a VehicleDocument,
    /// Two digits.
    pub(super) region: String,
}

// === impl Insured ===

impl Insured<'_> {
    /// Writes the tree.
    pub(super) fn write(&self, xml: &mut Writer) {
        xml.element("vehicleInfo", |xml| xml.element("vehicleDetails", |xml| self.details(xml)));
    }

    fn details(&self, xml: &mut Writer) {
        let vehicle = &self.request.vehicle;
        xml.element("vehicleReferenceInfo", |xml| {
            xml.element("vehicleReferenceDetails", |xml| {
                xml.leaf("modelID", self.model);
                xml.leaf("engPwrHP", &vehicle.engine_power.as_json_number().to_string());
            });
        });
        let vin = text(vehicle.vin.as_ref()).trim();
        xml.element("VIN", |xml| {
            xml.leaf("isVINMissing", truth(vin.is_empty()));
            xml.leaf("isIrregularVIN", truth(!vin.is_empty() && !is_regular(vin)));
            if !vin.is_empty() {
                xml.leaf("VIN", vin);
            }
        });
        let plate = vehicle.plate.as_ref().map(|plate| Personal::new(cyrillic(plate.as_str())));
        numbered(xml, "registrationNumber", "isNoRegistrationNumber", plate.as_ref());
        numbered(xml, "chassis", "isChassisMissing", vehicle.chassis_number.as_ref());
        numbered(xml, "kuzovNumber", "isKuzovMissing", vehicle.body_number.as_ref());
        xml.element("countryOfRegistration", |xml| {
            xml.leaf("isNoCountryOfRegistration", "false");
            xml.leaf("countryOfRegistration", "RU");
        });
        xml.leaf("isUsedWithTrailer", "false");
        self.setting(xml, "mileage", "mileage");
        self.setting(xml, "numberOfOwners", "number_of_owners");
        xml.leaf("sourceAcquisition", "PURCHASED_FROM_PERSON");
        self.setting(xml, "vehicleCost", "vehicle_cost");
        let usage = match self.request.purpose {
            Purpose::Personal => "personal",
            Purpose::Taxi => "taxi",
        };
        xml.leaf("vehicleUsage", usage);
        xml.leaf("vehicleUseRegion", &self.region);
        xml.leaf("year", &vehicle.year.to_string());
        xml.element("vehicleDocument", |xml| self.paper(xml));
    }

    fn paper(&self, xml: &mut Writer) {
        let kind = match self.document.kind {
            VehicleDocumentKind::Sts => "STS",
            VehicleDocumentKind::Pts => "PTS",
            VehicleDocumentKind::Epts => self.cx.settings.get("document_epts"),
        };
        xml.leaf("documentType", kind);
        xml.leaf("documentSeries", &cyrillic(self.document.series.as_str()));
        xml.leaf("documentNumber", self.document.number.as_str());
        xml.leaf("documentIssued", &self.document.date.reveal().to_string());
    }

    /// What the partner API does not carry is sent as the operator says, or not at all.
    fn setting(&self, xml: &mut Writer, name: &str, setting: &str) {
        let value = self.cx.settings.get(setting);
        if !value.is_empty() {
            xml.leaf(name, value);
        }
    }
}

/// A number with the mark that there is none; the number stands in an element of the same name.
fn numbered(xml: &mut Writer, name: &str, mark: &str, number: Option<&Personal<String>>) {
    let number = text(number).trim();
    xml.element(name, |xml| {
        xml.leaf(mark, truth(number.is_empty()));
        if !number.is_empty() {
            xml.leaf(name, number);
        }
    });
}

/// Whether a VIN is as ISO 3779 wants it: 17 letters and figures, none of I, O and Q.
fn is_regular(vin: &str) -> bool {
    vin.len() == 17
        && vin
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() && !b"IOQ".contains(&byte.to_ascii_uppercase()))
}

/// How the service writes a truth.
pub(super) fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_odd_vin_is_marked() {
        assert!(is_regular("Z94C0000000000001"));
        assert!(!is_regular("Z94CI000000000001"));
        assert!(!is_regular("Z94C"));
        assert!(!is_regular("З94С0000000000001"));
    }
}
