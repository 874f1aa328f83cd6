//! Walking a folder: files by their names, with git's ignore rules. Nothing closed is entered or named.

use crate::error::GuardError;
use crate::gate::{Asker, Guard, as_path};
use crate::ignores::Ignores;
use crate::listing::names_in;
use crate::reply::Reply;
use crate::save::split;
use crate::sys;
use crate::task::Task;
use bulkhead_policy::Op;
use globset::{Glob, GlobSet, GlobSetBuilder};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use std::os::fd::OwnedFd;

/// Most files one walk names, and most names it looks at.
const FILES_MAX: usize = 200_000;
const NAMES_MAX: usize = 2_000_000;
/// Deepest folder below the first.
const DEPTH_MAX: usize = 128;
/// Patterns of one list, and bytes of one.
const GLOBS_MAX: usize = 64;
const GLOB_BYTES_MAX: usize = 1024;
/// Names in one part of the answer.
const PART_FILES: usize = 5000;

/// Which files are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FindOptions {
    /// Globs of which a path, from the folder on, must fit one; empty: all.
    pub include: Vec<String>,
    /// Globs none of which may fit.
    pub exclude: Vec<String>,
    /// Whether git's ignore rules are left out of account.
    pub with_ignored: bool,
    /// Most files; 0: the bound.
    pub files_max: usize,
}

/// What a walk has seen.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Seen {
    pub(crate) files: usize,
    /// Files and folders that would be looked at and that a rule closes. To programs there are none.
    pub(crate) closed: usize,
    /// Whether a bound ended it.
    pub(crate) is_cut: bool,
    /// The folder it began in, or the one file.
    #[serde(skip)]
    pub(crate) folder: Vec<u8>,
}

/// A file of a walk.
pub(crate) struct Visited<'a> {
    /// The folder that holds it, opened at least to look at.
    pub(crate) folder: &'a OwnedFd,
    pub(crate) name: &'a [u8],
    /// From the folder the walk began in.
    pub(crate) relative: &'a [u8],
}

/// What a visitor wants next.
pub(crate) enum Next {
    Go,
    Stop,
}

impl Guard {
    /// Names all wanted files below a folder. Parts carry the names, each ended by a zero byte.
    pub(crate) fn find(
        &self,
        path: &[u8],
        options: &FindOptions,
        asker: &Asker,
        task: &Task,
    ) -> Result<Reply, GuardError> {
        let (mut names, mut count) = (Vec::new(), 0);
        let seen = self.visit((path, options), asker, task, &mut |file| {
            names.extend_from_slice(file.relative);
            names.push(0);
            count += 1;
            if count % PART_FILES == 0 {
                task.emit(Reply { bytes: Some(std::mem::take(&mut names)), ..Reply::nothing() });
            }
            Ok(Next::Go)
        })?;
        Ok(Reply::with_bytes(&seen, names)?.at(&seen.folder))
    }

    /// Calls `each` with every wanted regular file below `path`, folders in the order of their names. A file is the only
    /// one, whatever the options.
    pub(crate) fn visit(
        &self,
        (path, options): (&[u8], &FindOptions),
        asker: &Asker,
        task: &Task,
        each: &mut dyn FnMut(&Visited<'_>) -> Result<Next, GuardError>,
    ) -> Result<Seen, GuardError> {
        let found = self.resolve(Op::Read, path, asker)?;
        if found.facts.is_file() {
            task.emit(Reply::nothing());
            let (above, name) = split(&found.path)?;
            let folder = sys::look_at(above)?;
            each(&Visited { folder: &folder, name, relative: name })?;
            return Ok(Seen { files: 1, folder: found.path, ..Seen::default() });
        }
        if !found.facts.is_folder() {
            return Err(GuardError::NotAFolder);
        }
        // From here on the caller knows that there will be an answer.
        task.emit(Reply::nothing());
        let mut walk = Walk {
            guard: self,
            asker,
            task,
            include: globs(&options.include, "include")?,
            exclude: globs(&options.exclude, "exclude")?,
            with_ignored: options.with_ignored,
            base: found.path.len() + usize::from(found.path != b"/"),
            files_left: if options.files_max == 0 {
                FILES_MAX
            } else {
                options.files_max.min(FILES_MAX)
            },
            names_left: NAMES_MAX,
            ignores: Ignores::default(),
            seen: Seen { folder: found.path.clone(), ..Seen::default() },
            each,
        };
        walk.enter(&found.fd, &found.path, 0)?;
        Ok(walk.seen)
    }
}

struct Walk<'a> {
    guard: &'a Guard,
    asker: &'a Asker,
    task: &'a Task,
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    with_ignored: bool,
    base: usize,
    files_left: usize,
    names_left: usize,
    ignores: Ignores,
    seen: Seen,
    each: &'a mut dyn FnMut(&Visited<'_>) -> Result<Next, GuardError>,
}

