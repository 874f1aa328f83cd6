//! Which descriptors the program gets.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

/// Standard ones and the hub's link; those of keepers come behind.
const FIRST_KEEPER_LINK: RawFd = 4;

/// One number for the keeper's link, whether there is one or not.
pub(crate) const FIRST_NOT_PASSED: u32 = 5;

/// Foreign programs get no link.
pub(crate) const FIRST_NOT_STANDARD: u32 = 3;

/// Where a foreign program's launcher tells what was refused.
const REFUSALS: RawFd = 3;

/// Clear of every number that a link gets.
const ASIDE: RawFd = 64;

/// Leaves the sockets open as descriptors 4, 5, ... without close-on-exec and says which number is the first behind.
pub(crate) fn leave_as_keeper_links(sockets: Vec<UnixStream>) -> Result<u32, String> {
    let aside = |socket| rustix::io::fcntl_dupfd_cloexec(&socket, ASIDE);
    let aside: Result<Vec<OwnedFd>, _> = sockets.into_iter().map(aside).collect();
    let mut next = FIRST_KEEPER_LINK;
    for socket in aside.map_err(|error| error.to_string())? {
        // SAFETY: both are plain numbers; whatever has this one belongs to nobody in this process.
        let made = unsafe { libc::dup2(socket.as_raw_fd(), next) };
        if made != next {
            return Err(io::Error::last_os_error().to_string());
        }
        next += 1;
    }
    u32::try_from(next).map_err(|error| error.to_string())
}

/// The pipe on which refusals are told, with close-on-exec: no program gets it. Called once.
pub(crate) fn take_refusals_pipe() -> Result<OwnedFd, String> {
    let wrong = |error: io::Error| format!("--refusals needs a pipe as descriptor 3: {error}");
    // SAFETY: two numbers; that it is open is what is asked.
    let done = unsafe { libc::fcntl(REFUSALS, libc::F_SETFD, libc::FD_CLOEXEC) };
    if done < 0 {
        return Err(wrong(io::Error::last_os_error()));
    }
    // SAFETY: it is open, was passed to us for this, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(REFUSALS) })
}

/// Closes all descriptors from `first` on.
pub(crate) fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: no object of this process that is used later owns a descriptor from `first` on.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
