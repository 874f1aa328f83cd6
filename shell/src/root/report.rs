//! Tells whoever started the root that the instance is ready, or why it is not.
use std::io::Write as _;
use std::os::fd::{FromRawFd as _, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use serde_json::json;

/// Descriptor of the front process's pipe, named in `BULKHEAD_REPORT_FD`.
const REPORT_FD: RawFd = 3;
/// Variable that says so.
pub(crate) const VARIABLE: &str = "BULKHEAD_REPORT_FD";

/// Where the news goes. It is told once.
#[derive(Debug)]
pub(crate) enum Reporter {
    /// The process in front, which waits for one line.
    Front(UnixStream),
    /// Standard output.
    Output {
        /// As JSON.
        json: bool,
    },
    /// It was told.
    Done,
}

/// What is told.
#[derive(Debug)]
pub(crate) struct News<'a> {
    /// Empty in window mode.
    pub(crate) url: &'a str,
    pub(crate) socket: &'a str,
}

impl Reporter {
    /// To the process in front when there is one, else to standard output.
    pub(crate) fn find(json: bool) -> Self {
        if std::env::var_os(VARIABLE).is_none_or(|value| value != "3") {
            return Self::Output { json };
        }
        // SAFETY: the front process passed 3 and said so; nothing in this process has taken it before.
        let fd = unsafe { OwnedFd::from_raw_fd(REPORT_FD) };
        let _ = rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC);
        Self::Front(UnixStream::from(fd))
    }

    /// The instance is ready.
    pub(crate) fn ready(&mut self, news: &News<'_>) {
        let value = json!({ "url": news.url, "socket": news.socket, "pid": std::process::id() });
        match std::mem::replace(self, Self::Done) {
            Self::Front(mut front) => drop(writeln!(front, "{}", json!({ "ready": value }))),
            Self::Output { json: true } => print(&value.to_string()),
            Self::Output { json: false } if !news.url.is_empty() => print(news.url),
            Self::Output { .. } | Self::Done => {}
        }
    }

    /// Another root was quicker; only somebody in front is told. False when nobody is.
    pub(crate) fn taken(&mut self) -> bool {
        let Self::Front(front) = self else { return false };
        drop(writeln!(front, "{}", json!("taken")));
        *self = Self::Done;
        true
    }

    /// It will not become ready by itself. True when somebody was still waiting to hear.
    pub(crate) fn failed(&mut self, why: &str) -> bool {
        match std::mem::replace(self, Self::Done) {
            Self::Front(mut front) => {
                drop(writeln!(front, "{}", json!({ "failed": why })));
                true
            }
            Self::Output { .. } => {
                drop(writeln!(std::io::stderr(), "bulkhead: {why}"));
                true
            }
            Self::Done => false,
        }
    }
}

/// Prints a line on standard output.
pub(crate) fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody reads: the instance goes on.
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
