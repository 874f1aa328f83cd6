//! SIGTERM, SIGINT, SIGHUP and SIGUSR1 as readable descriptors.
use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};

/// The reading ends; from their making on, the four signals no longer end the process.
#[derive(Debug)]
pub(crate) struct Signals {
    end: UnixStream,
    wake: UnixStream,
}

impl Signals {
    /// Installs the handlers.
    ///
    /// # Errors
    /// The operating system refuses.
    pub(crate) fn install() -> io::Result<Self> {
        Ok(Self { end: pipe_for(&[SIGTERM, SIGINT, SIGHUP])?, wake: pipe_for(&[SIGUSR1])? })
    }

    /// How many signals to end came since the last time.
    pub(crate) fn take_ends(&mut self) -> usize {
        take(&mut self.end)
    }

    /// Whether somebody wants what is parked to be tried again.
    pub(crate) fn take_wake(&mut self) -> bool {
        take(&mut self.wake) > 0
    }

    /// To poll: both.
    pub(crate) fn fds(&self) -> [BorrowedFd<'_>; 2] {
        [self.end.as_fd(), self.wake.as_fd()]
    }
}

fn pipe_for(signals: &[i32]) -> io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    for signal in signals {
        signal_hook::low_level::pipe::register(*signal, writer.try_clone()?)?;
    }
    Ok(reader)
}

fn take(reader: &mut UnixStream) -> usize {
    let mut bytes = [0_u8; 64];
    reader.read(&mut bytes).unwrap_or(0)
}
