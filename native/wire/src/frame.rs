//! A whole frame: header, extension, payload.

use crate::error::FrameError;
use crate::extension::{Entries, push_entry};
use crate::header::Header;
use crate::limits::SUBJECT_BYTES_MAX;
use crate::protocol::{Codec, HEADER_BYTES, Kind, Lane, entry_type};

/// One frame, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The fixed part.
    pub header: Header,
    /// Entries as they travel; see [`Entries`].
    pub extension: Vec<u8>,
    /// Opaque bytes; empty means nil.
    pub payload: Vec<u8>,
}

impl Frame {
    /// A frame of `kind` without extension and payload.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self { header: Header::new(kind), extension: Vec::new(), payload: Vec::new() }
    }

    /// Sets the call or stream id.
    #[must_use]
    pub const fn correlation(mut self, correlation: u32) -> Self {
        self.header.correlation = correlation;
        self
    }

    /// Sets destination and epoch to those of the peer that sent `header`.
    #[must_use]
    pub const fn answering(mut self, header: &Header) -> Self {
        self.header.destination = header.source;
        self.header.epoch = header.epoch;
        self
    }

    /// Adds bits of [`crate::flag`].
    #[must_use]
    pub const fn flags(mut self, flags: u8) -> Self {
        self.header.flags |= flags;
        self
    }

    /// Sets the position: credit granted, or offset since open.
    #[must_use]
    pub const fn position(mut self, position: u32) -> Self {
        self.header.position = position;
        self
    }

    /// Puts the frame into `lane`.
    #[must_use]
    pub const fn lane(mut self, lane: Lane) -> Self {
        self.header.lane = lane;
        self
    }

    /// Names the subject in the extension. Subjects over 200 bytes are cut off by nobody: they are left out, and the
    /// receiver refuses the frame.
    #[must_use]
    pub fn subject(mut self, subject: &str) -> Self {
        if subject.len() <= SUBJECT_BYTES_MAX {
            push_entry(&mut self.extension, entry_type::SUBJECT, subject.as_bytes());
        }
        self
    }

    /// Says on whose behalf it is sent. Principals over 255 bytes are left out.
    #[must_use]
    pub fn principal(mut self, principal: &str) -> Self {
        push_entry(&mut self.extension, entry_type::PRINCIPAL, principal.as_bytes());
        self
    }

    /// Sets a MessagePack payload that is already encoded.
    #[must_use]
    pub fn payload(mut self, payload: Vec<u8>) -> Self {
        self.payload = payload;
        self
    }

    /// Sets a payload of bytes.
    #[must_use]
    pub fn raw(mut self, payload: Vec<u8>) -> Self {
        self.header.codec = Codec::Raw;
        self.payload = payload;
        self
    }

    /// The subject named in the extension.
    ///
    /// # Errors
    /// The extension is malformed, or the subject is too long or not UTF-8.
    pub fn named_subject(&self) -> Result<Option<&str>, FrameError> {
        for entry in Entries::new(&self.extension) {
            let entry = entry?;
            if entry.kind != entry_type::SUBJECT {
                continue;
            }
            let malformed = FrameError::Subject(entry.bytes.len());
            if entry.bytes.len() > SUBJECT_BYTES_MAX {
                return Err(malformed);
            }
            return std::str::from_utf8(entry.bytes).map(Some).map_err(|_| malformed);
        }
        Ok(None)
    }

    /// On whose behalf it was sent, as the hub has stamped it: `person`, `agent` or `mcp:NAME`.
    ///
    /// # Errors
    /// The extension is malformed, or the principal is not UTF-8.
    pub fn named_principal(&self) -> Result<Option<&str>, FrameError> {
        for entry in Entries::new(&self.extension) {
            let entry = entry?;
            if entry.kind == entry_type::PRINCIPAL {
                let malformed = FrameError::Principal(entry.bytes.len());
                return std::str::from_utf8(entry.bytes).map(Some).map_err(|_| malformed);
            }
        }
        Ok(None)
    }

    /// The bytes of the frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let length = HEADER_BYTES + self.extension.len() + self.payload.len();
        let mut out = Vec::with_capacity(length);
        self.header.write(self.extension.len(), self.payload.len(), &mut out);
        out.extend_from_slice(&self.extension);
        out.extend_from_slice(&self.payload);
        out
    }
}
