//! Questions about what is there: they change nothing.

use std::os::fd::{AsRawFd, OwnedFd};

use rustix::fs::readlinkat;
use rustix::io::Errno;

use super::decode::{NO_FOLLOW, Request, Spot};
use super::handle::Context;
use super::judge::Act;
use super::kernel_files;
use super::listener::Answer;
use super::walk::checked;

const EMPTY_PATH: i32 = libc::AT_EMPTY_PATH;
const LINK_BYTES_MAX: u64 = 4096;
const WRITABLE: u32 = libc::W_OK as u32;

/// stat and its relations, access, readlink, statfs.
pub(super) fn look(context: &Context<'_>, request: Request) -> Result<Answer, Errno> {
    match request {
        Request::Stat { at, flags, out } => {
            let found = context.find(at, flags, &[Act::Look])?;
            let bytes = stat(&found.fd)?;
            context.task.write(out, &bytes)?;
        }
        Request::StatX { at, flags, mask, out } => {
            let found = context.find(at, flags, &[Act::Look])?;
            let bytes = statx(&found.fd, flags, mask)?;
            context.task.write(out, &bytes)?;
        }
        Request::StatFs { at, out } => {
            let found = context.find(at, 0, &[Act::Look])?;
            context.task.write(out, &statfs(&found.fd)?)?;
        }
        Request::Access { at, mode, flags } => access(context, at, (mode, flags))?,
        Request::ReadLink { at, out, size } => return read_link(context, at, (out, size)),
        _ => return Err(Errno::NOSYS),
    }
    Ok(Answer::Value(0))
}

fn access(context: &Context<'_>, at: Spot, (mode, flags): (u32, u32)) -> Result<(), Errno> {
    if mode & !7 != 0 {
        return Err(Errno::INVAL);
    }
    let acts: &[Act] = if mode & WRITABLE != 0 { &[Act::Look, Act::Write] } else { &[Act::Look] };
    let found = context.find(at, flags, acts)?;
    let flags = (flags & libc::AT_EACCESS as u32).cast_signed() | EMPTY_PATH;
    let fd = found.fd.as_raw_fd();
    // SAFETY: the path is an empty text that lives for ever, the rest are numbers.
    let done = unsafe { libc::syscall(libc::SYS_faccessat2, fd, c"".as_ptr(), mode, flags) };
    checked(done).map(|_| ())
}

fn read_link(context: &Context<'_>, at: Spot, (out, size): (u64, u64)) -> Result<Answer, Errno> {
    if size == 0 {
        return Err(Errno::INVAL);
    }
    // An empty path means a link that is open for looking.
    let flags = NO_FOLLOW | libc::AT_EMPTY_PATH as u32;
    let found = context.find(at, flags, &[Act::Look])?;
    if !found.object()?.is(libc::S_IFLNK) {
        return Err(Errno::INVAL);
    }
    let text = readlinkat(&found.fd, c"", Vec::with_capacity(256))?.into_bytes();
    if kernel_files::is_one(&found.real) && text.starts_with(b"/") {
        // It names what the caller has open, or runs: a name it may know.
        context.task.confirm()?;
    }
    let length = text.len().min(usize::try_from(size.min(LINK_BYTES_MAX)).unwrap_or(0));
    context.task.write(out, &text[..length])?;
    Ok(Answer::Value(length as i64))
}

/// The kernel's structure as bytes: the caller's libc knows the layout, we need not.
fn stat(fd: &OwnedFd) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; size_of::<libc::stat>()];
    let (raw, out) = (fd.as_raw_fd(), bytes.as_mut_ptr());
    // SAFETY: the buffer is as large as the kernel's structure and borrowed for the call.
    let done = unsafe { libc::syscall(libc::SYS_newfstatat, raw, c"".as_ptr(), out, EMPTY_PATH) };
    checked(done).map(|_| bytes)
}

fn statx(fd: &OwnedFd, flags: u32, mask: u32) -> Result<Vec<u8>, Errno> {
    let sync = (flags & libc::AT_STATX_SYNC_TYPE as u32).cast_signed();
    let mut bytes = vec![0; size_of::<libc::statx>()];
    let (raw, out, flags) = (fd.as_raw_fd(), bytes.as_mut_ptr(), EMPTY_PATH | sync);
    // SAFETY: the buffer is as large as the kernel's structure and borrowed for the call.
    let done = unsafe { libc::syscall(libc::SYS_statx, raw, c"".as_ptr(), flags, mask, out) };
    checked(done).map(|_| bytes)
}

fn statfs(fd: &OwnedFd) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; size_of::<libc::statfs>()];
    let (raw, out) = (fd.as_raw_fd(), bytes.as_mut_ptr());
    // SAFETY: the buffer is as large as the kernel's structure and borrowed for the call.
    let done = unsafe { libc::syscall(libc::SYS_fstatfs, raw, out) };
    checked(done).map(|_| bytes)
}
