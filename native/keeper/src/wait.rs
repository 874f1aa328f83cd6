//! How a child ended.

use std::os::fd::BorrowedFd;

use rustix::process::{WaitId, WaitIdOptions, waitid};

/// Exactly one of both is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
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
