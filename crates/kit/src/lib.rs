//! The test kit: given an insurer's adapter and folder, it tests both without a network and without the
//! author writing a test.
//!
//! | module | what it does |
//! |---|---|
//! | [`requests`] | the invented requests that all fixtures start from |
//! | [`fixture`] | one conversation as a script in TOML, read strictly: an unknown key fails |
//! | [`given`] | what a fixture gives the adapter: a request with changes, the date, ids, settings |
//! | [`body`] | what two bodies have in common whatever their spelling: JSON values, form pairs, XML trees |
//! | `replay` | plays a fixture; the state is saved and reloaded at every step |
//! | `failures` | derives a hundred broken replies from each good one and demands an orderly end |
//! | `losses` | loses the reply to every call that creates and demands that the adapter asks before it creates |
//! | `callbacks` | plays insurers' own calls, whole and broken |
//! | `flips` | falsifies every expected value in turn and demands that the replay notices |
//! | `secrecy` | demands that nothing printable holds personal data |
//! | `folder` | reads an insurer's folder |
//! | `shape` | looks at the folder as a whole, with messages that teach |
//!
//! [`check`] does all of it and returns a [`Report`] of every problem at once. What happens to an insurer
//! whose connection breaks, who answers 401, 429 or 502, or who hangs, is the host's, and tested there.

pub mod body;
mod callbacks;
mod drive;
mod failures;
pub mod fixture;
mod flips;
mod folder;
pub mod given;
mod json;
mod losses;
mod replay;
mod report;
pub mod requests;
mod secrecy;
mod shape;
mod xml;

use std::path::Path;

use veer_contract::{
    Adapter, ErasedFlow, Operation, OperationKind,
    operation::{
        Cancel, Confirm, Draft, Finalise, Login, PaymentStatus, Policies, Quote, VehicleInfo, Vehicles,
    },
};

pub use folder::folders;
pub use report::Report;

use crate::{folder::Folder, given::FixtureInput};

/// Checks one insurer: everything that can be known about it without its network.
pub fn check(adapter: &dyn Adapter, folder: &Path) -> Report {
    let mut report = Report::of(folder);
    let folder = Folder::read(folder, &mut report);
    shape::check(adapter, &folder, &mut report);
    for kind in veer_contract::adapter::operations(adapter) {
        match kind {
            OperationKind::Quote => operation::<Quote>(adapter, adapter.quote(), &folder, &mut report),
            OperationKind::Login => operation::<Login>(adapter, adapter.login(), &folder, &mut report),
            OperationKind::Finalise => {
                operation::<Finalise>(adapter, adapter.finalise(), &folder, &mut report)
            }
            OperationKind::Confirm => operation::<Confirm>(adapter, adapter.confirm(), &folder, &mut report),
            OperationKind::PaymentStatus => {
                operation::<PaymentStatus>(adapter, adapter.payment_status(), &folder, &mut report);
            }
            OperationKind::Draft => operation::<Draft>(adapter, adapter.draft(), &folder, &mut report),
            OperationKind::Policies => operation::<Policies>(adapter, adapter.policy(), &folder, &mut report),
            OperationKind::Cancel => operation::<Cancel>(adapter, adapter.cancel(), &folder, &mut report),
            OperationKind::Vehicles => {
                operation::<Vehicles>(adapter, adapter.vehicles(), &folder, &mut report)
            }
            OperationKind::VehicleInfo => {
                operation::<VehicleInfo>(adapter, adapter.vehicle_info(), &folder, &mut report);
            }
        }
    }
    for (name, fixture) in folder.callbacks() {
        callbacks::check(adapter, fixture, &name, &mut report);
    }
    report
}

fn operation<O: Operation>(
    adapter: &dyn Adapter,
    flow: Option<&dyn ErasedFlow<O>>,
    folder: &Folder,
    report: &mut Report,
) where
    O::Input: FixtureInput,
{
    let Some(flow) = flow else { return };
    for (name, fixture) in folder.fixtures(O::KIND) {
        let case = match drive::Case::new(adapter, flow, fixture) {
            Ok(case) => case,
            Err(problem) => {
                report.add(&name, problem);
                continue;
            }
        };
        let differences = replay::differences(&case, fixture);
        report.replayed += 1;
        if !differences.is_empty() {
            // What follows compares with this conversation, so it must stand first.
            differences.into_iter().for_each(|difference| report.add(&name, difference));
            continue;
        }
        failures::check(&case, fixture, &name, report);
        losses::check(&case, fixture, &name, report);
        flips::check(&case, fixture, &name, report);
    }
}