impl Walk<'_> {
    fn enter(&mut self, fd: &OwnedFd, path: &[u8], depth: usize) -> Result<Next, GuardError> {
        self.task.check()?;
        // A folder that may not be read, or has gone, is passed over like an empty one.
        let Ok(folder) = sys::reopen(fd, OFlags::RDONLY | OFlags::DIRECTORY) else {
            return Ok(Next::Go);
        };
        let mut names = names_in(&folder, self.names_left)?;
        self.names_left = self.names_left.saturating_sub(names.len());
        if self.names_left == 0 || depth > DEPTH_MAX {
            self.seen.is_cut = true;
            return Ok(if depth > DEPTH_MAX { Next::Go } else { Next::Stop });
        }
        names.sort_unstable();
        let kept = self.ignores.len();
        if !self.with_ignored {
            let (asker, cancel) = (self.asker, &self.task.cancel);
            self.ignores.add(self.guard, (&folder, path), asker, cancel);
        }
        for (name, may_be_folder) in names {
            let here = sys::join(path, &name);
            if self.guard.decide(Op::Read, &here, self.asker).is_err() {
                self.count_closed(&here, &name, may_be_folder);
                continue;
            }
            if let Next::Stop = self.look((&folder, &name, &here), depth)? {
                return Ok(Next::Stop);
            }
        }
        self.ignores.truncate(kept);
        Ok(Next::Go)
    }

    fn look(
        &mut self,
        (folder, name, path): (&OwnedFd, &[u8], &[u8]),
        depth: usize,
    ) -> Result<Next, GuardError> {
        let Ok(fd) = sys::look_at_name(folder, name) else { return Ok(Next::Go) };
        let facts = sys::facts(&fd)?;
        if self.is_left_out(path, name, facts.is_folder()) {
            return Ok(Next::Go);
        }
        if self.guard.judge_facts((Op::Read, path), &facts, self.asker).is_err() {
            self.count_closed(path, name, facts.is_folder());
            return Ok(Next::Go);
        }
        if facts.is_folder() {
            return self.enter(&fd, path, depth + 1);
        }
        if !facts.is_file() || !self.fits(path) {
            return Ok(Next::Go);
        }
        let relative = &path[self.base..];
        if self.files_left == 0 {
            self.seen.is_cut = true;
            return Ok(Next::Stop);
        }
        self.files_left -= 1;
        self.seen.files += 1;
        (self.each)(&Visited { folder, name, relative })
    }

    fn count_closed(&mut self, path: &[u8], name: &[u8], is_folder: bool) {
        let is_shown = !self.asker.principal.is_program();
        let is_wanted = !self.is_left_out(path, name, is_folder) && (is_folder || self.fits(path));
        self.seen.closed += usize::from(is_shown && is_wanted);
    }

    /// Whether one of the wanted globs fits.
    fn fits(&self, path: &[u8]) -> bool {
        let relative = as_path(&path[self.base..]);
        self.include.as_ref().is_none_or(|globs| globs.is_match(relative))
    }

    fn is_left_out(&self, path: &[u8], name: &[u8], is_folder: bool) -> bool {
        let relative = as_path(&path[self.base..]);
        if self.exclude.as_ref().is_some_and(|globs| globs.is_match(relative)) {
            return true;
        }
        if self.with_ignored {
            return false;
        }
        name == b".git" || self.ignores.leaves_out(path, is_folder)
    }
}

fn globs(patterns: &[String], key: &str) -> Result<Option<GlobSet>, GuardError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    if patterns.len() > GLOBS_MAX {
        return Err(GuardError::TooLarge(
            "the number of globs",
            patterns.len() as u64,
            GLOBS_MAX as u64,
        ));
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        if pattern.len() > GLOB_BYTES_MAX {
            let length = pattern.len() as u64;
            return Err(GuardError::TooLarge(
                "the length of a glob",
                length,
                GLOB_BYTES_MAX as u64,
            ));
        }
        let glob = Glob::new(pattern).map_err(|error| {
            GuardError::Invalid(format!("{key}: {pattern:?}: {}", error.kind()))
        })?;
        set.add(glob);
    }
    let set = set.build().map_err(|error| GuardError::Invalid(format!("{key}: {error}")))?;
    Ok(Some(set))
}
