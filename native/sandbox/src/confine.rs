//! Takes from this process all that its profile does not give, in the one order that works.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

use crate::kernel;
use crate::landlock_wall::{self, Strictness};
use crate::places::Surroundings;
use crate::profile::{Network, Profile};
use crate::{capabilities, filter, limits};

/// The walls of a foreign program.
#[derive(Debug)]
pub(crate) struct Walls<'a> {
    pub(crate) profile: &'a Profile,
    /// Folders of what it may run.
    pub(crate) executable: Vec<PathBuf>,
    /// Ports it may connect to.
    pub(crate) ports: &'a [u16],
    pub(crate) strictness: Strictness,
}

/// Confines a process that is to become a foreign program; gives the end that hears its calls.
///
/// User-notify is never done without: what the policy closes would be open.
pub(crate) fn confine_program(walls: &Walls<'_>) -> Result<OwnedFd, String> {
    let Walls { profile, strictness, .. } = walls;
    take_powers(profile)?;
    let ports = [profile.ports, walls.ports].concat();
    landlock_wall::raise_for_program(&walls.executable, &ports, *strictness)?;
    capabilities::drop_all().map_err(|error| format!("capabilities: {error}"))?;
    let network = if ports.is_empty() { profile.network } else { Network::Client };
    filter::install_asking(profile, network).map_err(|error| format!("seccomp: {error}"))
}

/// What a launch of this profile would lack here, in words; the error when that is not accepted.
pub(crate) fn check_kernel(profile: &Profile, strictness: Strictness) -> Result<(), String> {
    if profile.is_supervised && !kernel::has_asking() {
        return Err("this kernel lacks user-notify, without which no program is started".to_owned());
    }
    let missing = kernel::missing_for_actors();
    if strictness == Strictness::Degraded || missing.is_empty() {
        return Ok(());
    }
    Err(format!("this kernel lacks {}", missing.join(", ")))
}

fn take_powers(profile: &Profile) -> Result<(), String> {
    rustix::thread::set_no_new_privs(true).map_err(|error| format!("no_new_privs: {error}"))?;
    limits::set(profile).map_err(|error| format!("limits: {error}"))
}

/// Confines this process and all that it becomes. The error names the part that failed; then nothing may be run.
pub(crate) fn confine(
    profile: &Profile,
    around: &Surroundings,
    strictness: Strictness,
) -> Result<(), String> {
    check_kernel(profile, strictness)?;
    take_powers(profile)?;
    landlock_wall::raise(profile, around, strictness)?;
    capabilities::drop_all().map_err(|error| format!("capabilities: {error}"))?;
    if strictness == Strictness::Degraded && !kernel::has_seccomp() {
        return Ok(());
    }
    // Last, because it refuses some of the calls above.
    filter::install(profile).map_err(|error| format!("seccomp: {error}"))
}
