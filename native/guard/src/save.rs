//! Writing: the file is the old one or the new one, never a mixture, and nobody's symlink is followed.
//!
//! A save makes a temporary file of a random name beside the real file, fills it, gives it the mode,
//! owner and attributes of the old one, flushes it, looks once more that the old one is still what was
//! judged, and renames it over.

use crate::error::GuardError;
use crate::gate::{Asker, Guard};
use crate::pool::Cancel;
use crate::read::{Stat, stamp};
use crate::reply::Reply;
use crate::resolve::Found;
use crate::sys::{self, Facts};
use bulkhead_policy::Op;
use rustix::fs::{AtFlags, Gid, Mode, OFlags, RenameFlags, Uid, XattrFlags};
use rustix::io::Errno;
use std::os::fd::{AsRawFd, OwnedFd};

/// Most bytes of one save.
pub(crate) const SAVE_BYTES_MAX: u64 = 256 * 1024 * 1024;
const STEP_BYTES: usize = 1024 * 1024;
/// Largest list of attribute names, and largest attribute, that Linux has.
const ATTRIBUTE_BYTES_MAX: usize = 64 * 1024;

/// How a save treats what is there.
#[derive(Debug, Default)]
pub(crate) struct SaveOptions {
    /// The `stamp` the caller last saw: another one fails with `Changed`.
    pub(crate) expect: Option<String>,
    /// Whether a file that is not there is made.
    pub(crate) may_create: bool,
}

