//! The frame protocol of Bulkhead (`bus/PROTOCOL.md`) in Rust: frames, payloads, links.
//!
//! No runtime and no threads: [`Client`] blocks with a deadline, [`Link`] is driven by an event loop.

mod client;
mod decoder;
mod error;
mod extension;
mod frame;
mod header;
mod limits;
mod link;
mod outbox;
mod payload;
mod protocol;
mod refusal;
mod token;

pub use client::{Client, ClientError, Identity, connect_now};
pub use decoder::{Decoder, Step};
pub use error::FrameError;
pub use extension::{Entries, Entry, push_entry};
pub use frame::Frame;
pub use header::Header;
pub use limits::{
    DATA_BYTES_MAX, EXTENSION_BYTES_MAX, FRAME_BYTES_MAX, HANDSHAKE_BYTES_MAX, HELLO_TIMEOUT_MS,
    SOCKET_PATH_BYTES_MAX, STREAMS_OPEN_MAX, SUBJECT_BYTES_MAX, TOKEN_BYTES,
};
pub use link::{Link, LinkError, Received};
pub use outbox::{Outbox, OutboxFull};
pub use payload::{
    Control, Empty, ErrorDetail, Hello, PayloadError, Ready, WireError, decode, encode, number,
};
pub use protocol::{
    CONTROL_LANE, Codec, HEADER_BYTES, Kind, Lane, PROTOCOL_VERSION, entry_type, flag, offset,
};
pub use refusal::{REFUSAL_BYTES_MAX, REFUSALS_MAX, Refusal, RefusalReader, RefusedOp};
pub use token::{read_token, same_token};
