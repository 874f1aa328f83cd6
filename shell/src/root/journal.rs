//! `S/root.log`: what the root did and what its children said on stderr. At most two files of 4 MiB.
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::clock;

const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The log. A full disk costs lines, never the root.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
    /// In the foreground lines go to stderr as well.
    echo: bool,
}

/// Whether lines are also shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Echo {
    Stderr,
    Nowhere,
}

impl Journal {
    /// Opens the log of this state dir, with mode 0600.
    pub(crate) fn open(state_dir: &Path, echo: Echo) -> Self {
        let path = state_dir.join("root.log");
        let file = append(&path);
        let bytes = file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |at| at.len());
        Self { path, file, bytes, echo: echo == Echo::Stderr }
    }

    /// Writes a line of `source`.
    pub(crate) fn line(&mut self, source: &str, text: &str) {
        if self.echo {
            drop(writeln!(std::io::stderr().lock(), "bulkhead: {source}: {text}"));
        }
        if self.bytes > FILE_BYTES_MAX {
            drop(std::fs::rename(&self.path, self.path.with_extension("log.1")));
            self.file = append(&self.path);
            self.bytes = 0;
        }
        let line = format!("{} {source} {text}\n", clock::stamp());
        if let Some(file) = &mut self.file
            && file.write_all(line.as_bytes()).is_ok()
        {
            self.bytes += line.len() as u64;
        }
    }
}

fn append(path: &Path) -> Option<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).ok()
}
