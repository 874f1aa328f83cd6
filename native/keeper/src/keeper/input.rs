//! Keys on their way to a terminal: numbered per writer, written once, acknowledged by credit.
//!
//! A writer counts its bytes from 0. `received` is what was queued, `written` what the terminal took; the accept of a
//! new stream tells `written`, so what the writer then sends again up to `received` is dropped as known.

use std::collections::VecDeque;

use super::reader::StreamId;

/// First credit of an input stream, bytes.
pub(crate) const INPUT_CREDIT: u32 = 64 * 1024;
/// Writers remembered for each terminal.
pub(crate) const WRITERS_MAX: usize = 16;

/// What was written and whom to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) stream: StreamId,
    pub(crate) bytes: u32,
}

/// Why input was refused; the stream is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputError {
    /// Bytes between what came before and these are missing.
    Hole { expected: u32, position: u32 },
    /// More than the credit.
    OverCredit { bytes: usize },
    /// No such stream here.
    Unknown,
}

/// What an open got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    /// Bytes of this writer that were written.
    pub(crate) offset: u64,
    /// Those and what waits to be written.
    pub(crate) received: u64,
    /// An older stream of the same writer.
    pub(crate) replaced: Option<StreamId>,
}

/// Whether a writer's bytes may pass those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    Ordinary,
    Urgent,
}

#[derive(Debug)]
struct OpenStream {
    id: StreamId,
    base: u64,
    next: u64,
    credit: i64,
    urgency: Urgency,
}

#[derive(Debug)]
struct Writer {
    name: String,
    received: u64,
    written: u64,
    used: u64,
    stream: Option<OpenStream>,
}

#[derive(Debug)]
struct Chunk {
    writer: String,
    bytes: Vec<u8>,
    done: usize,
}

/// The input side of one terminal.
#[derive(Debug, Default)]
pub(crate) struct Input {
    writers: Vec<Writer>,
    urgent: VecDeque<Chunk>,
    ordinary: VecDeque<Chunk>,
    uses: u64,
}

impl Input {
    /// A stream of `writer` begins. None when 16 other writers are busy.
    pub(crate) fn open(&mut self, writer: &str, id: StreamId, urgency: Urgency) -> Option<Opened> {
        self.uses += 1;
        let uses = self.uses;
        let known = self.writers.iter().position(|known| known.name == writer);
        let index = known.or_else(|| self.add_writer(writer))?;
        let writer = &mut self.writers[index];
        writer.used = uses;
        let (base, received) = (writer.written, writer.received);
        let credit = i64::from(INPUT_CREDIT);
        let stream = OpenStream { id, base, next: base, credit, urgency };
        let replaced = writer.stream.replace(stream).map(|old| old.id);
        Some(Opened { offset: base, received, replaced })
    }

    /// Bytes came on a stream; returns credit for bytes it had sent before already.
    pub(crate) fn receive(
        &mut self,
        id: StreamId,
        position: u32,
        bytes: &[u8],
    ) -> Result<u32, InputError> {
        self.uses += 1;
        let uses = self.uses;
        let writer = self.writers.iter_mut().find(|writer| is_stream(writer, id));
        let writer = writer.ok_or(InputError::Unknown)?;
        writer.used = uses;
        let stream = writer.stream.as_mut().ok_or(InputError::Unknown)?;
        if stream.credit <= 0 {
            return Err(InputError::OverCredit { bytes: bytes.len() });
        }
        let expected = (stream.next - stream.base) as u32;
        let ahead = position.wrapping_sub(expected).cast_signed();
        if ahead > 0 {
            return Err(InputError::Hole { expected, position });
        }
        let repeated = (ahead.unsigned_abs() as usize).min(bytes.len());
        let start = stream.next - u64::from(ahead.unsigned_abs());
        let end = start + bytes.len() as u64;
        stream.credit -= (bytes.len() - repeated) as i64;
        stream.next = stream.next.max(end);
        let known = usize::try_from(writer.received.saturating_sub(start)).unwrap_or(usize::MAX);
        if let Some(fresh) = bytes.get(known..).filter(|fresh| !fresh.is_empty()) {
            writer.received = end;
            let chunk = Chunk { writer: writer.name.clone(), bytes: fresh.to_vec(), done: 0 };
            match stream.urgency {
                Urgency::Urgent => self.urgent.push_back(chunk),
                Urgency::Ordinary => self.ordinary.push_back(chunk),
            }
        }
        Ok(repeated as u32)
    }

