//! What a request is answered with: a JSON value, and bytes where there are some.

use crate::error::GuardError;
use serde::Serialize;

/// An answer on its way to JavaScript.
#[derive(Debug, Default)]
pub struct Reply {
    /// A JSON value.
    pub json: String,
    /// Contents or names, as they are.
    pub bytes: Option<Vec<u8>>,
}

impl Reply {
    pub(crate) fn new(value: &impl Serialize) -> Result<Self, GuardError> {
        Ok(Self { json: to_json(value)?, bytes: None })
    }

    pub(crate) fn with_bytes(value: &impl Serialize, bytes: Vec<u8>) -> Result<Self, GuardError> {
        Ok(Self { json: to_json(value)?, bytes: Some(bytes) })
    }

    pub(crate) fn nothing() -> Self {
        Self { json: "{}".to_owned(), bytes: None }
    }
}

fn to_json(value: &impl Serialize) -> Result<String, GuardError> {
    serde_json::to_string(value).map_err(|error| GuardError::Invalid(error.to_string()))
}
