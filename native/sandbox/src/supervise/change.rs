//! Making, removing and renaming. One at a time, so that no change of ours moves the ground under another.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{AtFlags, FileType, Mode, RenameFlags};
use rustix::io::Errno;

use super::decode::{NO_FOLLOW, Request, Spot};
use super::handle::Context;
use super::judge::Act;
use super::listener::Answer;
use super::task::c_path;
use super::walk::{Entry, Found, checked, join, object_of, real_path};

static CHANGING: Mutex<()> = Mutex::new(());
const REMOVE_FOLDER: u32 = libc::AT_REMOVEDIR as u32;
const FOLLOW: u32 = libc::AT_SYMLINK_FOLLOW as u32;
const EMPTY_PATH: u32 = libc::AT_EMPTY_PATH as u32;
const LINK_BYTES_MAX: usize = 4096;
const KIND: u32 = libc::S_IFMT;
const EXCHANGE: u32 = libc::RENAME_EXCHANGE;
const NO_REPLACE: u32 = libc::RENAME_NOREPLACE;

/// Held while names are judged and changed.
pub(super) fn changing() -> MutexGuard<'static, ()> {
    CHANGING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// mkdir, mknod, unlink, rename, link, symlink, truncate and their relations.
pub(super) fn change(context: &Context<'_>, request: Request) -> Result<Answer, Errno> {
    let _alone = changing();
    match request {
        Request::Truncate { at, length } => truncate(context, at, length)?,
        Request::MakeFolder { at, mode } => {
            let entry = context.entry(at, &[Act::Write])?;
            let mode = Mode::from_raw_mode(mode & 0o1777 & !context.task.umask()?);
            rustix::fs::mkdirat(&entry.folder, c_path(&entry.name)?, mode)?;
        }
        Request::MakeNode { at, mode } => make_node(context, at, mode)?,
        Request::Remove { at, flags } => remove(context, at, flags)?,
        Request::Rename { from, to, flags } => rename(context, (from, to), flags)?,
        Request::Link { from, to, flags } => link(context, (from, to), flags)?,
        Request::Symlink { text, at } => {
            let text = context.task.read_text(text, LINK_BYTES_MAX, Errno::NAMETOOLONG)?;
            let entry = context.entry(at, &[Act::Write, Act::Move])?;
            rustix::fs::symlinkat(c_path(&text)?, &entry.folder, c_path(&entry.name)?)?;
        }
        _ => return Err(Errno::NOSYS),
    }
    Ok(Answer::Value(0))
}

fn truncate(context: &Context<'_>, at: Spot, length: i64) -> Result<(), Errno> {
    let length = u64::try_from(length).map_err(|_| Errno::INVAL)?;
    let found = context.find(at, 0, &[Act::Write])?;
    let object = found.object()?;
    if object.is(libc::S_IFDIR) {
        return Err(Errno::ISDIR);
    }
    if !object.is(libc::S_IFREG) {
        return Err(Errno::INVAL);
    }
    let path = c_path(found.handle().as_bytes())?;
    let length = i64::try_from(length).map_err(|_| Errno::FBIG)?;
    // SAFETY: the path lives until the call is over.
    checked(unsafe { libc::syscall(libc::SYS_truncate, path.as_ptr(), length) }).map(|_| ())
}

/// Files and pipes only: no devices, and sockets have no use where none can be opened.
fn make_node(context: &Context<'_>, at: Spot, mode: u32) -> Result<(), Errno> {
    let kind = match mode & KIND {
        0 | libc::S_IFREG => FileType::RegularFile,
        libc::S_IFIFO => FileType::Fifo,
        _ => return Err(Errno::PERM),
    };
    let entry = context.entry(at, &[Act::Write, Act::Move])?;
    let mode = Mode::from_raw_mode(mode & 0o1777 & !context.task.umask()?);
    rustix::fs::mknodat(&entry.folder, c_path(&entry.name)?, kind, mode, 0)
}

fn remove(context: &Context<'_>, at: Spot, flags: u32) -> Result<(), Errno> {
    if flags & !REMOVE_FOLDER != 0 {
        return Err(Errno::INVAL);
    }
    let entry = context.entry(at, &[Act::Write, Act::Move])?;
    rustix::fs::unlinkat(&entry.folder, c_path(&entry.name)?, AtFlags::from_bits_retain(flags))
}

/// Both names are judged as they are and as they will be, and what is moved has to be readable: under another name it
/// would be.
fn rename(context: &Context<'_>, (from, to): (Spot, Spot), flags: u32) -> Result<(), Errno> {
    if flags & !(EXCHANGE | NO_REPLACE) != 0 {
        return Err(Errno::INVAL);
    }
    let acts = [Act::Read, Act::Write, Act::Move];
    let from = context.entry(from, &acts)?;
    let to = context.entry(to, &acts)?;
    may_carry(context, &from)?;
    if flags & EXCHANGE != 0 {
        may_carry(context, &to)?;
    }
    let flags = RenameFlags::from_bits_retain(flags);
    let (old, new) = (c_path(&from.name)?, c_path(&to.name)?);
    rustix::fs::renameat_with(&from.folder, old, &to.folder, new, flags)
}

/// A file with other names may be a closed one.
fn may_carry(context: &Context<'_>, entry: &Entry) -> Result<(), Errno> {
    let fd = look_at(entry)?;
    let found = Found { real: join(&real_path(&entry.folder)?, &entry.name), fd };
    context.check(&found, &[Act::Read])
}

fn look_at(entry: &Entry) -> Result<OwnedFd, Errno> {
    use rustix::fs::{OFlags, openat};
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(&entry.folder, c_path(&entry.name)?, flags, Mode::empty())
}

fn link(context: &Context<'_>, (from, to): (Spot, Spot), flags: u32) -> Result<(), Errno> {
    if flags & !(FOLLOW | EMPTY_PATH) != 0 {
        return Err(Errno::INVAL);
    }
    let follow = if flags & FOLLOW == 0 { NO_FOLLOW } else { 0 };
    let source = context.find(from, flags & EMPTY_PATH | follow, &[])?;
    if object_of(&source.fd)?.links == 0 {
        // A file that was made without a name gets its first one; it was judged when it was made.
        context.check_name(&folder_of(&source.real), &[Act::Write])?;
    } else {
        context.check(&source, &[Act::Read, Act::Write])?;
    }
    let entry = context.entry(to, &[Act::Write, Act::Move])?;
    let old = c_path(source.handle().as_bytes())?;
    let new = c_path(&entry.name)?;
    if object_of(&source.fd)?.is(libc::S_IFLNK) {
        return Err(Errno::PERM);
    }
    let (folder, follow) = (entry.folder.as_raw_fd(), libc::AT_SYMLINK_FOLLOW);
    let here = libc::AT_FDCWD;
    // SAFETY: both texts live until the call is over.
    checked(unsafe {
        libc::syscall(libc::SYS_linkat, here, old.as_ptr(), folder, new.as_ptr(), follow)
    })
    .map(|_| ())
}

fn folder_of(path: &[u8]) -> Vec<u8> {
    let cut = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    path[..cut.max(1)].to_vec()
}
