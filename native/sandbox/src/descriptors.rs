//! Which descriptors the program gets.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// 0 to 2, the hub's link and the keeper's link are passed.
pub(crate) const FIRST_NOT_PASSED: u32 = 5;

/// Foreign programs get no link.
pub(crate) const FIRST_NOT_STANDARD: u32 = 3;

const KEEPER_LINK: i32 = 4;

/// Leaves the socket open as descriptor 4, without close-on-exec.
pub(crate) fn leave_as_keeper_link(socket: UnixStream) -> Result<(), String> {
    let socket = OwnedFd::from(socket);
    if socket.as_raw_fd() == KEEPER_LINK {
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::empty())
            .map_err(|error| error.to_string())?;
        // It must outlive this function: the program takes it over.
        let _descriptor = std::os::fd::IntoRawFd::into_raw_fd(socket);
        return Ok(());
    }
    // SAFETY: both are plain numbers; whatever was descriptor 4 belongs to nobody in this process.
    let made = unsafe { libc::dup2(socket.as_raw_fd(), KEEPER_LINK) };
    if made == KEEPER_LINK { Ok(()) } else { Err(io::Error::last_os_error().to_string()) }
}

/// Closes all descriptors from `first` on.
pub(crate) fn close_from(first: u32) -> io::Result<()> {
    // SAFETY: no object of this process that is used later owns a descriptor from `first` on.
    let done = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
