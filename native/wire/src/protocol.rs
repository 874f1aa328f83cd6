//! Frame kinds, flags and header layout: the constants of `bus/protocol.ts`.

use crate::error::FrameError;

/// Version in every header.
pub const PROTOCOL_VERSION: u8 = 1;

/// Bytes of the fixed header, before extension and payload.
pub const HEADER_BYTES: usize = 40;

/// Bit of byte 7: the frame travels in the control lane.
pub const CONTROL_LANE: u8 = 1 << 4;

/// What a frame is. The numbers are the wire values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// First frame of a link, peer to hub.
    Hello = 1,
    /// The hub's answer to `hello`; from an actor: it serves now.
    Ready = 2,
    /// Calls a method.
    Request = 3,
    /// Received, before handling.
    Ack = 4,
    /// Result of a call.
    Reply = 5,
    /// A call failed.
    Error = 6,
    /// The caller gives a call up.
    Cancel = 7,
    /// Event on a topic.
    Publish = 8,
    /// Starts a subscription.
    Subscribe = 9,
    /// Ends a subscription.
    Unsubscribe = 10,
    /// Opens a stream.
    Open = 11,
    /// Bytes of a stream.
    Data = 12,
    /// Grants bytes; the first one of the acceptor accepts.
    Credit = 13,
    /// No more from this side.
    End = 14,
    /// Both directions of a stream are over.
    Reset = 15,
    /// Asks for a sign of life.
    Ping = 16,
    /// Answers a ping.
    Pong = 17,
    /// A frame was not delivered.
    Dead = 18,
    /// The hub speaks to a peer: names, stop, suspend, resume.
    Control = 19,
    /// The link ends, with the reason.
    GoAway = 20,
}

const KINDS: [Kind; 20] = [
    Kind::Hello,
    Kind::Ready,
    Kind::Request,
    Kind::Ack,
    Kind::Reply,
    Kind::Error,
    Kind::Cancel,
    Kind::Publish,
    Kind::Subscribe,
    Kind::Unsubscribe,
    Kind::Open,
    Kind::Data,
    Kind::Credit,
    Kind::End,
    Kind::Reset,
    Kind::Ping,
    Kind::Pong,
    Kind::Dead,
    Kind::Control,
    Kind::GoAway,
];

impl Kind {
    /// The wire value.
    #[must_use]
    pub const fn value(self) -> u8 {
        self as u8
    }
}

impl TryFrom<u8> for Kind {
    type Error = FrameError;

    fn try_from(value: u8) -> Result<Self, FrameError> {
        let index = usize::from(value).wrapping_sub(1);
        KINDS.get(index).copied().ok_or(FrameError::UnknownKind(value))
    }
}

/// Bits of the flags byte.
pub mod flag {
    /// Stream frames: the sender opened the stream.
    pub const OPENER: u8 = 1 << 0;
    /// On `credit`: the first one, which accepts the stream.
    pub const ACCEPT: u8 = 1 << 1;
    /// On `publish`: keep as last value, or this is a kept value.
    pub const RETAINED: u8 = 1 << 2;
    /// Recorders keep header and size only.
    pub const CAPTURE_CONTENT: u8 = 1 << 4;
    /// Recorders never keep the payload.
    pub const CAPTURE_SECRET: u8 = 1 << 5;
}

/// How a payload is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Codec {
    /// MessagePack without extensions.
    #[default]
    Msgpack = 0,
    /// Bytes.
    Raw = 1,
    /// JSON text.
    Json = 2,
}

impl Codec {
    /// The low nibble of byte 7.
    ///
    /// # Errors
    /// [`FrameError::UnknownCodec`] beyond 2.
    pub fn from_nibble(nibble: u8) -> Result<Self, FrameError> {
        match nibble {
            0 => Ok(Self::Msgpack),
            1 => Ok(Self::Raw),
            2 => Ok(Self::Json),
            other => Err(FrameError::UnknownCodec(other)),
        }
    }
}

/// Which queue a frame waits in; the control lane may overtake the data lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// Ordinary traffic.
    #[default]
    Data,
    /// Small and urgent.
    Control,
}

/// Byte offsets inside the little-endian header.
pub mod offset {
    /// u32, whole frame.
    pub const LENGTH: usize = 0;
    /// u8.
    pub const VERSION: usize = 4;
    /// u8.
    pub const KIND: usize = 5;
    /// u8.
    pub const FLAGS: usize = 6;
    /// u8, codec in the low nibble, lane in bit 4.
    pub const CODEC_LANE: usize = 7;
    /// u32.
    pub const SOURCE: usize = 8;
    /// u32.
    pub const DESTINATION: usize = 12;
    /// u32.
    pub const CORRELATION: usize = 16;
    /// u32.
    pub const SEQUENCE: usize = 20;
    /// u32.
    pub const NAME: usize = 24;
    /// u32, milliseconds.
    pub const DEADLINE_MS: usize = 28;
    /// u32.
    pub const POSITION: usize = 32;
    /// u16.
    pub const EPOCH: usize = 36;
    /// u16.
    pub const EXTENSION_BYTES: usize = 38;
}

/// Types of the extension's entries.
pub mod entry_type {
    /// 16 bytes trace id, 8 bytes span id.
    pub const TRACE: u8 = 1;
    /// UTF-8 subject.
    pub const SUBJECT: u8 = 2;
    /// UTF-8 principal.
    pub const PRINCIPAL: u8 = 3;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_number() {
        for value in 1..=20_u8 {
            assert_eq!(Kind::try_from(value).unwrap().value(), value);
        }
        for value in [0, 21, 255] {
            assert_eq!(Kind::try_from(value), Err(FrameError::UnknownKind(value)));
        }
    }
}
