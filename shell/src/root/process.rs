//! A running child: its pid, its output, how long it has been ready.
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal};

use crate::clock;
use crate::output::Output;

/// A child and everything the root knows of it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pidfd: OwnedFd,
    pub(crate) output: Option<Output>,
    pub(crate) started: Instant,
    pub(crate) started_ms: u64,
    pub(crate) ready: Option<Instant>,
    /// Somebody asked for its end.
    pub(crate) asked: bool,
}

impl Process {
    /// Wraps a child that was just started; its stderr, when it is a pipe, is read from now on.
    ///
    /// # Errors
    /// The kernel gives no pidfd; the child is killed.
    pub(crate) fn new(mut child: Child) -> io::Result<Self> {
        let output = child.stderr.take().map(|pipe| Output::new(pipe.into())).transpose();
        let pidfd = rustix::process::pidfd_open(Pid::from_child(&child), PidfdFlags::empty());
        let (output, pidfd) = match (output, pidfd) {
            (Ok(output), Ok(pidfd)) => (output, pidfd),
            (output, pidfd) => {
                child.kill()?;
                child.wait()?;
                output?;
                pidfd?;
                return Err(io::Error::other("no pidfd"));
            }
        };
        let (started, started_ms) = (Instant::now(), clock::now_ms());
        Ok(Self { child, pidfd, output, started, started_ms, ready: None, asked: false })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Readable when the child has ended.
    pub(crate) fn pidfd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// How long it has been ready.
    pub(crate) fn ready_for(&self) -> Option<Duration> {
        self.ready.map(|since| since.elapsed())
    }

    /// Signals the child alone. A child that has ended is no error.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = rustix::process::pidfd_send_signal(&self.pidfd, signal);
    }

    /// Signals everything in its process group.
    pub(crate) fn signal_group(&self, signal: Signal) {
        let _ = rustix::process::kill_process_group(Pid::from_child(&self.child), signal);
    }
}

/// An end in words: `exit code 1`, `signal SIGKILL`.
pub(crate) fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(number)) => format!("signal {}", signal_name(number)),
        (None, None) => "unknown".to_owned(),
    }
}

fn signal_name(number: i32) -> String {
    const NAMES: [(i32, &str); 10] = [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (4, "SIGILL"),
        (6, "SIGABRT"),
        (7, "SIGBUS"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (11, "SIGSEGV"),
        (13, "SIGPIPE"),
        (15, "SIGTERM"),
    ];
    let known = NAMES.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}
