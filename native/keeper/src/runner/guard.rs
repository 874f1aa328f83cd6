//! Stands between runner and one program: parent of it and of whatever it leaves behind.
//!
//! The guard is a subreaper, so a grandchild that forks twice or makes a session of its own still ends up below it.
//! When the channel to the runner ends, for whatever reason, nothing below the guard is left.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bulkhead_wire::decode;
use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions, waitid};

use super::channel::Report;
use super::messages::Spawn;
use crate::process_table::{descendants, send};
use crate::program::{BYTES_MAX, Program};
use crate::signals;
use crate::spawn::{CHANNEL, Standard, spawn};

/// Killing what is left gives up on processes the kernel does not let go.
const KILL_LIMIT: Duration = Duration::from_secs(5);
const KILL_AGAIN_AFTER: Duration = Duration::from_millis(2);

/// Runs as a guard, on descriptor 3.
pub(crate) fn guard() -> ExitCode {
    match watch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            crate::log::warn(format_args!("guard: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Kills everything below this process; false when something could not be killed in time. The dead are not reaped: how
/// they ended may still have to be told.
pub(crate) fn kill_below() -> bool {
    let me = rustix::process::getpid().as_raw_nonzero().get();
    let until = Instant::now() + KILL_LIMIT;
    loop {
        let left = descendants(me);
        for process in &left {
            send(process.pid, Signal::KILL);
        }
        if left.is_empty() || Instant::now() >= until {
            return left.is_empty();
        }
        // What forked while we looked is found by the next look.
        std::thread::sleep(KILL_AGAIN_AFTER);
    }
}

/// Reaps every child that has ended: not every init takes over zombies.
pub(crate) fn reap_all() {
    while reap_any().is_some() {}
}

fn watch() -> io::Result<()> {
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM, libc::SIGPIPE] {
        signals::ignore(signal);
    }
    // SAFETY: the runner starts a guard with its channel there, and nothing else owns it.
    let channel = UnixStream::from(unsafe { OwnedFd::from_raw_fd(CHANNEL) });
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let children = signals::listen(&[libc::SIGCHLD])?;
    let Some(pid) = start(&channel)? else { return Ok(()) };
    leave_standard()?;
    channel.set_nonblocking(true)?;
    let mut program = Some(pid);
    loop {
        let _told = signals::take(&children);
        while let Some((ended, report)) = reap_any() {
            if program == Some(ended) {
                program = None;
                tell(&channel, report)?;
            }
        }
        if !obey(&channel, pid)? {
            kill_below();
            reap_all();
            return Ok(());
        }
        if program.is_none() && !has_children() {
            return Ok(());
        }
        let mut waiting = [
            PollFd::from_borrowed_fd(channel.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(children.as_fd(), PollFlags::IN),
        ];
        match rustix::event::poll(&mut waiting, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Starts the program that the runner asks for, and tells how that went.
fn start(mut channel: &UnixStream) -> io::Result<Option<Pid>> {
    let mut length = [0; 4];
    channel.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > 2 * BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("request of {length} bytes"),
        ));
    }
    let mut request = vec![0; length];
    channel.read_exact(&mut request)?;
    let request: Spawn = decode(&request).map_err(io::Error::other)?;
    let program =
        Program::new(&request.argv, &request.env, &request.cwd).map_err(io::Error::other)?;
    let standard = if request.profile.is_some() { Standard::Telling } else { Standard::Inherited };
    match spawn(&program, standard) {
        Ok(child) => {
            tell(channel, Report::Started { pid: child.pid.as_raw_nonzero().get() })?;
            Ok(Some(child.pid))
        }
        Err(error) => {
            tell(channel, Report::Failed(error))?;
            Ok(None)
        }
    }
}

/// Lets go of the program's pipes: their ends must be seen when the program closes them.
fn leave_standard() -> io::Result<()> {
    let nothing = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

fn tell(mut channel: &UnixStream, report: Report) -> io::Result<()> {
    match channel.write_all(&report.encode()) {
        // The runner is gone: the end of the channel is seen next.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Passes signals on. False when the channel has ended.
fn obey(mut channel: &UnixStream, program: Pid) -> io::Result<bool> {
    let mut numbers = [0; 64];
    loop {
        match channel.read(&mut numbers) {
            Ok(0) => return Ok(false),
            Ok(bytes) => {
                for number in &numbers[..bytes] {
                    signal_program(program, i32::from(*number));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// KILL goes to everything below us, other signals to the program's group. Looked up among our descendants, so that a
/// number that was given to a stranger meanwhile is never hit.
fn signal_program(program: Pid, number: i32) {
    let Some(signal) = Signal::from_named_raw(number) else { return };
    if signal == Signal::KILL {
        kill_below();
        return;
    }
    let group = program.as_raw_nonzero().get();
    let me = rustix::process::getpid().as_raw_nonzero().get();
    for process in descendants(me).into_iter().filter(|process| process.group == group) {
        send(process.pid, signal);
    }
}

fn reap_any() -> Option<(Pid, Report)> {
    let (pid, status) = rustix::process::wait(WaitOptions::NOHANG).ok()??;
    let report = match status.terminating_signal() {
        Some(signal) => Report::Killed { signal },
        None => Report::Exited { code: status.exit_status().unwrap_or_default() },
    };
    Some((pid, report))
}

fn has_children() -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    waitid(WaitId::All, options).is_ok()
}
