//! What insurers share is pure: it reads and writes texts in memory.

#[path = "../../contract/tests/purity/dependencies.rs"]
mod dependencies;

#[test]
fn what_insurers_share_depends_on_no_io_clock_or_randomness() {
    dependencies::hold("veer-wire");
}
