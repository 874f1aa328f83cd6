//! Tokens of late attachers.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::limits::TOKEN_BYTES;

/// Reads a token file.
///
/// # Errors
/// It cannot be read, or is not exactly 32 bytes long.
pub fn read_token(path: &Path) -> io::Result<[u8; TOKEN_BYTES]> {
    let mut bytes = Vec::with_capacity(TOKEN_BYTES + 1);
    File::open(path)?.take(TOKEN_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    <[u8; TOKEN_BYTES]>::try_from(bytes).map_err(|bytes| {
        let text = format!("{} holds {} bytes, expected 32", path.display(), bytes.len());
        io::Error::new(io::ErrorKind::InvalidData, text)
    })
}

/// Compares in a time that does not depend on where the first difference is.
#[must_use]
pub fn same_token(expected: &[u8; TOKEN_BYTES], given: &[u8]) -> bool {
    given.len() == TOKEN_BYTES
        && expected.iter().zip(given).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
