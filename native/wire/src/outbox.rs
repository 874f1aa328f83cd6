//! Frames waiting for a link, bounded, in two lanes.
//!
//! Sequence numbers are given when a frame leaves its lane, because only then the order is known.

use std::collections::VecDeque;
use std::fmt;

use crate::frame::Frame;
use crate::protocol::{Lane, offset};

/// Frames are joined up to this size before they go to the operating system.
const BATCH_BYTES: usize = 64 * 1024;

/// The queue is full: the peer does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxFull {
    /// Bytes that wait.
    pub queued_bytes: usize,
    /// The bound.
    pub max: usize,
}

impl fmt::Display for OutboxFull {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} bytes wait for the peer, at most {} may", self.queued_bytes, self.max)
    }
}

impl std::error::Error for OutboxFull {}

/// The sending side of a link.
#[derive(Debug)]
pub struct Outbox {
    control: VecDeque<Vec<u8>>,
    data: VecDeque<Vec<u8>>,
    batch: Vec<u8>,
    written: usize,
    queued_bytes: usize,
    queued_bytes_max: usize,
    sequence: u32,
}

impl Outbox {
    /// An empty outbox that holds at most `queued_bytes_max` and one frame.
    #[must_use]
    pub const fn new(queued_bytes_max: usize) -> Self {
        Self {
            control: VecDeque::new(),
            data: VecDeque::new(),
            batch: Vec::new(),
            written: 0,
            queued_bytes: 0,
            queued_bytes_max,
            sequence: 0,
        }
    }

    /// Queues a frame in its lane.
    ///
    /// # Errors
    /// More than the bound waits already; the link should be closed.
    pub fn push(&mut self, frame: &Frame) -> Result<(), OutboxFull> {
        if self.queued_bytes > self.queued_bytes_max {
            return Err(OutboxFull { queued_bytes: self.queued_bytes, max: self.queued_bytes_max });
        }
        let bytes = frame.encode();
        self.queued_bytes += bytes.len();
        match frame.header.lane {
            Lane::Control => self.control.push_back(bytes),
            Lane::Data => self.data.push_back(bytes),
        }
        Ok(())
    }

    /// What to write next; empty when there is nothing.
    pub fn next_bytes(&mut self) -> &[u8] {
        if self.written == self.batch.len() {
            self.batch.clear();
            self.written = 0;
            self.fill();
        }
        &self.batch[self.written..]
    }

    /// Says that `bytes` of [`Outbox::next_bytes`] were written.
    pub fn advance(&mut self, bytes: usize) {
        self.written = (self.written + bytes).min(self.batch.len());
        self.queued_bytes = self.queued_bytes.saturating_sub(bytes);
    }

    /// Bytes that wait.
    #[must_use]
    pub const fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    fn fill(&mut self) {
        while self.batch.len() < BATCH_BYTES {
            let Some(mut frame) = self.control.pop_front().or_else(|| self.data.pop_front()) else {
                break;
            };
            self.sequence = self.sequence.wrapping_add(1);
            if let Some(field) = frame.get_mut(offset::SEQUENCE..offset::SEQUENCE + 4) {
                field.copy_from_slice(&self.sequence.to_le_bytes());
            }
            if self.batch.is_empty() {
                self.batch = frame;
            } else {
                self.batch.append(&mut frame);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::{Decoder, Step};
    use crate::protocol::Kind;

    fn drain(outbox: &mut Outbox) -> Vec<Frame> {
        let mut decoder = Decoder::default();
        loop {
            let bytes = outbox.next_bytes().to_vec();
            if bytes.is_empty() {
                break;
            }
            decoder.feed(&bytes);
            outbox.advance(bytes.len());
        }
        let mut frames = Vec::new();
        while let Step::Frame(frame) = decoder.step().unwrap() {
            frames.push(frame);
        }
        frames
    }

    #[test]
    fn the_control_lane_overtakes_and_the_sequence_has_no_hole() {
        let mut outbox = Outbox::new(1 << 20);
        outbox.push(&Frame::new(Kind::Data).correlation(1).raw(vec![0; 10])).unwrap();
        outbox.push(&Frame::new(Kind::Credit).correlation(2).lane(Lane::Control)).unwrap();
        let frames = drain(&mut outbox);
        let order: Vec<_> =
            frames.iter().map(|f| (f.header.correlation, f.header.sequence)).collect();
        assert_eq!(order, [(2, 1), (1, 2)]);
        assert_eq!(outbox.queued_bytes(), 0);
    }

    #[test]
    fn a_full_outbox_refuses_and_says_how_much_waits() {
        let mut outbox = Outbox::new(100);
        outbox.push(&Frame::new(Kind::Data).raw(vec![0; 100])).unwrap();
        let full = outbox.push(&Frame::new(Kind::Data)).unwrap_err();
        assert_eq!(full, OutboxFull { queued_bytes: 140, max: 100 });
    }
}
