//! The instance lock: whoever holds it is the root.
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::failure::Failure;

/// The lock, held as long as this lives.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Whether the file in the runtime dir is still the one that is locked.
    pub(crate) fn is_in_place(&self, runtime_dir: &Path) -> bool {
        let ours = self.file.metadata().map(|found| (found.dev(), found.ino()));
        let there = std::fs::symlink_metadata(runtime_dir.join("lock"));
        matches!((ours, there), (Ok(ours), Ok(there)) if ours == (there.dev(), there.ino()))
    }
}

/// Takes `R/lock` and writes our pid into it; `None` when another root holds it.
///
/// # Errors
/// The file cannot be opened, locked or written.
pub(crate) fn take(runtime_dir: &Path) -> Result<Option<Lock>, Failure> {
    let path = runtime_dir.join("lock");
    let refuse =
        |error: &dyn std::fmt::Display| Failure::new(format!("{}: {error}", path.display()));
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(|error| refuse(&error))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(None),
        Err(error) => return Err(refuse(&error)),
    }
    let text = format!("{}\n", std::process::id());
    file.set_len(0).map_err(|error| refuse(&error))?;
    file.rewind().map_err(|error| refuse(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| refuse(&error))?;
    Ok(Some(Lock { file }))
}

/// Whether a root holds the lock of this runtime dir now.
pub(crate) fn is_held(runtime_dir: &Path) -> bool {
    let Ok(file) = File::open(runtime_dir.join("lock")) else { return false };
    matches!(flock(&file, FlockOperation::NonBlockingLockShared), Err(Errno::WOULDBLOCK))
}

/// Asks the root that holds the lock to try a parked hub again.
pub(crate) fn wake(runtime_dir: &Path) {
    let text = std::fs::read_to_string(runtime_dir.join("lock")).unwrap_or_default();
    let Some(pid) = text.trim().parse().ok().and_then(rustix::process::Pid::from_raw) else {
        return;
    };
    let number = pid.as_raw_nonzero();
    let name = std::fs::read_to_string(format!("/proc/{number}/comm")).unwrap_or_default();
    // Only a root of ours handles the signal; any other process would end.
    if is_held(runtime_dir) && name.trim_end() == "bulkhead" {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::USR1);
    }
}

#[cfg(test)]
mod tests {
    use super::{is_held, take};

    #[test]
    fn only_one_holds_the_lock_and_it_ends_with_its_holder() {
        let folder = std::env::temp_dir().join(format!("bh-lock-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        assert!(!is_held(&folder));
        let first = take(&folder).unwrap();
        assert!(first.is_some());
        assert!(is_held(&folder));
        assert!(take(&folder).unwrap().is_none());
        let text = std::fs::read_to_string(folder.join("lock")).unwrap();
        assert_eq!(text.trim(), std::process::id().to_string());
        drop(first);
        // A program that a neighbouring test starts holds a copy of the descriptor until its exec.
        let limit = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while is_held(&folder) && std::time::Instant::now() < limit {
            std::thread::yield_now();
        }
        assert!(!is_held(&folder));
        assert!(take(&folder).unwrap().is_some());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