    /// Bytes to write next.
    pub(crate) fn next_bytes(&self) -> Option<&[u8]> {
        let chunk = self.urgent.front().or_else(|| self.ordinary.front())?;
        Some(&chunk.bytes[chunk.done..])
    }

    /// The terminal took `bytes` of [`Input::next_bytes`]; whom to grant them back.
    pub(crate) fn written(&mut self, bytes: usize) -> Option<Grant> {
        let queue = if self.urgent.is_empty() { &mut self.ordinary } else { &mut self.urgent };
        let chunk = queue.front_mut()?;
        let taken = bytes.min(chunk.bytes.len() - chunk.done);
        chunk.done += taken;
        let writer = self.writers.iter_mut().find(|writer| writer.name == chunk.writer);
        if chunk.done == chunk.bytes.len() {
            queue.pop_front();
        }
        let writer = writer?;
        writer.written += taken as u64;
        let stream = writer.stream.as_mut()?;
        stream.credit += taken as i64;
        Some(Grant { stream: stream.id, bytes: u32::try_from(taken).unwrap_or(u32::MAX) })
    }

    /// A stream is over; what it brought is still written.
    pub(crate) fn close(&mut self, id: StreamId) {
        for writer in &mut self.writers {
            if is_stream(writer, id) {
                writer.stream = None;
            }
        }
    }

    /// The terminal is gone: forgets what waits, and names the streams to reset.
    pub(crate) fn clear(&mut self) -> Vec<StreamId> {
        self.urgent.clear();
        self.ordinary.clear();
        let streams = self.writers.drain(..).filter_map(|writer| writer.stream);
        streams.map(|stream| stream.id).collect()
    }

    fn add_writer(&mut self, name: &str) -> Option<usize> {
        if self.writers.len() >= WRITERS_MAX {
            let idle =
                |writer: &Writer| writer.stream.is_none() && writer.received == writer.written;
            let oldest = self.writers.iter().enumerate().filter(|(_, writer)| idle(writer));
            let (index, _) = oldest.min_by_key(|(_, writer)| writer.used)?;
            self.writers.swap_remove(index);
        }
        let name = name.to_owned();
        self.writers.push(Writer { name, received: 0, written: 0, used: self.uses, stream: None });
        Some(self.writers.len() - 1)
    }
}

