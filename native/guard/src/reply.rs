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
    /// The real path it was about, as the audit log has it. Does not cross to JavaScript.
    pub real: Option<String>,
}

impl Reply {
    pub(crate) fn new(value: &impl Serialize) -> Result<Self, GuardError> {
        Ok(Self { json: to_json(value)?, ..Self::default() })
    }

    pub(crate) fn with_bytes(value: &impl Serialize, bytes: Vec<u8>) -> Result<Self, GuardError> {
        Ok(Self { json: to_json(value)?, bytes: Some(bytes), real: None })
    }

    pub(crate) fn nothing() -> Self {
        Self { json: "{}".to_owned(), ..Self::default() }
    }

    /// Says which real path it was about.
    pub(crate) fn at(self, path: &[u8]) -> Self {
        Self { real: Some(crate::audit::field(path)), ..self }
    }
}

fn to_json(value: &impl Serialize) -> Result<String, GuardError> {
    serde_json::to_string(value).map_err(|error| GuardError::Invalid(error.to_string()))
}
