//! Opening and creating. The descriptor that is handed over is judged once more by the path it has then.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

use super::change::changing;
use super::decode::Spot;
use super::handle::Context;
use super::judge::Act;
use super::listener::Answer;
use super::task::c_path;
use super::walk::{Entry, Found, Last, Walked, object_of, real_path};

/// Another process may make or remove the name between two looks; then it is looked at again.
const TRIES_MAX: usize = 16;
const HOW_BYTES: u64 = 24;
const HOW_BYTES_MAX: u64 = 4096;
/// Opens that wait for the other end of a pipe with a name.
const WAITING_MAX: usize = 64;
/// How long a waiting open goes on before it is looked whether its caller still lives.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(100);
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// What a caller may ask of an open file; anything else is left out, as the kernel does for `open`.
const KNOWN: OFlags = OFlags::from_bits_retain(
    (libc::O_ACCMODE
        | libc::O_APPEND
        | libc::O_CREAT
        | libc::O_DIRECT
        | libc::O_DIRECTORY
        | libc::O_DSYNC
        | libc::O_EXCL
        | libc::O_NOATIME
        | libc::O_NOCTTY
        | libc::O_NOFOLLOW
        | libc::O_NONBLOCK
        | libc::O_PATH
        | libc::O_SYNC
        | libc::O_TMPFILE
        | libc::O_TRUNC) as u32,
);
const CLOSE_ON_EXEC: u64 = libc::O_CLOEXEC as u64;

#[derive(Debug, Clone, Copy)]
struct Wanted {
    flags: OFlags,
    mode: u32,
    close_on_exec: bool,
}

impl Wanted {
    #[expect(clippy::cast_possible_truncation, reason = "flags of open are 32 bits wide")]
    fn new(flags: u64, mode: u64) -> Self {
        let close_on_exec = flags & CLOSE_ON_EXEC != 0;
        let flags = OFlags::from_bits_retain(flags as u32) & KNOWN;
        Self { flags, mode: mode as u32 & 0o7777, close_on_exec }
    }

    fn has(&self, flag: OFlags) -> bool {
        self.flags.contains(flag)
    }

    /// A file without a name, in a folder.
    fn is_nameless(&self) -> bool {
        self.has(OFlags::TMPFILE)
    }

    fn acts(&self) -> &'static [Act] {
        if self.has(OFlags::PATH) {
            return &[Act::Look];
        }
        let is_cut = self.has(OFlags::TRUNC) || self.is_nameless();
        match self.flags.bits() & libc::O_ACCMODE as u32 {
            0 if is_cut => &[Act::Read, Act::Write],
            0 => &[Act::Read],
            1 => &[Act::Write],
            _ => &[Act::Read, Act::Write],
        }
    }

    /// For opening an object that has been found: what concerns names is done.
    fn reopening(&self) -> OFlags {
        let names = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        (self.flags & !names) | OFlags::CLOEXEC | OFlags::NOCTTY
    }
}

/// open, openat, creat.
pub(super) fn open(
    context: &Context<'_>,
    at: Spot,
    (flags, mode): (u64, u64),
) -> Result<Answer, Errno> {
    let path = context.task.read_path(at.path)?;
    let wanted = Wanted::new(flags, mode);
    for _ in 0..TRIES_MAX {
        match attempt(context, (at, &path), wanted) {
            // The name came or went meanwhile.
            Err(Errno::AGAIN) => {}
            Err(error) => return Err(error),
            Ok(fd) => return Ok(Answer::Descriptor { fd, close_on_exec: wanted.close_on_exec }),
        }
    }
    Err(Errno::BUSY)
}

/// openat2. What it demands of the way is beyond `open`, so only the plain form is served; the C library and other
/// programs then take `openat`.
pub(super) fn open_how(
    context: &Context<'_>,
    at: Spot,
    (how, size): (u64, u64),
) -> Result<Answer, Errno> {
    if !(HOW_BYTES..=HOW_BYTES_MAX).contains(&size) {
        return Err(if size < HOW_BYTES { Errno::INVAL } else { Errno::TOOBIG });
    }
    let mut bytes = [0; HOW_BYTES as usize];
    context.task.read(how, &mut bytes)?;
    let word = |at: usize| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[at..at + 8]);
        u64::from_ne_bytes(word)
    };
    if size > HOW_BYTES || word(16) != 0 {
        return Err(Errno::NOSYS);
    }
    open(context, at, (word(0), word(8)))
}

fn attempt(
    context: &Context<'_>,
    (at, path): (Spot, &[u8]),
    wanted: Wanted,
) -> Result<OwnedFd, Errno> {
    let base = context.base(at, path)?;
    let creates = wanted.has(OFlags::CREATE) && !wanted.has(OFlags::PATH);
    let keeps = wanted.has(OFlags::NOFOLLOW) || creates && wanted.has(OFlags::EXCL);
    let last = if keeps { Last::Keep } else { Last::Follow };
    match context.walker().walk(base, path, last)? {
        Walked::There(found) => {
            context.check(&found, wanted.acts())?;
            if creates && wanted.has(OFlags::EXCL) {
                return Err(Errno::EXIST);
            }
            existing(context, found, wanted)
        }
        Walked::Missing(entry) if creates && !wanted.is_nameless() => {
            create(context, &entry, wanted)
        }
        Walked::Missing(entry) => Err(context.walker().refusal(&entry.real, Errno::NOENT)),
    }
}

