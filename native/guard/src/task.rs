//! What a running request has of its caller.

use crate::error::GuardError;
use crate::pool::Cancel;
use crate::reply::Reply;
use std::fmt;
use std::sync::Arc;

/// The way back to the caller of one request.
#[derive(Clone)]
pub struct Task {
    /// Whether the caller still waits.
    pub cancel: Cancel,
    parts: Arc<dyn Fn(Reply) + Send + Sync>,
}

impl Task {
    /// A task whose parts of an answer go to `parts`.
    pub fn new(cancel: Cancel, parts: impl Fn(Reply) + Send + Sync + 'static) -> Self {
        Self { cancel, parts: Arc::new(parts) }
    }

    pub(crate) fn emit(&self, part: Reply) {
        (self.parts)(part);
    }

    pub(crate) fn check(&self) -> Result<(), GuardError> {
        self.cancel.check()
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Task").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}
