//! Bounds of the wire, equal to `bus/limits.ts` where that has them.

/// Whole frame, bytes. Checked on the length field before anything is buffered.
pub const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;
/// One `data` frame's payload, bytes.
pub const DATA_BYTES_MAX: usize = 64 * 1024;
/// Extension part of a frame, bytes.
pub const EXTENSION_BYTES_MAX: usize = 1024;
/// A subject or peer name, UTF-8 bytes.
pub const SUBJECT_BYTES_MAX: usize = 200;
/// `hello` must arrive this soon after the link is up, milliseconds.
pub const HELLO_TIMEOUT_MS: u64 = 5_000;
/// Streams one peer may have open.
pub const STREAMS_OPEN_MAX: usize = 1_024;
/// A frame of a peer that has not shown its token yet, bytes: no stranger makes us buffer more.
pub const HANDSHAKE_BYTES_MAX: usize = 4 * 1024;
/// Longest path a unix socket address holds besides its NUL on Linux.
pub const SOCKET_PATH_BYTES_MAX: usize = 107;
/// Bytes of a token file.
pub const TOKEN_BYTES: usize = 32;
