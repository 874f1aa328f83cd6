//! The hub: its process and the link on which the root is its peer `root`.
use std::collections::HashMap;
use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Instant;

use bulkhead_wire::{
    Control, FRAME_BYTES_MAX, Frame, Hello, Kind, Link, PROTOCOL_VERSION, Received, WireError,
    decode, encode, flag,
};
use serde::Serialize;

use crate::child::{Child, Refusals};
use crate::journal::Journal;
use crate::process::Process;
use crate::setup::Setup;
use crate::spawn::{self, Bond, Plan};
use crate::watchdog::Watchdog;

/// Descriptor of the link in the hub.
const LINK_FD: i32 = 3;
/// Descriptor of the listening socket in the hub, in browser mode.
const LISTENER_FD: i32 = 4;
/// Bytes that may wait for a hub that does not read.
const QUEUED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Names of subjects the hub may have told; more than it has contracts for.
const NAMES_MAX: usize = 4_096;

/// A call of the hub, to be answered with [`Hub::reply`] or [`Hub::fail`].
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) subject: String,
    pub(crate) frame: Frame,
}

/// What an incarnation is started with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start<'a> {
    pub(crate) setup: &'a Setup,
    /// In browser mode.
    pub(crate) listener: Option<&'a TcpListener>,
    /// Of the files it is started from.
    pub(crate) version: &'a str,
}

/// The hub over all its incarnations.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) child: Child,
    pub(crate) watchdog: Watchdog,
    link: Option<Link>,
    names: HashMap<u32, String>,
}

impl Hub {
    pub(crate) fn new() -> Self {
        Self {
            child: Child::new("hub", Refusals::Last),
            watchdog: Watchdog::default(),
            link: None,
            names: HashMap::new(),
        }
    }

    /// Starts the next incarnation.
    pub(crate) fn start(&mut self, start: Start<'_>, journal: &mut Journal) {
        self.child.epoch += 1;
        let outcome = self.spawn(start);
        self.child.started(outcome, journal);
    }

