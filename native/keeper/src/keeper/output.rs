//! Moves bytes: terminals to rings to clients, keys to terminals, and tells how sessions ended.

use bulkhead_wire::{DATA_BYTES_MAX, Frame, Kind, Lane, WireError, encode};

use super::Keeper;
use super::messages::Exited;
use super::session::Session;
use super::streams::stream_frame;
use crate::clock::Moment;
use crate::log;

/// Output waiting for one client's socket; what is beyond stays in the rings.
const LINK_BYTES_MAX: usize = 256 * 1024;
/// Small pieces this close after another are joined. The first one after a pause goes at once.
const JOIN_US: u64 = 1_000;

impl Keeper {
    pub(super) fn move_bytes(&mut self) {
        let now = self.now;
        for number in self.sessions.keys().copied().collect::<Vec<_>>() {
            let Some(session) = self.sessions.get_mut(&number) else { continue };
            session.read_output(&mut self.budget, now);
            let grants = session.write_input(now);
            for grant in grants {
                let credit = stream_frame(Kind::Credit, grant.stream).position(grant.bytes);
                self.send(grant.stream.link, &credit.lane(Lane::Control));
            }
            while self.send_output(number) {}
        }
    }

    /// When joined output has to go.
    pub(super) fn output_deadline(&self, session: &Session) -> Option<Moment> {
        let attached = session.reader.attached()?;
        let waits = attached.sent < session.ring.head() && attached.credit() > 0;
        let has_room = self.link_has_room(attached.stream.link);
        (waits && has_room).then(|| session.last_sent.plus_us(JOIN_US))
    }

    /// Sends one frame of output if there is any, credit for it and room in the link.
    fn send_output(&mut self, number: u32) -> bool {
        let Some(session) = self.sessions.get_mut(&number) else { return false };
        let Some(attached) = session.reader.attached() else { return false };
        let stream = attached.stream;
        let waiting = session.ring.head() - attached.sent;
        if waiting == 0 {
            if let Some(exit) = session.exit() {
                session.reader.free();
                self.end_stream(stream, encode(&exit).ok());
            }
            return false;
        }
        let bytes = waiting.min(attached.credit()).min(DATA_BYTES_MAX as u64);
        let joins = bytes == waiting && waiting < DATA_BYTES_MAX as u64 && session.exit().is_none();
        let is_early = self.now < session.last_sent.plus_us(JOIN_US);
        let is_full = self
            .peers
            .get(&stream.link)
            .is_none_or(|peer| peer.link.queued_bytes() > LINK_BYTES_MAX);
        if bytes == 0 || is_full || (joins && is_early) {
            return false;
        }
        let payload = session.ring.copy(attached.sent, usize::try_from(bytes).unwrap_or(0));
        session.reader.sent(payload.len() as u64);
        session.last_sent = self.now;
        let frame = stream_frame(Kind::Data, stream).position(attached.position()).raw(payload);
        self.send(stream.link, &frame);
        true
    }

    fn link_has_room(&self, id: u32) -> bool {
        self.peers.get(&id).is_some_and(|peer| peer.link.queued_bytes() <= LINK_BYTES_MAX)
    }

    /// Tells every client of sessions that ended and were drained since the last turn.
    pub(super) fn tell_exits(&mut self) {
        let fresh = |number: &u32| !self.ended.contains_key(number);
        let ended = self.sessions.iter().filter(|(number, _)| fresh(number));
        let ended: Vec<_> =
            ended.filter_map(|(number, session)| Some((*number, session.exit()?))).collect();
        for (number, exit) in ended {
            self.ended.insert(number, self.now);
            let Some(session) = self.sessions.get_mut(&number) else { continue };
            let (id, streams) = (session.id.clone(), session.close_input());
            log::info(format_args!("session {id} ended: {exit:?}"));
            let over = WireError::new("keeper/no-such-session", format!("session {id} has ended"));
            for stream in streams {
                self.refuse_stream(stream, &over);
            }
            while self.send_output(number) {}
            let Ok(payload) = encode(&Exited { session: id, exit }) else { continue };
            let event = Frame::new(Kind::Publish).subject("session.exited").payload(payload);
            let known = self.peers.iter().filter(|(_, peer)| peer.is_known());
            for link in known.map(|(link, _)| *link).collect::<Vec<_>>() {
                self.send(link, &event);
            }
        }
    }
}
