//! Автокод, reports about vehicles: see `README.md`.

mod found;
mod papers;
mod reply;
mod request;
mod uid;
mod vehicle_info;

use std::sync::LazyLock;

use veer_contract::{
    Adapter, Erased, ErasedFlow, Manifest, create_then_poll::Poller, operation::VehicleInfo,
};

struct Avtocod;

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| crate::manifest(include_str!("manifest.toml")));
static VEHICLE_INFO: Erased<Poller<vehicle_info::Report>, VehicleInfo> =
    Erased::new(Poller(vehicle_info::Report));

/// The adapter.
pub(crate) fn adapter() -> &'static dyn Adapter {
    &Avtocod
}

impl Adapter for Avtocod {
    fn manifest(&self) -> &Manifest {
        &MANIFEST
    }

    fn vehicle_info(&self) -> Option<&dyn ErasedFlow<VehicleInfo>> {
        Some(&VEHICLE_INFO)
    }
}