impl Guard {
    /// Replaces the contents of a file; a symlink stays one and its target is written.
    pub(crate) fn save(
        &self,
        path: &[u8],
        (bytes, options): (&[u8], &SaveOptions),
        asker: &Asker,
        cancel: &Cancel,
    ) -> Result<Reply, GuardError> {
        check_size(bytes)?;
        match self.resolve(Op::Write, path, asker) {
            Ok(found) => self.replace(&found, (bytes, options), asker, cancel),
            Err(GuardError::NotFound) if options.may_create && options.expect.is_none() => {
                self.create_file(path, (bytes, None), asker, cancel)
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a new file with these contents and permissions; fails when the name is taken, also by a symlink.
    pub(crate) fn create_file(
        &self,
        path: &[u8],
        (bytes, mode): (&[u8], Option<u32>),
        asker: &Asker,
        cancel: &Cancel,
    ) -> Result<Reply, GuardError> {
        check_size(bytes)?;
        let place = self.place(Op::Write, path, asker)?;
        self.decide_move(&place.path, asker)?;
        let folder = sys::reopen(&place.folder.fd, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let temp = Temp::make(&folder, Mode::from_raw_mode(0o666))?;
        temp.fill(bytes, cancel)?;
        if let Some(mode) = mode {
            // Never what runs as somebody else: that was another file's right.
            rustix::fs::fchmod(&temp.fd, Mode::from_raw_mode(mode & 0o777))?;
        }
        self.confirm_folder(&folder, (&place.folder.path, &place.name), asker)?;
        temp.take_name(&place.name, RenameFlags::NOREPLACE)?;
        let stat = Stat::new(&place.path, &sys::facts_at(&folder, &place.name)?);
        Ok(Reply::new(&stat)?.at(&place.path))
    }

    fn replace(
        &self,
        found: &Found,
        (bytes, options): (&[u8], &SaveOptions),
        asker: &Asker,
        cancel: &Cancel,
    ) -> Result<Reply, GuardError> {
        if !found.facts.is_file() {
            return Err(GuardError::NotAFile);
        }
        if found.facts.links > 1 {
            return Err(GuardError::HardLinked(found.facts.links));
        }
        if options.expect.as_ref().is_some_and(|expect| *expect != stamp(&found.facts)) {
            return Err(GuardError::Changed);
        }
        let (above, name) = split(&found.path)?;
        let looked = sys::look_at(above)?;
        let folder = sys::reopen(&looked, OFlags::RDONLY | OFlags::DIRECTORY)?;
        is_still(&folder, name, &found.facts)?;
        let temp = Temp::make(&folder, Mode::RUSR | Mode::WUSR)?;
        temp.fill(bytes, cancel)?;
        temp.become_like(found)?;
        self.confirm_folder(&folder, (above, name), asker)?;
        is_still(&folder, name, &found.facts)?;
        temp.take_name(name, RenameFlags::empty())?;
        let stat = Stat::new(&found.path, &sys::facts_at(&folder, name)?);
        Ok(Reply::new(&stat)?.at(&found.path))
    }

    /// The folder has not been moved to where the name would be closed.
    pub(crate) fn confirm_folder(
        &self,
        folder: &OwnedFd,
        (path, name): (&[u8], &[u8]),
        asker: &Asker,
    ) -> Result<(), GuardError> {
        let now = sys::real_path(folder)?;
        if now == path {
            return Ok(());
        }
        self.decide(Op::Write, &sys::join(&now, name), asker)
    }
}

/// The name still stands for the file that was judged, unchanged.
fn is_still(folder: &OwnedFd, name: &[u8], facts: &Facts) -> Result<(), GuardError> {
    let now = sys::facts_at(folder, name)?;
    if now.identity == facts.identity && stamp(&now) == stamp(facts) {
        return Ok(());
    }
    Err(GuardError::Changed)
}

/// A file that is gone again unless it took its name.
struct Temp<'a> {
    folder: &'a OwnedFd,
    name: String,
    fd: OwnedFd,
    has_name: std::cell::Cell<bool>,
}

impl<'a> Temp<'a> {
    fn make(folder: &'a OwnedFd, mode: Mode) -> Result<Self, GuardError> {
        let name = format!(".bulkhead-{}.tmp", sys::random_hex()?);
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(folder, name.as_str(), flags, mode)?;
        Ok(Self { folder, name, fd, has_name: std::cell::Cell::new(false) })
    }

    fn fill(&self, bytes: &[u8], cancel: &Cancel) -> Result<(), GuardError> {
        for step in bytes.chunks(STEP_BYTES) {
            cancel.check()?;
            let mut rest = step;
            while !rest.is_empty() {
                match rustix::io::write(&self.fd, rest) {
                    Err(Errno::INTR) => {}
                    result => rest = &rest[result?..],
                }
            }
        }
        Ok(())
    }

    /// Owner first: changing it takes set-id bits and capabilities away.
    fn become_like(&self, found: &Found) -> Result<(), GuardError> {
        let facts = &found.facts;
        let own = sys::facts(&self.fd)?;
        if (own.uid, own.gid) != (facts.uid, facts.gid) {
            let owner = Some(Uid::from_raw(facts.uid));
            rustix::fs::fchown(&self.fd, owner, Some(Gid::from_raw(facts.gid)))?;
        }
        rustix::fs::fchmod(&self.fd, Mode::from_raw_mode(facts.mode & 0o7777))?;
        copy_attributes(found, &self.fd)
    }

    fn take_name(&self, name: &[u8], flags: RenameFlags) -> Result<(), GuardError> {
        rustix::fs::fsync(&self.fd)?;
        let folder = self.folder;
        rustix::fs::renameat_with(folder, self.name.as_str(), folder, name, flags)?;
        self.has_name.set(true);
        rustix::fs::fsync(folder)?;
        Ok(())
    }
}

impl Drop for Temp<'_> {
    fn drop(&mut self) {
        if !self.has_name.get() {
            // The error that led here is the one to report.
            let _ = rustix::fs::unlinkat(self.folder, self.name.as_str(), AtFlags::empty());
        }
    }
}

/// Labels of a security module are the system's to give; all other attributes have to be kept.
fn copy_attributes(found: &Found, to: &OwnedFd) -> Result<(), GuardError> {
    let from = format!("/proc/self/fd/{}", found.fd.as_raw_fd());
    let mut names = vec![0u8; ATTRIBUTE_BYTES_MAX];
    let count = match rustix::fs::listxattr(&from, &mut names[..]) {
        Err(Errno::NOTSUP) => return Ok(()),
        result => result?,
    };
    let mut value = vec![0u8; ATTRIBUTE_BYTES_MAX];
    for name in names[..count].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let is_label = name.starts_with(b"security.");
        let copied = rustix::fs::getxattr(&from, name, &mut value[..]).and_then(|count| {
            rustix::fs::fsetxattr(to, name, &value[..count], XattrFlags::empty())
        });
        match copied {
            Err(errno) if !is_label => return Err(errno.into()),
            _ => {}
        }
    }
    Ok(())
}

fn check_size(bytes: &[u8]) -> Result<(), GuardError> {
    let size = bytes.len() as u64;
    if size > SAVE_BYTES_MAX {
        return Err(GuardError::TooLarge("the size of a save in bytes", size, SAVE_BYTES_MAX));
    }
    Ok(())
}

/// Folder and name of a real path.
pub(crate) fn split(path: &[u8]) -> Result<(&[u8], &[u8]), GuardError> {
    let slash = path.iter().rposition(|byte| *byte == b'/').ok_or(GuardError::NotFound)?;
    let folder = if slash == 0 { &path[..1] } else { &path[..slash] };
    Ok((folder, &path[slash + 1..]))
}
