//! A blocking client for short errands: one call at a time, each with a deadline.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::decoder::{Decoder, Step};
use crate::error::FrameError;
use crate::frame::Frame;
use crate::limits::{FRAME_BYTES_MAX, SOCKET_PATH_BYTES_MAX, TOKEN_BYTES};
use crate::outbox::Outbox;
use crate::payload::{Hello, PayloadError, Ready, WireError, decode, encode};
use crate::protocol::{Kind, PROTOCOL_VERSION};

/// How a client presents itself.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Wanted base name such as `cli`.
    pub name: &'a str,
    /// From the token file beside the socket; none on an inherited descriptor.
    pub token: Option<&'a [u8; TOKEN_BYTES]>,
}

/// Why a call or the connection failed.
#[derive(Debug)]
pub enum ClientError {
    /// The operating system failed.
    Io(io::Error),
    /// The other side sent something that is no frame.
    Frame(FrameError),
    /// A payload does not decode.
    Payload(PayloadError),
    /// The other side refused, with its reason.
    Refused(WireError),
    /// Nothing came within the time.
    TimedOut(Duration),
    /// The other side closed the link.
    Closed,
}

impl fmt::Display for ClientError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(out),
            Self::Frame(error) => error.fmt(out),
            Self::Payload(error) => error.fmt(out),
            Self::Refused(error) => error.fmt(out),
            Self::TimedOut(limit) => write!(out, "no answer within {} ms", limit.as_millis()),
            Self::Closed => out.write_str("the other side closed the link"),
        }
    }
}

impl std::error::Error for ClientError {}

impl From<io::Error> for ClientError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<PayloadError> for ClientError {
    fn from(error: PayloadError) -> Self {
        Self::Payload(error)
    }
}

/// A connected peer. It reads exactly the frames it waits for and nothing beyond, so its socket can be handed on.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    outbox: Outbox,
    received: u32,
    correlation: u32,
    ready: Ready,
}

impl Client {
    /// Connects, says hello and waits for ready, all within `limit`.
    ///
    /// # Errors
    /// The path is over 107 bytes, nobody listens, the token is wrong, or the time is up.
    pub fn connect(path: &Path, who: Identity<'_>, limit: Duration) -> Result<Self, ClientError> {
        Self::start(connect_checked(path)?, who, limit)
    }

    /// Connects and says hello within `limit`; the answer, ready or a refusal, waits for whoever gets the socket.
    ///
    /// # Errors
    /// The path is over 107 bytes, nobody listens, or the time is up.
    pub fn introduce(
        path: &Path,
        who: Identity<'_>,
        limit: Duration,
    ) -> Result<UnixStream, ClientError> {
        let client = Self::greet(connect_checked(path)?, who, Instant::now() + limit)?;
        Ok(client.into_stream()?)
    }

    /// Says hello on a connected socket and waits for ready.
    ///
    /// # Errors
    /// As for [`Client::connect`].
    pub fn start(
        stream: UnixStream,
        who: Identity<'_>,
        limit: Duration,
    ) -> Result<Self, ClientError> {
        let until = Instant::now() + limit;
        let mut client = Self::greet(stream, who, until)?;
        let frame = client.receive(until).map_err(|error| timed(error, limit))?;
        match frame.header.kind {
            Kind::Ready => client.ready = decode(&frame.payload)?,
            Kind::GoAway => return Err(ClientError::Refused(decode(&frame.payload)?)),
            kind => return Err(ClientError::Frame(FrameError::UnknownKind(kind.value()))),
        }
        Ok(client)
    }

    /// A client that has said hello and heard nothing yet.
    fn greet(stream: UnixStream, who: Identity<'_>, until: Instant) -> Result<Self, ClientError> {
        let hello = Hello {
            protocol: u64::from(PROTOCOL_VERSION),
            name: who.name.to_owned(),
            pid: u64::from(std::process::id()),
            token: who.token.map(|token| token.to_vec().into()),
        };
        let nobody = Ready {
            protocol: 0,
            id: 0,
            name: String::new(),
            epoch: 0,
            hub_epoch: 0,
            frame_bytes_max: 0,
        };
        let outbox = Outbox::new(FRAME_BYTES_MAX);
        let mut client = Self { stream, outbox, received: 0, correlation: 0, ready: nobody };
        client.send(&Frame::new(Kind::Hello).payload(encode(&hello)?), until)?;
        Ok(client)
    }

    /// Who we are here.
    #[must_use]
    pub const fn ready(&self) -> &Ready {
        &self.ready
    }

