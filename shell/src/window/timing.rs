//! How long the start took, logged once per step: the figures of the benchmark come from here.
use std::cell::RefCell;
use std::time::Instant;

use crate::log;

/// Steps of a start, each logged when it is first reached.
#[derive(Debug)]
pub(crate) struct Timing {
    started: Instant,
    reached: RefCell<Vec<&'static str>>,
}

impl Timing {
    /// Counts from `started`, the first moment of `main`.
    pub(crate) const fn new(started: Instant) -> Self {
        Self { started, reached: RefCell::new(Vec::new()) }
    }

    /// Logs `step` with the milliseconds since the start, the first time.
    pub(crate) fn reach(&self, step: &'static str) {
        let mut reached = self.reached.borrow_mut();
        if !reached.contains(&step) {
            reached.push(step);
            log::line(&format!("{step} after {} ms", self.started.elapsed().as_millis()));
        }
    }
}
