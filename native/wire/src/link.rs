//! One end of a link on a non-blocking socket, driven by an event loop.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::Errno;

use crate::decoder::{Decoder, Step};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::limits::DATA_BYTES_MAX;
use crate::outbox::{Outbox, OutboxFull};
use crate::protocol::Kind;

const READ_BYTES: usize = 64 * 1024;

/// What reading gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// Some bytes came and more may be waiting.
    More,
    /// Nothing is left for now.
    Drained,
    /// The other side closed.
    Closed,
}

/// Why a link has to be closed.
#[derive(Debug)]
pub enum LinkError {
    /// The peer sent something that is no frame.
    Frame(FrameError),
    /// The peer does not read.
    Full(OutboxFull),
    /// The operating system failed.
    Io(io::Error),
}

impl fmt::Display for LinkError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(error) => error.fmt(out),
            Self::Full(error) => error.fmt(out),
            Self::Io(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for LinkError {}

impl From<OutboxFull> for LinkError {
    fn from(error: OutboxFull) -> Self {
        Self::Full(error)
    }
}

/// Socket, decoder, outbox and both sequences of a link. Dropping it closes the socket.
#[derive(Debug)]
pub struct Link {
    socket: OwnedFd,
    decoder: Decoder,
    outbox: Outbox,
    received: u32,
}

impl Link {
    /// Takes a connected, non-blocking socket on which no frame has gone yet.
    #[must_use]
    pub const fn new(socket: OwnedFd, frame_bytes_max: usize, queued_bytes_max: usize) -> Self {
        Self {
            socket,
            decoder: Decoder::new(frame_bytes_max),
            outbox: Outbox::new(queued_bytes_max),
            received: 0,
        }
    }

    /// Raises the bound of a frame, once the peer is known.
    pub const fn set_frame_bytes_max(&mut self, frame_bytes_max: usize) {
        self.decoder.set_frame_bytes_max(frame_bytes_max);
    }

    /// Reads one piece. Take all frames before calling it again.
    ///
    /// # Errors
    /// The socket failed.
    pub fn receive(&mut self) -> Result<Received, LinkError> {
        let mut piece = [0; READ_BYTES];
        loop {
            match rustix::io::read(&self.socket, &mut piece) {
                Ok(0) | Err(Errno::CONNRESET) => return Ok(Received::Closed),
                Ok(bytes) => {
                    self.decoder.feed(&piece[..bytes]);
                    return Ok(Received::More);
                }
                Err(Errno::AGAIN) => return Ok(Received::Drained),
                Err(Errno::INTR) => {}
                Err(error) => return Err(LinkError::Io(error.into())),
            }
        }
    }

    /// The next frame, checked against sequence and bounds; none when more bytes are needed.
    ///
    /// # Errors
    /// A malformed frame.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, LinkError> {
        let Step::Frame(frame) = self.decoder.step().map_err(LinkError::Frame)? else {
            return Ok(None);
        };
        self.received = self.received.wrapping_add(1);
        let (expected, received) = (self.received, frame.header.sequence);
        if received != expected {
            return Err(LinkError::Frame(FrameError::Sequence { expected, received }));
        }
        if frame.header.kind == Kind::Data && frame.payload.len() > DATA_BYTES_MAX {
            return Err(LinkError::Frame(FrameError::Data(frame.payload.len())));
        }
        Ok(Some(frame))
    }

    /// Queues a frame.
    ///
    /// # Errors
    /// The peer does not read.
    pub fn send(&mut self, frame: &Frame) -> Result<(), LinkError> {
        self.outbox.push(frame).map_err(LinkError::Full)
    }

    /// Writes what the socket takes. True when nothing is left.
    ///
    /// # Errors
    /// The socket failed, or the other side is gone.
    pub fn flush(&mut self) -> Result<bool, LinkError> {
        loop {
            let bytes = self.outbox.next_bytes();
            if bytes.is_empty() {
                return Ok(true);
            }
            match rustix::net::send(&self.socket, bytes, rustix::net::SendFlags::NOSIGNAL) {
                Ok(written) => self.outbox.advance(written),
                Err(Errno::AGAIN) => return Ok(false),
                Err(Errno::INTR) => {}
                Err(error) => return Err(LinkError::Io(error.into())),
            }
        }
    }

    /// Bytes that wait for the socket.
    #[must_use]
    pub const fn queued_bytes(&self) -> usize {
        self.outbox.queued_bytes()
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
