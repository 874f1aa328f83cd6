//! Finds a hub that hangs: it pings its peers once a second from its event loop, the root among them.
//!
//! Missed beats are counted, not wall time, so a machine that slept finds its hub healthy. A hub that has never sent a
//! ping is not watched.
use std::time::{Duration, Instant};

/// How often the hub beats and the root looks.
const EVERY: Duration = Duration::from_secs(1);
/// Looks without a beat before the hub counts as hung.
const MISSED_MAX: u32 = 10;

/// The beats of one incarnation.
#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    missed: u32,
    next_look: Option<Instant>,
}

impl Watchdog {
    /// A ping came.
    pub(crate) fn beat(&mut self, now: Instant) {
        self.missed = 0;
        self.next_look = Some(now + EVERY);
    }

    /// When to look next; never before the first beat.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.next_look
    }

    /// Looks, when it is time. True once, when too many beats were missed.
    pub(crate) fn look(&mut self, now: Instant) -> bool {
        if self.next_look.is_none_or(|at| now < at) {
            return false;
        }
        self.missed += 1;
        self.next_look = Some(now + EVERY);
        if self.missed < MISSED_MAX {
            return false;
        }
        *self = Self::default();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Watchdog;
    use std::time::{Duration, Instant};

    #[test]
    fn ten_missed_beats_are_a_hang_and_a_jump_of_the_clock_is_one() {
        let (mut watchdog, start) = (Watchdog::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(!watchdog.look(at(100)));
        watchdog.beat(at(100));
        assert!(!watchdog.look(at(5_000)));
        let found: Vec<bool> = (5_001..5_010).map(|second| watchdog.look(at(second))).collect();
        assert_eq!(found.iter().position(|hung| *hung), Some(8));
        assert_eq!(watchdog.deadline(), None);
    }

    #[test]
    fn a_beat_forgives_what_was_missed() {
        let (mut watchdog, start) = (Watchdog::default(), Instant::now());
        for second in 0..100 {
            let now = start + Duration::from_secs(second);
            assert!(!watchdog.look(now));
            if second % 9 == 0 {
                watchdog.beat(now);
            }
        }
    }
}
