//! SIGTERM, SIGINT and SIGHUP as a readable descriptor.
use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// The reading end; from its making on, the three signals no longer end the process.
#[derive(Debug)]
pub(crate) struct Signals {
    reader: UnixStream,
}

impl Signals {
    /// Installs the handlers.
    ///
    /// # Errors
    /// The operating system refuses.
    pub(crate) fn install() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            signal_hook::low_level::pipe::register(signal, writer.try_clone()?)?;
        }
        Ok(Self { reader })
    }

    /// How many signals came since the last time.
    pub(crate) fn take(&mut self) -> usize {
        let mut bytes = [0_u8; 64];
        self.reader.read(&mut bytes).unwrap_or(0)
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
