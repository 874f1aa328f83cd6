//! Other names of closed files: a hard link carries any name, so a file with several is looked up by what it is.
//!
//! The index is made by a walk and holds for files last changed before the walk began: a new link changes a file's
//! time of change, and then the walk is made again. A walk that cannot be finished closes every such file.

use std::collections::HashSet;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use super::judge::{Object, lock};

/// A file, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
}

/// Names one walk looks at.
const NAMES_MAX: usize = 400_000;
const DEPTH_MAX: usize = 64;
/// File systems stamp with a clock that is this much coarser than ours.
const SLACK_NS: i128 = 20_000_000;
/// Walks for one answer: the second covers a link made during the first.
const WALKS_MAX: usize = 2;

/// The index of one judge.
#[derive(Debug)]
pub(super) struct LinkIndex {
    roots: Vec<Vec<u8>>,
    walked: Mutex<Option<Walked>>,
}

#[derive(Debug)]
struct Walked {
    began_ns: i128,
    is_complete: bool,
    closed: HashSet<Identity>,
}

impl LinkIndex {
    pub(super) fn new(roots: Vec<Vec<u8>>) -> Self {
        Self { roots, walked: Mutex::default() }
    }

    /// Whether the file is a closed one by another name. `closes` says which names are closed.
    pub(super) fn is_closed(&self, object: &Object, closes: impl Fn(&[u8]) -> bool) -> bool {
        let mut walked = lock(&self.walked);
        for _ in 0..WALKS_MAX {
            if let Some(walked) = walked.as_ref().filter(|walked| walked.covers(object)) {
                return !walked.is_complete || walked.closed.contains(&object.identity);
            }
            wait_for_clock(object.changed_ns);
            *walked = Some(walk(&self.roots, &closes));
        }
        true
    }
}

impl Walked {
    fn covers(&self, object: &Object) -> bool {
        object.changed_ns + SLACK_NS < self.began_ns
    }
}

/// A file changed this instant is not covered by a walk that begins within the clock's coarseness.
fn wait_for_clock(changed_ns: i128) {
    if changed_ns + SLACK_NS >= now_ns() {
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
}

fn walk(roots: &[Vec<u8>], closes: &impl Fn(&[u8]) -> bool) -> Walked {
    let mut walked = Walked { began_ns: now_ns(), is_complete: true, closed: HashSet::new() };
    let mut left = NAMES_MAX;
    for root in roots {
        let root = PathBuf::from(std::ffi::OsString::from_vec(root.clone()));
        let is_closed = closes(root.as_os_str().as_bytes());
        enter(&root, (0, is_closed), &mut left, &mut |path, is_closed| {
            let is_closed = is_closed || closes(path.as_os_str().as_bytes());
            let found = path.symlink_metadata().ok().filter(|found| is_closed && found.is_file());
            if let Some(found) = found {
                walked.closed.insert(Identity { device: found.dev(), inode: found.ino() });
            }
            is_closed
        });
    }
    walked.is_complete = left > 0;
    walked
}

fn enter(
    path: &Path,
    (depth, is_closed): (usize, bool),
    left: &mut usize,
    see: &mut impl FnMut(&Path, bool) -> bool,
) {
    if *left == 0 || depth > DEPTH_MAX {
        *left = 0;
        return;
    }
    *left -= 1;
    let is_closed = see(path, is_closed);
    if !path.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return;
    }
    for entry in path.read_dir().into_iter().flatten().flatten() {
        enter(&entry.path(), (depth + 1, is_closed), left, see);
    }
}

fn now_ns() -> i128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn object(path: &Path) -> Object {
        let found = fs::metadata(path).unwrap();
        let changed_ns = i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec());
        let identity = Identity { device: found.dev(), inode: found.ino() };
        Object { identity, mode: found.mode(), links: found.nlink(), changed_ns, mount: 0 }
    }

    #[test]
    fn a_new_name_of_a_closed_file_is_found_also_when_it_comes_later() {
        let folder = std::env::temp_dir().join(format!("bh-links-{}", std::process::id()));
        fs::create_dir_all(folder.join("deep/er")).unwrap();
        fs::write(folder.join("deep/er/secret"), "x").unwrap();
        fs::write(folder.join("plain"), "x").unwrap();
        fs::hard_link(folder.join("plain"), folder.join("plain-2")).unwrap();
        let index = LinkIndex::new(vec![folder.as_os_str().as_bytes().to_vec()]);
        let closes = |path: &[u8]| path.ends_with(b"/secret");
        assert!(!index.is_closed(&object(&folder.join("plain-2")), closes));
        fs::hard_link(folder.join("deep/er/secret"), folder.join("harmless")).unwrap();
        assert!(index.is_closed(&object(&folder.join("harmless")), closes));
        fs::remove_dir_all(&folder).unwrap();
    }
}
