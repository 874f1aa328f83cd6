//! MessagePack payloads: maps with names, bytes as bin, and the payloads the bus itself speaks.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// A payload that does not decode, or does not encode.
#[derive(Debug)]
pub struct PayloadError(String);

impl fmt::Display for PayloadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for PayloadError {}

/// Encodes a value as a map with names.
///
/// # Errors
/// The value has no MessagePack form.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, PayloadError> {
    rmp_serde::to_vec_named(value).map_err(|error| PayloadError(error.to_string()))
}

/// Decodes a whole payload; an absent one is nil, and nil is accepted where all fields are optional.
///
/// # Errors
/// The bytes are no such value, or bytes are left over.
pub fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, PayloadError> {
    const EMPTY_MAP: &[u8] = &[0x80];
    let mut rest = if payload.is_empty() || payload == [0xc0] { EMPTY_MAP } else { payload };
    let value = rmp_serde::from_read(&mut rest).map_err(|error| PayloadError(error.to_string()))?;
    if rest.is_empty() {
        return Ok(value);
    }
    Err(PayloadError(format!("{} bytes follow the value", rest.len())))
}

/// Whole numbers of a peer whose language may send them as floats (JavaScript does beyond 2^32).
pub mod number {
    use std::fmt;

    use serde::Deserializer;
    use serde::de::{Error, Visitor};

    /// 0 to 2^64-1 as integer, or to 2^53 as float.
    ///
    /// # Errors
    /// Anything else, with the value.
    pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_any(Count)
    }

    struct Count;

    impl Visitor<'_> for Count {
        type Value = u64;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a whole number from 0")
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<u64, E> {
            Ok(value)
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<u64, E> {
            u64::try_from(value).map_err(|_| E::custom(format!("{value} is below 0")))
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<u64, E> {
            const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
            if !(0.0..=EXACT_MAX).contains(&value) || value.fract() != 0.0 {
                return Err(E::custom(format!("{value} is no whole number from 0 to 2^53")));
            }
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the range was checked above"
            )]
            Ok(value as u64)
        }
    }
}

/// Input or output without fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// First frame of a link, peer to hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Version the peer speaks.
    #[serde(deserialize_with = "number::count")]
    pub protocol: u64,
    /// Wanted base name.
    pub name: String,
    /// Process id, for people.
    #[serde(deserialize_with = "number::count")]
    pub pid: u64,
    /// 32 bytes from the runtime dir; absent on an inherited descriptor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<ByteBuf>,
}

/// The hub's answer to `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// Version the hub speaks.
    #[serde(deserialize_with = "number::count")]
    pub protocol: u64,
    /// Numeric address of this peer.
    #[serde(deserialize_with = "number::count")]
    pub id: u64,
    /// Full name.
    pub name: String,
    /// Incarnation of this peer, from 1.
    #[serde(deserialize_with = "number::count")]
    pub epoch: u64,
    /// Incarnation of the hub.
    #[serde(deserialize_with = "number::count")]
    pub hub_epoch: u64,
    /// Bytes.
    #[serde(deserialize_with = "number::count")]
    pub frame_bytes_max: u64,
}

/// What went wrong, in values: shown in the panel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErrorDetail {
    /// The offending value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The operating system's error number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errno: Option<i32>,
}

/// Body of `error`, `reset` and `go-away`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireError {
    /// Stable code such as `bus/down`.
    pub code: String,
    /// For people.
    pub message: String,
    /// Sent only; received details are not read.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub data: Option<ErrorDetail>,
}

impl WireError {
    /// An error without details.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), data: None }
    }

    /// Adds the offending value and the system's error number.
    #[must_use]
    pub fn with(mut self, value: impl Into<String>, errno: Option<i32>) -> Self {
        self.data = Some(ErrorDetail { value: Some(value.into()), errno });
        self
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for WireError {}

/// What the hub says to a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Control {
    /// Subjects behind ids that the next frames use.
    Names {
        /// Id and subject.
        names: Vec<(u32, String)>,
    },
    /// Finish, then close the link.
    Stop {
        /// Milliseconds.
        grace_ms: u64,
        /// For people.
        reason: String,
    },
    /// Only the control lane still comes.
    Suspend,
    /// The data lane comes again.
    Resume,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_comes_as_integer_or_as_float() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Row {
            #[serde(deserialize_with = "number::count")]
            offset: u64,
        }
        let map = |value: &[u8]| [&[0x81, 0xa6], b"offset".as_slice(), value].concat();
        let float = |value: f64| [&[0xcb], value.to_be_bytes().as_slice()].concat();
        assert_eq!(decode::<Row>(&map(&[7])).unwrap().offset, 7);
        assert_eq!(decode::<Row>(&map(&float(8_589_934_592.0))).unwrap().offset, 1 << 33);
        for bad in [&float(1.5), &float(-1.0), &float(f64::NAN), &vec![0xff]] {
            assert!(decode::<Row>(&map(bad)).is_err());
        }
    }

    #[test]
    fn an_absent_payload_and_nil_are_an_empty_map_and_rest_is_refused() {
        assert_eq!(decode::<Empty>(&[]).unwrap(), Empty {});
        assert_eq!(decode::<Empty>(&[0xc0]).unwrap(), Empty {});
        assert!(decode::<Empty>(&[0x80, 0x80]).is_err());
    }

    #[test]
    fn control_frames_are_told_apart_by_op() {
        let stop = Control::Stop { grace_ms: 5, reason: "quit".to_owned() };
        assert_eq!(decode::<Control>(&encode(&stop).unwrap()).unwrap(), stop);
        let names = Control::Names { names: vec![(3, "a.b".to_owned())] };
        assert_eq!(decode::<Control>(&encode(&names).unwrap()).unwrap(), names);
    }
}
