//! What would be recorded of each insurer is a fixture that replays.

use std::{path::Path, sync::Arc};

use veer_kit::recording;

#[test]
fn every_insurers_recording_replays() {
    for adapter in veer_insurers::all() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(&adapter.manifest().code);
        let report = recording::check(Arc::new(*adapter), &folder);
        assert!(report.is_clean(), "{report}");
        assert!(report.replayed >= adapter.manifest().operations.len(), "{report}");
    }
}
