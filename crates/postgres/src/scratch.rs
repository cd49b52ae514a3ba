//! A folder of one's own under the system's temporary one. Its path is short: a Unix socket's has 107 bytes.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

static MADE: AtomicU32 = AtomicU32::new(0);

/// Makes the folder. Others may look into it, because the server is another user's than who speaks to it.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    for _ in 0..100 {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("veer-pg-{}-{moment:x}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        match fs::DirBuilder::new().mode(0o755).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(format!("{} cannot be made: {error}", path.display())),
        }
    }
    Err("no free name for a scratch folder".into())
}
