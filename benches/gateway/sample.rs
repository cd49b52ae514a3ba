//! The documentation's own example request, each time as another vehicle's.

use std::sync::atomic::{AtomicU32, Ordering};

use uuid::Uuid;
use veer::partner::{fields, translate, wire};
use veer_contract::domain::{Personal, QuoteRequest};

const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/config/calculation-request.json"));
const ID: &str = "550e8400-e29b-41d4-a716-446655440000";
const VIN: &str = "XTA210990Y2765439";

/// What every VIN here begins with; seven digits follow.
pub(crate) const VIN_PREFIX: &str = "XTA210990Y";

/// A body to post.
pub(crate) struct Sample {
    /// The id in it.
    pub(crate) request_id: String,
    /// The VIN in it.
    pub(crate) vin: String,
    /// Its text.
    pub(crate) body: String,
}

// === impl Sample ===

impl Sample {
    /// The next one, unlike all others of this run.
    pub(crate) fn next() -> Self {
        let (request_id, vin) = (Uuid::new_v4().to_string(), next_vin());
        let body = TEXT.replace(ID, &request_id).replace(VIN, &vin);
        Self { request_id, vin, body }
    }
}

/// A VIN that no other sample of this process has.
pub(crate) fn next_vin() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{VIN_PREFIX}{:07}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The example as insurers are asked it.
pub(crate) fn quote_request() -> Result<QuoteRequest, String> {
    let body: serde_json::Map<_, _> = serde_json::from_str(TEXT).map_err(|error| error.to_string())?;
    let read = fields::read(&body, wire::CalculationRequest::read)
        .map_err(|_| "the documentation's example is refused".to_owned())?;
    Ok(translate::quote_request(read))
}

/// `request` with a VIN of its own.
pub(crate) fn another(request: &QuoteRequest) -> QuoteRequest {
    let mut request = request.clone();
    request.vehicle.vin = Some(Personal::new(next_vin()));
    request
}
