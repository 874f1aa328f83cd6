//! How a child ended, also in the words of the contracts.

use std::os::fd::BorrowedFd;

use rustix::process::{WaitId, WaitIdOptions, waitid};
use serde::Serialize;

/// Exactly one of both is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
}

/// The end of a session or program, as clients are told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exit {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    /// From its start to its end, milliseconds.
    pub(crate) ran_ms: u64,
}

/// How the child ended, if it has; it stays a zombie, which keeps its number and session taken.
pub(crate) fn peek(pidfd: BorrowedFd<'_>) -> Option<Ended> {
    ended(pidfd, WaitIdOptions::NOWAIT)
}

/// How the child ended, if it has, and lets it go.
pub(crate) fn reap(pidfd: BorrowedFd<'_>) -> Option<Ended> {
    ended(pidfd, WaitIdOptions::empty())
}

fn ended(pidfd: BorrowedFd<'_>, more: WaitIdOptions) -> Option<Ended> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | more;
    let status = waitid(WaitId::PidFd(pidfd), options).ok().flatten()?;
    Some(Ended { code: status.exit_status(), signal: status.terminating_signal() })
}
