//! What becomes of whole processes: killed, frozen, out of disk, with the clock set, with very many calculations.
//!
//! Gateways are the real binary. Insurers and the partner that counts sales live in the test, so that they outlive
//! every gateway and their counts are the judge: nothing that was accepted is lost, no application is sent twice, no
//! limit is exceeded, each insurer has one verdict. No test asserts how fast anything is.

#[path = "../it/harness/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "the harness serves `tests/it`, and this takes what it needs of it"
)]
mod harness;

mod load;
mod stage;

mod clock_jumps;
mod deployed;
mod full_disk;
mod killed_under_load;
mod replicas;
mod ten_thousand;
