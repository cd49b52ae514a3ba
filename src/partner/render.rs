//! From what is known of a calculation to the bytes of its two answers.
//!
//! It runs when something changed, never when somebody asks.

use serde_json::Number;
use uuid::Uuid;
use veer_contract::domain::{
    Coefficient, Coefficients, CrossSale, CrossSaleOption, Kopecks, Offer, Person, Personal, QuoteRequest,
    RiskPayment,
};

use super::{error::json, wire};
use crate::{
    calculation::{Answer, CalculationStatus, InsurerIdentity, OfferEntry, OfferStatus, Render, Sale, View},
    offers::links::FileLinks,
    store::DocumentKind,
};

/// Renders answers in the aggregator's name.
#[derive(Clone)]
pub struct PartnerRender {
    /// The aggregator's code at the partner.
    pub code: i64,
    /// The aggregator's name.
    pub name: String,
    /// The aggregator's logo.
    pub logo_url: Option<String>,
    /// Makes the addresses of files.
    pub links: FileLinks,
}

// === impl PartnerRender ===

impl Render for PartnerRender {
    fn render(&self, view: &View<'_>) -> Answer {
        let entries = in_order(view);
        self.answer(
            view.request_id,
            view.status,
            entries.iter().map(|entry| self.offer(entry, view.request)).collect(),
            drivers(view.request, &entries),
            entries.iter().map(|entry| state(entry)).collect(),
        )
    }

    fn without_offers(&self, request_id: Uuid, status: CalculationStatus) -> Answer {
        self.answer(request_id, status, Vec::new(), Vec::new(), Vec::new())
    }
}

impl PartnerRender {
    /// One offer as it stands.
    pub(super) fn offer<'a>(&self, entry: &'a OfferEntry, request: &QuoteRequest) -> wire::OsagoOffer<'a> {
        let priced = priced(entry);
        let sale = entry.sale.as_deref();
        // A link that was given up, or that is for another choice, is not to be used any more.
        let is_payable = matches!(entry.status, OfferStatus::PaymentReady);
        let link = sale.and_then(Sale::link).filter(|_| is_payable);
        let policy = sale.and_then(|sale| sale.policy.as_ref());
        let has_draft = sale.is_some_and(|sale| sale.has_draft);
        wire::OsagoOffer {
            offer_id: &entry.offer_id,
            partner: insurer(&entry.insurer),
            status: entry.status.as_str(),
            price: entry.price().map(Kopecks::as_json_number),
            is_prolongation: priced.map(|offer| offer.is_prolongation),
            is_ext_prolongation: priced.map(|offer| offer.is_external_prolongation),
            is_reinsurance_pool: priced.and_then(|offer| offer.is_reinsurance_pool),
            draft_url: has_draft.then(|| self.links.address(&entry.offer_id, DocumentKind::Draft)),
            payment_url: link.map(|link| link.url.as_str()),
            policy_series: policy.map(|policy| Personal::as_str(&policy.series)),
            policy_number: policy.map(|policy| Personal::as_str(&policy.number)),
            message: entry.message.as_deref().or(priced.and_then(|offer| offer.message.as_deref())),
            upsales: priced.map(|offer| upsales(offer, request)).unwrap_or_default(),
        }
    }

    fn answer(
        &self,
        request_id: Uuid,
        status: CalculationStatus,
        offers: Vec<wire::OsagoOffer<'_>>,
        drivers: Vec<wire::DriverInfo<'_>>,
        states: Vec<wire::OfferState<'_>>,
    ) -> Answer {
        let status = status.as_str();
        let partner =
            wire::PartnerInfo { code: self.code, name: &self.name, logo_url: self.logo_url.as_deref() };
        let calculation = wire::Calculation { request_id, status, partner, offers, drivers };
        let status = wire::StatusAnswer { request_id, status, offers: states };
        Answer { calculation: json(&calculation), status: json(&status) }
    }
}

fn state(entry: &OfferEntry) -> wire::OfferState<'_> {
    wire::OfferState { offer_id: &entry.offer_id, offer_status: entry.status.as_str() }
}

