//! Ties this process to its parent.

use rustix::io::Result;
use rustix::process::{Signal, getppid, set_parent_process_death_signal, setpgid};

/// Asks the kernel to kill us when the parent ends, and makes a group of our own.
/// False when the parent had ended before, so that the kernel's promise came too late.
pub(crate) fn bind_to(parent: i32) -> Result<bool> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid().map_or(0, |pid| pid.as_raw_nonzero().get()) != parent {
        return Ok(false);
    }
    setpgid(None, None)?;
    Ok(true)
}