fn existing(context: &Context<'_>, found: Found, wanted: Wanted) -> Result<OwnedFd, Errno> {
    let object = found.object()?;
    if wanted.has(OFlags::PATH) {
        return for_looking(context, &found, wanted);
    }
    if object.is(libc::S_IFLNK) {
        return Err(Errno::LOOP);
    }
    if object.is(libc::S_IFDIR) && wanted.has(OFlags::CREATE) {
        return Err(Errno::ISDIR);
    }
    if object.is(libc::S_IFIFO) && !wanted.has(OFlags::NONBLOCK) {
        return wait_for_other_end(context, &found, wanted);
    }
    let mode = if wanted.is_nameless() { wanted.mode & !context.task.umask()? } else { 0 };
    let fd = openat(CWD, found.handle(), wanted.reopening(), Mode::from_raw_mode(mode))?;
    if !wanted.is_nameless() {
        confirm(context, &fd, wanted)?;
    }
    Ok(fd)
}

/// The kernel hands over no descriptor that is for looking only, so the caller gets one that can read as well: of a
/// folder, whose names are judged one by one when they are listed, or of a file that it may read.
fn for_looking(context: &Context<'_>, found: &Found, wanted: Wanted) -> Result<OwnedFd, Errno> {
    let object = found.object()?;
    let is_folder = object.is(libc::S_IFDIR);
    if wanted.has(OFlags::DIRECTORY) && !is_folder {
        return Err(Errno::NOTDIR);
    }
    if !is_folder && !object.is(libc::S_IFREG) {
        return Err(Errno::OPNOTSUPP);
    }
    if !is_folder {
        context.check(found, &[Act::Read])?;
    }
    openat(CWD, found.handle(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
}

fn create(context: &Context<'_>, entry: &Entry, wanted: Wanted) -> Result<OwnedFd, Errno> {
    let _alone = changing();
    // A folder that was moved meanwhile has another path now.
    let real = super::walk::join(&real_path(&entry.folder)?, &entry.name);
    context.check_name(&real, &[Act::Write, Act::Move])?;
    context.check_name(&real, wanted.acts())?;
    let mode = Mode::from_raw_mode(wanted.mode & 0o1777 & !context.task.umask()?);
    // Only made, never opened: what came meanwhile is judged from the start.
    let flags = (wanted.flags & !OFlags::TRUNC)
        | OFlags::CREATE
        | OFlags::EXCL
        | OFlags::NOFOLLOW
        | OFlags::CLOEXEC;
    let fd = match openat(&entry.folder, c_path(&entry.name)?, flags, mode) {
        Err(Errno::EXIST) => return Err(Errno::AGAIN),
        other => other?,
    };
    confirm(context, &fd, wanted)?;
    Ok(fd)
}

/// Judges what is about to be handed over by the path it has now.
fn confirm(context: &Context<'_>, fd: &OwnedFd, wanted: Wanted) -> Result<(), Errno> {
    let (real, object) = (real_path(fd)?, object_of(fd)?);
    let process = context.task.group_for(&real)?;
    let acts = wanted.acts().iter();
    acts.copied().try_for_each(|act| context.judge.object(act, (&real, &object), process))
}

/// Opening a pipe by its name waits for the other end, which may be opened by another call that waits for us: at most
/// so many wait at once, each in a thread of its own. A caller that is killed meanwhile is waited for no longer.
fn wait_for_other_end(
    context: &Context<'_>,
    found: &Found,
    wanted: Wanted,
) -> Result<OwnedFd, Errno> {
    if WAITING.fetch_add(1, Ordering::AcqRel) >= WAITING_MAX {
        WAITING.fetch_sub(1, Ordering::AcqRel);
        return Err(Errno::MFILE);
    }
    let _one_less = OneLess;
    let _substitute = super::pool::substitute();
    let (path, flags) = (found.handle(), wanted.reopening());
    let (done, waits) = std::sync::mpsc::sync_channel(1);
    let opener = std::thread::Builder::new().spawn({
        let path = path.clone();
        move || {
            // Nobody hears it only when this call is given up.
            let _heard = done.send(openat(CWD, path, flags, Mode::empty()));
        }
    });
    opener.map_err(|_| Errno::AGAIN)?;
    loop {
        match waits.recv_timeout(LOOK_AGAIN_AFTER) {
            Ok(opened) => return opened,
            Err(RecvTimeoutError::Disconnected) => return Err(Errno::IO),
            Err(RecvTimeoutError::Timeout) if context.task.confirm().is_ok() => {}
            Err(RecvTimeoutError::Timeout) => {
                // Both ends at once: this lets the opener go on, and it is not missed.
                let both = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
                let _release = openat(CWD, path.as_str(), both, Mode::empty());
                let _opened = waits.recv_timeout(LOOK_AGAIN_AFTER);
                return Err(Errno::SRCH);
            }
        }
    }
}

struct OneLess;

impl Drop for OneLess {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::AcqRel);
    }
}
