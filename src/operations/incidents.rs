//! `GET /incidents`: what is wrong beyond one calculation: the registry's outages, and lanes whose breakers do not
//! simply let pass.

use std::sync::Arc;

use actix_web::{
    HttpResponse, get,
    web::{Data, ServiceConfig},
};

use crate::upstream::{
    Insurer,
    breaker::BreakerStanding,
    outage::{Incident, Outage},
};

/// Where incidents are seen.
#[derive(Clone)]
pub struct Incidents {
    /// The registry's.
    pub outage: Arc<Outage>,
    /// Everybody with a breaker, sources of vehicle data too.
    pub insurers: Vec<Arc<Insurer>>,
}

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(incidents);
}

// === impl Incidents ===

impl Incidents {
    /// The breakers that have something to tell, by insurer and lane.
    fn breakers(&self) -> Vec<BreakerStanding> {
        let all = self.insurers.iter().flat_map(|insurer| insurer.breakers());
        all.filter(|standing| !standing.is_quiet()).collect()
    }
}

/// Outages of the registry, now and before, and the lanes that are blocked now.
#[get("/incidents")]
async fn incidents(incidents: Data<Incidents>) -> HttpResponse {
    let (current, recent): (Option<Incident>, Vec<Incident>) = incidents.outage.incidents();
    HttpResponse::Ok().json(serde_json::json!({
        "registry_outage": { "current": current, "recent": recent },
        "breakers": incidents.breakers(),
    }))
}
