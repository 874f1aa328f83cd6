//! Links of the keeper: it plays the hub for them.

use std::io;

use bulkhead_wire::{
    FRAME_BYTES_MAX, Frame, HANDSHAKE_BYTES_MAX, HELLO_TIMEOUT_MS, Hello, Kind, Lane, Link,
    LinkError, PROTOCOL_VERSION, Ready, Received, WireError, decode, encode, same_token,
};
use rustix::io::Errno;
use serde::Serialize;

use super::peer::{Peer, Stream};
use super::reader::StreamId;
use super::shortage::{room_for_client, words};
use super::{Keeper, token};
use crate::log;

/// Clients at once.
const PEERS_MAX: usize = 64;
/// Links without hello; with one more the oldest of them is closed, so that a silent crowd keeps nobody out.
const UNGREETED_MAX: usize = 64;
/// Links taken before what they sent is read: a newcomer shall speak before it can become the oldest.
const VISITORS_A_TURN: usize = 32;
/// Answers, events and output waiting for one client; past it the client does not read and its link is closed.
const QUEUED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// With more than this waiting for a client nothing is read from it: each request could add an answer.
const ANSWERS_BYTES_MAX: usize = 1024 * 1024;
/// Pieces read from one link before the next one has its turn.
const PIECES_A_TURN: usize = 4;
/// Who knocked while no descriptor was free is let in this much later.
const ACCEPT_AGAIN_MS: u64 = 200;
/// Our own address; clients have those after it.
const KEEPER_ADDRESS: u32 = 1;

impl Keeper {
    pub(super) fn accept_links(&mut self) {
        for _ in 0..VISITORS_A_TURN {
            let socket =
                match room_for_client().map_err(Into::into).and_then(|()| self.door.accept()) {
                    Ok(Some(socket)) => socket,
                    Ok(None) => {
                        self.has_visitors = false;
                        self.accept_again = None;
                        return;
                    }
                    Err(error) => {
                        self.has_visitors = false;
                        // Told once: it is tried until there is room again.
                        if self.accept_again.is_none() {
                            log::warn(format_args!("cannot accept a link: {}", in_words(&error)));
                        }
                        self.accept_again = Some(self.now.plus_ms(ACCEPT_AGAIN_MS));
                        return;
                    }
                };
            self.last_peer = self.last_peer.wrapping_add(1).max(KEEPER_ADDRESS + 1);
            let id = self.last_peer;
            if let Err(error) = self.poller.add(&socket, token::PEER | u64::from(id)) {
                log::warn(format_args!("cannot watch a link: {error}"));
                continue;
            }
            let link = Link::new(socket, HANDSHAKE_BYTES_MAX, QUEUED_BYTES_MAX);
            self.peers.insert(id, Peer::new(link, self.now.plus_ms(HELLO_TIMEOUT_MS)));
            self.close_oldest_visitor();
        }
    }

    fn close_oldest_visitor(&mut self) {
        let visits = |peer: &Peer| !peer.is_known() && peer.closing.is_none();
        let visitors = self.peers.iter().filter(|(_, peer)| visits(peer));
        if visitors.clone().count() <= UNGREETED_MAX {
            return;
        }
        if let Some((&oldest, _)) = visitors.min_by_key(|(_, peer)| peer.hello_by) {
            let text = format!("{UNGREETED_MAX} newer links wait for their hello");
            self.go_away(oldest, &WireError::new("bus/limit", text));
        }
    }

    pub(super) fn read_links(&mut self) {
        for id in self.peers.keys().copied().collect::<Vec<_>>() {
            if self.peers.get(&id).is_some_and(|peer| peer.has_frames) {
                self.take_frames(id);
            }
            for _ in 0..PIECES_A_TURN {
                let Some(peer) = self.peers.get_mut(&id).filter(|peer| may_read(peer)) else {
                    break;
                };
                if !peer.is_readable {
                    break;
                }
                match peer.link.receive() {
                    Ok(Received::More) => {
                        peer.has_frames = true;
                        self.take_frames(id);
                    }
                    Ok(Received::Drained) => peer.is_readable = false,
                    Ok(Received::Closed) => {
                        peer.is_readable = false;
                        peer.closing = Some("closed by the client".to_owned());
                    }
                    Err(error) => peer.closing = Some(error.to_string()),
                }
            }
        }
    }

