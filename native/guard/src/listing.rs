//! What is in a folder.

use crate::error::GuardError;
use crate::gate::{Asker, Guard};
use crate::ignores::Ignores;
use crate::pool::Cancel;
use crate::reply::Reply;
use crate::sys;
use bulkhead_policy::Op;
use rustix::fs::{FileType, OFlags, RawDir};
use rustix::io::Errno;
use serde::Serialize;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

/// Most entries of one listing.
pub(crate) const ENTRIES_MAX: usize = 200_000;
const BUFFER_BYTES: usize = 32 * 1024;

/// One name of a folder as a person sees it. An agent or a server is not shown closed names.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified_ms: Option<i64>,
    /// Id of the rule that closes it; then nothing else of it is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    denied: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    liftable: bool,
    /// Whether git leaves it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ignored: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    /// Real path of the folder.
    path: String,
    entries: Vec<Entry>,
    /// Whether there are more than the bound.
    is_cut: bool,
}

impl Guard {
    /// Lists a folder. The reply's bytes are the names, each ended by a zero byte, in the order of
    /// the entries.
    pub(crate) fn list(
        &self,
        path: &[u8],
        asker: &Asker,
        cancel: &Cancel,
    ) -> Result<Reply, GuardError> {
        let found = self.resolve(Op::Read, path, asker)?;
        if !found.facts.is_folder() {
            return Err(GuardError::NotAFolder);
        }
        let folder = sys::reopen(&found.fd, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let names = names_in(&folder, ENTRIES_MAX + 1)?;
        let mut listing = Listing {
            path: text(&found.path),
            entries: Vec::new(),
            is_cut: names.len() > ENTRIES_MAX,
        };
        let (ignores, is_left_out) = Ignores::down_to(self, &found.path, asker, cancel);
        let mut bytes = Vec::new();
        for (name, _) in names.into_iter().take(ENTRIES_MAX) {
            cancel.check()?;
            if let Some(mut entry) = self.entry(&folder, (&found.path, &name), asker)? {
                let path = sys::join(&found.path, &name);
                entry.ignored = is_left_out || ignores.leaves_out(&path, entry.kind == "folder");
                bytes.extend_from_slice(&name);
                bytes.push(0);
                listing.entries.push(entry);
            }
        }
        Ok(Reply::with_bytes(&listing, bytes)?.at(&found.path))
    }

    /// `None` for what this asker is not to know of.
    fn entry(
        &self,
        folder: &OwnedFd,
        (above, name): (&[u8], &[u8]),
        asker: &Asker,
    ) -> Result<Option<Entry>, GuardError> {
        let path = sys::join(above, name);
        if let Err(error) = self.decide(Op::Read, &path, asker) {
            return locked(error, asker);
        }
        let Ok(fd) = sys::look_at_name(folder, name) else { return Ok(None) };
        let facts = sys::facts(&fd)?;
        if let Err(error) = self.judge_facts((Op::Read, &path), &facts, asker) {
            return locked(error, asker);
        }
        Ok(Some(Entry {
            kind: kind(facts.kind()),
            size: Some(facts.size),
            modified_ms: Some(facts.modified_ns / 1_000_000),
            denied: None,
            liftable: false,
            ignored: false,
        }))
    }
}

fn locked(error: GuardError, asker: &Asker) -> Result<Option<Entry>, GuardError> {
    let GuardError::Denied(denied) = error else { return Err(error) };
    if asker.principal.is_program() {
        return Ok(None);
    }
    Ok(Some(Entry {
        kind: "closed",
        size: None,
        modified_ms: None,
        denied: Some(denied.rule),
        liftable: denied.liftable,
        ignored: false,
    }))
}

/// Names in an open folder without `.` and `..`, at most `max`, and whether each may be a folder.
pub(crate) fn names_in(folder: impl AsFd, max: usize) -> Result<Vec<(Vec<u8>, bool)>, Errno> {
    let mut buffer = [const { MaybeUninit::uninit() }; BUFFER_BYTES];
    let mut entries = RawDir::new(folder, &mut buffer);
    let mut names = Vec::new();
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let kind = entry.file_type();
        let may_be_folder = matches!(kind, FileType::Directory | FileType::Unknown);
        names.push((name.to_vec(), may_be_folder));
        if names.len() >= max {
            break;
        }
    }
    Ok(names)
}

pub(crate) fn kind(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "file",
        FileType::Directory => "folder",
        FileType::Symlink => "link",
        _ => "other",
    }
}

pub(crate) fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
