//! Signals as a descriptor.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd};

use rustix::io::Errno;

/// A descriptor that tells signals of `wanted`, which no longer interrupt anything.
/// Children must unblock them before exec.
pub(crate) fn listen(wanted: &[i32]) -> io::Result<OwnedFd> {
    let set = signal_set(wanted);
    // SAFETY: `set` is initialised; the old mask is not asked for.
    let blocked =
        unsafe { libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) };
    if blocked != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: `set` is initialised; -1 asks for a new descriptor.
    let descriptor =
        unsafe { libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel just made this descriptor for us.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// The signals told since the last call, each once.
pub(crate) fn take(descriptor: &OwnedFd) -> Vec<i32> {
    const RECORD_BYTES: usize = size_of::<libc::signalfd_siginfo>();
    let mut found = Vec::new();
    let mut record = [0_u8; RECORD_BYTES];
    loop {
        match rustix::io::read(descriptor, &mut record) {
            Ok(RECORD_BYTES) => {
                let number = u32::from_ne_bytes([record[0], record[1], record[2], record[3]]);
                found.extend(i32::try_from(number).ok());
            }
            Err(Errno::INTR) => {}
            _ => return found,
        }
    }
}

/// Ignores `signal` in this process.
pub(crate) fn ignore(signal: i32) {
    // SAFETY: no handler runs: the disposition is one the kernel knows.
    unsafe { libc::signal(signal, libc::SIG_IGN) };
}

/// Undoes in a forked child what this process did to signals, and what it was started with. Async-signal-safe.
/// By system call: the C library refuses to touch 32 and 33, which its own posix_spawn leaves ignored.
pub(crate) fn reset_in_child() {
    const SIGNAL_MAX: i32 = 64;
    const SET_BYTES: usize = 8;
    // The kernel's struct sigaction, all zero: default action, no flags, empty mask.
    let default = [0_u64; 4];
    for signal in 1..=SIGNAL_MAX {
        // SAFETY: `default` is as long as the struct the kernel reads; KILL and STOP only fail.
        unsafe {
            libc::syscall(
                libc::SYS_rt_sigaction,
                signal,
                default.as_ptr(),
                std::ptr::null_mut::<u64>(),
                SET_BYTES,
            )
        };
    }
    let none = signal_set(&[]);
    // SAFETY: `none` is initialised; the old mask is not asked for.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut()) };
}

fn signal_set(wanted: &[i32]) -> libc::sigset_t {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigemptyset writes the whole set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: sigemptyset initialised it.
    let mut set = unsafe { set.assume_init() };
    for signal in wanted {
        // SAFETY: `set` is initialised; a bad number only fails.
        unsafe { libc::sigaddset(&raw mut set, *signal) };
    }
    set
}
