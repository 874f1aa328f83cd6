//! Everything that can keep the window from opening.
use std::fmt;

/// A failure in words, with a stable code.
#[derive(Debug)]
pub(crate) struct WindowError {
    /// `window/<what>`.
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl WindowError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for WindowError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for WindowError {}
