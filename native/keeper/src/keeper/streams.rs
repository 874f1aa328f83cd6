//! Streams of clients: output of a session, keys for it.

use bulkhead_wire::{Frame, Kind, Lane, STREAMS_OPEN_MAX, WireError, encode, flag};

use super::Keeper;
use super::input::{INPUT_CREDIT, InputError, Urgency};
use super::messages::{Attach, AttachAccept, InputAccept, OpenInput};
use super::peer::Stream;
use super::reader::StreamId;
use super::requests::{check_offset, has_ended, no_such_session, read, subject_of};
use super::session::Session;

const WRITER_BYTES_MAX: usize = 64;

impl Keeper {
    pub(super) fn take_open(&mut self, id: u32, frame: &Frame) {
        let stream = StreamId { link: id, correlation: frame.header.correlation };
        let opened = self.check_open(stream).and_then(|()| match subject_of(frame)? {
            "session.attach" => self.open_output(stream, frame),
            "session.input" => self.open_keys(stream, frame),
            other => Err(WireError::new("bus/no-responder", format!("keeper serves no {other}"))),
        });
        if let Err(error) = opened {
            self.send_reset(stream, &error);
        }
    }

    pub(super) fn take_stream(&mut self, id: u32, frame: &Frame) {
        let stream = StreamId { link: id, correlation: frame.header.correlation };
        let known = self.peers.get(&id).and_then(|peer| peer.stream(stream.correlation));
        match (known, frame.header.kind) {
            (Some(Stream::Output(number)), Kind::Credit) => {
                if let Some(session) = self.sessions.get_mut(&number) {
                    session.reader.grant(frame.header.position);
                }
            }
            (Some(Stream::Keys(number)), Kind::Data) => self.take_keys(stream, number, frame),
            (Some(kind), Kind::Reset) => self.lose_stream(stream, kind),
            (Some(Stream::Keys(number)), Kind::End) => {
                self.lose_stream(stream, Stream::Keys(number));
                self.send(id, &stream_frame(Kind::End, stream));
            }
            (Some(Stream::Output(_)), Kind::Data) => {
                let text = "session.attach takes no bytes: the credit is 0";
                self.refuse_stream(stream, &WireError::new("bus/protocol", text));
            }
            (None, Kind::Data) => self.tell_dead(stream, frame),
            _ => {}
        }
    }

    /// Ends a stream from our side, with the last value if there is one.
    pub(super) fn end_stream(&mut self, stream: StreamId, last: Option<Vec<u8>>) {
        let frame = stream_frame(Kind::End, stream).payload(last.unwrap_or_default());
        self.send(stream.link, &frame);
        if let Some(peer) = self.peers.get_mut(&stream.link) {
            peer.remove_stream(stream.correlation);
        }
    }

    /// Resets a stream of ours.
    pub(super) fn refuse_stream(&mut self, stream: StreamId, error: &WireError) {
        let known = self.peers.get(&stream.link).and_then(|peer| peer.stream(stream.correlation));
        if let Some(kind) = known {
            self.lose_stream(stream, kind);
        }
        self.send_reset(stream, error);
    }

    /// The session with this number; `id` is for the error.
    pub(super) fn session(&mut self, number: u32, id: &str) -> Result<&mut Session, WireError> {
        self.sessions.get_mut(&number).ok_or_else(|| no_such_session(id))
    }

    fn check_open(&self, stream: StreamId) -> Result<(), WireError> {
        let Some(peer) = self.peers.get(&stream.link) else { return Ok(()) };
        if stream.correlation == 0 || peer.stream(stream.correlation).is_some() {
            let text = format!("stream {} is 0 or open already", stream.correlation);
            return Err(WireError::new("bus/protocol", text));
        }
        if peer.streams() >= STREAMS_OPEN_MAX {
            let text = format!("{STREAMS_OPEN_MAX} streams are open, the bound");
            return Err(WireError::new("bus/limit", text));
        }
        Ok(())
    }

    fn open_output(&mut self, stream: StreamId, frame: &Frame) -> Result<(), WireError> {
        let request: Attach = read(&frame.payload)?;
        let number = self.find(&request.session)?;
        let session = self.session(number, &request.session)?;
        let head = session.ring.head();
        check_offset(request.offset, head)?;
        let offset = request.offset.max(session.ring.tail());
        let replaced = session.reader.attach(stream, offset, frame.header.position);
        if let Some(old) = replaced {
            let text = format!("session {} was attached again", request.session);
            self.forget_stream(old);
            self.send_reset(old, &WireError::new("keeper/replaced", text));
        }
        let accept = AttachAccept { offset, gap: offset - request.offset, head };
        self.accept(stream, Stream::Output(number), (0, encode(&accept)))
    }