    fn spawn(&mut self, Start { setup, listener, version }: Start<'_>) -> io::Result<Process> {
        // Only the root's hub may listen there, and the last one is gone.
        match fs::remove_file(setup.instance.runtime_dir.join("hub.sock")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut fds = vec![(OwnedFd::from(theirs), LINK_FD)];
        if let Some(listener) = listener {
            fds.push((listener.try_clone()?.into(), LISTENER_FD));
        }
        let child = spawn::start(Plan {
            program: setup.node.clone(),
            args: vec![setup.layout.bundle("hub.mjs").into()],
            base: None,
            env: setup.environment(self.child.epoch, version),
            fds,
            stdout: Stdio::null(),
            stderr: Stdio::piped(),
            bond: Bond::Child,
        })?;
        let process = Process::new(child)?;
        self.names.clear();
        self.watchdog = Watchdog::default();
        let mut link = Link::new(ours.into(), FRAME_BYTES_MAX, QUEUED_BYTES_MAX);
        let hello = Hello {
            protocol: u64::from(PROTOCOL_VERSION),
            name: "root".to_owned(),
            pid: u64::from(std::process::id()),
            token: None,
        };
        let payload = encode(&hello).map_err(|error| io::Error::other(error.to_string()))?;
        link.send(&Frame::new(Kind::Hello).payload(payload))
            .map_err(|error| io::Error::other(error.to_string()))?;
        self.link = Some(link);
        Ok(process)
    }

    /// To poll, while there is a link, and whether bytes wait for the hub.
    pub(crate) fn fd(&self) -> Option<(BorrowedFd<'_>, bool)> {
        self.link.as_ref().map(|link| (link.as_fd(), link.queued_bytes() > 0))
    }

    /// Reads what came. The calls among it are the caller's to answer.
    pub(crate) fn receive(&mut self, journal: &mut Journal) -> Vec<Call> {
        let mut calls = Vec::new();
        let failure = loop {
            let Some(link) = self.link.as_mut() else { return calls };
            match link.receive() {
                Ok(Received::More) => {}
                Ok(Received::Drained) => return calls,
                Ok(Received::Closed) => break "closed by the hub".to_owned(),
                Err(error) => break error.to_string(),
            }
            if let Err(error) = self.take_frames(&mut calls, journal) {
                break error;
            }
        };
        journal.line("root", &format!("link to the hub: {failure}"));
        self.link = None;
        calls
    }

    fn take_frames(&mut self, calls: &mut Vec<Call>, journal: &mut Journal) -> Result<(), String> {
        loop {
            let Some(link) = self.link.as_mut() else { return Ok(()) };
            match link.next_frame().map_err(|error| error.to_string())? {
                Some(frame) => calls.extend(self.take(frame, journal)),
                None => return Ok(()),
            }
        }
    }

    fn take(&mut self, frame: Frame, journal: &mut Journal) -> Option<Call> {
        match frame.header.kind {
            Kind::Ready => {
                self.send(&Frame::new(Kind::Ready));
                self.child.ready();
            }
            Kind::Ping => {
                self.watchdog.beat(Instant::now());
                let pong = Frame::new(Kind::Pong).answering(&frame.header);
                self.send(&pong.correlation(frame.header.correlation));
            }
            Kind::Control => {
                if let Ok(Control::Names { names }) = decode::<Control>(&frame.payload)
                    && self.names.len() + names.len() <= NAMES_MAX
                {
                    self.names.extend(names);
                }
            }
            Kind::GoAway => {
                let why = decode::<WireError>(&frame.payload).map(|error| error.to_string());
                journal.line("root", &format!("the hub says: {}", why.unwrap_or_default()));
            }
            Kind::Request => {
                let subject = self.subject_of(&frame);
                let ack = Frame::new(Kind::Ack).answering(&frame.header);
                self.send(&ack.correlation(frame.header.correlation));
                return Some(Call { subject, frame });
            }
            _ => {}
        }
        None
    }

    fn subject_of(&self, frame: &Frame) -> String {
        let named = frame.named_subject().ok().flatten().map(str::to_owned);
        named.or_else(|| self.names.get(&frame.header.name).cloned()).unwrap_or_default()
    }

    /// Answers a call.
    pub(crate) fn reply(&mut self, call: &Call, output: &impl Serialize) {
        match encode(output) {
            Ok(payload) => self.answer(call, Frame::new(Kind::Reply).payload(payload)),
            Err(error) => self.fail(call, &WireError::new("bus/internal", error.to_string())),
        }
    }

    /// Refuses a call.
    pub(crate) fn fail(&mut self, call: &Call, error: &WireError) {
        let payload = encode(error).unwrap_or_default();
        self.answer(call, Frame::new(Kind::Error).payload(payload));
    }

    fn answer(&mut self, call: &Call, frame: Frame) {
        let header = &call.frame.header;
        self.send(&frame.answering(header).correlation(header.correlation));
    }

    /// Publishes a topic's value, kept for late joiners. Nothing happens while the hub is away.
    pub(crate) fn publish(&mut self, subject: &str, value: &impl Serialize) {
        if !self.child.is_ready() {
            return;
        }
        if let Ok(payload) = encode(value) {
            let frame = Frame::new(Kind::Publish).subject(subject).flags(flag::RETAINED);
            self.send(&frame.payload(payload));
        }
    }

    fn send(&mut self, frame: &Frame) {
        // A hub that lets 4 MiB wait is dead or stopped; the link goes with it.
        if self.link.as_mut().is_some_and(|link| link.send(frame).is_err()) {
            self.link = None;
        }
    }

    /// Writes what waits.
    pub(crate) fn flush(&mut self) {
        if self.link.as_mut().is_some_and(|link| link.flush().is_err()) {
            self.link = None;
        }
    }
}
