//! The audit log: who had what done to which file, on whose behalf, and what was answered.
//!
//! Every append is made under a lock of the folder, so that a second guard, which takes over while the first one ends
//! what it has begun, goes on with the same chain. Nothing here fails the person: what cannot be written is a
//! problem that [`Audit::problem`] tells, and for which the agent and servers are refused.

mod ledger;
mod page;
mod record;
mod recover;
mod segments;
#[cfg(test)]
#[allow(clippy::expect_used, reason = "a failure here is a failed test")]
mod tests;

use crate::clock::wall_ns;
use crate::gate::lock;
pub use ledger::{CommandNote, CommandStage};
pub use page::PageOptions;
pub(crate) use page::Told;
pub use record::Head;
pub(crate) use record::field;
use record::{What, hash_of, line};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat};
use rustix::io::Errno;
pub(crate) use segments::SEGMENT_BYTES;
use segments::{Open, SEGMENTS_MAX};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often, and how long between, the lock of the folder is tried: half a second in all.
const LOCK_TRIES: u32 = 500;
const LOCK_PAUSE: Duration = Duration::from_millis(1);

/// The log of one instance.
#[derive(Debug)]
pub(crate) struct Audit {
    /// `None`: a guard of a test or of the self-test, which records nothing.
    folder: Option<PathBuf>,
    /// Size at which a file is full; smaller in tests.
    segment_bytes: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    locks: Option<Arc<Locks>>,
    open: Option<Open>,
    /// The last record this process has seen: the chain must still hold it, whoever has written since.
    known: Head,
    /// The last one that is known to be on the disk.
    synced: Head,
    problem: String,
    /// Records of the person's acts, and outcomes, that could not be written.
    missed: u64,
}

/// Both are taken by `flock`: they end with the process.
#[derive(Debug)]
struct Locks {
    /// Held while something is appended.
    writing: OwnedFd,
    /// Held, shared, by every guard that lives.
    living: OwnedFd,
}

impl Audit {
    /// Records nothing.
    pub(crate) fn none() -> Self {
        Self { folder: None, segment_bytes: SEGMENT_BYTES, state: Mutex::default() }
    }

    /// The log in `folder`, which is made when it is not there. A folder that cannot be used is a problem, not an
    /// error; it is tried again with each record.
    pub(crate) fn open(folder: &[u8], segment_bytes: u64) -> Self {
        let folder = crate::gate::as_path(folder).to_path_buf();
        let state = Mutex::default();
        let audit = Self { folder: Some(folder), segment_bytes, state };
        let mut state = lock(&audit.state);
        if let Err(problem) = audit.ready(&mut state) {
            state.problem = problem;
        }
        drop(state);
        audit
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.folder.is_some()
    }

    /// Appends a record; returns its number. The error says why it cannot be written.
    pub(crate) fn append(&self, what: &What) -> Result<u64, String> {
        if self.folder.is_none() {
            return Ok(0);
        }
        let mut state = lock(&self.state);
        let result = self.append_to(&mut state, what);
        match &result {
            Ok(_) => state.problem.clear(),
            Err(problem) => state.problem.clone_from(problem),
        }
        result
    }

    /// Appends a record whose loss stops nobody; a later one says how many were lost.
    pub(crate) fn append_or_miss(&self, what: &What) {
        if self.append(what).is_err() {
            lock(&self.state).missed += 1;
        }
    }

    /// Where the chain stands, and why nothing can be written, if so.
    pub(crate) fn head(&self) -> (Head, String) {
        let state = lock(&self.state);
        let head = state.open.as_ref().map(|open| open.head.clone()).unwrap_or_default();
        (head, state.problem.clone())
    }

    /// Brings all records to the disk and returns the head they end with; where that fails, the last one that is there.
    pub(crate) fn sync(&self) -> (Head, String) {
        let (head, problem) = self.head();
        let file = {
            let state = lock(&self.state);
            state.open.as_ref().and_then(|open| rustix::io::fcntl_dupfd_cloexec(&open.fd, 3).ok())
        };
        let result = file.map_or(Ok(()), rustix::fs::fdatasync);
        let mut state = lock(&self.state);
        match result {
            Err(errno) => (state.synced.clone(), words(errno)),
            Ok(()) => {
                state.synced = head.clone();
                (head, problem)
            }
        }
    }

    fn append_to(&self, state: &mut State, what: &What) -> Result<u64, String> {
        self.ready(state)?;
        let Some(locks) = state.locks.clone() else { return Err("there is no lock".into()) };
        let guard = Held::take(&locks.writing)?;
        self.refresh(state)?;
        self.rotate(state)?;
        let mut whats = Vec::new();
        if state.missed > 0 {
            let says = state.problem.clone();
            whats.push(What::Missed { count: state.missed, says });
        }
        whats.push(what.clone());
        let Some(open) = state.open.as_mut() else { return Err("there is no file".into()) };
        let written = write(open, &whats);
        if written.is_err() {
            // What stands at the end of the file now is looked up before the next record.
            state.open = None;
        } else {
            state.known = open.head.clone();
            state.missed = 0;
        }
        drop(guard);
        written
    }