/// Priced offers first, cheapest first; then the rest by insurer. Ties keep the insurer's own order, so the
/// same offers are always in the same order, whoever answered first.
fn in_order<'a>(view: &View<'a>) -> Vec<&'a OfferEntry> {
    let mut entries: Vec<_> =
        view.offers.iter().filter(|entry| priced(entry).is_some() || !view.priced_only).collect();
    entries.sort_by_key(|entry| {
        let price = entry.price();
        (price.is_none(), price, entry.insurer.partner_code, &entry.insurer.code)
    });
    entries
}

/// The offer, unless it was taken back: what nobody can buy has no price.
fn priced(entry: &OfferEntry) -> Option<&Offer> {
    entry.offer.as_ref().filter(|_| entry.stands())
}

fn insurer(insurer: &InsurerIdentity) -> wire::PartnerInfo<'_> {
    wire::PartnerInfo {
        code: insurer.partner_code,
        name: &insurer.name,
        logo_url: insurer.logo_url.as_deref(),
    }
}

/// Where cross-sales were not allowed, only those are shown without which the offer cannot be taken: hiding
/// them would hide a part of the price.
fn upsales<'a>(offer: &'a Offer, request: &QuoteRequest) -> Vec<wire::UpsaleInfo<'a>> {
    let is_pool = offer.is_reinsurance_pool == Some(true);
    let shown = |sale: &&CrossSale| request.cross_sales_allowed || sale.required || is_pool;
    offer.cross_sales.iter().filter(shown).map(upsale).collect()
}

fn upsale(sale: &CrossSale) -> wire::UpsaleInfo<'_> {
    wire::UpsaleInfo {
        id: &sale.id,
        is_required: sale.required,
        upsale_code: sale.code.as_deref(),
        short_name: &sale.short_name,
        full_name: &sale.full_name,
        insured: &sale.insured,
        insurance_period: &sale.insurance_period,
        options: sale.options.iter().map(option).collect(),
    }
}

fn option<'a>(option: &'a CrossSaleOption) -> wire::UpsaleOption<'a> {
    let pays = |payment: &'a RiskPayment| wire::RiskPays { risk: &payment.risk, pays: &payment.pays };
    wire::UpsaleOption {
        id: option.id,
        is_default: option.is_default,
        compatibility_id: option.compatibility_id,
        name: &option.name,
        description: &option.description,
        insured: &option.insured,
        risk_payments: option.risk_payments.iter().map(pays).collect(),
        price: option.price.as_json_number(),
    }
}

/// What the cheapest offer that says anything about coefficients says of each named driver.
fn drivers<'a>(request: &'a QuoteRequest, entries: &[&OfferEntry]) -> Vec<wire::DriverInfo<'a>> {
    let mut offers = entries.iter().filter_map(|entry| priced(entry));
    let Some(offer) = offers.find(|offer| has_coefficients(offer)) else { return Vec::new() };
    let people = request.drivers.named().iter().enumerate();
    people.filter_map(|(index, person)| driver(person, offer, index)).collect()
}

fn has_coefficients(offer: &Offer) -> bool {
    !offer.coefficients.is_empty() || offer.driver_coefficients.iter().any(|own| !own.is_empty())
}

fn driver<'a>(person: &'a Person, offer: &Offer, index: usize) -> Option<wire::DriverInfo<'a>> {
    let licence = person.any_licence()?;
    let own = offer.driver_coefficients.get(index).copied().unwrap_or_default();
    Some(wire::DriverInfo {
        series: Personal::as_str(&licence.series),
        number: Personal::as_str(&licence.number),
        coefficients: coefficients(own.or(offer.coefficients)),
    })
}

fn coefficients(known: Coefficients) -> wire::DriverCoefficients {
    let number =
        |coefficient: Option<Coefficient>| -> Option<Number> { coefficient.map(Coefficient::as_json_number) };
    wire::DriverCoefficients {
        tb: number(known.base_rate),
        kt: number(known.territory),
        kbm: number(known.bonus_malus),
        kvs: number(known.age_experience),
        ks: number(known.season),
        kp: number(known.term),
        km: number(known.power),
        kn: number(known.violations),
        ko: number(known.drivers),
        kpr: number(known.category),
    }
}
