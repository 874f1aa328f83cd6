//! Git's ignore rules along a way down from a folder. Ignore files are opened like any other file.

use crate::gate::{Asker, Guard, as_path, is_beneath};
use crate::pool::Cancel;
use crate::read::read_range;
use crate::sys;
use bulkhead_policy::Op;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::os::fd::AsFd;

/// Largest ignore file that is honoured; the rest of a larger one is left out.
const IGNORE_BYTES_MAX: u64 = 1024 * 1024;

/// The ignore files passed so far, outermost first.
#[derive(Debug, Default)]
pub(crate) struct Ignores(Vec<Gitignore>);

impl Ignores {
    /// The rules that hold for the names in `folder`, and whether it is left out as a whole.
    pub(crate) fn down_to(
        guard: &Guard,
        folder: &[u8],
        asker: &Asker,
        cancel: &Cancel,
    ) -> (Self, bool) {
        let mut ignores = Self::default();
        let roots = guard.roots.iter().map(|root| root.path.as_slice());
        let Some(top) = roots.filter(|root| is_beneath(folder, root)).max_by_key(|root| root.len())
        else {
            return (ignores, false);
        };
        let slashes = folder.iter().enumerate().skip(top.len() + 1);
        let ends = slashes.filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
        let mut is_left_out = false;
        for end in std::iter::once(top.len()).chain(ends).chain([folder.len()]) {
            let path = &folder[..end];
            is_left_out |= path != top && ignores.leaves_out(path, true);
            if let Ok(fd) = sys::look_at(path) {
                ignores.add(guard, (&fd, path), asker, cancel);
            }
        }
        (ignores, is_left_out)
    }

    /// Takes in the ignore files of an open folder.
    pub(crate) fn add(
        &mut self,
        guard: &Guard,
        (folder, path): (impl AsFd, &[u8]),
        asker: &Asker,
        cancel: &Cancel,
    ) {
        for name in [".gitignore", ".ignore"] {
            let Ok(fd) = sys::look_at_name(&folder, name.as_bytes()) else { continue };
            let Ok(found) = guard.judge(Op::Read, fd, asker) else { continue };
            let Ok(file) = guard.open_file(&found) else { continue };
            let Ok(text) = read_range(&file, 0, IGNORE_BYTES_MAX, cancel) else { continue };
            let mut builder = GitignoreBuilder::new(as_path(path));
            for line in String::from_utf8_lossy(&text).lines() {
                // A line that is no pattern is skipped, as git does.
                let _ = builder.add_line(None, line);
            }
            self.0.extend(builder.build());
        }
    }

    /// Whether git leaves `path` out. The innermost file that says something of it decides.
    pub(crate) fn leaves_out(&self, path: &[u8], is_folder: bool) -> bool {
        let said =
            self.0.iter().rev().find_map(|file| match file.matched(as_path(path), is_folder) {
                Match::None => None,
                Match::Ignore(_) => Some(true),
                Match::Whitelist(_) => Some(false),
            });
        said == Some(true)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Goes back up to where there were `length`.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }
}
