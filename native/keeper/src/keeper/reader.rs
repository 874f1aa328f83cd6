//! Who reads a terminal's output, how far, and which bytes are protected for them.
//!
//! | state | event | next |
//! |---|---|---|
//! | lost, free, attached | attach | attached |
//! | attached | link or stream gone | lost for a time |
//! | attached, lost | detach | free |
//! | lost | time over | free |

use crate::clock::Moment;

/// An attach stream: link and correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamId {
    pub(crate) link: u32,
    pub(crate) correlation: u32,
}

/// The stream that gets the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attached {
    pub(crate) stream: StreamId,
    /// Next byte to send.
    pub(crate) sent: u64,
    opened: u64,
    window: u64,
    granted: u64,
}

impl Attached {
    /// Bytes that may be sent now.
    pub(crate) const fn credit(&self) -> u64 {
        (self.opened + self.granted).saturating_sub(self.sent)
    }

    /// Offset since open, as a data frame carries it.
    pub(crate) const fn position(&self) -> u32 {
        ((self.sent - self.opened) & 0xffff_ffff) as u32
    }

    /// Credit beyond the first window is given for bytes that were consumed.
    fn consumed(&self) -> u64 {
        (self.opened + self.granted.saturating_sub(self.window)).min(self.sent)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Attached(Attached),
    Lost { until: Moment },
    Free,
}

/// The one reader of a terminal.
#[derive(Debug)]
pub(crate) struct Reader {
    state: State,
    /// One past the last byte that a reader is known to have consumed.
    consumed: u64,
}

impl Reader {
    /// Nobody yet; everything from `offset` on is protected until `until` for the creator to attach.
    pub(crate) const fn expected(offset: u64, until: Moment) -> Self {
        Self { state: State::Lost { until }, consumed: offset }
    }

    /// A stream takes over from `offset` with `credit`; returns the one it replaces.
    pub(crate) fn attach(
        &mut self,
        stream: StreamId,
        offset: u64,
        credit: u32,
    ) -> Option<StreamId> {
        let before = self.stream();
        let window = u64::from(credit);
        let attached = Attached { stream, sent: offset, opened: offset, window, granted: window };
        self.state = State::Attached(attached);
        self.consumed = offset;
        before
    }

    /// The stream grants `bytes` more.
    pub(crate) fn grant(&mut self, bytes: u32) {
        let State::Attached(attached) = &mut self.state else { return };
        attached.granted = attached.granted.saturating_add(u64::from(bytes));
        if attached.window == 0 {
            attached.window = attached.granted;
        }
        self.consumed = self.consumed.max(attached.consumed());
    }

    /// `bytes` were sent.
    pub(crate) const fn sent(&mut self, bytes: u64) {
        if let State::Attached(attached) = &mut self.state {
            attached.sent += bytes;
        }
    }

    /// The stream is gone without a word.
    pub(crate) const fn lose(&mut self, until: Moment) {
        if matches!(self.state, State::Attached(_)) {
            self.state = State::Lost { until };
        }
    }

    /// Nobody will come back for unread bytes.
    pub(crate) const fn free(&mut self) {
        self.state = State::Free;
    }

    /// Ends a protection whose time is over.
    pub(crate) fn tick(&mut self, now: Moment) {
        if let State::Lost { until } = self.state
            && until <= now
        {
            self.state = State::Free;
        }
    }

    /// When [`Reader::tick`] has something to do.
    pub(crate) const fn deadline(&self) -> Option<Moment> {
        if let State::Lost { until } = self.state { Some(until) } else { None }
    }

    /// From this byte on nothing may be overwritten.
    pub(crate) const fn protected(&self) -> Option<u64> {
        if matches!(self.state, State::Free) { None } else { Some(self.consumed) }
    }

    /// Consumed up to here.
    pub(crate) const fn consumed(&self) -> u64 {
        self.consumed
    }

    pub(crate) const fn attached(&self) -> Option<Attached> {
        if let State::Attached(attached) = self.state { Some(attached) } else { None }
    }

    pub(crate) fn stream(&self) -> Option<StreamId> {
        self.attached().map(|attached| attached.stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: StreamId = StreamId { link: 1, correlation: 2 };

    fn at(ms: u64) -> Moment {
        Moment::default().plus_ms(ms)
    }

    #[test]
    fn protection_follows_the_credit_and_not_what_was_sent() {
        let mut reader = Reader::expected(0, at(60));
        assert_eq!(reader.attach(STREAM, 100, 50), None);
        reader.sent(50);
        assert_eq!((reader.protected(), reader.attached().unwrap().credit()), (Some(100), 0));
        reader.grant(30);
        assert_eq!((reader.protected(), reader.attached().unwrap().credit()), (Some(130), 30));
        reader.grant(1000);
        assert_eq!(reader.protected(), Some(150), "never beyond what was sent");
    }

    #[test]
    fn a_first_credit_that_comes_late_is_a_window_and_acknowledges_nothing() {
        let mut reader = Reader::expected(0, at(60));
        reader.attach(STREAM, 0, 0);
        reader.grant(64);
        reader.sent(64);
        assert_eq!(reader.protected(), Some(0));
        reader.grant(10);
        assert_eq!(reader.protected(), Some(10));
    }

    #[test]
    fn a_lost_reader_is_waited_for_and_a_detached_one_is_not() {
        let mut reader = Reader::expected(0, at(60));
        reader.attach(STREAM, 7, 10);
        reader.lose(at(1_000));
        reader.tick(at(999));
        assert_eq!((reader.protected(), reader.deadline()), (Some(7), Some(at(1_000))));
        reader.tick(at(1_000));
        assert_eq!((reader.protected(), reader.deadline()), (None, None));
        reader.attach(STREAM, 7, 10);
        reader.free();
        assert_eq!(reader.protected(), None);
    }

    #[test]
    fn positions_wrap_at_32_bits() {
        let mut reader = Reader::expected(0, at(60));
        reader.attach(STREAM, 10, u32::MAX);
        reader.sent((1 << 32) + 5);
        assert_eq!(reader.attached().unwrap().position(), 5);
    }

    #[test]
    fn credit_and_protection_go_on_beyond_4_gib() {
        const FAR: u64 = (1 << 32) - 3;
        let mut reader = Reader::expected(FAR, at(60));
        assert_eq!(reader.protected(), Some(FAR));
        reader.attach(STREAM, FAR, 10);
        for step in 1..=3 {
            reader.sent(10);
            assert_eq!(reader.attached().unwrap().credit(), 0);
            reader.grant(10);
            assert_eq!(reader.attached().unwrap().credit(), 10);
            assert_eq!(reader.protected(), Some(FAR + 10 * step));
        }
        for _ in 0..5 {
            reader.sent(u64::from(u32::MAX));
            reader.grant(u32::MAX);
        }
        assert_eq!(reader.consumed(), FAR + 30 + 5 * u64::from(u32::MAX));
        assert_eq!(reader.attached().unwrap().credit(), 10);
    }
}