    /// Calls a method and waits at most `limit`. Frames that do not belong to the call are passed over.
    ///
    /// # Errors
    /// The callee's error as [`ClientError::Refused`], or what befell the link.
    pub fn request<I: Serialize, O: DeserializeOwned>(
        &mut self,
        subject: &str,
        input: &I,
        limit: Duration,
    ) -> Result<O, ClientError> {
        let until = Instant::now() + limit;
        self.correlation = self.correlation.wrapping_add(1).max(1);
        let correlation = self.correlation;
        let mut frame = Frame::new(Kind::Request)
            .correlation(correlation)
            .subject(subject)
            .payload(encode(input)?);
        frame.header.deadline_ms = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX).max(1);
        self.send(&frame, until)?;
        loop {
            let frame = self.receive(until).map_err(|error| timed(error, limit))?;
            if frame.header.kind == Kind::GoAway {
                return Err(ClientError::Refused(decode(&frame.payload)?));
            }
            if frame.header.correlation != correlation {
                continue;
            }
            match frame.header.kind {
                Kind::Reply => return Ok(decode(&frame.payload)?),
                Kind::Error => return Err(ClientError::Refused(decode(&frame.payload)?)),
                _ => {}
            }
        }
    }

    /// Sends a frame as it is, besides its sequence.
    ///
    /// # Errors
    /// The link failed or the time is up.
    pub fn send(&mut self, frame: &Frame, until: Instant) -> Result<(), ClientError> {
        let full = |error| ClientError::Io(io::Error::other(error));
        self.outbox.push(frame).map_err(full)?;
        loop {
            let bytes = self.outbox.next_bytes();
            if bytes.is_empty() {
                return Ok(());
            }
            self.stream.set_write_timeout(Some(left(until)?))?;
            let written = self.stream.write(bytes).map_err(would_block)?;
            self.outbox.advance(written);
        }
    }

    /// The next frame, whatever it is.
    ///
    /// # Errors
    /// The link failed, closed, or the time is up.
    pub fn receive(&mut self, until: Instant) -> Result<Frame, ClientError> {
        let mut decoder = Decoder::default();
        loop {
            match decoder.step().map_err(ClientError::Frame)? {
                Step::Frame(frame) => return self.in_order(frame),
                Step::Incomplete(missing) => {
                    // Never beyond the frame: the bytes after it belong to whom the socket is handed to.
                    let mut piece = [0; 64 * 1024];
                    let piece = &mut piece[..missing.min(64 * 1024)];
                    self.stream.set_read_timeout(Some(left(until)?))?;
                    match self.stream.read(piece).map_err(would_block)? {
                        0 => return Err(ClientError::Closed),
                        bytes => decoder.feed(&piece[..bytes]),
                    }
                }
            }
        }
    }

    /// The socket, at a frame boundary: both sequences stand at the frames exchanged.
    ///
    /// # Errors
    /// Its time-outs cannot be taken back.
    pub fn into_stream(self) -> io::Result<UnixStream> {
        self.stream.set_read_timeout(None)?;
        self.stream.set_write_timeout(None)?;
        Ok(self.stream)
    }

    fn in_order(&mut self, frame: Frame) -> Result<Frame, ClientError> {
        self.received = self.received.wrapping_add(1);
        let (expected, received) = (self.received, frame.header.sequence);
        if expected == received {
            return Ok(frame);
        }
        Err(ClientError::Frame(FrameError::Sequence { expected, received }))
    }
}

/// A path that is too long is told as such; the system would only call it invalid.
fn connect_checked(path: &Path) -> Result<UnixStream, ClientError> {
    let bytes = path.as_os_str().as_bytes().len();
    if bytes > SOCKET_PATH_BYTES_MAX {
        let text = format!("socket path {} has {bytes} bytes, at most 107", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text).into());
    }
    Ok(connect_now(path)?)
}

/// Connects without waiting. A listener that takes nobody keeps its queue full, and a plain connect would wait for it
/// without end.
///
/// # Errors
/// Nobody listens, or the queue of those who wait is full (`WouldBlock`).
pub fn connect_now(path: &Path) -> io::Result<UnixStream> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
    let stream = UnixStream::from(socket);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

fn left(until: Instant) -> Result<Duration, ClientError> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ClientError::TimedOut(Duration::ZERO)) } else { Ok(left) }
}

fn would_block(error: io::Error) -> ClientError {
    match error.kind() {
        io::ErrorKind::WouldBlock => ClientError::TimedOut(Duration::ZERO),
        _ => ClientError::Io(error),
    }
}

fn timed(error: ClientError, limit: Duration) -> ClientError {
    match error {
        ClientError::TimedOut(_) => ClientError::TimedOut(limit),
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure here is a failed test")]
mod tests {
    use std::io::ErrorKind;
    use std::os::unix::net::UnixListener;

    use super::connect_now;

    #[test]
    fn a_listener_that_takes_nobody_is_not_waited_for() {
        let path = std::env::temp_dir().join(format!("bulkhead-full-{}", std::process::id()));
        let _listener = UnixListener::bind(&path).unwrap();
        let mut waiting = Vec::new();
        let full = loop {
            match connect_now(&path) {
                Ok(stream) if waiting.len() < 20_000 => waiting.push(stream),
                other => break other,
            }
        };
        std::fs::remove_file(&path).unwrap();
        assert_eq!(full.unwrap_err().kind(), ErrorKind::WouldBlock, "after {}", waiting.len());
    }
}
