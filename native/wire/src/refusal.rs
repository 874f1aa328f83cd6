//! How a launcher tells the runner which files a rule closed to its program.
//!
//! On a pipe: `u16 length, MessagePack`, at most as long as the kernel writes whole, so that two never mix.

use serde::{Deserialize, Serialize};

use crate::{decode, encode};

/// Longest refusal with its length, bytes: what a pipe takes in one piece.
pub const REFUSAL_BYTES_MAX: usize = 4096;
/// Different refusals of one program that are told and recorded: one that tries every name is seen by the first.
pub const REFUSALS_MAX: usize = 64;
/// Longest path that is told whole, bytes; written as `\xff` each takes four.
const PATH_BYTES_MAX: usize = 750;
const RULE_CHARS_MAX: usize = 200;
const LENGTH_BYTES: usize = 2;

/// What the program wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusedOp {
    /// To look at it or to read it.
    ProgramRead,
    /// To change, make, move or remove it.
    ProgramWrite,
}

/// A file that a rule closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What the program wanted.
    pub op: RefusedOp,
    /// `built-in/dotenv`; cut at 200 characters.
    pub rule: String,
    /// The real path; bytes that are no text stand as `\xff`. One that is cut, at 750 bytes, ends in `…`.
    pub path: String,
}

impl Refusal {
    /// A refusal whose parts are cut to their bounds.
    #[must_use]
    pub fn new(op: RefusedOp, rule: &str, path: &[u8]) -> Self {
        let mut shown = String::new();
        for chunk in path[..path.len().min(PATH_BYTES_MAX)].utf8_chunks() {
            shown.push_str(chunk.valid());
            for byte in chunk.invalid() {
                shown.push_str(&format!("\\x{byte:02x}"));
            }
        }
        if path.len() > PATH_BYTES_MAX {
            shown.push('…');
        }
        Self { op, rule: rule.chars().take(RULE_CHARS_MAX).collect(), path: shown }
    }

    /// Its bytes on the pipe; `None` when it has more than [`REFUSAL_BYTES_MAX`].
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let body = encode(self).ok()?;
        let length = u16::try_from(body.len()).ok()?;
        let bytes = [&length.to_le_bytes()[..], &body].concat();
        (bytes.len() <= REFUSAL_BYTES_MAX).then_some(bytes)
    }
}

/// Takes refusals out of what a pipe gave.
#[derive(Debug, Default)]
pub struct RefusalReader {
    bytes: Vec<u8>,
}

impl RefusalReader {
    /// Adds what was read. Holds at most what was added since the last whole refusal.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next one; `None` until more bytes come.
    ///
    /// # Errors
    /// A length over its bound, or bytes that are no refusal: nothing after them can be read.
    pub fn take(&mut self) -> Result<Option<Refusal>, String> {
        let Some(length) = self.bytes.first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
        let end = LENGTH_BYTES + usize::from(u16::from_le_bytes(*length));
        if end > REFUSAL_BYTES_MAX {
            return Err(format!("a refusal of {end} bytes, at most {REFUSAL_BYTES_MAX}"));
        }
        let Some(body) = self.bytes.get(LENGTH_BYTES..end) else { return Ok(None) };
        let refusal = decode(body).map_err(|error| error.to_string())?;
        self.bytes.drain(..end);
        Ok(Some(refusal))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure here is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn refusals_come_through_in_pieces() {
        let all = [
            Refusal::new(RefusedOp::ProgramRead, "built-in/dotenv", b"/ws/.env"),
            Refusal::new(RefusedOp::ProgramWrite, "user/1", b"/ws/\xff"),
        ];
        assert_eq!(all[1].path, "/ws/\\xff");
        let mut reader = RefusalReader::default();
        let mut got = Vec::new();
        for byte in all.iter().flat_map(|refusal| refusal.to_bytes().unwrap()) {
            reader.push(&[byte]);
            got.extend(reader.take().unwrap());
        }
        assert_eq!(got, all);
    }

    #[test]
    fn the_longest_is_cut_and_fits() {
        let rule = "\u{1f600}".repeat(400);
        for path in [vec![b'x'; 5000], vec![0xff; 5000]] {
            let refusal = Refusal::new(RefusedOp::ProgramRead, &rule, &path);
            assert!(refusal.to_bytes().is_some());
            assert!(refusal.path.ends_with('…'), "a cut path looks like a whole one");
        }
    }

    #[test]
    fn what_is_no_refusal_ends_the_reading() {
        for bytes in [&[0xff, 0xff][..], &[1, 0, 0xc1]] {
            let mut reader = RefusalReader::default();
            reader.push(bytes);
            assert!(reader.take().is_err(), "{bytes:?}");
        }
    }
}
