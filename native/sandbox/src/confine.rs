//! Takes from this process all that its profile does not give, in the one order that works.

use crate::kernel;
use crate::landlock_wall::{self, Strictness};
use crate::places::Surroundings;
use crate::profile::Profile;
use crate::{capabilities, filter, limits};

/// Confines this process and all that it becomes. The error names the part that failed; then nothing may be run.
pub(crate) fn confine(
    profile: &Profile,
    around: &Surroundings,
    strictness: Strictness,
) -> Result<(), String> {
    let missing = kernel::missing_for_actors();
    if strictness == Strictness::Whole && !missing.is_empty() {
        return Err(format!("this kernel lacks {}", missing.join(", ")));
    }
    rustix::thread::set_no_new_privs(true).map_err(|error| format!("no_new_privs: {error}"))?;
    limits::set(profile).map_err(|error| format!("limits: {error}"))?;
    landlock_wall::raise(profile, around, strictness)?;
    capabilities::drop_all().map_err(|error| format!("capabilities: {error}"))?;
    if strictness == Strictness::Degraded && !kernel::has_seccomp() {
        return Ok(());
    }
    // Last, because it refuses some of the calls above.
    filter::install(profile).map_err(|error| format!("seccomp: {error}"))
}