    fn open_keys(&mut self, stream: StreamId, frame: &Frame) -> Result<(), WireError> {
        let request: OpenInput = read(&frame.payload)?;
        if request.writer.len() > WRITER_BYTES_MAX {
            let bytes = request.writer.len();
            let text = format!("writer of {bytes} bytes is over {WRITER_BYTES_MAX}");
            return Err(WireError::new("bus/invalid", text));
        }
        let number = self.find(&request.session)?;
        let session = self.session(number, &request.session)?;
        if !session.is_running() {
            return Err(has_ended(&request.session));
        }
        let urgency = match frame.header.lane {
            Lane::Control => Urgency::Urgent,
            Lane::Data => Urgency::Ordinary,
        };
        let opened = session.input.open(&request.writer, stream, urgency);
        let opened = opened.ok_or_else(|| {
            WireError::new("bus/limit", "16 writers of this session are busy, the bound")
        })?;
        if let Some(old) = opened.replaced {
            let text = format!("writer {} opened again", request.writer);
            self.forget_stream(old);
            self.send_reset(old, &WireError::new("keeper/replaced", text));
        }
        let accept = InputAccept { offset: opened.offset, received: opened.received };
        self.accept(stream, Stream::Keys(number), (INPUT_CREDIT, encode(&accept)))
    }

    fn accept(
        &mut self,
        stream: StreamId,
        kind: Stream,
        (credit, value): (u32, Result<Vec<u8>, bulkhead_wire::PayloadError>),
    ) -> Result<(), WireError> {
        let value = value.map_err(|error| WireError::new("bus/internal", error.to_string()))?;
        let frame = stream_frame(Kind::Credit, stream).flags(flag::ACCEPT).position(credit);
        self.send(stream.link, &frame.payload(value));
        if let Some(peer) = self.peers.get_mut(&stream.link) {
            peer.add_stream(stream.correlation, kind);
        }
        Ok(())
    }

    fn take_keys(&mut self, stream: StreamId, number: u32, frame: &Frame) {
        let Some(session) = self.sessions.get_mut(&number) else { return };
        let position = frame.header.position;
        match session.input.receive(stream, position, &frame.payload) {
            Ok(0) => {}
            Ok(repeated) => {
                let credit = stream_frame(Kind::Credit, stream).position(repeated);
                self.send(stream.link, &credit.lane(Lane::Control));
            }
            Err(error) => self.refuse_stream(stream, &input_error(error)),
        }
    }

    /// A stream is gone without detach: its session is told.
    fn lose_stream(&mut self, stream: StreamId, kind: Stream) {
        self.forget_stream(stream);
        let until = self.now.plus_ms(self.settings.protect_ms);
        let (Stream::Output(number) | Stream::Keys(number)) = kind;
        let Some(session) = self.sessions.get_mut(&number) else { return };
        match kind {
            Stream::Output(_) => session.reader.lose(until),
            Stream::Keys(_) => session.input.close(stream),
        }
    }

    fn forget_stream(&mut self, stream: StreamId) {
        if let Some(peer) = self.peers.get_mut(&stream.link) {
            peer.remove_stream(stream.correlation);
        }
    }

    fn send_reset(&mut self, stream: StreamId, error: &WireError) {
        self.send_value(stream.link, stream_frame(Kind::Reset, stream), error);
    }

    fn tell_dead(&mut self, stream: StreamId, frame: &Frame) {
        let peer = self.peers.get(&stream.link);
        if peer.is_some_and(|peer| peer.had_stream(stream.correlation)) {
            return;
        }
        let letter = super::messages::DeadLetter {
            reason: "no-such-stream",
            kind: frame.header.kind.value(),
            source: peer.map_or(String::new(), |peer| peer.name.clone()),
            destination: "keeper",
            subject: "",
            correlation: stream.correlation,
            message: format!("no stream {} is open", stream.correlation),
        };
        self.send_value(stream.link, Frame::new(Kind::Dead), &letter);
    }
}

/// A frame of ours on a client's stream.
pub(super) fn stream_frame(kind: Kind, stream: StreamId) -> Frame {
    Frame::new(kind).correlation(stream.correlation)
}

fn input_error(error: InputError) -> WireError {
    match error {
        InputError::Hole { expected, position } => {
            let text = format!("position {position}, expected {expected}");
            WireError::new("bus/protocol", text)
        }
        InputError::OverCredit { bytes } => {
            WireError::new("bus/limit", format!("{bytes} bytes without credit"))
        }
        InputError::Unknown => WireError::new("bus/internal", "stream without a writer"),
    }
}
