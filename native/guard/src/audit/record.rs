//! One record of the audit log as a line of text, chained to the one before it.
//!
//! ```text
//! {"n":12,"at":1764108000000,"kind":"outcome",...,"prev":"<hash of 11>","hash":"<SHA-256>"}
//! ```
//!
//! The hash is that of the line's bytes before `,"hash":"`. `tests/audit` and `bus/node/audit` check it anew.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Longest line; what is recorded is cut long before.
pub(crate) const LINE_BYTES_MAX: usize = 64 * 1024;
/// Longest text of one field, bytes. Escaped it has at most six times as many.
const FIELD_BYTES_MAX: usize = 4096;
const HASH_KEY: &str = ",\"hash\":\"";

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum What {
    /// What is about to be done.
    Intent(Act),
    /// How it ended, with all that was said before. `of` is the intent's number, 0 when there was none.
    Outcome {
        of: u64,
        #[serde(flatten)]
        act: Act,
        decision: Decision,
        rule: String,
        says: String,
    },
    /// The line before this one was cut by a kill or a full disk: its length and its hash.
    Torn { bytes: u64, cut: String },
    /// Rotation has removed the records up to `last`, whose hash is `cut`.
    Dropped { last: u64, cut: String },
    /// Records that could not be written, and why.
    Missed { count: u64, says: String },
}

/// An operation or a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Act {
    pub(crate) actor: String,
    pub(crate) principal: String,
    pub(crate) op: String,
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) command: Option<String>,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Decision {
    Allowed,
    Denied,
    Failed,
    /// The guard was killed before it could say.
    Unknown,
}

/// Where a chain stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Head {
    /// Number of the last record.
    pub count: u64,
    /// Its hash; empty for an empty log.
    pub hash: String,
}

/// A record as it is read back.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) n: u64,
    pub(crate) at: u64,
    #[serde(flatten)]
    pub(crate) what: What,
    pub(crate) prev: String,
    pub(crate) hash: String,
}

#[derive(Serialize)]
struct Unsealed<'a> {
    n: u64,
    at: u64,
    #[serde(flatten)]
    what: &'a What,
    prev: &'a str,
}

/// The line that follows `head`, with its end, and the head after it.
pub(crate) fn line(head: &Head, at_ms: u64, what: &What) -> Result<(String, Head), String> {
    let n = head.count + 1;
    let unsealed = Unsealed { n, at: at_ms, what, prev: &head.hash };
    let mut text = serde_json::to_string(&unsealed).map_err(|error| error.to_string())?;
    text.pop();
    let hash = hex(&Sha256::digest(text.as_bytes()));
    text.push_str(HASH_KEY);
    text.push_str(&hash);
    text.push_str("\"}\n");
    if text.len() > LINE_BYTES_MAX {
        return Err(format!("a record has {} bytes, at most {LINE_BYTES_MAX}", text.len()));
    }
    Ok((text, Head { count: n, hash }))
}

/// A line without its end; `None` when it is none of ours or was changed.
pub(crate) fn read(line: &[u8]) -> Option<Record> {
    let record: Record = serde_json::from_slice(line).ok()?;
    let body = line.len().checked_sub(HASH_KEY.len() + 64 + 2)?;
    let is_whole = hex(&Sha256::digest(line.get(..body)?)) == record.hash;
    is_whole.then_some(record)
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

/// Bytes as text of which they can be had again: what is no text stands as `\xff`. Cut at a bound.
pub(crate) fn field(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes[..bytes.len().min(FIELD_BYTES_MAX)].utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    if bytes.len() > FIELD_BYTES_MAX {
        out.push('…');
    }
    out
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a failure here is a failed test")]
mod tests {
    use super::{Act, Decision, Head, What, field, line, read};

    fn act() -> Act {
        let text = |text: &str| text.to_owned();
        let (actor, principal) = (text("model"), text("agent"));
        Act {
            actor,
            principal,
            op: text("read"),
            path: text("/a \"b\"\n"),
            to: None,
            command: None,
        }
    }

    #[test]
    fn chains_records_and_reads_them_back() {
        let (first, head) = line(&Head::default(), 5, &What::Intent(act())).expect("a line");
        let outcome = What::Outcome {
            of: 1,
            act: act(),
            decision: Decision::Denied,
            rule: "built-in/dotenv".into(),
            says: String::new(),
        };
        let (second, last) = line(&head, 6, &outcome).expect("a line");
        let record = read(second.trim_end().as_bytes()).expect("a record");
        assert_eq!((record.n, record.at, &record.what), (2, 6, &outcome));
        assert_eq!((record.prev, record.hash), (head.hash, last.hash));
        assert_eq!(first.matches('\n').count(), 1);
    }

    #[test]
    fn a_changed_line_is_no_record() {
        let (text, _) = line(&Head::default(), 5, &What::Intent(act())).expect("a line");
        let text = text.trim_end();
        assert!(read(text.as_bytes()).is_some());
        for at in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[at] ^= 1;
            assert!(read(&changed).is_none(), "byte {at} of {text}");
            assert!(read(&text.as_bytes()[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn keeps_bytes_that_are_no_text_apart() {
        assert_eq!(field(b"a\xff\xfeb"), "a\\xff\\xfeb");
        assert_ne!(field(b"\xff"), field(b"\xfe"));
        assert_eq!(field(&[b'x'; 5000]).len(), 4096 + '…'.len_utf8());
    }
}
