//! What this kernel offers for confinement.

use std::ptr;

use crate::filter;
use crate::landlock_wall::WHOLE_ABI;

const LANDLOCK_CREATE_RULESET_VERSION: u32 = 1;

/// One line of JSON: `{"landlockAbi":7,"userNotify":true,"closeRange":true,"pidfd":true,"missing":[]}`.
/// `landlockAbi` is 0 where there is no Landlock or it is switched off; `missing` is what an actor's profile lacks.
pub(crate) fn probe_line() -> String {
    format!(
        r#"{{"landlockAbi":{},"userNotify":{},"closeRange":{},"pidfd":{},"missing":[{}]}}"#,
        landlock_abi(),
        has_asking(),
        has_close_range(),
        has_pidfd(),
        missing_for_actors().iter().map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(","),
    )
}

/// Parts of an actor's profile that are not here, in words. Empty where all are.
pub(crate) fn missing_for_actors() -> Vec<String> {
    let abi = landlock_abi();
    let mut missing = Vec::new();
    if abi == 0 {
        missing.push("Landlock".to_owned());
    } else if abi < WHOLE_ABI {
        missing.push(format!("Landlock {WHOLE_ABI} (it has {abi})"));
    }
    if !has_seccomp() {
        missing.push("seccomp filters".to_owned());
    }
    missing
}

fn landlock_abi() -> i64 {
    let nothing: *const libc::c_void = ptr::null();
    // SAFETY: with this flag the kernel reads no memory and only answers a number.
    let abi = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            nothing,
            0_usize,
            LANDLOCK_CREATE_RULESET_VERSION,
        )
    };
    abi.max(0)
}

/// Whether calls can wait for a supervisor that opens files for them: kernels from 5.19 on.
pub(crate) fn has_asking() -> bool {
    knows_action(libc::SECCOMP_RET_USER_NOTIF) && knows_killable_wait()
}

/// The flag came after everything else that is needed. With it and no filter the kernel finds the filter missing;
/// without it, the flag wrong.
fn knows_killable_wait() -> bool {
    let nothing: *const libc::sock_fprog = ptr::null();
    let (set, flags) = (libc::SECCOMP_SET_MODE_FILTER, filter::ASKING);
    // SAFETY: there is no filter behind a null pointer, so nothing is installed.
    let done = unsafe { libc::syscall(libc::SYS_seccomp, set, flags, nothing) };
    done < 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EFAULT)
}

/// Whether a filter may refuse calls and end processes.
pub(crate) fn has_seccomp() -> bool {
    knows_action(libc::SECCOMP_RET_KILL_PROCESS) && knows_action(libc::SECCOMP_RET_ERRNO)
}

fn knows_action(action: u32) -> bool {
    let action: *const u32 = &action;
    let get = libc::SECCOMP_GET_ACTION_AVAIL;
    // SAFETY: the kernel reads the four bytes of `action`, which live long enough.
    unsafe { libc::syscall(libc::SYS_seccomp, get, 0_u32, action) == 0 }
}

fn has_close_range() -> bool {
    // SAFETY: the range holds no descriptor that could be open.
    unsafe { libc::syscall(libc::SYS_close_range, u32::MAX, u32::MAX, 0) == 0 }
}

fn has_pidfd() -> bool {
    let flags = rustix::process::PidfdFlags::empty();
    rustix::process::pidfd_open(rustix::process::getpid(), flags).is_ok()
}
