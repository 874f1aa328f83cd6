//! Foreign programs: this process stays as their parent and answers each of their calls that names a path.
//!
//! ```text
//!  program --openat(".env")--> kernel --user-notify--> here: read the path once, walk it, judge the real path
//!     ^                                                   |-- closed:  EACCES
//!     +------- a descriptor, put into its table ----------+-- allowed: opened here, judged again, handed over
//! ```
//!
//! The filter is inherited by all that the program starts. When this process ends, their calls fail.

mod attributes;
mod change;
pub(crate) mod decode;
mod family;
mod handle;
mod interpreter;
pub(crate) mod judge;
mod kernel_files;
mod links;
mod listener;
mod listing;
mod look;
mod mounts;
mod moves;
mod open;
mod pool;
mod program;
mod task;
mod teller;
mod walk;

use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

use self::family::End;
use self::judge::Judge;
use self::listener::Listener;
pub(crate) use self::program::Start;
pub(crate) use self::teller::Teller;

/// Answering broke down; everything below is killed.
pub(crate) const EXIT_BROKEN: i32 = 70;
const KILLED_BASE: i32 = 128;

/// Starts the program and answers for it until it has ended, and all that it started with it.
pub(crate) fn supervise(start: &Start<'_>, judge: Judge, parent: i32) -> Result<ExitCode, String> {
    let parent = Pid::from_raw(parent)
        .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok())
        .ok_or("the parent is gone")?;
    let signals = program::take_signals()?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .map_err(|error| format!("subreaper: {error}"))?;
    // The callers' own is applied to each mode.
    rustix::process::umask(rustix::fs::Mode::empty());
    let (program, waiting) = program::fork(start)?;
    let served = pool::serve(Listener::new(waiting.listener()?), judge);
    if let Err(text) = served.and_then(|()| waiting.go()) {
        family::kill_all();
        return Err(text);
    }
    let end = wait(program, &signals, &parent);
    family::kill_all();
    Ok(exit_code(end))
}

/// How the program ended; `None` when the parent did.
fn wait(program: Pid, signals: &OwnedFd, parent: &OwnedFd) -> Option<End> {
    loop {
        for number in program::taken(signals) {
            if let Some(signal) =
                Signal::from_named_raw(number).filter(|signal| *signal != Signal::CHILD)
            {
                let _gone = kill_process(program, signal);
            }
        }
        if let Some(end) = family::reap(program) {
            return Some(end);
        }
        let mut ends = [
            PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(parent.as_fd(), PollFlags::IN),
        ];
        if poll(&mut ends, None).is_ok() && !ends[1].revents().is_empty() {
            return None;
        }
    }
}

fn exit_code(end: Option<End>) -> ExitCode {
    let code = match end {
        Some(End::Exited(code)) => code,
        Some(End::Killed(signal)) => KILLED_BASE + signal,
        None => KILLED_BASE + Signal::TERM.as_raw(),
    };
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}
