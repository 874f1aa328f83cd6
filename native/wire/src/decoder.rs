//! Bytes to frames, in whatever pieces they come.
//!
//! ```text
//! feed(bytes)  --> [consumed | frame | frame | part of a frame] --> step() -> Frame, Frame, Incomplete
//! ```
//! The length is checked as soon as its four bytes are there, so a stranger's claim reserves nothing.

use crate::error::FrameError;
use crate::frame::Frame;
use crate::header::{Header, check_length};
use crate::limits::FRAME_BYTES_MAX;
use crate::protocol::HEADER_BYTES;

/// Outcome of one step.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// The next frame.
    Frame(Frame),
    /// At least this many more bytes are needed.
    Incomplete(usize),
}

/// Collects bytes until a frame is whole. After an error it must not be used again.
#[derive(Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    consumed: usize,
    frame_bytes_max: usize,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(FRAME_BYTES_MAX)
    }
}

impl Decoder {
    /// A decoder that refuses frames over `frame_bytes_max`.
    #[must_use]
    pub const fn new(frame_bytes_max: usize) -> Self {
        Self { buffer: Vec::new(), consumed: 0, frame_bytes_max }
    }

    /// Changes the bound for the frames that follow: raised once a peer has shown its token.
    pub const fn set_frame_bytes_max(&mut self, frame_bytes_max: usize) {
        self.frame_bytes_max = frame_bytes_max;
    }

    /// Takes bytes as they arrived. Step until incomplete before feeding again, and what is held stays below one frame
    /// and one piece.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.consumed > 0 {
            self.buffer.drain(..self.consumed);
            self.consumed = 0;
        }
        let needed = self.buffer.len() + bytes.len();
        if needed > self.buffer.capacity() {
            let grown = (self.buffer.capacity() * 2).min(self.frame_bytes_max).max(needed);
            self.buffer.reserve_exact(grown - self.buffer.len());
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or how much is missing.
    ///
    /// # Errors
    /// The bytes are no frame; the link must be closed.
    pub fn step(&mut self) -> Result<Step, FrameError> {
        let pending = &self.buffer[self.consumed..];
        let Some((length, _)) = pending.split_first_chunk::<4>() else {
            return Ok(self.incomplete(HEADER_BYTES));
        };
        let length = check_length(u32::from_le_bytes(*length), self.frame_bytes_max)?;
        let Some((header, body)) = pending.split_first_chunk::<HEADER_BYTES>() else {
            return Ok(self.incomplete(length));
        };
        let (header, lengths) = Header::read(header, self.frame_bytes_max)?;
        let Some(body) = body.get(..length - HEADER_BYTES) else {
            return Ok(self.incomplete(length));
        };
        let (extension, payload) = body.split_at(lengths.extension);
        let frame = Frame { header, extension: extension.to_vec(), payload: payload.to_vec() };
        self.consumed += lengths.frame;
        Ok(Step::Frame(frame))
    }

    /// Bytes held that belong to no whole frame yet.
    #[must_use]
    pub const fn pending_bytes(&self) -> usize {
        self.buffer.len() - self.consumed
    }

    /// Bytes of memory reserved.
    #[must_use]
    pub const fn reserved_bytes(&self) -> usize {
        self.buffer.capacity()
    }

    fn incomplete(&mut self, wanted: usize) -> Step {
        let missing = wanted - (self.buffer.len() - self.consumed);
        if self.consumed == self.buffer.len() {
            self.buffer.clear();
            self.consumed = 0;
            // One large frame must not hold megabytes for the rest of the link's life.
            self.buffer.shrink_to(256 * 1024);
        }
        Step::Incomplete(missing)
    }
}
