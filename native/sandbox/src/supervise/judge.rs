//! Whether a program may touch a path: first the kernel's own files, then the policy's denials, then the folders that
//! its profile opens. A path is always the real one, as the kernel names an open descriptor.
//!
//! What a rule closes answers EACCES, and what lies outside every folder answers ENOENT, whether it exists or not.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bulkhead_policy::{Decision, Op, Policy, Principal};
use bulkhead_wire::RefusedOp;
use rustix::io::Errno;

use super::kernel_files;
use super::links::{Identity, LinkIndex};
use super::mounts::Mounts;
use super::teller::Teller;
use crate::profile::ClosedNames;

/// What is done with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Act {
    /// Learn that it exists, and what kind and size it is.
    Look,
    /// Read its bytes or names, or run it.
    Read,
    /// Change it, or make or remove it under this name.
    Write,
    /// Give this name to something else than a new folder, or take it away.
    Move,
}

/// What a folder is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extent {
    /// Reading, of what every user of the machine may read.
    Common,
    /// Reading.
    Read,
    /// Reading and writing.
    Write,
}

/// A folder or file with what it is opened for.
#[derive(Debug, Clone)]
pub(crate) struct Area {
    /// Absolute; both the spelling asked for and the real one are given as areas of their own.
    pub(crate) path: Vec<u8>,
    pub(crate) extent: Extent,
}

/// What an open descriptor is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object {
    pub(super) identity: Identity,
    pub(super) mode: u32,
    pub(super) links: u64,
    pub(super) changed_ns: i128,
    /// The mount it was reached by.
    pub(super) mount: u64,
}

impl Object {
    pub(super) fn is(&self, kind: u32) -> bool {
        self.mode & libc::S_IFMT == kind
    }
}

/// Decisions of the policy kept; then the table is begun anew.
const KEPT_MAX: usize = 16_384;
/// Longer paths are decided each time.
const KEPT_BYTES_MAX: usize = 512;
const DELETED: &[u8] = b" (deleted)";
const MEMORY_FILE: &[u8] = b"/memfd:";
/// In place of a rule, for a hard link to what a rule closes.
const ANOTHER_NAME: &str = "another name of a closed file";
const READ_BY_OTHERS: u32 = libc::S_IROTH;

/// The judge of one program and all that it starts.
#[derive(Debug)]
pub(crate) struct Judge {
    policy: Policy,
    principal: Principal,
    areas: Vec<Area>,
    closed_names: ClosedNames,
    kept: Mutex<HashMap<(Act, Vec<u8>), bool>>,
    links: LinkIndex,
    mounts: Mounts,
    teller: Option<Teller>,
}

impl Judge {
    pub(crate) fn new(policy: Policy, principal: Principal, areas: Vec<Area>) -> Self {
        // No file that a program could link lies in the kernel's own folders.
        let places = policy.closed_places().filter(|path| !kernel_files::is_one(path));
        let places = places.map(<[u8]>::to_vec);
        let written = areas.iter().filter(|area| area.extent == Extent::Write);
        let roots = places.chain(written.map(|area| area.path.clone())).collect();
        let links = LinkIndex::new(roots);
        let mounts = Mounts::of(areas.iter().map(|area| area.path.as_slice()));
        let closed_names = ClosedNames::Hidden;
        let kept = Mutex::default();
        Self { policy, principal, areas, closed_names, kept, links, mounts, teller: None }
    }

    /// Whether closed names are hidden, as they are when nothing else is said.
    pub(crate) fn with_closed_names(self, closed_names: ClosedNames) -> Self {
        Self { closed_names, ..self }
    }

    /// Who is told what rules close; nobody when nothing else is said.
    pub(crate) fn with_teller(self, teller: Option<Teller>) -> Self {
        Self { teller, ..self }
    }

    /// Judges a name, whether something is there or not. `process` is the caller's.
    pub(super) fn name(&self, act: Act, path: &[u8], process: i32) -> Result<(), Errno> {
        if let Some(verdict) = kernel_files::verdict(act, path, process) {
            return verdict;
        }
        if let Some(closed) = self.closed_name(act, path) {
            self.tell(act, closed);
            return Err(Errno::ACCESS);
        }
        self.within(act, path)
    }

    /// Whether a listing shows a name. Nobody is told: the program has not asked for it.
    pub(super) fn is_listed(&self, path: &[u8], process: i32) -> bool {
        let verdict = kernel_files::verdict(Act::Look, path, process);
        verdict.map_or_else(
            || self.closed_name(Act::Look, path).is_none() && self.within(Act::Look, path).is_ok(),
            |verdict| verdict.is_ok(),
        )
    }