    fn take_frames(&mut self, id: u32) {
        while let Some(peer) = self.peers.get_mut(&id).filter(|peer| may_read(peer)) {
            match peer.link.next_frame() {
                Ok(Some(frame)) if peer.is_known() => self.take_frame(id, &frame),
                Ok(Some(frame)) => self.take_hello(id, &frame),
                Ok(None) => {
                    peer.has_frames = false;
                    return;
                }
                Err(LinkError::Frame(error)) => {
                    return self.go_away(id, &WireError::new(error.code(), error.to_string()));
                }
                Err(error) => peer.closing = Some(error.to_string()),
            }
        }
    }

    fn take_frame(&mut self, id: u32, frame: &Frame) {
        match frame.header.kind {
            Kind::Request => self.take_request(id, frame),
            Kind::Open => self.take_open(id, frame),
            Kind::Data | Kind::Credit | Kind::End | Kind::Reset => self.take_stream(id, frame),
            Kind::Ping => self.send(id, &Frame::new(Kind::Pong).lane(Lane::Control)),
            Kind::GoAway => {
                if let Some(peer) = self.peers.get_mut(&id) {
                    peer.closing = Some("the client went away".to_owned());
                }
            }
            // Everyone gets every event, and calls are answered before a cancel could be read.
            Kind::Subscribe
            | Kind::Unsubscribe
            | Kind::Cancel
            | Kind::Pong
            | Kind::Ready
            | Kind::Publish
            | Kind::Dead
            | Kind::Ack
            | Kind::Reply
            | Kind::Error => {}
            kind @ (Kind::Hello | Kind::Control) => {
                let text = format!("frame kind {} is not a client's here", kind.value());
                self.go_away(id, &WireError::new("bus/protocol", text));
            }
        }
    }

    fn take_hello(&mut self, id: u32, frame: &Frame) {
        let hello = match check_hello(frame, self.door.token()) {
            Ok(hello) => hello,
            Err(error) => return self.go_away(id, &error),
        };
        let known = self.peers.values().filter(|peer| peer.is_known()).count();
        if known >= PEERS_MAX {
            let text = format!("{known} links are open, at most {PEERS_MAX} may");
            return self.go_away(id, &WireError::new("bus/limit", text));
        }
        let Some(peer) = self.peers.get_mut(&id) else { return };
        peer.hello_by = None;
        peer.name = format!("{}/{id}", hello.name);
        peer.link.set_frame_bytes_max(FRAME_BYTES_MAX);
        log::info(format_args!("{} came, pid {}", peer.name, hello.pid));
        let ready = Ready {
            protocol: u64::from(PROTOCOL_VERSION),
            id: u64::from(id),
            name: peer.name.clone(),
            epoch: 1,
            hub_epoch: (self.started_ms / 1000) & 0xffff_ffff,
            frame_bytes_max: FRAME_BYTES_MAX as u64,
        };
        self.send_value(id, Frame::new(Kind::Ready), &ready);
    }

    pub(super) fn expire_handshakes(&mut self) {
        let late = |peer: &Peer| peer.hello_by.is_some_and(|by| by <= self.now);
        let late = self.peers.iter().filter(|(_, peer)| late(peer) && peer.closing.is_none());
        for id in late.map(|(id, _)| *id).collect::<Vec<_>>() {
            let text = format!("no hello within {HELLO_TIMEOUT_MS} ms");
            self.go_away(id, &WireError::new("bus/expired", text));
        }
    }

