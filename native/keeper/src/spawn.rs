//! Fork and exec: the child's failure comes back through a pipe that a successful exec closes.

use std::ffi::{CStr, c_char};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

use crate::program::Program;
use crate::signals;

/// A hanging file system must not hold up every other terminal; a later failure shows as exit 127.
const EXEC_WAIT: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// Where a guard has its channel.
pub(crate) const CHANNEL: RawFd = 3;
/// Where a guard has the pipe of refusals, and where its launcher gets it.
const REFUSALS: RawFd = 4;
const LAUNCHERS_REFUSALS: RawFd = 3;
/// Clear of both.
const ASIDE: RawFd = 16;

/// What the child's descriptors 0 to 2 are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standard<'a> {
    /// The program side of a terminal, which becomes the controlling one of a new session.
    Terminal(BorrowedFd<'a>),
    /// Those of the caller, and a new process group that is killed when the caller ends.
    Inherited,
    /// As `Inherited`, with the caller's descriptor 4 as descriptor 3.
    Telling,
    /// Three pipes, a channel as descriptor 3, the pipe of refusals as 4, and a new process group.
    Guarded { pipes: [BorrowedFd<'a>; 3], channel: BorrowedFd<'a>, refusals: BorrowedFd<'a> },
}

/// A child that was started.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) pid: Pid,
    /// Readable once it has ended.
    pub(crate) pidfd: OwnedFd,
}

/// Where starting failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No further process or descriptor could be had.
    Fork,
    /// The child could not be set up.
    Setup,
    /// The folder cannot be entered.
    Folder,
    /// No candidate could be run.
    Exec,
}

/// Why nothing was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpawnError {
    pub(crate) stage: Stage,
    pub(crate) errno: Errno,
}

/// Starts `program`. The calling process must have a single thread.
pub(crate) fn spawn(program: &Program, standard: Standard<'_>) -> Result<Child, SpawnError> {
    let at = |stage| move |errno| SpawnError { stage, errno };
    let (report, report_end) =
        rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(at(Stage::Fork))?;
    let arguments = program.argument_pointers();
    let environment = program.environment_pointers();
    // SAFETY: the process has one thread, and the child only makes system calls before exec or _exit.
    let forked = unsafe { libc::fork() };
    if forked == 0 {
        let errno = become_program(program, standard, &arguments, &environment);
        end_child(&report_end, errno);
    }
    let Some(pid) = Pid::from_raw(forked.max(0)) else {
        return Err(SpawnError { stage: Stage::Fork, errno: last_errno() });
    };
    drop(report_end);
    if let Some(error) = read_report(&report) {
        let _reaped = rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED);
        return Err(error);
    }
    match rustix::process::pidfd_open(pid, PidfdFlags::NONBLOCK) {
        Ok(pidfd) => Ok(Child { pid, pidfd }),
        Err(errno) => {
            let _gone = rustix::process::kill_process(pid, Signal::KILL);
            let _reaped = rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED);
            Err(SpawnError { stage: Stage::Fork, errno })
        }
    }
}

/// Runs in the child; returns only when something failed.
fn become_program(
    program: &Program,
    standard: Standard<'_>,
    arguments: &[*const c_char],
    environment: &[*const c_char],
) -> SpawnError {
    let setup = |errno| SpawnError { stage: Stage::Setup, errno };
    signals::reset_in_child();
    let passed = match standard {
        Standard::Guarded { .. } => 5,
        Standard::Telling => 4,
        Standard::Inherited | Standard::Terminal(_) => 3,
    };
    if let Err(errno) = take_standard(standard).and_then(|()| close_on_exec(passed)) {
        return setup(errno);
    }
    if let Err(errno) = rustix::process::chdir(&*program.folder) {
        return SpawnError { stage: Stage::Folder, errno };
    }
    let mut failed = Errno::NOENT;
    for candidate in &program.candidates {
        let errno = exec(candidate, arguments, environment);
        // A later folder may have it; "not allowed" tells more than "not found".
        if !matches!(errno, Errno::NOENT | Errno::NOTDIR) {
            failed = errno;
        }
        if !matches!(errno, Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) {
            break;
        }
    }
    SpawnError { stage: Stage::Exec, errno: failed }
}

