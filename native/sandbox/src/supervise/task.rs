//! The process behind a call: its memory, its folders and descriptors, each looked at once.

use std::cell::OnceCell;
use std::ffi::CString;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::kernel_files;
use super::listener::{Call, Listener};

/// The kernel's own bound, with the final NUL.
const PATH_BYTES_MAX: usize = 4096;
const PAGE: u64 = 4096;
const STATUS_BYTES_MAX: usize = 8192;
/// `pidfd_open` for a thread that does not lead its group.
const PIDFD_THREAD: u32 = libc::O_EXCL as u32;

/// The caller of one waiting call.
#[derive(Debug)]
pub(super) struct Task<'a> {
    call: Call,
    listener: &'a Listener,
    facts: OnceCell<Facts>,
}

#[derive(Debug, Clone, Copy)]
struct Facts {
    group: i32,
    umask: u32,
}

impl<'a> Task<'a> {
    pub(super) fn new(call: Call, listener: &'a Listener) -> Self {
        Self { call, listener, facts: OnceCell::new() }
    }

    /// Says that everything looked at so far was the caller's, not that of a later owner of its number.
    pub(super) fn confirm(&self) -> Result<(), Errno> {
        if self.listener.is_waiting(self.call.id) { Ok(()) } else { Err(Errno::SRCH) }
    }

    /// The bytes at `address`, all or none.
    pub(super) fn read(&self, address: u64, bytes: &mut [u8]) -> Result<(), Errno> {
        let wanted = bytes.len();
        if self.read_some(address, bytes)? == wanted { Ok(()) } else { Err(Errno::FAULT) }
    }

    /// A text that ends with a NUL, without it; at most `max` bytes with it.
    pub(super) fn read_text(
        &self,
        address: u64,
        max: usize,
        over: Errno,
    ) -> Result<Vec<u8>, Errno> {
        let mut text = vec![0; max];
        let got = self.read_some(address, &mut text)?;
        text.truncate(got);
        match text.iter().position(|byte| *byte == 0) {
            Some(end) => {
                text.truncate(end);
                Ok(text)
            }
            None if got == max => Err(over),
            None => Err(Errno::FAULT),
        }
    }

    /// A path argument. It is read once: what the caller writes there later is never seen.
    pub(super) fn read_path(&self, address: u64) -> Result<Vec<u8>, Errno> {
        self.read_text(address, PATH_BYTES_MAX, Errno::NAMETOOLONG)
    }

    /// Writes a result into the caller's memory.
    pub(super) fn write(&self, address: u64, bytes: &[u8]) -> Result<(), Errno> {
        if bytes.is_empty() {
            return Ok(());
        }
        let local =
            libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        let remote = libc::iovec { iov_base: pointer(address)?, iov_len: bytes.len() };
        let (from, to): (*const libc::iovec, *const libc::iovec) = (&local, &remote);
        // SAFETY: the local range is borrowed for the call and only read; the remote one is not our memory.
        let done = unsafe { libc::process_vm_writev(self.call.thread, from, 1, to, 1, 0) };
        if usize::try_from(done) == Ok(bytes.len()) { Ok(()) } else { Err(Errno::FAULT) }
    }