fn is_stream(writer: &Writer, id: StreamId) -> bool {
    writer.stream.as_ref().is_some_and(|stream| stream.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn id(correlation: u32) -> StreamId {
        StreamId { link: 1, correlation }
    }

    fn opened(input: &mut Input, writer: &str, correlation: u32) -> u64 {
        input.open(writer, id(correlation), Urgency::Ordinary).unwrap().offset
    }

    /// Writes everything that waits.
    fn drain(input: &mut Input) -> Vec<u8> {
        let mut out = Vec::new();
        while let Some(bytes) = input.next_bytes().map(<[u8]>::to_vec) {
            input.written(bytes.len());
            out.extend(bytes);
        }
        out
    }

    #[test]
    fn bytes_that_wait_when_the_writer_comes_back_are_written_once() {
        let mut input = Input::default();
        assert_eq!(opened(&mut input, "w", 1), 0);
        input.receive(id(1), 0, b"abcdef").unwrap();
        assert_eq!(input.written(2), Some(Grant { stream: id(1), bytes: 2 }));
        let again = input.open("w", id(2), Urgency::Ordinary).unwrap();
        assert_eq!((again.offset, again.received), (2, 6));
        input.receive(id(2), 0, b"cdefgh").unwrap();
        assert_eq!(drain(&mut input), b"cdefgh");
        assert_eq!(opened(&mut input, "w", 3), 8);
    }

    #[test]
    fn a_repeated_frame_is_dropped_and_its_credit_given_back() {
        let mut input = Input::default();
        opened(&mut input, "w", 1);
        assert_eq!(input.receive(id(1), 0, b"abc"), Ok(0));
        assert_eq!(input.receive(id(1), 0, b"abc"), Ok(3));
        assert_eq!(input.receive(id(1), 2, b"cd"), Ok(1));
        assert_eq!(drain(&mut input), b"abcd");
    }

    #[test]
    fn a_writer_goes_on_beyond_4_gib_on_one_stream_and_on_the_next() {
        let piece = vec![b'x'; 65_536];
        let mut input = Input::default();
        opened(&mut input, "w", 1);
        let mut sent: u64 = 0;
        while sent < (1 << 32) {
            let position = (sent & 0xffff_ffff) as u32;
            assert_eq!(input.receive(id(1), position, &piece), Ok(0));
            assert_eq!(input.written(piece.len()).unwrap().bytes, 65_536);
            sent += piece.len() as u64;
        }
        assert_eq!(input.receive(id(1), 0, b"beyond"), Ok(0));
        assert_eq!(input.receive(id(1), u32::MAX, b"xbeyond"), Ok(7), "known on both sides of it");
        assert_eq!(drain(&mut input), b"beyond");
        assert_eq!(opened(&mut input, "w", 2), (1 << 32) + 6);
    }

    #[test]
    fn a_hole_and_bytes_beyond_the_credit_are_refused() {
        let mut input = Input::default();
        opened(&mut input, "w", 1);
        let hole = InputError::Hole { expected: 0, position: 3 };
        assert_eq!(input.receive(id(1), 3, b"x"), Err(hole));
        input.receive(id(1), 0, &[0; 65_536]).unwrap();
        assert_eq!(input.receive(id(1), 65_536, b"x"), Err(InputError::OverCredit { bytes: 1 }));
        assert_eq!(input.receive(id(9), 0, b"x"), Err(InputError::Unknown));
    }

    #[test]
    fn urgent_bytes_pass_those_of_other_writers() {
        let mut input = Input::default();
        opened(&mut input, "paste", 1);
        input.open("keys", id(2), Urgency::Urgent).unwrap();
        input.receive(id(1), 0, b"long").unwrap();
        input.receive(id(2), 0, b"\x03").unwrap();
        assert_eq!(drain(&mut input), b"\x03long");
    }

    #[test]
    fn the_longest_unused_writer_is_forgotten_and_a_busy_one_never() {
        let mut input = Input::default();
        for n in 0..WRITERS_MAX {
            opened(&mut input, &n.to_string(), 100 + n as u32);
            input.receive(id(100 + n as u32), 0, b"x").unwrap();
        }
        assert_eq!(input.open("more", id(1), Urgency::Ordinary), None);
        drain(&mut input);
        for n in [3, 5] {
            input.close(id(100 + n));
        }
        opened(&mut input, "more", 1);
        assert_eq!(opened(&mut input, "5", 2), 1, "still known");
        input.close(id(2));
        assert_eq!(opened(&mut input, "3", 3), 0, "was forgotten");
    }

    #[test]
    fn a_vanished_stream_does_not_take_its_bytes_with_it() {
        let mut input = Input::default();
        opened(&mut input, "w", 1);
        input.receive(id(1), 0, b"abc").unwrap();
        input.close(id(1));
        assert_eq!(input.written(3), None);
        assert_eq!(opened(&mut input, "w", 2), 3);
    }
}
