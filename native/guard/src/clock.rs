//! Time as grants and the hard-link index need it; a test hands in its own.

use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A clock that goes on while the machine sleeps.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system's.
    System,
    /// A test's, milliseconds.
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// Milliseconds since some fixed point.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        match self {
            Self::System => {
                let now = clock_gettime(ClockId::Boottime);
                let seconds = u64::try_from(now.tv_sec).unwrap_or(0);
                seconds * 1000 + u64::try_from(now.tv_nsec).unwrap_or(0) / 1_000_000
            }
            Self::Manual(now) => now.load(Ordering::SeqCst),
        }
    }
}

/// The clock files are stamped with, nanoseconds since 1970.
pub(crate) fn wall_ns() -> i64 {
    let now = clock_gettime(ClockId::Realtime);
    now.tv_sec.saturating_mul(1_000_000_000).saturating_add(now.tv_nsec)
}
