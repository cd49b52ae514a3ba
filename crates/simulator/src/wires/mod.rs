//! The wire formats: one folder each. A wire parses the call, checks the credentials, has the risk
//! priced and writes the answer; what then happens to the answer is the [exchange](crate::exchange)'s.

pub(crate) mod alfastrah;
pub(crate) mod avtocod;
mod fields;
pub(crate) mod ingosstrakh;
pub(crate) mod renessans;
mod upsales;

use std::sync::Arc;

use actix_web::web::ServiceConfig;

use crate::{
    Wire,
    company::Company,
    exchange::{Operation, Reply},
};

/// What insurers say when the register of drivers and policies does not answer.
const REGISTRY_DOWN: &str = "Сервис РСА временно недоступен, повторите запрос позже (34030023)";

/// An insurer with what its wire has to remember.
#[derive(Clone)]
pub(crate) enum State {
    Alfastrah(actix_web::web::Data<alfastrah::Insurer>),
    Ingosstrakh(actix_web::web::Data<ingosstrakh::Insurer>),
    Renessans(actix_web::web::Data<renessans::Insurer>),
    Avtocod(actix_web::web::Data<avtocod::Insurer>),
}

// === impl State ===

impl State {
    pub(crate) fn new(company: Arc<Company>) -> Self {
        use actix_web::web::Data;
        match company.wire {
            Wire::Alfastrah => Self::Alfastrah(Data::new(alfastrah::Insurer::new(company))),
            Wire::Ingosstrakh => Self::Ingosstrakh(Data::new(ingosstrakh::Insurer::new(company))),
            Wire::Renessans => Self::Renessans(Data::new(renessans::Insurer::new(company))),
            Wire::Avtocod => Self::Avtocod(Data::new(avtocod::Insurer::new(company))),
        }
    }
}

/// The names of the operations that faults can hit, of all wires.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    Wire::all().flat_map(Wire::operations)
}

// === impl Wire ===

impl Wire {
    /// What an insurer of this wire is asked for, by the names of the journal; logins are left out, for
    /// faults do not hit them.
    pub fn operations(self) -> Vec<&'static str> {
        let names = |operations: &[&Operation]| operations.iter().map(|operation| operation.name).collect();
        match self {
            Wire::Alfastrah => names(&alfastrah::OPERATIONS),
            Wire::Ingosstrakh => names(&ingosstrakh::OPERATIONS),
            Wire::Renessans => names(&renessans::OPERATIONS),
            Wire::Avtocod => names(&avtocod::OPERATIONS),
        }
    }
}

/// Puts the wire's paths into an application.
pub(crate) fn configure(state: &State, config: &mut ServiceConfig) {
    match state {
        State::Alfastrah(insurer) => alfastrah::configure(config.app_data(insurer.clone())),
        State::Ingosstrakh(insurer) => ingosstrakh::configure(config.app_data(insurer.clone())),
        State::Renessans(insurer) => renessans::configure(config.app_data(insurer.clone())),
        State::Avtocod(insurer) => avtocod::configure(config.app_data(insurer.clone())),
    }
}

/// How an insurer of that wire says that it is broken.
pub(crate) fn technical_error(wire: Wire) -> Reply {
    match wire {
        Wire::Alfastrah => alfastrah::failure(500, "Внутренняя ошибка сервера"),
        Wire::Ingosstrakh => ingosstrakh::soap_fault("Внутренняя ошибка сервера"),
        Wire::Renessans => {
            Reply { status: 500, ..renessans::failure("Внутренняя ошибка сервера") }
        }
        Wire::Avtocod => avtocod::failure(500, "GenericSystemError", "Внутренняя ошибка сервера"),
    }
}

/// How an insurer of that wire says that the register does not answer.
pub(crate) fn registry_down(wire: Wire, operation: &str) -> Reply {
    match wire {
        Wire::Alfastrah => alfastrah::failure(500, REGISTRY_DOWN),
        Wire::Ingosstrakh => ingosstrakh::failure(operation, -1, REGISTRY_DOWN),
        Wire::Renessans => renessans::failure(REGISTRY_DOWN),
        Wire::Avtocod => avtocod::failure(500, "GenericSystemError", REGISTRY_DOWN),
    }
}
