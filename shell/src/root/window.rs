//! A window: its process and the control link, a JSON object per line.
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::asker::{self, Asked};
use crate::child::{Child, Refusals};
use crate::journal::Journal;
use crate::process::Process;
use crate::setup::{Setup, Told};
use crate::spawn::{self, Bond, Plan};

/// Descriptor of the control link in the window.
const CONTROL_FD: i32 = 3;
/// Longest line a window may send.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// What a window says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Event {
    /// The webview is there and loads the page.
    Ready,
    /// The page is on the screen.
    Painted,
    /// A document came from the scheme: there is a web process.
    PageLoaded,
    /// The page's process ended; the window loads it again.
    PageTerminated {
        /// `crashed`, `exceeded-memory-limit`, `terminated`.
        reason: String,
    },
    /// The page wants another window.
    NewWindow,
    /// It was closed and ends now.
    Closed,
}

/// A window over all its incarnations.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) child: Child,
    /// Closed by a person: it is not started again.
    pub(crate) closed: bool,
    /// Times its page was loaded again.
    pub(crate) page_restarts: u32,
    pub(crate) page_reason: String,
    /// Its sandboxed web process.
    pub(crate) page_pid: Option<u32>,
    /// Environment of whoever asked for it; empty is the root's own.
    pub(crate) asked: Asked,
    /// Part of the installation that it was started from; empty where that is not known.
    pub(crate) part: String,
    control: Option<UnixStream>,
    partial: Vec<u8>,
}

impl Window {
    pub(crate) fn new(number: u32, asked: Asked) -> Self {
        Self {
            child: Child::new(&format!("window/{number}"), Refusals::LastAtFirst),
            closed: false,
            page_restarts: 0,
            page_reason: String::new(),
            page_pid: None,
            asked,
            part: String::new(),
            control: None,
            partial: Vec::new(),
        }
    }

    /// `page/1` for `window/1`.
    pub(crate) fn page_name(&self) -> String {
        self.child.name.replacen("window", "page", 1)
    }

    /// Starts the next incarnation with what the root tells every child.
    pub(crate) fn start(&mut self, setup: &Setup, env: Told, journal: &mut Journal) {
        self.child.epoch += 1;
        let outcome = self.spawn(setup, env);
        self.child.started(outcome, journal);
    }

    fn spawn(&mut self, setup: &Setup, env: Told) -> io::Result<Process> {
        let (ours, theirs) = UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let runtime_dir = setup.instance.runtime_dir.clone().into();
        let child = spawn::start(Plan {
            program: setup.layout.program("bulkhead-window"),
            args: vec![
                "--runtime-dir".into(),
                runtime_dir,
                "--name".into(),
                self.child.name.clone().into(),
            ],
            base: Some(asker::environment(&self.asked, std::env::vars_os())),
            env,
            fds: vec![(OwnedFd::from(theirs), CONTROL_FD)],
            stdout: Stdio::null(),
            stderr: Stdio::piped(),
            bond: Bond::Child,
        })?;
        self.partial.clear();
        self.page_pid = None;
        self.control = Some(ours);
        Process::new(child)
    }

    /// To poll, while there is a control link.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.control.as_ref().map(AsFd::as_fd)
    }

    /// Reads what it said. What is no event is logged and passed over.
    pub(crate) fn receive(&mut self, journal: &mut Journal) -> Vec<Event> {
        let mut piece = [0_u8; 4096];
        let mut events = Vec::new();
        while let Some(control) = self.control.as_mut() {
            match control.read(&mut piece) {
                Ok(0) => self.control = None,
                Ok(count) => {
                    self.partial.extend_from_slice(piece.get(..count).unwrap_or_default());
                    self.take_lines(&mut events, journal);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => self.control = None,
            }
        }
        events
    }

    fn take_lines(&mut self, events: &mut Vec<Event>, journal: &mut Journal) {
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.partial.drain(..=end).collect();
            match serde_json::from_slice(&line) {
                Ok(event) => events.push(event),
                Err(error) => {
                    let text = String::from_utf8_lossy(&line);
                    journal.line("root", &format!("{} said {text:?}: {error}", self.child.name));
                }
            }
        }
        if self.partial.len() > LINE_BYTES_MAX {
            journal.line("root", &format!("{} sent an endless line", self.child.name));
            self.control = None;
        }
    }

    /// Sends an order; a window that is gone does not need it.
    pub(crate) fn order(&mut self, order: &Value) {
        if let Some(control) = self.control.as_mut() {
            drop(control.write_all(format!("{order}\n").as_bytes()));
        }
    }

    /// Closes it without asking its page.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        self.order(&json!({ "type": "close" }));
    }
}