fn take_standard(standard: Standard<'_>) -> Result<(), Errno> {
    let [input, output, error] = match standard {
        Standard::Terminal(terminal) => {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(terminal)?;
            [terminal; 3]
        }
        Standard::Inherited | Standard::Telling => {
            if matches!(standard, Standard::Telling) {
                pass(REFUSALS, LAUNCHERS_REFUSALS)?;
            }
            rustix::process::setpgid(None, None)?;
            return rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
        }
        Standard::Guarded { pipes, channel, refusals } => {
            rustix::process::setpgid(None, None)?;
            // Neither may lie where the other goes.
            let channel = rustix::io::fcntl_dupfd_cloexec(channel, ASIDE)?;
            let refusals = rustix::io::fcntl_dupfd_cloexec(refusals, ASIDE)?;
            pass(channel.as_raw_fd(), CHANNEL)?;
            pass(refusals.as_raw_fd(), REFUSALS)?;
            pipes
        }
    };
    rustix::stdio::dup2_stdin(input)?;
    rustix::stdio::dup2_stdout(output)?;
    rustix::stdio::dup2_stderr(error)
}

/// What had the number `to` is of no use to this child: of a guard's parent the link to the hub, and what of its own
/// the caller has copied aside.
fn pass(from: RawFd, to: RawFd) -> Result<(), Errno> {
    // SAFETY: both are plain numbers.
    let made = unsafe { libc::dup2(from, to) };
    if made == to { Ok(()) } else { Err(last_errno()) }
}

fn close_on_exec(first: u32) -> Result<(), Errno> {
    let last = u32::MAX;
    // SAFETY: only marks descriptors; the report's end must stay open until exec.
    let done =
        unsafe { libc::syscall(libc::SYS_close_range, first, last, libc::CLOSE_RANGE_CLOEXEC) };
    if done == 0 { Ok(()) } else { Err(last_errno()) }
}

fn exec(path: &CStr, arguments: &[*const c_char], environment: &[*const c_char]) -> Errno {
    // SAFETY: both lists end with null and point to strings that live in the caller.
    unsafe { libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    last_errno()
}

fn last_errno() -> Errno {
    let errno = io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO);
    Errno::from_raw_os_error(errno)
}

fn end_child(report: &OwnedFd, error: SpawnError) -> ! {
    let [a, b, c, d] = error.errno.raw_os_error().to_ne_bytes();
    // Nobody is left to tell when this fails.
    let _ = rustix::io::write(report, &[error.stage as u8, a, b, c, d]);
    // SAFETY: ends the child without running the parent's exit handlers.
    unsafe { libc::_exit(127) }
}

/// None when exec closed the pipe, or did nothing for a second.
fn read_report(report: &OwnedFd) -> Option<SpawnError> {
    let mut bytes = [0; 5];
    let mut waiting = [PollFd::from_borrowed_fd(report.as_fd(), PollFlags::IN)];
    loop {
        match rustix::event::poll(&mut waiting, Some(&EXEC_WAIT)) {
            Err(Errno::INTR) => {}
            Ok(0) | Err(_) => return None,
            Ok(_) => break,
        }
    }
    let read = rustix::io::read(report, &mut bytes).ok()?;
    if read != bytes.len() {
        return None;
    }
    let [stage, errno @ ..] = bytes;
    let stage = [Stage::Fork, Stage::Setup, Stage::Folder, Stage::Exec].get(usize::from(stage))?;
    let errno = Errno::from_raw_os_error(i32::from_ne_bytes(errno));
    Some(SpawnError { stage: *stage, errno })
}
