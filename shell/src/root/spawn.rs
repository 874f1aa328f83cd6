//! Starts children. They die with the root: by PDEATHSIG, which is why only the main thread may call this.
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, IntoRawFd as _, OwnedFd, RawFd};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};

/// Passed descriptors are first moved to here, clear of the numbers they get in the child.
const FD_MIN: RawFd = 16;

/// Whether a child ends with the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bond {
    /// Killed with the root; a process group of its own.
    Child,
    /// A session of its own: the keeper.
    Free,
}

/// A child as data.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    /// The whole environment; none is the root's own.
    pub(crate) base: Option<Vec<(OsString, OsString)>>,
    /// Set over that.
    pub(crate) env: Vec<(&'static str, OsString)>,
    /// Descriptors and the numbers they get.
    pub(crate) fds: Vec<(OwnedFd, RawFd)>,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
    pub(crate) bond: Bond,
}

/// Starts it.
///
/// # Errors
/// The program cannot be started.
pub(crate) fn start(plan: Plan) -> io::Result<Child> {
    let mut command = Command::new(&plan.program);
    command.args(plan.args).stdin(Stdio::null()).stdout(plan.stdout).stderr(plan.stderr);
    if let Some(base) = plan.base {
        command.env_clear().envs(base);
    }
    for name in ["BULKHEAD_FOREGROUND", "BULKHEAD_REPORT_FD", "BULKHEAD_FROM"] {
        command.env_remove(name);
    }
    for (name, value) in plan.env {
        command.env(name, value);
    }
    let mut fds = Vec::new();
    for (fd, number) in plan.fds {
        fds.push((rustix::io::fcntl_dupfd_cloexec(&fd, FD_MIN)?, number));
    }
    match plan.bond {
        Bond::Child => command.process_group(0),
        Bond::Free => command.current_dir("/"),
    };
    let (root, bond) = (getpid(), plan.bond);
    // SAFETY: between fork and exec the closure only makes system calls, each of which is async-signal-safe.
    unsafe { command.pre_exec(move || prepare(&fds, root, bond)) };
    command.spawn()
}

fn prepare(fds: &[(OwnedFd, RawFd)], root: Pid, bond: Bond) -> io::Result<()> {
    match bond {
        Bond::Child => {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            if getppid() != Some(root) {
                return Err(io::Error::from(io::ErrorKind::NotConnected));
            }
        }
        Bond::Free => {
            rustix::process::setsid()?;
        }
    }
    for (fd, number) in fds {
        move_to(fd, *number)?;
    }
    Ok(())
}

fn move_to(fd: &OwnedFd, number: RawFd) -> io::Result<()> {
    debug_assert!(fd.as_raw_fd() >= FD_MIN);
    // SAFETY: this is the child after fork: whatever has this number belongs to no object that is used before exec.
    let mut target = unsafe { OwnedFd::from_raw_fd(number) };
    let moved = rustix::io::dup2(fd, &mut target);
    // The descriptor must stay open over the exec.
    let _ = target.into_raw_fd();
    Ok(moved?)
}
