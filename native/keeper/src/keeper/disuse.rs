//! When a shell that nobody uses is ended.
//!
//! ```text
//! attached --link or stream gone--> alone --24 h--> a job runs? looked at again after 24 h : ended
//! ```

use crate::clock::Moment;

/// Since when nobody has been attached to a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disuse {
    attached: bool,
    since: Moment,
}

impl Disuse {
    /// A session that was just started.
    pub(crate) const fn new(now: Moment) -> Self {
        Self { attached: false, since: now }
    }

    /// Notes whether somebody is attached now. To be called at least once between two changes.
    pub(crate) const fn look(&mut self, attached: bool, now: Moment) {
        if attached || self.attached {
            self.since = now;
        }
        self.attached = attached;
    }

    /// It is in use although nobody is attached.
    pub(crate) const fn renew(&mut self, now: Moment) {
        self.since = now;
    }

    /// When it has been unused for `limit_ms`; none while somebody is attached.
    pub(crate) fn over_at(&self, limit_ms: u64) -> Option<Moment> {
        (!self.attached).then(|| self.since.plus_ms(limit_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 24 * 3_600_000;

    fn at(ms: u64) -> Moment {
        Moment::default().plus_ms(ms)
    }

    #[test]
    fn a_session_is_unused_24_h_after_the_last_reader_left_and_not_while_one_is_there() {
        let mut disuse = Disuse::new(at(0));
        assert_eq!(disuse.over_at(DAY_MS), Some(at(DAY_MS)));
        disuse.look(true, at(1_000));
        disuse.look(true, at(2_000));
        assert_eq!(disuse.over_at(DAY_MS), None);
        // Nothing was looked at for a week: the moment of leaving counts, not that of the last look.
        disuse.look(false, at(7 * DAY_MS));
        disuse.look(false, at(7 * DAY_MS + 500));
        assert_eq!(disuse.over_at(DAY_MS), Some(at(8 * DAY_MS)));
    }

    #[test]
    fn a_job_renews_it() {
        let mut disuse = Disuse::new(at(0));
        disuse.renew(at(DAY_MS));
        assert_eq!(disuse.over_at(DAY_MS), Some(at(2 * DAY_MS)));
    }
}
