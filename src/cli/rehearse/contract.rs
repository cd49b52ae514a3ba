//! The partner API's answers, as data.
//!
//! Written from the API's public documentation and not from the gateway's own types: what both have wrong in
//! the same way would not be seen.

use super::shape::Kind;
use super::shape::{
    Kind::{
        Address, Day, Flag, FlagOrNull, Id, Instant, Integer, List, Logo, Measure, Object, OneOf, Pdf,
        Roubles, Text, Word,
    },
    may, must,
};

/// Every status of a calculation.
pub(super) const CALCULATION_STATUSES: &[&str] = &[
    "DRAFT",
    "PARTNER_CALCULATION_IN_PROGRESS",
    "CALCULATION_READY",
    "PAID",
    "CLOSED",
    "NO_CALCULATION_AVAILABLE",
    "CALCULATION_ERROR",
];

/// Every status of an offer.
pub(super) const OFFER_STATUSES: &[&str] = &[
    "CREATED",
    "PRE_CALC_SENT",
    "PRE_CALC_IN_PROGRESS",
    "PRE_CALC_READY",
    "APPROVED",
    "REJECTED",
    "PAYMENT_READY",
    "PAYMENT_LINK_FAILED",
    "PAYMENT_COMPLETED",
    "PAYMENT_CANCELLED",
    "CLOSED_PAID",
    "CLOSED_OTHER_OFFER",
    "CLOSED_TIMEOUT",
    "OFFER_ERROR",
];

const CATEGORIES: &[&str] = &["A", "B", "C", "D", "E"];

/// An error without fields.
pub(super) const ERROR: Kind = Object(&[must("request_id", Id), must("message", Word)]);

/// A 400.
pub(super) const WRONG: Kind = Object(&[
    must("request_id", Id),
    must("message", Word),
    may("properties", List(&Object(&[must("property", Word), must("message", Word)]))),
]);

/// `POST /osago/calculate`.
pub(super) const ACCEPTED: Kind = Object(&[must("request_id", Id), must("calculation_date", Instant)]);

/// `GET /osago/calculate`.
pub(super) const CALCULATION: Kind = Object(&[
    must("request_id", Id),
    must("status", OneOf(CALCULATION_STATUSES)),
    must("partner", PARTNER),
    may("offers", List(&OFFER)),
    may("drivers", List(&DRIVER)),
]);

/// `GET /osago/calculate/status`.
pub(super) const STATUSES: Kind = Object(&[
    must("request_id", Id),
    must("status", OneOf(CALCULATION_STATUSES)),
    may("offers", List(&Object(&[must("offer_id", Word), must("offer_status", OneOf(OFFER_STATUSES))]))),
]);

/// `GET` and `POST /osago/offer`.
pub(super) const OFFER: Kind = Object(&[
    must("offer_id", Word),
    must("partner", PARTNER),
    must("status", OneOf(OFFER_STATUSES)),
    may("price", Roubles),
    may("is_prolongation", Flag),
    may("is_ext_prolongation", Flag),
    may("is_reinsurance_pool", FlagOrNull),
    may("draft_url", Address),
    may("payment_url", Address),
    may("policy_series", Word),
    may("policy_number", Word),
    may("message", Word),
    may("upsales", List(&UPSALE)),
]);

/// `GET /osago/offer/draft`.
pub(super) const DRAFT: Kind = Object(&[
    must("request_id", Id),
    must("offer_id", Word),
    must("status", OneOf(&["success", "inProcess"])),
    may("url", Address),
    may("file", FILE),
]);

/// `GET /osago/offer/policy`.
pub(super) const POLICY: Kind = Object(&[
    must("request_id", Id),
    must("offer_id", Word),
    must("status", OneOf(OFFER_STATUSES)),
    may("policy_start_date", Instant),
    may("url", Address),
    may("file", FILE),
]);

const FILE: Kind = Object(&[must("type", OneOf(&["base64"])), must("data", Pdf)]);

const PARTNER: Kind = Object(&[must("code", Integer), must("name", Word), may("logo_url", Logo)]);

const UPSALE: Kind = Object(&[
    must("id", Word),
    may("is_required", Flag),
    may("upsale_code", Text),
    must("short_name", Word),
    must("full_name", Word),
    must("insured", Text),
    must("insurance_period", Text),
    may("options", List(&OPTION)),
]);

const OPTION: Kind = Object(&[
    must("id", Integer),
    must("is_default", Flag),
    must("compatibility_id", Integer),
    must("name", Word),
    must("description", Text),
    must("insured", Text),
    must("price", Roubles),
    must("risk_payments", List(&Object(&[must("risk", Word), must("pays", List(&Text))]))),
]);

const DRIVER: Kind = Object(&[
    must("series", Text),
    must("number", Word),
    must(
        "coefficients",
        Object(&[
            may("tb", Measure),
            may("kt", Measure),
            may("kbm", Measure),
            may("kvs", Measure),
            may("ks", Measure),
            may("kp", Measure),
            may("km", Measure),
            may("kn", Measure),
            may("ko", Measure),
            may("kpr", Measure),
        ]),
    ),
]);

/// `GET /dictionaries/brands`.
pub(super) const BRANDS: Kind = Object(&[must("brands", List(&BRAND))]);

/// `GET /dictionaries/models`.
pub(super) const MODELS: Kind = Object(&[
    must("brand_id", Word),
    must(
        "models",
        List(&Object(&[
            must("model_id", Word),
            must("name", Word),
            may("name_ru", Text),
            // Singular here, plural in sync-all: both are the documented names.
            may("vehicle_type", List(&OneOf(CATEGORIES))),
        ])),
    ),
]);

/// `GET /dictionaries/years`.
pub(super) const YEARS: Kind =
    Object(&[may("brand_id", Word), must("model_id", Word), must("years", List(&Integer))]);

/// `GET /dictionaries/powers`.
pub(super) const POWERS: Kind =
    Object(&[must("model_id", Word), must("year", Integer), must("powers", List(&Measure))]);

/// `GET /dictionaries/modifications`.
pub(super) const MODIFICATIONS: Kind =
    Object(&[must("modifications", List(&Object(&[must("id", Integer), must("name", Word)])))]);

/// `GET /dictionaries/sync-all`.
pub(super) const SYNC_ALL: Kind = Object(&[must(
    "brands",
    List(&Object(&[
        must("brand_id", Word),
        must("name", Word),
        may("name_ru", Text),
        must("models", List(&SYNC_MODEL)),
    ])),
)]);

/// `GET /auto/info`.
pub(super) const VEHICLE: Kind = Object(&[
    may("car_number", Word),
    may("category", OneOf(CATEGORIES)),
    may("vin", Word),
    may("body_number", Word),
    may("chassis_number", Word),
    must("brand", BRAND),
    must("model", Object(&[must("model_id", Word), must("name", Word), may("name_ru", Text)])),
    may("modification", Object(&[must("modification_id", Word), must("name", Word)])),
    must("year", Integer),
    must("engine_power", Measure),
    must(
        "car_documents",
        List(&Object(&[
            must("series", Text),
            must("number", Word),
            must("date", Day),
            must("document_type", OneOf(&["sts", "pts", "epts"])),
        ])),
    ),
]);

const BRAND: Kind = Object(&[must("brand_id", Word), must("name", Word), may("name_ru", Text)]);

const SYNC_MODEL: Kind = Object(&[
    must("model_id", Word),
    must("name", Word),
    may("name_ru", Text),
    must("vehicle_types", List(&OneOf(CATEGORIES))),
    must("years", List(&Object(&[must("year", Integer), must("engine_powers", List(&Measure))]))),
]);
