//! Ties this process to its parent.

use rustix::io::Result;
use rustix::process::{Signal, getppid, set_parent_process_death_signal, setpgid};

/// Whoever started this process, or 0 when that is of another namespace.
pub(crate) fn caller() -> i32 {
    getppid().map_or(0, |pid| pid.as_raw_nonzero().get())
}

/// Whether `parent` is still there.
pub(crate) fn is(parent: i32) -> bool {
    caller() == parent
}

/// Asks the kernel to kill us when the parent ends, and makes a group of our own.
/// False when the parent had ended before, so that the kernel's promise came too late.
pub(crate) fn bind_to(parent: i32) -> Result<bool> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if !is(parent) {
        return Ok(false);
    }
    setpgid(None, None)?;
    Ok(true)
}
