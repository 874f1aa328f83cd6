//! From a path argument to an open object and its real path, one name at a time, in the caller's view.
//!
//! Links are followed here and not by the kernel, because some mean another thing to another process
//! (`/proc/self`), and because a link in a closed folder must not tell that it exists.

use std::collections::VecDeque;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::OnceLock;

use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, ResolveFlags, StatxFlags, makedev, openat, openat2, readlinkat,
    statx,
};
use rustix::io::Errno;

use super::judge::{Act, Judge, Object, is_below};
use super::links::Identity;
use super::task::{Task, c_path, last_error};

/// As the kernel counts them.
const LINKS_MAX: usize = 40;
/// Names left to walk after links were put in.
const NAMES_MAX: usize = 4096;

/// Whether the last link of a path is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    Follow,
    Keep,
}

/// Something that exists.
#[derive(Debug)]
pub(super) struct Found {
    /// For looking only (O_PATH).
    pub(super) fd: OwnedFd,
    pub(super) real: Vec<u8>,
}

/// A name in a folder that exists; what the name leads to may not.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) folder: OwnedFd,
    pub(super) name: Vec<u8>,
    /// Real path of the folder, and the name.
    pub(super) real: Vec<u8>,
}

/// Where a path led.
#[derive(Debug)]
pub(super) enum Walked {
    There(Found),
    /// Only the last name is missing.
    Missing(Entry),
}

impl Found {
    /// What it is.
    pub(super) fn object(&self) -> Result<Object, Errno> {
        object_of(&self.fd)
    }

    /// A path of our own that leads to it.
    pub(super) fn handle(&self) -> String {
        format!("/proc/self/fd/{}", self.fd.as_raw_fd())
    }
}

/// What a descriptor is.
pub(super) fn object_of(fd: &OwnedFd) -> Result<Object, Errno> {
    let flags = StatxFlags::BASIC_STATS | StatxFlags::MNT_ID;
    let found = statx(fd, c"", AtFlags::EMPTY_PATH, flags)?;
    let changed = found.stx_ctime;
    let changed_ns = i128::from(changed.tv_sec) * 1_000_000_000 + i128::from(changed.tv_nsec);
    let device = makedev(found.stx_dev_major, found.stx_dev_minor);
    Ok(Object {
        identity: Identity { device, inode: found.stx_ino },
        mode: found.stx_mode.into(),
        links: found.stx_nlink.into(),
        changed_ns,
        mount: found.stx_mnt_id,
    })
}

/// The mount that a path of our own is on.
pub(super) fn mount_of(folder: impl AsFd, path: &[u8]) -> Result<u64, Errno> {
    Ok(statx(folder, path, AtFlags::empty(), StatxFlags::MNT_ID)?.stx_mnt_id)
}

/// The path by which the kernel knows a descriptor now.
pub(super) fn real_path(fd: &OwnedFd) -> Result<Vec<u8>, Errno> {
    let link = format!("/proc/self/fd/{}", fd.as_raw_fd());
    Ok(readlinkat(CWD, link, Vec::with_capacity(256))?.into_bytes())
}

/// Resolves paths of one caller.
#[derive(Debug)]
pub(super) struct Walker<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) judge: &'a Judge,
}

struct State {
    at: OwnedFd,
    left: VecDeque<Vec<u8>>,
    links: usize,
    /// The path ended with a slash or a dot, so it means a folder.
    wants_folder: bool,
}

