//! The system call filter.

mod bpf;
mod calls;
mod rules;

use std::io;

use crate::profile::Profile;

/// Puts the profile's filter on this process and all it becomes. Needs `no_new_privs`.
pub(crate) fn install(profile: &Profile) -> Result<(), String> {
    let mut steps = bpf::assemble(&rules::rules(profile))?;
    let len = u16::try_from(steps.len()).map_err(|_| "the filter is too long".to_owned())?;
    let program = libc::sock_fprog { len, filter: steps.as_mut_ptr() };
    let at: *const libc::sock_fprog = &program;
    // SAFETY: the kernel reads `len` steps behind the pointer; both live until the call is over.
    let done = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, at) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error().to_string()) }
}
