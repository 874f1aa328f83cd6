//! Time as the keeper sees it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A clock that never jumps and counts from when it was made.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    pub(crate) fn now(&self) -> Moment {
        Moment { us: u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX) }
    }
}

/// A point of a [`Clock`]'s time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    us: u64,
}

impl Moment {
    pub(crate) const fn plus_us(self, us: u64) -> Self {
        Self { us: self.us.saturating_add(us) }
    }

    pub(crate) const fn plus_ms(self, ms: u64) -> Self {
        self.plus_us(ms.saturating_mul(1000))
    }

    /// Time since `earlier`; zero if that is later.
    pub(crate) const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.us.saturating_sub(earlier.us))
    }
}

/// Milliseconds since 1970, for people.
pub(crate) fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
