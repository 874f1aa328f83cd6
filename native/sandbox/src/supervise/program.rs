//! The program's own process, from fork to exec.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};

use super::task::last_error;
use crate::confine::{Walls, confine_program};

const NOT_RUNNABLE: i32 = 126;
const PASSED_ON: [i32; 3] = [libc::SIGTERM, libc::SIGHUP, libc::SIGCHLD];
/// Stay with this process and are left to the program: both get them from a terminal.
const IGNORED: [i32; 2] = [libc::SIGINT, libc::SIGQUIT];
const TEXT_BYTES_MAX: u64 = 4096;
const SIGNALS_MAX: usize = 16;

/// What is to be started.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) program: PathBuf,
    pub(crate) arguments: &'a [OsString],
    pub(crate) environment: Vec<(OsString, OsString)>,
    pub(crate) walls: Walls<'a>,
}

/// A confined process that waits for its supervisor before it becomes the program.
#[derive(Debug)]
pub(super) struct Waiting {
    pid: Pid,
    link: UnixStream,
    number: i32,
}

/// Makes the process. It has its walls when this returns.
pub(super) fn fork(start: &Start<'_>) -> Result<(Pid, Waiting), String> {
    let (mut ours, theirs) = UnixStream::pair().map_err(|error| error.to_string())?;
    let supervisor = getpid();
    // SAFETY: this process has one thread, so the child is a whole copy in which every function may be called.
    let forked = unsafe { libc::fork() };
    if forked == 0 {
        drop(ours);
        become_program(start, &theirs, supervisor);
    }
    drop(theirs);
    let pid = Pid::from_raw(forked).filter(|_| forked > 0);
    let pid = pid.ok_or_else(|| format!("no process could be made: {}", last_error()))?;
    let mut number = [0; 4];
    if ours.read_exact(&mut number).is_err() {
        return Err("the program's process ended before it was confined".to_owned());
    }
    let number = i32::from_ne_bytes(number);
    if number >= 0 {
        return Ok((pid, Waiting { pid, link: ours, number }));
    }
    let mut text = String::new();
    let read = ours.take(TEXT_BYTES_MAX).read_to_string(&mut text);
    Err(if read.is_ok() { text } else { "it could not be confined".to_owned() })
}

impl Waiting {
    /// The listening end of its filter.
    pub(super) fn listener(&self) -> Result<OwnedFd, String> {
        let process = rustix::process::pidfd_open(self.pid, rustix::process::PidfdFlags::empty());
        let process = process.map_err(|error| error.to_string())?;
        let raw = process.as_raw_fd();
        // SAFETY: three numbers.
        let made = unsafe { libc::syscall(libc::SYS_pidfd_getfd, raw, self.number, 0) };
        match i32::try_from(made) {
            // SAFETY: the kernel has just made it for us.
            Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
            _ => Err(format!("no link to the filter: {}", last_error())),
        }
    }

    /// Lets it become the program.
    pub(super) fn go(mut self) -> Result<(), String> {
        self.link.write_all(&[1]).map_err(|error| error.to_string())
    }
}

/// In the child. Every way out ends the process.
fn become_program(start: &Start<'_>, mut link: &UnixStream, supervisor: Pid) -> ! {
    let confined = bind(supervisor).and_then(|()| confine_program(&start.walls));
    let listener = match confined {
        Ok(listener) => listener,
        Err(text) => {
            let _told = link.write_all(&(-1_i32).to_ne_bytes());
            let _told = link.write_all(text.as_bytes());
            std::process::exit(NOT_RUNNABLE);
        }
    };
    let _told = link.write_all(&listener.as_raw_fd().to_ne_bytes());
    let mut go = [0];
    if link.read_exact(&mut go).is_err() {
        std::process::exit(NOT_RUNNABLE);
    }
    // From here on only the supervisor hears this filter.
    drop(listener);
    let mut command = Command::new(&start.program);
    command.args(start.arguments).env_clear().envs(start.environment.iter().cloned());
    let error = command.exec();
    eprintln!("bulkhead-launch: cannot run {}: {error}", start.program.display());
    std::process::exit(NOT_RUNNABLE);
}

fn bind(supervisor: Pid) -> Result<(), String> {
    restore_signals();
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|error| error.to_string())?;
    if getppid() == Some(supervisor) { Ok(()) } else { Err("the supervisor is gone".to_owned()) }
}

/// Takes signals from a descriptor instead of being interrupted by them.
pub(super) fn take_signals() -> Result<OwnedFd, String> {
    for number in IGNORED {
        // SAFETY: a plain disposition, no handler is installed.
        unsafe { libc::signal(number, libc::SIG_IGN) };
    }
    let set = set_of(&PASSED_ON);
    let at: *const libc::sigset_t = &set;
    // SAFETY: the set lives until the call is over.
    unsafe { libc::sigprocmask(libc::SIG_BLOCK, at, std::ptr::null_mut()) };
    // SAFETY: as above.
    let made = unsafe { libc::signalfd(-1, at, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
    if made < 0 {
        return Err(format!("signals: {}", last_error()));
    }
    // SAFETY: the kernel has just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(made) })
}

/// Numbers of the signals that came.
pub(super) fn taken(signals: &OwnedFd) -> Vec<i32> {
    const RECORD: usize = size_of::<libc::signalfd_siginfo>();
    let mut bytes = [0; RECORD * SIGNALS_MAX];
    let got = rustix::io::read(signals, &mut bytes).unwrap_or(0);
    let records = bytes[..got].chunks_exact(RECORD);
    let number = |record: &[u8]| i32::from_ne_bytes([record[0], record[1], record[2], record[3]]);
    records.map(number).collect()
}

fn restore_signals() {
    for number in IGNORED {
        // SAFETY: a plain disposition, no handler is installed.
        unsafe { libc::signal(number, libc::SIG_DFL) };
    }
    let set = set_of(&PASSED_ON);
    let at: *const libc::sigset_t = &set;
    // SAFETY: the set lives until the call is over.
    unsafe { libc::sigprocmask(libc::SIG_UNBLOCK, at, std::ptr::null_mut()) };
}

fn set_of(numbers: &[i32]) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the call fills the whole set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: it was filled above.
    let mut set: libc::sigset_t = unsafe { set.assume_init() };
    let at: *mut libc::sigset_t = &mut set;
    for number in numbers {
        // SAFETY: the set is borrowed for the call.
        unsafe { libc::sigaddset(at, *number) };
    }
    set
}
