//! The kernel's side of user-notify: calls that wait for an answer, and the answers.

use std::io;
use std::mem::zeroed;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

const RECEIVE: libc::c_ulong = 0xc050_2100;
const SEND: libc::c_ulong = 0xc018_2101;
const ID_VALID: libc::c_ulong = 0x4008_2102;
const ADD_DESCRIPTOR: libc::c_ulong = 0x4018_2103;
const SET_FLAGS: libc::c_ulong = 0x4008_2104;
/// The caller and its supervisor take turns, so they may share a processor.
const SYNC_WAKE_UP: u64 = 1;
const AND_SEND: u32 = 2;

/// A call that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) id: u64,
    /// The thread that made it.
    pub(super) thread: i32,
    pub(super) number: i64,
    pub(super) arguments: [u64; 6],
}

/// What the caller gets.
#[derive(Debug)]
pub(super) enum Answer {
    /// The call's return value.
    Value(i64),
    /// A descriptor, put into the caller's table.
    Descriptor { fd: OwnedFd, close_on_exec: bool },
    /// The kernel goes on with the call. Only for what a supervisor cannot do for another process, and only after
    /// it has been judged: see `moves.rs`.
    GoOn,
}

/// The listening end of one filter.
#[derive(Debug)]
pub(super) struct Listener(OwnedFd);

impl Listener {
    pub(super) fn new(fd: OwnedFd) -> Self {
        let flags = SYNC_WAKE_UP;
        // SAFETY: the third argument is a number here; a kernel without these flags refuses, which costs only time.
        unsafe { libc::ioctl(fd.as_raw_fd(), SET_FLAGS, flags) };
        Self(fd)
    }

    /// Waits for a call. `None` when no process is left that could make one.
    pub(super) fn receive(&self) -> io::Result<Option<Call>> {
        loop {
            // SAFETY: all zeroes is a value of this plain structure, and the kernel demands it.
            let mut raw: libc::seccomp_notif = unsafe { zeroed() };
            let at: *mut libc::seccomp_notif = &mut raw;
            // SAFETY: the kernel fills the structure behind the pointer, which lives until the call is over.
            if unsafe { libc::ioctl(self.0.as_raw_fd(), RECEIVE, at) } == 0 {
                return Ok(Some(Call {
                    id: raw.id,
                    thread: i32::try_from(raw.pid).unwrap_or(0),
                    number: i64::from(raw.data.nr),
                    arguments: raw.data.args,
                }));
            }
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::EINTR) => {}
                // The caller was killed meanwhile, or all callers are gone.
                Some(libc::ENOENT) if self.has_ended() => return Ok(None),
                Some(libc::ENOENT) => {}
                _ => return Err(error),
            }
        }
    }

    /// Whether the caller still waits for exactly this answer, so that its thread id is still its own.
    pub(super) fn is_waiting(&self, id: u64) -> bool {
        let at: *const u64 = &id;
        // SAFETY: the kernel reads eight bytes behind the pointer.
        unsafe { libc::ioctl(self.0.as_raw_fd(), ID_VALID, at) == 0 }
    }

    /// Answers. A caller that is gone is no error.
    pub(super) fn answer(&self, id: u64, answer: Result<Answer, Errno>) {
        match answer {
            Ok(Answer::Value(value)) => self.send(id, (value, 0), 0),
            Ok(Answer::GoOn) => {
                self.send(id, (0, 0), libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32)
            }
            Ok(Answer::Descriptor { fd, close_on_exec }) => {
                if let Err(error) = self.add(id, fd.as_fd(), close_on_exec) {
                    self.send(id, (0, -error.raw_os_error()), 0);
                }
            }
            Err(error) => self.send(id, (0, -error.raw_os_error()), 0),
        }
    }

    fn send(&self, id: u64, (val, error): (i64, i32), flags: u32) {
        let response = libc::seccomp_notif_resp { id, val, error, flags };
        let at: *const libc::seccomp_notif_resp = &response;
        // SAFETY: the kernel reads the structure behind the pointer. Failure means that nobody waits any more.
        unsafe { libc::ioctl(self.0.as_raw_fd(), SEND, at) };
    }

    /// Puts a copy into the caller's table and answers with its number, in one step.
    fn add(&self, id: u64, fd: BorrowedFd<'_>, close_on_exec: bool) -> Result<(), Errno> {
        let request = libc::seccomp_notif_addfd {
            id,
            flags: AND_SEND,
            srcfd: fd.as_raw_fd().unsigned_abs(),
            newfd: 0,
            newfd_flags: if close_on_exec { libc::O_CLOEXEC as u32 } else { 0 },
        };
        let at: *const libc::seccomp_notif_addfd = &request;
        // SAFETY: the kernel reads the structure behind the pointer; the descriptor is borrowed for the call.
        if unsafe { libc::ioctl(self.0.as_raw_fd(), ADD_DESCRIPTOR, at) } >= 0 {
            return Ok(());
        }
        Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO))
    }

    fn has_ended(&self) -> bool {
        let mut waiting = [PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut waiting, Some(&now)).is_ok() && waiting[0].revents().contains(PollFlags::HUP)
    }
}