    /// Queues a frame for a client, if it is still there.
    pub(super) fn send(&mut self, id: u32, frame: &Frame) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let mut stamped = frame.clone();
        stamped.header.source = KEEPER_ADDRESS;
        stamped.header.destination = id;
        if let Err(error) = peer.link.send(&stamped) {
            peer.closing.get_or_insert_with(|| error.to_string());
        }
    }

    /// As [`Keeper::send`], with `value` as payload.
    pub(super) fn send_value<T: Serialize>(&mut self, id: u32, frame: Frame, value: &T) {
        match encode(value) {
            Ok(payload) => self.send(id, &frame.payload(payload)),
            Err(error) => log::warn(format_args!("cannot encode an answer: {error}")),
        }
    }

    /// Ends a link with a reason; nobody else is disturbed.
    pub(super) fn go_away(&mut self, id: u32, error: &WireError) {
        self.send_value(id, Frame::new(Kind::GoAway).lane(Lane::Control), error);
        if let Some(peer) = self.peers.get_mut(&id) {
            log::warn(format_args!("link {id} {:?} refused: {error}", peer.name));
            peer.closing = Some(error.code.clone());
        }
    }

    pub(super) fn flush_links(&mut self) {
        for peer in self.peers.values_mut().filter(|peer| peer.is_writable) {
            match peer.link.flush() {
                Ok(true) => {}
                Ok(false) => peer.is_writable = false,
                Err(error) => {
                    peer.closing.get_or_insert_with(|| error.to_string());
                }
            }
        }
    }

    pub(super) fn close_links(&mut self) {
        let closing = self.peers.iter().filter(|(_, peer)| peer.closing.is_some());
        for id in closing.map(|(id, _)| *id).collect::<Vec<_>>() {
            let Some(mut peer) = self.peers.remove(&id) else { continue };
            if peer.is_known() {
                let reason = peer.closing.as_deref().unwrap_or_default();
                log::info(format_args!("{} left: {reason}", peer.name));
            }
            let until = self.now.plus_ms(self.settings.protect_ms);
            for (correlation, stream) in peer.take_streams() {
                let stream_id = StreamId { link: id, correlation };
                let (Stream::Output(number) | Stream::Keys(number)) = stream;
                let Some(session) = self.sessions.get_mut(&number) else { continue };
                match stream {
                    Stream::Output(_) => session.reader.lose(until),
                    Stream::Keys(_) => session.input.close(stream_id),
                }
            }
        }
    }
}

/// Whether a link has sent something that may be taken now.
pub(super) fn has_unread(peer: &Peer) -> bool {
    may_read(peer) && (peer.is_readable || peer.has_frames)
}

/// Not one that is to be closed, and not one whose answers wait.
fn may_read(peer: &Peer) -> bool {
    peer.closing.is_none() && peer.link.queued_bytes() <= ANSWERS_BYTES_MAX
}

fn in_words(error: &io::Error) -> String {
    Errno::from_io_error(error).map_or_else(|| error.to_string(), words)
}

fn check_hello(frame: &Frame, token: &[u8; 32]) -> Result<Hello, WireError> {
    if frame.header.kind != Kind::Hello {
        let text = format!("first frame has kind {}, hello is 1", frame.header.kind.value());
        return Err(WireError::new("bus/protocol", text));
    }
    let hello: Hello = decode(&frame.payload)
        .map_err(|error| WireError::new("bus/protocol", format!("hello: {error}")))?;
    if hello.protocol != u64::from(PROTOCOL_VERSION) {
        let text = format!("protocol {}, this keeper speaks {PROTOCOL_VERSION}", hello.protocol);
        return Err(WireError::new("bus/version", text));
    }
    let given = hello.token.as_ref().map_or(&[][..], |token| token.as_slice());
    if !same_token(token, given) {
        let text = format!("wrong token of {} bytes from pid {}", given.len(), hello.pid);
        return Err(WireError::new("bus/unauthorized", text));
    }
    if hello.name.is_empty() || hello.name.len() > 64 {
        let text = format!("name of {} bytes, 1 to 64 are allowed", hello.name.len());
        return Err(WireError::new("bus/invalid", text));
    }
    Ok(hello)
}
