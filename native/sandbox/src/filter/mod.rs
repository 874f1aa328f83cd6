//! The system call filter.

mod bpf;
mod calls;
mod rules;

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use crate::profile::{Network, Profile};

/// The kernel's names for these are newer than the crate that carries them.
const NEW_LISTENER: libc::c_ulong = 1 << 3;
const WAIT_KILLABLE: libc::c_ulong = 1 << 5;
/// Flags of a filter that asks. A signal must not break off a call that is answered already: it would be made twice.
pub(crate) const ASKING: libc::c_ulong = NEW_LISTENER | WAIT_KILLABLE;

/// Puts the profile's filter on this process and all it becomes. Needs `no_new_privs`.
pub(crate) fn install(profile: &Profile) -> Result<(), String> {
    set(&rules::rules(profile, profile.network), 0).map(|_| ())
}

/// The same for a foreign program; the calls that name a path wait for whoever holds the descriptor.
pub(crate) fn install_asking(profile: &Profile, network: Network) -> Result<OwnedFd, String> {
    let mut rules = rules::rules(profile, network);
    rules.extend(rules::asking());
    let made = set(&rules, ASKING)?;
    match i32::try_from(made) {
        // SAFETY: the kernel has just made it for us.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(format!("the kernel answered {made} instead of a descriptor")),
    }
}

fn set(rules: &[bpf::Rule], flags: libc::c_ulong) -> Result<i64, String> {
    let mut steps = bpf::assemble(rules)?;
    let len = u16::try_from(steps.len()).map_err(|_| "the filter is too long".to_owned())?;
    let program = libc::sock_fprog { len, filter: steps.as_mut_ptr() };
    let at: *const libc::sock_fprog = &program;
    let filter = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: the kernel reads `len` steps behind the pointer; both live until the call is over.
    let done = unsafe { libc::syscall(libc::SYS_seccomp, filter, flags, at) };
    if done >= 0 { Ok(done) } else { Err(io::Error::last_os_error().to_string()) }
}
