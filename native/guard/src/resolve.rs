//! From a path to a descriptor that is judged.
//!
//! ```text
//! no symlink on the way:  decide(path) -> openat2(NO_SYMLINKS) -> readlink of the fd -> decide -> facts
//! a symlink (ELOOP):      name by name: decide, then open, then follow; ends as above
//! ```
//!
//! A name is decided before it is touched, so a closed path gives one answer and takes one time,
//! whether something is there or not.

use crate::error::GuardError;
use crate::gate::{Asker, Guard};
use crate::sys::{self, Facts};
use bulkhead_policy::Op;
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;

/// Most symlinks followed for one path; the kernel's number.
const LINKS_MAX: usize = 40;
/// Most names walked for one path, those of symlinks included.
const STEPS_MAX: usize = 4096;

/// Something that is there and that `asker` may do `op` with.
#[derive(Debug)]
pub(crate) struct Found {
    /// Opened only to look at.
    pub(crate) fd: OwnedFd,
    /// What the kernel calls it.
    pub(crate) path: Vec<u8>,
    pub(crate) facts: Facts,
}

/// A name in a folder; whether something has it is not said.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) folder: Found,
    pub(crate) name: Vec<u8>,
    /// Real path of the folder and the name.
    pub(crate) path: Vec<u8>,
}

impl Guard {
    /// Resolves `path`, following symlinks, and judges what it leads to.
    pub(crate) fn resolve(&self, op: Op, path: &[u8], asker: &Asker) -> Result<Found, GuardError> {
        let path = self.absolute(path)?;
        if has_dots(&path) {
            return self.walk(op, &path, asker);
        }
        let path = normal(&path);
        self.decide(op, &path, asker)?;
        match sys::look_at(&path) {
            // A kernel or sandbox without openat2 is served by the walk, which needs no openat2.
            Err(Errno::LOOP | Errno::NOSYS | Errno::PERM) => self.walk(op, &path, asker),
            Err(errno) => Err(errno.into()),
            Ok(fd) => self.judge_known(op, (fd, &path), asker),
        }
    }

    /// Resolves the folder of `path` and judges the name in it; a symlink of that name stays one.
    pub(crate) fn place(&self, op: Op, path: &[u8], asker: &Asker) -> Result<Place, GuardError> {
        let path = self.absolute(path)?;
        let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
        let slash = path[..end].iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let name = path[..end].get(slash + 1..).unwrap_or_default().to_vec();
        if name.is_empty() || name == b"." || name == b".." {
            return Err(GuardError::Invalid("the path must end with a name".into()));
        }
        if !has_dots(&path) {
            self.decide(op, &normal(&path), asker)?;
        }
        let folder = self.resolve(Op::Read, &path[..=slash], asker)?;
        if !folder.facts.is_folder() {
            return Err(GuardError::NotFound);
        }
        let path = sys::join(&folder.path, &name);
        self.decide(op, &path, asker)?;
        Ok(Place { folder, name, path })
    }

    /// Judges a descriptor by what the kernel calls it, and what it is.
    pub(crate) fn judge(&self, op: Op, fd: OwnedFd, asker: &Asker) -> Result<Found, GuardError> {
        self.judge_known(op, (fd, b""), asker)
    }

    /// The end of every way to a descriptor. A path that was `decided` is not decided twice.
    fn judge_known(
        &self,
        op: Op,
        (fd, decided): (OwnedFd, &[u8]),
        asker: &Asker,
    ) -> Result<Found, GuardError> {
        let facts = sys::facts(&fd)?;
        let path = sys::real_path(&fd)?;
        if path != decided {
            self.decide(op, &path, asker)?;
        }
        if facts.links == 0 {
            return Err(GuardError::NotFound);
        }
        self.judge_facts((op, &path), &facts, asker)?;
        Ok(Found { fd, path, facts })
    }

    fn walk(&self, op: Op, path: &[u8], asker: &Asker) -> Result<Found, GuardError> {
        let root = rustix::fs::open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let mut walk =
            Walk { stack: vec![(root, b"/".to_vec())], pending: reversed(path), links: 0 };
        for _ in 0..STEPS_MAX {
            let Some(name) = walk.pending.pop() else {
                let Some((fd, _)) = walk.stack.pop() else { break };
                return self.judge(op, fd, asker);
            };
            self.step(&mut walk, op, &name, asker)?;
        }
        Err(GuardError::TooLarge(
            "the path's number of names",
            STEPS_MAX as u64 + 1,
            STEPS_MAX as u64,
        ))
    }

    fn step(&self, walk: &mut Walk, op: Op, name: &[u8], asker: &Asker) -> Result<(), GuardError> {
        let Some((folder, above)) = walk.stack.last() else { return Err(GuardError::NotFound) };
        if name == b"." || name == b".." {
            if !sys::facts(folder)?.is_folder() {
                return Err(GuardError::NotFound);
            }
            if name == b".." && walk.stack.len() > 1 {
                walk.stack.pop();
            }
            return Ok(());
        }
        let here = sys::join(above, name);
        if walk.pending.is_empty() {
            self.decide(op, &here, asker)?;
        } else if let Err(error) = self.decide_passing(&here, asker) {
            // The rule for where the path leads says more than the one for a folder on the way.
            let ahead = walk.pending.iter().rev().fold(here, |path, name| sys::join(&path, name));
            return Err(self
                .decide(op, &ahead, asker)
                .err()
                .filter(|_| !has_dots(&ahead))
                .unwrap_or(error));
        }
        let fd = sys::look_at_name(folder, name)?;
        if sys::facts(&fd)?.kind() != FileType::Symlink {
            walk.stack.push((fd, here));
            return Ok(());
        }
        walk.links += 1;
        if walk.links > LINKS_MAX {
            return Err(Errno::LOOP.into());
        }
        let target = sys::link_target(&fd)?;
        if target.first() == Some(&b'/') {
            walk.stack.truncate(1);
        }
        walk.pending.extend(reversed(&target));
        Ok(())
    }
}

/// Where a walk is: the folders passed with their paths, and the names to come, last first.
struct Walk {
    stack: Vec<(OwnedFd, Vec<u8>)>,
    pending: Vec<Vec<u8>>,
    links: usize,
}

fn reversed(path: &[u8]) -> Vec<Vec<u8>> {
    names(path).map(<[u8]>::to_vec).rev().collect()
}

fn names(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|name| !name.is_empty())
}

fn has_dots(path: &[u8]) -> bool {
    names(path).any(|name| name == b"." || name == b"..")
}

/// Without doubled slashes and the one at the end.
fn normal(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for name in names(path) {
        out.push(b'/');
        out.extend_from_slice(name);
    }
    if out.is_empty() { b"/".to_vec() } else { out }
}
