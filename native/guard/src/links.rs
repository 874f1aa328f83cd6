//! Other names of closed files: device and inode of everything the policy closes, found by a walk.
//!
//! It is asked only for a file with more than one name, or on another mount. A new hard link, and a
//! rename, set the file's change time, so the walk says all there is to say of a file that was last
//! changed before the walk began. Otherwise the walk is made again; while it cannot be finished the
//! answer is "closed".

use crate::clock::wall_ns;
use crate::error::GuardError;
use crate::gate::{Guard, is_beneath, lock};
use crate::listing::names_in;
use crate::sys::{self, Identity};
use bulkhead_policy::{Op, Policy, Principal};
use rustix::fs::OFlags;
use std::collections::HashSet;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// Most names one walk looks at.
const NAMES_MAX: usize = 1_000_000;
/// Deepest folder the walk enters.
const DEPTH_MAX: usize = 200;
/// The kernel stamps files with a clock that may be this much behind.
const SLACK_NS: i64 = 20_000_000;
/// A walk older than this is made again: a renamed folder does not stamp what is in it. A walk that
/// takes long is kept for longer.
const AGE_MAX_NS: i64 = 60_000_000_000;
const AGE_TIMES: i64 = 10;
/// Walks for one answer.
const WALKS_MAX: usize = 3;

/// What the last walk found.
#[derive(Debug, Default)]
pub(crate) struct LinkIndex {
    closed: HashSet<Identity>,
    /// When the walk began, nanoseconds since 1970; 0 before the first.
    since_ns: i64,
    /// How long it took.
    took_ns: i64,
    is_complete: bool,
}

impl LinkIndex {
    /// Whether one of these (with the time of its last change) is a closed file by another name.
    pub(crate) fn is_closed(guard: &Guard, wanted: &[(Identity, i64)]) -> Result<bool, GuardError> {
        let mut index = lock(&guard.links);
        for _ in 0..WALKS_MAX {
            if index.is_fresh_for(wanted) {
                return Ok(wanted.iter().any(|(identity, _)| index.closed.contains(identity)));
            }
            let newest = wanted.iter().map(|(_, changed_ns)| *changed_ns).max().unwrap_or(0);
            if newest.saturating_add(SLACK_NS) >= wall_ns() {
                std::thread::sleep(Duration::from_millis(25));
            }
            *index = Walk::over(guard);
            if !index.is_complete {
                return Ok(true);
            }
        }
        Ok(true)
    }

    fn is_fresh_for(&self, wanted: &[(Identity, i64)]) -> bool {
        let age_ns = wall_ns().saturating_sub(self.since_ns);
        self.is_complete
            && (0..AGE_MAX_NS.max(AGE_TIMES * self.took_ns)).contains(&age_ns)
            && wanted.iter().all(|(_, changed)| changed.saturating_add(SLACK_NS) < self.since_ns)
    }
}

/// How far a walk enters.
#[derive(Clone, Copy)]
enum Reach {
    /// Only the names in this folder; closed ones are taken in whole.
    Top,
    /// So many folders down; deeper ones leave the walk incomplete.
    Down(usize),
}

struct Walk<'a> {
    policy: &'a Policy,
    closed: HashSet<Identity>,
    left: usize,
    is_complete: bool,
}

impl<'a> Walk<'a> {
    fn over(guard: &'a Guard) -> LinkIndex {
        let since_ns = wall_ns();
        let policy = guard.policy();
        let mut walk =
            Walk { policy: &policy, closed: HashSet::new(), left: NAMES_MAX, is_complete: true };
        for root in &guard.roots {
            walk.enter_path(&root.path, Reach::Down(DEPTH_MAX));
        }
        let places = policy.places();
        for home in places.homes.iter().chain(&places.config_homes) {
            walk.enter_path(home, Reach::Top);
        }
        for home in &places.homes {
            walk.enter_path(&sys::join(home, b".config"), Reach::Top);
        }
        for place in policy.closed_places() {
            if !matches!(place, b"/proc" | b"/sys" | b"/dev") {
                walk.add_place(place);
            }
        }
        let Walk { closed, is_complete, .. } = walk;
        let took_ns = wall_ns().saturating_sub(since_ns);
        LinkIndex { closed, since_ns, took_ns, is_complete }
    }

    fn enter_path(&mut self, path: &[u8], reach: Reach) {
        if let Ok(fd) = sys::look_at(path) {
            self.enter(&fd, path, (false, reach));
        }
    }

    /// A closed file or folder by its path, which may be a symlink.
    fn add_place(&mut self, path: &[u8]) {
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let Ok(fd) = rustix::fs::open(path, flags, rustix::fs::Mode::empty()) else { return };
        let Ok(facts) = sys::facts(&fd) else { return };
        self.closed.insert(facts.identity);
        if facts.is_folder() {
            self.enter(&fd, path, (true, Reach::Down(DEPTH_MAX)));
        }
    }

    /// Judges the names in a folder; what is closed is noted with all that is in it.
    fn enter(&mut self, fd: &OwnedFd, path: &[u8], (is_closed, reach): (bool, Reach)) {
        let Ok(folder) = sys::reopen(fd, OFlags::RDONLY | OFlags::DIRECTORY) else {
            // The launcher lets this process list the home folder and the workspace. What else it may
            // not list belongs to the system.
            self.is_complete &= !self.is_ours(path);
            return;
        };
        let Ok(names) = names_in(&folder, self.left) else {
            self.is_complete = false;
            return;
        };
        self.left = self.left.saturating_sub(names.len());
        if self.left == 0 {
            self.is_complete = false;
            return;
        }
        for (name, may_be_folder) in names {
            let here = sys::join(path, &name);
            let is_closed = is_closed || self.is_closed_name(&here);
            if is_closed || (may_be_folder && matches!(reach, Reach::Down(_))) {
                self.look(&folder, (&name, &here), (is_closed, reach));
            }
        }
    }

    fn look(
        &mut self,
        folder: &OwnedFd,
        (name, path): (&[u8], &[u8]),
        (is_closed, reach): (bool, Reach),
    ) {
        let Ok(fd) = sys::look_at_name(folder, name) else { return };
        let Ok(facts) = sys::facts(&fd) else { return };
        if is_closed {
            self.closed.insert(facts.identity);
        }
        if !facts.is_folder() {
            return;
        }
        match reach {
            Reach::Top => self.enter(&fd, path, (is_closed, Reach::Down(DEPTH_MAX))),
            Reach::Down(0) => self.is_complete = false,
            Reach::Down(left) => self.enter(&fd, path, (is_closed, Reach::Down(left - 1))),
        }
    }

    fn is_ours(&self, path: &[u8]) -> bool {
        let places = self.policy.places();
        let mut ours = places.homes.iter().chain(&places.workspaces);
        ours.any(|folder| is_beneath(path, folder))
    }

    fn is_closed_name(&self, path: &[u8]) -> bool {
        !self.policy.decide(Op::Read, path, &Principal::Agent).is_allowed()
    }
}
