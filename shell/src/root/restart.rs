//! When a child of the root is started again: at once after a good run or when asked, later after a short one, and not
//! at all after more than five ends in 30 s.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Ends within [`WINDOW`] that are forgiven.
const ENDS_MAX: usize = 5;
const WINDOW: Duration = Duration::from_secs(30);
/// A child that was ready this long had a good run.
const GOOD_RUN: Duration = Duration::from_secs(10);
const DELAY_FIRST: Duration = Duration::from_millis(250);
const DELAY_MAX: Duration = Duration::from_secs(30);

/// What to do after an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    After(Duration),
    Park,
}

/// The ends of one child.
#[derive(Debug, Default)]
pub(crate) struct Restarts {
    ends: VecDeque<Instant>,
    short_runs: u32,
    total: u32,
}

/// How it ended, as far as the decision needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// A person or a drill asked for it: not counted.
    pub(crate) asked: bool,
    /// How long it had been ready.
    pub(crate) ready_for: Option<Duration>,
}

impl Restarts {
    /// Decides after an end at `now`.
    pub(crate) fn decide(&mut self, now: Instant, run: Run) -> Next {
        self.total = self.total.saturating_add(1);
        if run.asked {
            return Next::After(Duration::ZERO);
        }
        while self.ends.front().is_some_and(|end| now.duration_since(*end) > WINDOW) {
            self.ends.pop_front();
        }
        self.ends.push_back(now);
        if self.ends.len() > ENDS_MAX {
            return Next::Park;
        }
        if run.ready_for.is_some_and(|ready| ready >= GOOD_RUN) {
            self.short_runs = 0;
            return Next::After(Duration::ZERO);
        }
        let delay = DELAY_FIRST.saturating_mul(1 << self.short_runs.min(10)).min(DELAY_MAX);
        self.short_runs += 1;
        Next::After(delay)
    }

    /// A person tries again: what was counted is forgotten.
    pub(crate) fn forgive(&mut self) {
        self.ends.clear();
        self.short_runs = 0;
    }

    /// Ends in the life of this root.
    pub(crate) const fn total(&self) -> u32 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::{Next, Restarts, Run};
    use std::time::{Duration, Instant};

    fn short() -> Run {
        Run { asked: false, ready_for: Some(Duration::from_secs(1)) }
    }

    #[test]
    fn short_runs_wait_longer_each_time_and_the_sixth_end_in_30_s_parks() {
        let (mut restarts, now) = (Restarts::default(), Instant::now());
        let waits: Vec<Next> = (0..6).map(|_| restarts.decide(now, short())).collect();
        let ms = |ms| Next::After(Duration::from_millis(ms));
        assert_eq!(waits, [ms(250), ms(500), ms(1000), ms(2000), ms(4000), Next::Park]);
        restarts.forgive();
        assert_eq!(restarts.decide(now, short()), ms(250));
        assert_eq!(restarts.total(), 7);
    }

    #[test]
    fn a_good_run_is_started_again_at_once() {
        let mut restarts = Restarts::default();
        let run = Run { asked: false, ready_for: Some(Duration::from_secs(10)) };
        assert_eq!(restarts.decide(Instant::now(), run), Next::After(Duration::ZERO));
    }

    #[test]
    fn what_was_asked_for_is_never_counted() {
        let (mut restarts, now) = (Restarts::default(), Instant::now());
        let run = Run { asked: true, ready_for: None };
        for _ in 0..50 {
            assert_eq!(restarts.decide(now, run), Next::After(Duration::ZERO));
        }
    }

    #[test]
    fn old_ends_are_forgotten_after_30_s() {
        let (mut restarts, start) = (Restarts::default(), Instant::now());
        for step in 0..20 {
            let now = start + Duration::from_secs(step * 8);
            assert_ne!(restarts.decide(now, short()), Next::Park, "end {step}");
        }
    }
}
