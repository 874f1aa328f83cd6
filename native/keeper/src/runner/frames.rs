//! Frames between runner and hub.

use std::io;

use bulkhead_wire::{Control, Frame, Kind, Lane, LinkError, Received, WireError, decode, encode};
use serde::Serialize;

use super::Runner;
use super::messages::Pulse;
use crate::log;

/// Pieces read before the programs have their turn.
const PIECES_A_TURN: usize = 4;
/// Subjects remembered by id; a hub interns no more.
const SUBJECTS_MAX: usize = 16_384;

impl Runner {
    pub(super) fn take_frames(&mut self) -> io::Result<()> {
        for _ in 0..PIECES_A_TURN {
            if !self.is_readable {
                break;
            }
            match self.link.receive().map_err(io::Error::other)? {
                Received::More => {}
                Received::Drained => self.is_readable = false,
                Received::Closed => {
                    log::info(format_args!("the hub closed the link"));
                    self.stopping = true;
                    self.is_readable = false;
                }
            }
            while !self.stopping {
                match self.link.next_frame() {
                    Ok(Some(frame)) => self.take_frame(&frame),
                    Ok(None) => break,
                    Err(error) => return self.refuse_link(error),
                }
            }
        }
        Ok(())
    }

    pub(super) fn send_value<T: Serialize>(&mut self, frame: Frame, value: &T) {
        match encode(value) {
            Ok(payload) => self.send(&frame.payload(payload)),
            Err(error) => log::warn(format_args!("cannot encode: {error}")),
        }
    }

    /// The subject of a request or open, by extension or by id.
    pub(super) fn subject_of(&self, frame: &Frame) -> Result<String, WireError> {
        let malformed = |error| WireError::new("bus/protocol", format!("{error}"));
        if let Some(subject) = frame.named_subject().map_err(malformed)? {
            return Ok(subject.to_owned());
        }
        let name = frame.header.name;
        let known = self.subjects.get(&name).cloned();
        known.ok_or_else(|| WireError::new("bus/protocol", format!("name {name} was never told")))
    }

    fn take_frame(&mut self, frame: &Frame) {
        match frame.header.kind {
            // Nothing has to be started first: it serves as soon as the hub has answered.
            Kind::Ready => self.send(&Frame::new(Kind::Ready)),
            Kind::Request => self.take_request(frame),
            Kind::Reply | Kind::Error => self.take_answer(frame),
            Kind::Open => self.take_open(frame),
            Kind::Data | Kind::Credit | Kind::End | Kind::Reset => self.take_stream(frame),
            Kind::Ping => {
                self.send_value(Frame::new(Kind::Pong).lane(Lane::Control), &Pulse { mailbox: 0 });
            }
            Kind::Control => self.take_control(frame),
            Kind::GoAway => {
                let reason = decode::<WireError>(&frame.payload).map(|error| error.to_string());
                log::warn(format_args!("the hub went away: {}", reason.unwrap_or_default()));
                self.stopping = true;
            }
            _ => {}
        }
    }

    fn take_control(&mut self, frame: &Frame) {
        // Operations that are not known are none of ours.
        match decode(&frame.payload) {
            Ok(Control::Names { names }) => {
                self.subjects.extend(names);
                while self.subjects.len() > SUBJECTS_MAX {
                    self.subjects.pop_first();
                }
            }
            Ok(Control::Stop { reason, .. }) => {
                log::info(format_args!("stops: {reason}"));
                self.stopping = true;
            }
            Ok(Control::Suspend | Control::Resume) | Err(_) => {}
        }
    }

    fn refuse_link(&mut self, error: LinkError) -> io::Result<()> {
        let code = if let LinkError::Frame(error) = &error { error.code() } else { "bus/closed" };
        let reason = WireError::new(code, error.to_string());
        self.send_value(Frame::new(Kind::GoAway).lane(Lane::Control), &reason);
        self.flush()?;
        Err(io::Error::other(error))
    }
}
