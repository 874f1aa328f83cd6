//! What can be wrong with the bytes of a frame.

use std::fmt;

/// A malformed frame: the link it came on must be closed. The text names the value and its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The length field is below the header's size.
    TooShort(u32),
    /// The length field is beyond the bound.
    TooLong {
        /// The length field.
        length: u32,
        /// The bound in force on this link, bytes.
        max: usize,
    },
    /// Not version 1.
    Version(u8),
    /// No such kind.
    UnknownKind(u8),
    /// No such codec.
    UnknownCodec(u8),
    /// The extension does not fit into the frame or its bound.
    Extension {
        /// The extension field.
        bytes: u16,
        /// What would have been allowed.
        max: usize,
    },
    /// An entry of the extension runs past its end.
    Entry {
        /// Type of the entry.
        kind: u8,
        /// Its length field.
        bytes: usize,
        /// Bytes that were left.
        left: usize,
    },
    /// The subject in the extension is not UTF-8 or too long.
    Subject(usize),
    /// The principal in the extension is not UTF-8.
    Principal(usize),
    /// A hole or a repetition in the sequence.
    Sequence {
        /// What had to come.
        expected: u32,
        /// What came.
        received: u32,
    },
    /// A data frame over its bound.
    Data(usize),
}

impl FrameError {
    /// The stable code for `go-away`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Version(_) => "bus/version",
            _ => "bus/protocol",
        }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort(length) => write!(out, "frame length {length} is below 40"),
            Self::TooLong { length, max } => write!(out, "frame length {length} is over {max}"),
            Self::Version(version) => write!(out, "protocol version {version}, expected 1"),
            Self::UnknownKind(kind) => write!(out, "unknown frame kind {kind}, expected 1 to 20"),
            Self::UnknownCodec(codec) => write!(out, "unknown codec {codec}, expected 0 to 2"),
            Self::Extension { bytes, max } => {
                write!(out, "extension of {bytes} bytes is over {max}")
            }
            Self::Entry { kind, bytes, left } => {
                write!(out, "extension entry {kind} of {bytes} bytes, {left} bytes are left")
            }
            Self::Subject(bytes) => {
                write!(out, "subject of {bytes} bytes is over 200 or not UTF-8")
            }
            Self::Principal(bytes) => {
                write!(out, "principal of {bytes} bytes is not UTF-8")
            }
            Self::Sequence { expected, received } => {
                write!(out, "sequence {received}, expected {expected}")
            }
            Self::Data(bytes) => write!(out, "data frame of {bytes} bytes is over 65536"),
        }
    }
}

impl std::error::Error for FrameError {}
