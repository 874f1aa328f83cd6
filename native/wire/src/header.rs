//! The fixed header: 40 bytes, little-endian.

use crate::error::FrameError;
use crate::limits::EXTENSION_BYTES_MAX;
use crate::protocol::{CONTROL_LANE, Codec, HEADER_BYTES, Kind, Lane, PROTOCOL_VERSION, offset};

/// The fields of a header besides lengths and version, which follow from the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the frame is.
    pub kind: Kind,
    /// Bits of [`crate::flag`].
    pub flags: u8,
    /// How the payload is encoded.
    pub codec: Codec,
    /// Which lane the frame travels in.
    pub lane: Lane,
    /// Sender's address; a peer sends 0.
    pub source: u32,
    /// Receiver's address; 0 lets the hub find it by subject.
    pub destination: u32,
    /// Call or stream id.
    pub correlation: u32,
    /// Counts frames of a link and direction from 1; stamped by [`crate::Outbox`].
    pub sequence: u32,
    /// Interned subject id, 0 for none.
    pub name: u32,
    /// Milliseconds left, 0 for none.
    pub deadline_ms: u32,
    /// Credit: bytes granted; data: offset since open modulo 2^32.
    pub position: u32,
    /// Incarnation, 0 for any.
    pub epoch: u16,
}

/// Lengths that a header announces, already checked against the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lengths {
    pub(crate) frame: usize,
    pub(crate) extension: usize,
}

impl Header {
    /// A header of `kind` with everything else zero.
    #[must_use]
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            flags: 0,
            codec: Codec::Msgpack,
            lane: Lane::Data,
            source: 0,
            destination: 0,
            correlation: 0,
            sequence: 0,
            name: 0,
            deadline_ms: 0,
            position: 0,
            epoch: 0,
        }
    }

    /// Whether `bit` of [`crate::flag`] is set.
    #[must_use]
    pub const fn has(&self, bit: u8) -> bool {
        self.flags & bit != 0
    }

    pub(crate) fn write(&self, extension: usize, payload: usize, out: &mut Vec<u8>) {
        let length = HEADER_BYTES + extension + payload;
        let lane = if self.lane == Lane::Control { CONTROL_LANE } else { 0 };
        out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&[
            PROTOCOL_VERSION,
            self.kind.value(),
            self.flags,
            self.codec as u8 | lane,
        ]);
        for field in [
            self.source,
            self.destination,
            self.correlation,
            self.sequence,
            self.name,
            self.deadline_ms,
            self.position,
        ] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&u16::try_from(extension).unwrap_or(u16::MAX).to_le_bytes());
    }

    pub(crate) fn read(
        bytes: &[u8; HEADER_BYTES],
        frame_max: usize,
    ) -> Result<(Self, Lengths), FrameError> {
        let frame = check_length(word(bytes, offset::LENGTH), frame_max)?;
        let [version, kind, flags, codec_lane] =
            [offset::VERSION, offset::KIND, offset::FLAGS, offset::CODEC_LANE].map(|at| bytes[at]);
        if version != PROTOCOL_VERSION {
            return Err(FrameError::Version(version));
        }
        let extension = half(bytes, offset::EXTENSION_BYTES);
        let max = EXTENSION_BYTES_MAX.min(frame - HEADER_BYTES);
        if usize::from(extension) > max {
            return Err(FrameError::Extension { bytes: extension, max });
        }
        let header = Self {
            kind: Kind::try_from(kind)?,
            flags,
            codec: Codec::from_nibble(codec_lane & 0x0f)?,
            lane: if codec_lane & CONTROL_LANE == 0 { Lane::Data } else { Lane::Control },
            source: word(bytes, offset::SOURCE),
            destination: word(bytes, offset::DESTINATION),
            correlation: word(bytes, offset::CORRELATION),
            sequence: word(bytes, offset::SEQUENCE),
            name: word(bytes, offset::NAME),
            deadline_ms: word(bytes, offset::DEADLINE_MS),
            position: word(bytes, offset::POSITION),
            epoch: half(bytes, offset::EPOCH),
        };
        Ok((header, Lengths { frame, extension: usize::from(extension) }))
    }
}

/// The frame's length if it lies between the header's size and `frame_max`.
pub(crate) fn check_length(length: u32, frame_max: usize) -> Result<usize, FrameError> {
    let bytes = usize::try_from(length).unwrap_or(usize::MAX);
    if bytes < HEADER_BYTES {
        return Err(FrameError::TooShort(length));
    }
    if bytes > frame_max {
        return Err(FrameError::TooLong { length, max: frame_max });
    }
    Ok(bytes)
}

fn word(bytes: &[u8; HEADER_BYTES], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn half(bytes: &[u8; HEADER_BYTES], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}