    /// Takes the locks, and closes what a killed guard has left open, once.
    fn ready(&self, state: &mut State) -> Result<(), String> {
        let Some(folder) = &self.folder else { return Ok(()) };
        if state.locks.is_some() {
            return Ok(());
        }
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder).map_err(|error| from_std(&error))?;
        let locks =
            Locks { writing: lock_file(folder, "lock")?, living: lock_file(folder, "live")? };
        // Alone: whoever began something that has no end is dead.
        let is_alone = flock(&locks.living, FlockOperation::NonBlockingLockExclusive).is_ok();
        let unfinished = if is_alone { recover::unfinished(folder) } else { Vec::new() };
        flock(&locks.living, FlockOperation::LockShared).map_err(words)?;
        state.locks = Some(Arc::new(locks));
        for what in unfinished {
            self.append_to(state, &what)?;
        }
        if state.open.is_none() {
            state.open = segments::reopen(folder).map_err(words)?;
            state.known = state.open.as_ref().map(|open| open.head.clone()).unwrap_or_default();
        }
        Ok(())
    }

    /// Looks up where the chain stands when another guard has written since.
    fn refresh(&self, state: &mut State) -> Result<(), String> {
        let Some(folder) = &self.folder else { return Ok(()) };
        if state.open.as_ref().is_some_and(Open::is_current) {
            return Ok(());
        }
        let open = match segments::reopen(folder).map_err(words)? {
            Some(open) => open,
            None if state.known.count > 0 => return Err(cut(&state.known, 0)),
            None => segments::begin(folder, &Head::default()).map_err(words)?,
        };
        if open.head.count < state.known.count || !segments::holds(folder, &state.known)? {
            return Err(cut(&state.known, open.head.count));
        }
        state.known = open.head.clone();
        state.open = Some(open);
        Ok(())
    }

    fn rotate(&self, state: &mut State) -> Result<(), String> {
        let (Some(folder), Some(open)) = (&self.folder, &state.open) else { return Ok(()) };
        if open.size < self.segment_bytes || !open.torn.is_empty() {
            return Ok(());
        }
        let mut next = segments::begin(folder, &open.head).map_err(words)?;
        segments::close_full(open).map_err(words)?;
        let dropped = drop_oldest(folder, &mut next);
        state.open = Some(next);
        dropped
    }
}

/// Removes the oldest files beyond the bound; the record that says so comes first.
fn drop_oldest(folder: &Path, next: &mut Open) -> Result<(), String> {
    let all = segments::segments(folder).map_err(|error| from_std(&error))?;
    let Some(keep) = all.len().checked_sub(SEGMENTS_MAX).filter(|count| *count > 0) else {
        return Ok(());
    };
    let first_kept = &all[keep];
    let bytes = std::fs::read(&first_kept.path).map_err(|error| from_std(&error))?;
    let first = bytes.split(|byte| *byte == b'\n').find_map(record::read);
    let Some(first) = first else { return Ok(()) };
    write(next, &[What::Dropped { last: first.n - 1, cut: first.prev }])?;
    for segment in &all[..keep] {
        std::fs::remove_file(&segment.path).map_err(|error| from_std(&error))?;
    }
    Ok(())
}

/// Appends in one write, so that a kill leaves all or nothing of it; a full disk can still cut it.
fn write(open: &mut Open, whats: &[What]) -> Result<u64, String> {
    let at_ms = u64::try_from(wall_ns() / 1_000_000).unwrap_or(0);
    let mut head = open.head.clone();
    let mut text = String::new();
    if !open.torn.is_empty() {
        let (bytes, cut) = (open.torn.len() as u64, hash_of(&open.torn));
        let (torn, next) = line(&head, at_ms, &What::Torn { bytes, cut })?;
        text.push('\n');
        text.push_str(&torn);
        head = next;
    }
    for what in whats {
        let (next_line, next) = line(&head, at_ms, what)?;
        text.push_str(&next_line);
        head = next;
    }
    let count = loop {
        match rustix::io::write(&open.fd, text.as_bytes()) {
            Err(Errno::INTR) => {}
            result => break result.map_err(words)?,
        }
    };
    if count < text.len() {
        return Err("disk full".into());
    }
    open.size += text.len() as u64;
    open.torn.clear();
    open.head = head;
    Ok(open.head.count)
}

/// The lock of the folder while it is held.
struct Held<'a>(&'a OwnedFd);

impl<'a> Held<'a> {
    fn take(file: &'a OwnedFd) -> Result<Self, String> {
        for _ in 0..LOCK_TRIES {
            match flock(file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self(file)),
                Err(Errno::WOULDBLOCK | Errno::INTR) => std::thread::sleep(LOCK_PAUSE),
                Err(errno) => return Err(words(errno)),
            }
        }
        Err("another process holds the audit log".into())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // It can only fail for a descriptor that is none; closing it would give the lock up too.
        let _ = flock(self.0, FlockOperation::Unlock);
    }
}

/// A chain that no longer holds what was written is not gone on with: nobody would see the break.
fn cut(known: &Head, last: u64) -> String {
    format!(
        "the log was changed by somebody else: record {} is gone, it ends at {last}",
        known.count
    )
}

fn lock_file(folder: &Path, name: &str) -> Result<OwnedFd, String> {
    let flags = OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(CWD, folder.join(name), flags, Mode::RUSR | Mode::WUSR).map_err(words)
}

fn from_std(error: &std::io::Error) -> String {
    Errno::from_io_error(error).map_or_else(|| error.to_string(), words)
}

/// Why the disk refused, in a person's words where the reason has some.
fn words(errno: Errno) -> String {
    match errno {
        Errno::NOSPC => "disk full".into(),
        Errno::DQUOT => "disk quota used up".into(),
        Errno::ROFS => "disk is read-only".into(),
        Errno::ACCESS | Errno::PERM => "the audit folder may not be written".into(),
        other => other.to_string(),
    }
}
