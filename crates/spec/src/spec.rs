//! One insurer, compiled.

use std::{fmt, sync::Arc};

use veer_contract::{
    Adapter, Callback, ErasedFlow, Fault, Manifest, Reply,
    operation::{
        Cancel, Confirm, Draft, Finalise, Login, PaymentStatus, Policies, Quote, VehicleInfo, Vehicles,
    },
};

use crate::{
    check::Uses,
    compile::{self, Compiled},
    flow::Line,
    model::Expr,
    problem::Problems,
    scene,
    value::{Why, text},
};

/// Changes where the engine reads a saved state otherwise than before: older states are then refused.
const STATES: &str = "states 1";
/// No insurer's correlation is longer.
const LONGEST_CORRELATION: usize = 200;

/// An insurer without code. A conversation holds on to the revision that it began with, so replacing a spec
/// by a newer one disturbs none that is under way.
pub struct Spec {
    compiled: Arc<Compiled>,
    revision: u32,
    quote: Option<Line<Quote>>,
    login: Option<Line<Login>>,
    finalise: Option<Line<Finalise>>,
    confirm: Option<Line<Confirm>>,
    payment_status: Option<Line<PaymentStatus>>,
    draft: Option<Line<Draft>>,
    policy: Option<Line<Policies>>,
    cancel: Option<Line<Cancel>>,
    vehicles: Option<Line<Vehicles>>,
    vehicle_info: Option<Line<VehicleInfo>>,
}

// === impl Spec ===

impl Spec {
    /// Compiles the texts of `manifest.toml` and `insurer.toml`, or says everything that is wrong with them.
    pub fn compile(manifest: &str, spec: &str) -> Result<Self, Problems> {
        let compiled = Arc::new(compile::compile(manifest, spec)?);
        let revision = digest(&[STATES, manifest, spec]);
        Ok(Self {
            revision,
            quote: Line::of(&compiled, revision),
            login: Line::of(&compiled, revision),
            finalise: Line::of(&compiled, revision),
            confirm: Line::of(&compiled, revision),
            payment_status: Line::of(&compiled, revision),
            draft: Line::of(&compiled, revision),
            policy: Line::of(&compiled, revision),
            cancel: Line::of(&compiled, revision),
            vehicles: Line::of(&compiled, revision),
            vehicle_info: Line::of(&compiled, revision),
            compiled,
        })
    }

    /// The digest of both texts. It is the version of every saved state: one of another revision is refused.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    fn about(&self, (expr, uses): &(Expr, Uses), reply: &Reply) -> Result<minijinja::Value, Fault> {
        let reply = scene::reply(uses, reply)?;
        let scene = scene::only_reply(reply, &self.compiled.enums);
        expr.value(&scene).map_err(|why| why.fault(&expr.place))
    }
}

impl Adapter for Spec {
    fn manifest(&self) -> &Manifest {
        &self.compiled.manifest
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        self.quote.as_ref().map(|line| line as _)
    }

    fn login(&self) -> Option<&dyn ErasedFlow<Login>> {
        self.login.as_ref().map(|line| line as _)
    }

    fn finalise(&self) -> Option<&dyn ErasedFlow<Finalise>> {
        self.finalise.as_ref().map(|line| line as _)
    }

    fn confirm(&self) -> Option<&dyn ErasedFlow<Confirm>> {
        self.confirm.as_ref().map(|line| line as _)
    }

    fn payment_status(&self) -> Option<&dyn ErasedFlow<PaymentStatus>> {
        self.payment_status.as_ref().map(|line| line as _)
    }

    fn draft(&self) -> Option<&dyn ErasedFlow<Draft>> {
        self.draft.as_ref().map(|line| line as _)
    }

    fn policy(&self) -> Option<&dyn ErasedFlow<Policies>> {
        self.policy.as_ref().map(|line| line as _)
    }

    fn cancel(&self) -> Option<&dyn ErasedFlow<Cancel>> {
        self.cancel.as_ref().map(|line| line as _)
    }

    fn vehicles(&self) -> Option<&dyn ErasedFlow<Vehicles>> {
        self.vehicles.as_ref().map(|line| line as _)
    }

    fn vehicle_info(&self) -> Option<&dyn ErasedFlow<VehicleInfo>> {
        self.vehicle_info.as_ref().map(|line| line as _)
    }

    fn session_expired(&self, reply: &Reply) -> bool {
        let condition = self.compiled.session_expired.as_ref();
        condition.is_some_and(|condition| self.about(condition, reply).is_ok_and(|value| value.is_true()))
    }

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        let Some(expr) = &self.compiled.callback else {
            return Err(Fault::not_understood("this insurer is not known to call back"));
        };
        let value = self.about(expr, received)?;
        let found = text(&value).map_err(|why| why.fault("callback"))?;
        let correlation = found.trim();
        if correlation.is_empty() || correlation.len() > LONGEST_CORRELATION {
            return Err(Why::Unfit("it is no correlation").fault("callback"));
        }
        Ok(Callback { correlation: correlation.to_owned() })
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spec({}, revision {:08x})", self.compiled.manifest.code, self.revision)
    }
}

/// FNV-1a: what is told apart are revisions of one file, by whoever wrote both.
fn digest(texts: &[&str]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for byte in texts.iter().flat_map(|text| text.bytes().chain([0])) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash
}