    /// The name that a rule closes. A file that lost its name says so; it is judged by the name it had as well.
    fn closed_name<'a>(&self, act: Act, path: &'a [u8]) -> Option<&'a [u8]> {
        let names = [Some(path), path.strip_suffix(DELETED)];
        names.into_iter().flatten().find(|name| self.is_closed(act, name))
    }

    fn within(&self, act: Act, path: &[u8]) -> Result<(), Errno> {
        let extent = self.extent(path);
        match act {
            Act::Look if extent.is_none() && !self.leads_to_area(path) => Err(Errno::NOENT),
            Act::Read if extent.is_none() && self.leads_to_area(path) => Err(Errno::ACCESS),
            Act::Read if extent.is_none() => Err(Errno::NOENT),
            Act::Write | Act::Move if extent != Some(Extent::Write) => Err(Errno::ACCESS),
            _ => Ok(()),
        }
    }

    /// Judges what is open, by its real path and by what it is.
    pub(super) fn object(
        &self,
        act: Act,
        (path, object): (&[u8], &Object),
        process: i32,
    ) -> Result<(), Errno> {
        if is_nameless(path) {
            return Ok(());
        }
        self.name(act, path, process)?;
        if kernel_files::is_one(path) {
            return Ok(());
        }
        let is_device = object.is(libc::S_IFCHR) || object.is(libc::S_IFBLK);
        if is_device && act != Act::Look {
            return Err(Errno::ACCESS);
        }
        self.mounted(act, (path, object))?;
        let is_common = self.extent(path) == Some(Extent::Common);
        if is_common && act == Act::Read && object.mode & READ_BY_OTHERS == 0 {
            return Err(Errno::ACCESS);
        }
        let has_other_names = object.links > 1 && object.is(libc::S_IFREG) && !is_common;
        let may_be_closed = has_other_names && !self.shows(act);
        if may_be_closed && self.links.is_closed(object, |path| self.is_closed(Act::Read, path)) {
            self.tell(act, path);
            return Err(Errno::ACCESS);
        }
        Ok(())
    }

    /// Whoever mounted a closed file to another name has not opened it.
    fn mounted(&self, act: Act, (path, object): (&[u8], &Object)) -> Result<(), Errno> {
        let names = self.mounts.other_names(object.mount, path).ok_or(Errno::ACCESS)?;
        let Some(closed) = names.iter().find(|name| self.is_closed(act, name)) else {
            return Ok(());
        };
        self.tell(act, closed);
        Err(Errno::ACCESS)
    }

    fn shows(&self, act: Act) -> bool {
        act == Act::Look && self.closed_names == ClosedNames::Shown
    }

    fn is_closed(&self, act: Act, path: &[u8]) -> bool {
        if self.shows(act) {
            return false;
        }
        let act = if act == Act::Look { Act::Read } else { act };
        let key = (act, path.to_vec());
        if let Some(closed) = lock(&self.kept).get(&key) {
            return *closed;
        }
        let closed = !self.decide(act, path).is_allowed();
        if path.len() > KEPT_BYTES_MAX {
            return closed;
        }
        let mut kept = lock(&self.kept);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(key, closed);
        closed
    }

    fn decide(&self, act: Act, path: &[u8]) -> Decision {
        match act {
            Act::Look | Act::Read => self.policy.decide(Op::Read, path, &self.principal),
            Act::Write => self.policy.decide(Op::Write, path, &self.principal),
            Act::Move => self.policy.decide_move(path, &self.principal),
        }
    }

    /// Another name of a closed file has no rule of its own.
    fn tell(&self, act: Act, path: &[u8]) {
        let Some(teller) = &self.teller else { return };
        let op = match act {
            Act::Look | Act::Read => RefusedOp::ProgramRead,
            Act::Write | Act::Move => RefusedOp::ProgramWrite,
        };
        teller.tell(op, path, || match self.decide(act, path) {
            Decision::Deny(denial) => denial.rule,
            Decision::Allow => ANOTHER_NAME.to_owned(),
        });
    }

    fn extent(&self, path: &[u8]) -> Option<Extent> {
        let inside = self.areas.iter().filter(|area| is_below(path, &area.path));
        inside.map(|area| area.extent).max()
    }

    /// Whether a folder has to be passed on the way to an area.
    fn leads_to_area(&self, path: &[u8]) -> bool {
        self.areas.iter().any(|area| is_below(&area.path, path))
    }
}

