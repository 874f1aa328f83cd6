//! What this kernel offers for confinement.

use std::ptr;

const LANDLOCK_CREATE_RULESET_VERSION: u32 = 1;
const SECCOMP_GET_ACTION_AVAIL: u32 = 2;
const SECCOMP_RET_USER_NOTIF: u32 = 0x7fc0_0000;

/// One line of JSON: `{"landlockAbi":7,"userNotify":true,"closeRange":true,"pidfd":true}`.
/// `landlockAbi` is 0 where there is no Landlock or it is switched off.
pub(crate) fn probe_line() -> String {
    format!(
        r#"{{"landlockAbi":{},"userNotify":{},"closeRange":{},"pidfd":{}}}"#,
        landlock_abi(),
        has_user_notify(),
        has_close_range(),
        has_pidfd(),
    )
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

fn has_user_notify() -> bool {
    let action: *const u32 = &SECCOMP_RET_USER_NOTIF;
    // SAFETY: the kernel reads the four bytes of `action`, which live long enough.
    let answer =
        unsafe { libc::syscall(libc::SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0_u32, action) };
    answer == 0
}

fn has_close_range() -> bool {
    // SAFETY: the range holds no descriptor that could be open.
    unsafe { libc::syscall(libc::SYS_close_range, u32::MAX, u32::MAX, 0) == 0 }
}

fn has_pidfd() -> bool {
    let flags = rustix::process::PidfdFlags::empty();
    rustix::process::pidfd_open(rustix::process::getpid(), flags).is_ok()
}
