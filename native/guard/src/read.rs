//! Looking at files and reading them.

use crate::error::GuardError;
use crate::gate::{Asker, Guard};
use crate::listing::{kind, text};
use crate::pool::Cancel;
use crate::reply::Reply;
use crate::resolve::Found;
use crate::sys::{self, Facts};
use bulkhead_policy::Op;
use rustix::fs::OFlags;
use rustix::io::Errno;
use serde::Serialize;
use std::os::fd::{AsFd, OwnedFd};

/// Most bytes of one read.
pub(crate) const READ_BYTES_MAX: u64 = 64 * 1024 * 1024;
const STEP_BYTES: usize = 1024 * 1024;

/// What is said of a file or folder. `stamp` changes with every change of the file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stat {
    path: String,
    kind: &'static str,
    size: u64,
    modified_ms: i64,
    mode: u32,
    links: u32,
    pub(crate) stamp: String,
}

impl Stat {
    pub(crate) fn new(path: &[u8], facts: &Facts) -> Self {
        Self {
            path: text(path),
            kind: kind(facts.kind()),
            size: facts.size,
            modified_ms: facts.modified_ns / 1_000_000,
            mode: facts.mode & 0o7777,
            links: facts.links,
            stamp: stamp(facts),
        }
    }
}

/// Identity, size and times in one word.
pub(crate) fn stamp(facts: &Facts) -> String {
    let (device, inode) = facts.identity;
    format!("{device:x}-{inode:x}-{:x}-{:x}", facts.size, facts.modified_ns)
}

#[derive(Serialize)]
struct Opened {
    handle: u32,
    stat: Stat,
}

impl Guard {
    pub(crate) fn stat(&self, path: &[u8], asker: &Asker) -> Result<Reply, GuardError> {
        let found = self.resolve(Op::Read, path, asker)?;
        Ok(Reply::new(&Stat::new(&found.path, &found.facts))?.at(&found.path))
    }

    /// Opens a regular file for reads by ranges.
    pub(crate) fn open(&self, path: &[u8], asker: &Asker) -> Result<Reply, GuardError> {
        let found = self.resolve(Op::Read, path, asker)?;
        let fd = self.open_file(&found)?;
        let stat = Stat::new(&found.path, &found.facts);
        Ok(Reply::new(&Opened { handle: self.keep(fd, asker)?, stat })?.at(&found.path))
    }

    /// Reads up to `length` bytes at `offset`; fewer at the end of the file.
    pub(crate) fn read(
        &self,
        number: u32,
        (offset, length): (u64, u64),
        asker: &Asker,
        cancel: &Cancel,
    ) -> Result<Reply, GuardError> {
        let handle = self.handle(number, asker)?;
        let bytes = read_range(&handle.fd, offset, length, cancel)?;
        Ok(Reply { bytes: Some(bytes), ..Reply::nothing() })
    }

    /// Reads up to `length` bytes at `offset` of a file.
    pub(crate) fn read_part(
        &self,
        path: &[u8],
        (offset, length): (u64, u64),
        asker: &Asker,
        cancel: &Cancel,
    ) -> Result<Reply, GuardError> {
        let found = self.resolve(Op::Read, path, asker)?;
        let fd = self.open_file(&found)?;
        let bytes = read_range(&fd, offset, length, cancel)?;
        Ok(Reply::with_bytes(&Stat::new(&found.path, &found.facts), bytes)?.at(&found.path))
    }

    /// Reads a whole file of at most `max` bytes.
    pub(crate) fn read_whole(
        &self,
        path: &[u8],
        max: u64,
        asker: &Asker,
        cancel: &Cancel,
    ) -> Result<Reply, GuardError> {
        let found = self.resolve(Op::Read, path, asker)?;
        let fd = self.open_file(&found)?;
        let max = max.min(READ_BYTES_MAX);
        if found.facts.size > max {
            return Err(GuardError::TooLarge("the file's size in bytes", found.facts.size, max));
        }
        let bytes = read_range(&fd, 0, max + 1, cancel)?;
        if bytes.len() as u64 > max {
            return Err(GuardError::TooLarge("the file's size in bytes", bytes.len() as u64, max));
        }
        Ok(Reply::with_bytes(&Stat::new(&found.path, &found.facts), bytes)?.at(&found.path))
    }

    /// Reopens what was judged. Only a regular file is: a pipe would block, a device may act.
    pub(crate) fn open_file(&self, found: &Found) -> Result<OwnedFd, GuardError> {
        if !found.facts.is_file() {
            return Err(GuardError::NotAFile);
        }
        Ok(sys::reopen(&found.fd, OFlags::RDONLY | OFlags::NONBLOCK)?)
    }
}

pub(crate) fn read_range(
    fd: impl AsFd,
    offset: u64,
    length: u64,
    cancel: &Cancel,
) -> Result<Vec<u8>, GuardError> {
    if length > READ_BYTES_MAX + 1 {
        return Err(GuardError::TooLarge("the length of a read in bytes", length, READ_BYTES_MAX));
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut bytes = Vec::new();
    while bytes.len() < length {
        cancel.check()?;
        let start = bytes.len();
        bytes.resize(start + STEP_BYTES.min(length - start), 0);
        let at = offset.saturating_add(start as u64);
        let count = match rustix::io::pread(&fd, &mut bytes[start..], at) {
            Err(Errno::INTR) => 0,
            Ok(0) => {
                bytes.truncate(start);
                break;
            }
            result => result?,
        };
        bytes.truncate(start + count);
    }
    Ok(bytes)
}