/// Pipes, sockets, and files that live in memory: the kernel gives them no path, so nobody can reach for one by name.
fn is_nameless(path: &[u8]) -> bool {
    !path.starts_with(b"/") && path.contains(&b':')
        || path.starts_with(MEMORY_FILE) && path.ends_with(DELETED)
}

/// Whether `path` is `folder` or lies below it.
pub(super) fn is_below(path: &[u8], folder: &[u8]) -> bool {
    let folder = folder.strip_suffix(b"/").unwrap_or(folder);
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// A lock whose holder panicked still guards plain data.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::walk::mount_of;
    use super::*;
    use bulkhead_policy::Places;

    fn judge() -> Judge {
        let places = Places {
            homes: vec![b"/home/u".to_vec()],
            workspaces: vec![b"/home/u/ws".to_vec()],
            ..Places::default()
        };
        let area = |path: &[u8], extent| Area { path: path.to_vec(), extent };
        let areas = vec![area(b"/home/u/ws", Extent::Write), area(b"/usr", Extent::Common)];
        Judge::new(Policy::builtin(places).unwrap(), Principal::Agent, areas)
    }

    fn object(mode: u32) -> Object {
        Object {
            identity: Identity { device: 1, inode: 1 },
            mode,
            links: 1,
            changed_ns: 0,
            mount: mount_of(rustix::fs::CWD, b"/usr").unwrap(),
        }
    }

    #[test]
    fn what_a_rule_closes_is_refused_and_what_is_outside_is_not_there() {
        let judge = judge();
        for (act, path, expected) in [
            (Act::Read, "/home/u/ws/main.rs", Ok(())),
            (Act::Write, "/home/u/ws/main.rs", Ok(())),
            (Act::Read, "/home/u/ws/.env", Err(Errno::ACCESS)),
            (Act::Look, "/home/u/ws/.env", Err(Errno::ACCESS)),
            (Act::Look, "/home/u/ws/.env (deleted)", Err(Errno::ACCESS)),
            (Act::Write, "/home/u/ws/.git/config", Err(Errno::ACCESS)),
            (Act::Read, "/home/u/ws/.git/config", Ok(())),
            (Act::Move, "/home/u/ws/.git", Err(Errno::ACCESS)),
            (Act::Look, "/home/u/.ssh/id_rsa", Err(Errno::ACCESS)),
            (Act::Look, "/home/u/notes", Err(Errno::NOENT)),
            (Act::Look, "/home/u", Ok(())),
            (Act::Read, "/home/u", Err(Errno::ACCESS)),
            (Act::Look, "/", Ok(())),
            (Act::Write, "/usr/bin/x", Err(Errno::ACCESS)),
            (Act::Look, "/home/u/ws-evil", Err(Errno::NOENT)),
            (Act::Write, "/home/u/ws-evil/x", Err(Errno::ACCESS)),
        ] {
            assert_eq!(judge.name(act, path.as_bytes(), 7), expected, "{act:?} {path}");
        }
    }

    #[test]
    fn shown_names_are_still_not_read() {
        let judge = judge().with_closed_names(ClosedNames::Shown);
        let env = b"/home/u/ws/.env";
        assert_eq!(judge.name(Act::Look, env, 7), Ok(()));
        assert_eq!(judge.name(Act::Read, env, 7), Err(Errno::ACCESS));
        assert_eq!(judge.name(Act::Look, b"/home/u/.ssh/id_rsa", 7), Err(Errno::NOENT));
    }

    #[test]
    fn of_the_system_only_what_every_user_reads_is_read() {
        let judge = judge();
        let read = |mode| judge.object(Act::Read, (b"/usr/lib/x", &object(mode)), 7);
        assert_eq!(read(libc::S_IFREG | 0o644), Ok(()));
        assert_eq!(read(libc::S_IFREG | 0o640), Err(Errno::ACCESS));
        let device = object(libc::S_IFCHR | 0o666);
        assert_eq!(judge.object(Act::Read, (b"/home/u/ws/null", &device), 7), Err(Errno::ACCESS));
    }

    #[test]
    fn only_what_the_kernel_leaves_without_a_path_is_nameless() {
        for (path, expected) in [
            ("pipe:[12]", true),
            ("anon_inode:[eventfd]", true),
            ("/memfd:x (deleted)", true),
            ("/memfd:x", false),
            ("(unreachable)/x", false),
            ("/home/u/ws/a:b", false),
        ] {
            assert_eq!(is_nameless(path.as_bytes()), expected, "{path}");
        }
    }
}