impl Walker<'_> {
    /// Leads to what is there; ENOENT where nothing is.
    pub(super) fn find(&self, base: OwnedFd, path: &[u8], last: Last) -> Result<Found, Errno> {
        match self.walk(base, path, last)? {
            Walked::There(found) => Ok(found),
            Walked::Missing(entry) => Err(self.refusal(&entry.real, Errno::NOENT)),
        }
    }

    /// Leads to what is there, or to the folder where its name would be made.
    pub(super) fn walk(&self, base: OwnedFd, path: &[u8], last: Last) -> Result<Walked, Errno> {
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        if let Some(found) = quick(&base, path, last) {
            return Ok(Walked::There(found));
        }
        let mut state = State {
            at: if path.starts_with(b"/") { root()? } else { base },
            left: names(path),
            links: 0,
            wants_folder: means_folder(path),
        };
        loop {
            let Some(name) = state.left.pop_front() else {
                let real = real_path(&state.at)?;
                let found = Found { fd: state.at, real };
                if state.wants_folder && !found.object()?.is(libc::S_IFDIR) {
                    return Err(self.refusal(&found.real, Errno::NOTDIR));
                }
                return Ok(Walked::There(found));
            };
            if let Some(walked) = self.step(&mut state, &name, last)? {
                return Ok(walked);
            }
        }
    }

    /// Leads to the folder of the last name, which is not looked at.
    pub(super) fn entry(&self, base: OwnedFd, path: &[u8]) -> Result<Entry, Errno> {
        let trimmed = path.iter().rposition(|byte| *byte != b'/').map_or(0, |end| end + 1);
        let path = &path[..trimmed];
        let cut = path.iter().rposition(|byte| *byte == b'/');
        let (folder, name) = match cut {
            Some(at) => (&path[..=at], &path[at + 1..]),
            None => (&b"."[..], path),
        };
        match name {
            b"" => {
                return Err(if path.is_empty() && trimmed == 0 {
                    Errno::NOENT
                } else {
                    Errno::BUSY
                });
            }
            b"." | b".." => return Err(Errno::INVAL),
            _ => {}
        }
        let found = self.find(base, folder, Last::Follow)?;
        if !found.object()?.is(libc::S_IFDIR) {
            return Err(self.refusal(&found.real, Errno::NOTDIR));
        }
        Ok(Entry { real: join(&found.real, name), folder: found.fd, name: name.to_vec() })
    }

    /// One name further; the answer when it was the last.
    fn step(&self, state: &mut State, name: &[u8], last: Last) -> Result<Option<Walked>, Errno> {
        let here = real_path(&state.at)?;
        if name == b".." {
            // Leaving a closed folder would tell that it exists.
            self.may_look(&here)?;
        }
        let is_last = state.left.is_empty();
        let name = self.own_name(&here, name)?;
        let next = join(&here, &name);
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(&state.at, c_path(&name)?, flags, Mode::empty());
        let fd = match opened {
            Ok(fd) => fd,
            Err(Errno::NOENT) if is_last => {
                let folder = state.at.try_clone().map_err(|_| Errno::MFILE)?;
                return Ok(Some(Walked::Missing(Entry { folder, name, real: next })));
            }
            Err(error) => return Err(self.refusal(&next, error)),
        };
        let object = object_of(&fd)?;
        if !object.is(libc::S_IFLNK) {
            if !is_last && !object.is(libc::S_IFDIR) {
                return Err(self.refusal(&next, Errno::NOTDIR));
            }
            state.at = fd;
            return Ok(None);
        }
        if is_last && last == Last::Keep && !state.wants_folder {
            return Ok(Some(Walked::There(Found { real: next, fd })));
        }
        self.may_look(&next)?;
        state.links += 1;
        if state.links > LINKS_MAX {
            return Err(Errno::LOOP);
        }
        if is_below(&here, b"/proc") && !is_plain_link(&next) {
            // Only its own, as judged above: the kernel alone knows where these lead.
            let flags = OFlags::PATH | OFlags::CLOEXEC;
            state.at = openat(&state.at, c_path(&name)?, flags, Mode::empty())?;
            return Ok(None);
        }
        self.put_in(state, &fd)
    }

    /// Puts the names of a link before what is left.
    fn put_in(&self, state: &mut State, link: &OwnedFd) -> Result<Option<Walked>, Errno> {
        let target = readlinkat(link, c"", Vec::with_capacity(256))?.into_bytes();
        if target.is_empty() {
            return Err(Errno::NOENT);
        }
        if target.starts_with(b"/") {
            state.at = root()?;
        }
        state.wants_folder |= state.left.is_empty() && means_folder(&target);
        for name in names(&target).into_iter().rev() {
            state.left.push_front(name);
        }
        if state.left.len() > NAMES_MAX { Err(Errno::NAMETOOLONG) } else { Ok(None) }
    }

    /// The kernel would take `self` for this process instead of the caller.
    fn own_name(&self, folder: &[u8], name: &[u8]) -> Result<Vec<u8>, Errno> {
        if folder != b"/proc" {
            return Ok(name.to_vec());
        }
        Ok(match name {
            b"self" => self.task.group()?.to_string().into_bytes(),
            b"thread-self" => {
                let (process, thread) = (self.task.group()?, self.task.thread());
                format!("{process}/task/{thread}").into_bytes()
            }
            _ => name.to_vec(),
        })
    }

    fn may_look(&self, path: &[u8]) -> Result<(), Errno> {
        self.judge.name(Act::Look, path, self.task.group_for(path)?)
    }

    /// What a failed step answers: the same for what is closed, whatever is there.
    pub(super) fn refusal(&self, path: &[u8], error: Errno) -> Errno {
        self.may_look(path).err().unwrap_or(error)
    }
}

/// The whole path at once where it has no link at all. Not for `/proc`, whose links depend on who asks, and not
/// where the way leads back up through what may be closed.
fn quick(base: &OwnedFd, path: &[u8], last: Last) -> Option<Found> {
    let mut flags = OFlags::PATH | OFlags::CLOEXEC;
    if last == Last::Keep {
        flags |= OFlags::NOFOLLOW;
    }
    let goes_up = path.split(|byte| *byte == b'/').any(|name| name == b"..");
    if goes_up || is_below(path, b"/proc") {
        return None;
    }
    let how = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let fd = openat2(base, c_path(path).ok()?, flags, Mode::empty(), how).ok()?;
    let real = real_path(&fd).ok()?;
    if is_below(&real, b"/proc") { None } else { Some(Found { fd, real }) }
}

/// `/proc/self` and its like are ordinary links to other names in `/proc`.
fn is_plain_link(path: &[u8]) -> bool {
    path.iter().filter(|byte| **byte == b'/').count() == 2
}

fn names(path: &[u8]) -> VecDeque<Vec<u8>> {
    let names = path.split(|byte| *byte == b'/');
    names.filter(|name| !name.is_empty() && *name != b".").map(<[u8]>::to_vec).collect()
}

fn means_folder(path: &[u8]) -> bool {
    path.ends_with(b"/") || path.ends_with(b"/.") || path == b"."
}

/// The root folder, which is the same for this process and all that it watches.
pub(super) fn root() -> Result<OwnedFd, Errno> {
    static ROOT: OnceLock<OwnedFd> = OnceLock::new();
    if let Some(root) = ROOT.get() {
        return rustix::io::fcntl_dupfd_cloexec(root, 0);
    }
    let root =
        openat(CWD, c"/", OFlags::PATH | OFlags::CLOEXEC | OFlags::DIRECTORY, Mode::empty())?;
    let again = rustix::io::fcntl_dupfd_cloexec(&root, 0)?;
    // Another thread may have been first; then this one is closed.
    let _first = ROOT.set(root);
    Ok(again)
}

/// A name below a folder.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder == b"/" { [b"/", name].concat() } else { [folder, b"/", name].concat() }
}

/// The result of a raw call as the kernel's number.
pub(super) fn checked(done: libc::c_long) -> Result<i64, Errno> {
    if done < 0 { Err(last_error()) } else { Ok(done) }
}