    /// Where a relative path begins: the caller's folder, or what it has open as `number`. For looking only.
    pub(super) fn base(&self, number: i32) -> Result<OwnedFd, Errno> {
        let thread = self.call.thread;
        let path = if number == libc::AT_FDCWD {
            format!("/proc/{thread}/cwd")
        } else if number >= 0 {
            format!("/proc/{thread}/fd/{number}")
        } else {
            return Err(Errno::BADF);
        };
        let opened = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty());
        opened.map_err(|error| if error == Errno::NOENT { Errno::BADF } else { error })
    }

    /// The very descriptor, with its position.
    pub(super) fn descriptor(&self, number: i32) -> Result<OwnedFd, Errno> {
        let process = pidfd(self.call.thread, PIDFD_THREAD).or_else(|_| pidfd(self.group()?, 0))?;
        let raw = std::os::fd::AsRawFd::as_raw_fd(&process);
        // SAFETY: three numbers.
        owned(unsafe { libc::syscall(libc::SYS_pidfd_getfd, raw, number, 0) })
    }

    /// Id of the process.
    pub(super) fn group(&self) -> Result<i32, Errno> {
        Ok(self.facts()?.group)
    }

    /// Id of the process where a verdict on `path` depends on it, which is costly to learn; else 0, which is nobody's.
    pub(super) fn group_for(&self, path: &[u8]) -> Result<i32, Errno> {
        if kernel_files::is_one(path) { self.group() } else { Ok(0) }
    }

    /// Id of the thread.
    pub(super) fn thread(&self) -> i32 {
        self.call.thread
    }

    /// Bits that are left out of the mode of what it makes.
    pub(super) fn umask(&self) -> Result<u32, Errno> {
        Ok(self.facts()?.umask)
    }

    fn facts(&self) -> Result<Facts, Errno> {
        if let Some(facts) = self.facts.get() {
            return Ok(*facts);
        }
        let path = format!("/proc/{}/status", self.call.thread);
        let text = std::fs::read_to_string(path).map_err(|_| Errno::SRCH)?;
        let facts = parse_status(&text).ok_or(Errno::SRCH)?;
        self.confirm()?;
        Ok(*self.facts.get_or_init(|| facts))
    }

    fn read_some(&self, address: u64, bytes: &mut [u8]) -> Result<usize, Errno> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let local = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: bytes.len() };
        let remote = pages(address, bytes.len())?;
        let (to, from): (*const libc::iovec, *const libc::iovec) = (&local, remote.as_ptr());
        let count = remote.len() as libc::c_ulong;
        // SAFETY: the local range is borrowed mutably for the call; the remote ones are not our memory.
        let done = unsafe { libc::process_vm_readv(self.call.thread, to, 1, from, count, 0) };
        usize::try_from(done).map_err(|_| last_error())
    }
}

/// One range for each page, so that what lies before an unmapped page is read.
fn pages(address: u64, length: usize) -> Result<Vec<libc::iovec>, Errno> {
    let end = address.checked_add(length as u64).ok_or(Errno::FAULT)?;
    let mut ranges = Vec::new();
    let mut at = address;
    while at < end {
        let next = ((at / PAGE + 1).saturating_mul(PAGE)).min(end);
        ranges.push(libc::iovec { iov_base: pointer(at)?, iov_len: (next - at) as usize });
        at = next;
    }
    Ok(ranges)
}

fn pointer(address: u64) -> Result<*mut libc::c_void, Errno> {
    let address = usize::try_from(address).map_err(|_| Errno::FAULT)?;
    Ok(std::ptr::without_provenance_mut(address))
}

fn parse_status(text: &str) -> Option<Facts> {
    let text = text.get(..text.len().min(STATUS_BYTES_MAX)).unwrap_or(text);
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim().to_owned())
    };
    let umask = u32::from_str_radix(&field("Umask:")?, 8).ok()?;
    Some(Facts { group: field("Tgid:")?.parse().ok()?, umask })
}

fn pidfd(process: i32, flags: u32) -> Result<OwnedFd, Errno> {
    // SAFETY: two numbers.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_open, process, flags) })
}

fn owned(made: libc::c_long) -> Result<OwnedFd, Errno> {
    match i32::try_from(made) {
        // SAFETY: the kernel has just made it for us.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(last_error()),
    }
}

/// The error of the call before.
pub(super) fn last_error() -> Errno {
    Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO)
}

/// A path for a system call.
pub(super) fn c_path(path: &[u8]) -> Result<CString, Errno> {
    CString::new(path).map_err(|_| Errno::INVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_gives_process_and_umask() {
        let facts =
            parse_status("Name:\tx\nUmask:\t0027\nState:\tR\nTgid:\t42\nNgid:\t0\n").unwrap();
        assert_eq!((facts.group, facts.umask), (42, 0o27));
        assert!(parse_status("Name:\tx\n").is_none());
    }

    #[test]
    fn a_range_is_cut_at_pages_and_never_wraps() {
        let cut: Vec<_> = pages(4090, 10).unwrap().iter().map(|range| range.iov_len).collect();
        assert_eq!(cut, [6, 4]);
        assert!(pages(u64::MAX - 3, 10).is_err());
    }
}
