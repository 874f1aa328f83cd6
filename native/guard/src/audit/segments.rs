//! The files of the log: `audit-<number of the first record>.jsonl`, the last one growing, full ones read-only.

use super::record::{Head, LINE_BYTES_MAX, Record, hash_of, read};
use crate::sys;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Size at which a new file is begun.
pub(crate) const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;
/// Most files: 128 MiB in all. The oldest are dropped, and a record says so.
pub(crate) const SEGMENTS_MAX: usize = 16;
const FULL: Mode = Mode::RUSR;
const GROWING: Mode = Mode::RUSR.union(Mode::WUSR);

/// One file of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Number of its first record.
    pub(crate) first: u64,
    pub(crate) path: PathBuf,
}

/// The growing file, and where the chain stands in it.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) fd: OwnedFd,
    pub(crate) size: u64,
    pub(crate) head: Head,
    /// Bytes after the last whole line.
    pub(crate) torn: Vec<u8>,
}

impl Open {
    /// Whether nobody else has written to it, or begun another.
    pub(crate) fn is_current(&self) -> bool {
        sys::facts(&self.fd).is_ok_and(|facts| {
            facts.size == self.size && facts.mode & 0o200 != 0 && facts.links > 0
        })
    }
}

/// All files, oldest first.
pub(crate) fn segments(folder: &Path) -> std::io::Result<Vec<Segment>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix("audit-")?.strip_suffix(".jsonl"))
            .filter(|digits| digits.len() == 16)
            .and_then(|digits| digits.parse().ok());
        if let Some(first) = number {
            found.push(Segment { first, path: entry.path() });
        }
    }
    found.sort_by_key(|segment| segment.first);
    Ok(found)
}

/// Makes the file whose first record follows `head`.
pub(crate) fn begin(folder: &Path, head: &Head) -> Result<Open, Errno> {
    let path = folder.join(format!("audit-{:016}.jsonl", head.count + 1));
    let flags = OFlags::CREATE
        | OFlags::EXCL
        | OFlags::RDWR
        | OFlags::APPEND
        | OFlags::NOFOLLOW
        | OFlags::CLOEXEC;
    let fd = openat(CWD, path, flags, GROWING)?;
    let above = openat(CWD, folder, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::fs::fsync(above)?;
    Ok(Open { fd, size: 0, head: head.clone(), torn: Vec::new() })
}

/// Opens the last file. `None` when there is none yet.
pub(crate) fn reopen(folder: &Path) -> Result<Option<Open>, Errno> {
    let all =
        segments(folder).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    let Some(last) = all.last() else { return Ok(None) };
    let flags = OFlags::RDWR | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = openat(CWD, &last.path, flags, Mode::empty())?;
    // A kill between "full" and "begun" leaves a last file that is read-only.
    rustix::fs::fchmod(&fd, GROWING)?;
    let size = sys::facts(&fd)?.size;
    let tail = tail_of(&fd, size)?;
    let end = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let torn = tail[end..].to_vec();
    let head = match last_record(&tail[..end]) {
        Some(record) => Head { count: record.n, hash: record.hash },
        // Nothing whole in the file: the chain stands where the one before it ended.
        None => before(&all, last.first)?,
    };
    Ok(Some(Open { fd, size, head, torn }))
}

/// Whether the record `head` ends with is still in the files, or was dropped by rotation, or there was none.
///
/// # Errors
/// Why a file cannot be read.
pub(crate) fn holds(folder: &Path, head: &Head) -> Result<bool, String> {
    let all = segments(folder).map_err(|error| error.to_string())?;
    let is_dropped = all.first().is_some_and(|oldest| oldest.first > head.count);
    if head.count == 0 || is_dropped {
        return Ok(true);
    }
    let Some(segment) = all.iter().rfind(|segment| segment.first <= head.count) else {
        return Ok(false);
    };
    let bytes = std::fs::read(&segment.path).map_err(|error| error.to_string())?;
    let records = bytes.rsplit(|byte| *byte == b'\n').filter_map(read);
    let found =
        records.take_while(|record| record.n >= head.count).find(|record| record.n == head.count);
    Ok(found.is_some_and(|record| record.hash == head.hash))
}

/// Marks a file as full: whoever has it open sees that another was begun.
pub(crate) fn close_full(open: &Open) -> Result<(), Errno> {
    rustix::fs::fdatasync(&open.fd)?;
    rustix::fs::fchmod(&open.fd, FULL)
}

fn before(all: &[Segment], first: u64) -> Result<Head, Errno> {
    let Some(segment) = all.iter().rev().nth(1) else { return Ok(Head::default()) };
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = openat(CWD, &segment.path, flags, Mode::empty())?;
    let size = sys::facts(&fd)?.size;
    let record = last_record(&tail_of(&fd, size)?);
    Ok(record.map_or(
        // What cannot be read is not repeated: numbers go on, and the break stays visible.
        Head { count: first.saturating_sub(1), hash: hash_of(b"unreadable") },
        |record| Head { count: record.n, hash: record.hash },
    ))
}

fn tail_of(fd: &OwnedFd, size: u64) -> Result<Vec<u8>, Errno> {
    let from = size.saturating_sub(2 * LINE_BYTES_MAX as u64);
    let mut bytes = vec![0; usize::try_from(size - from).unwrap_or(0)];
    let mut filled = 0;
    while filled < bytes.len() {
        match rustix::io::pread(fd, &mut bytes[filled..], from + filled as u64) {
            Err(Errno::INTR) => {}
            Ok(0) => break,
            result => filled += result?,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn last_record(lines: &[u8]) -> Option<Record> {
    lines.split(|byte| *byte == b'\n').rev().filter(|line| !line.is_empty()).find_map(read)
}
