//! The operations as data: what crosses from JavaScript, and the one place that serves it.

use crate::audit::{CommandNote, PageOptions, Told};
use crate::error::GuardError;
use crate::find::FindOptions;
use crate::gate::{Asker, Guard, lock};
use crate::handover::Handover;
use crate::reply::Reply;
use crate::save::SaveOptions;
use crate::search::SearchOptions;
use crate::task::Task;
use bulkhead_policy::{Op, Principal};
use serde::{Deserialize, Serialize};

/// One operation. Paths and contents travel beside it as bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    tag = "op",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Request {
    /// Facts of a file or folder.
    Stat {},
    /// Names in a folder.
    List {},
    /// Opens a file for `read`.
    Open {},
    /// A range of an open file.
    Read {
        /// From `open`.
        handle: u32,
        /// First byte.
        offset: u64,
        /// Most bytes.
        length: u64,
    },
    /// Closes an open file.
    Close {
        /// From `open`.
        handle: u32,
    },
    /// Closes all files of the asking actor.
    CloseAll {},
    /// A range of a file that is not kept open.
    ReadRange {
        /// First byte.
        offset: u64,
        /// Most bytes.
        length: u64,
    },
    /// A whole file.
    ReadWhole {
        /// Most bytes.
        max: u64,
    },
    /// Replaces a file's contents.
    Save {
        /// The stamp the caller last saw.
        #[serde(default)]
        expect: Option<String>,
        /// Whether a new file may be made.
        #[serde(default)]
        may_create: bool,
    },
    /// Makes a file.
    CreateFile {
        /// Its permission bits; without, those that a new file gets.
        #[serde(default)]
        mode: Option<u32>,
    },
    /// Makes a folder.
    CreateFolder {},
    /// Renames; the second path is the new name.
    Rename {},
    /// Makes a hard link; the second path is the new name.
    Link {},
    /// Moves to the trash.
    Trash {},
    /// Takes a `trash` back.
    Restore {
        /// From `trash`.
        id: u32,
    },
    /// Names of files below a folder, in parts.
    Find {
        /// Which.
        #[serde(default)]
        options: FindOptions,
    },
    /// Lines in files below a folder, in parts.
    Search {
        /// What for.
        options: SearchOptions,
    },
    /// Explains what would be decided.
    Check {
        /// Whether for writing.
        write: bool,
    },
    /// Opens a guarded file to the person for ten minutes.
    Grant {},
    /// Takes that back.
    TakeBack {},
    /// A page of the audit log.
    Audit {
        /// Which.
        #[serde(default)]
        options: PageOptions,
    },
    /// Brings the audit log to the disk; says where its chain stands.
    SyncAudit {},
    /// What a guard that takes over has to know.
    HandOver {},
    /// Takes over from another guard.
    TakeOver {
        /// From `hand-over`.
        from: Handover,
    },
    /// Records a program of the runner.
    NoteCommand {
        /// What of it.
        note: CommandNote,
    },
}

/// A request's paths and contents.
#[derive(Clone, Debug, Default)]
pub struct Payload {
    /// The path, or the old name.
    pub path: Vec<u8>,
    /// The new name.
    pub to: Vec<u8>,
    /// Contents to write.
    pub bytes: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    is_allowed: bool,
    path: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Granted {
    until_ms: u64,
    path: String,
}

impl Guard {
    /// Serves one request. Every operation there is passes here, and is recorded here.
    ///
    /// # Errors
    /// See [`GuardError`].
    pub fn serve(
        &self,
        request: &Request,
        payload: &Payload,
        asker: &Asker,
        task: &Task,
    ) -> Result<Reply, GuardError> {
        match request.recorded_as(&asker.principal) {
            None => self.work(request, payload, asker, task),
            Some(op) => {
                let work = || self.work(request, payload, asker, task);
                self.recorded((op, payload), asker, work)
            }
        }
    }

    fn work(
        &self,
        request: &Request,
        payload: &Payload,
        asker: &Asker,
        task: &Task,
    ) -> Result<Reply, GuardError> {
        let Payload { path, to, bytes } = payload;
        let cancel = &task.cancel;
        match request {
            Request::Stat {} => self.stat(path, asker),
            Request::List {} => self.list(path, asker, cancel),
            Request::Open {} => self.open(path, asker),
            Request::Read { handle, offset, length } => {
                self.read(*handle, (*offset, *length), asker, cancel)
            }
            Request::Close { handle } => {
                self.close(*handle, asker);
                Ok(Reply::nothing())
            }
            Request::CloseAll {} => {
                self.close_all(&asker.actor);
                Ok(Reply::nothing())
            }
            Request::ReadRange { offset, length } => {
                self.read_part(path, (*offset, *length), asker, cancel)
            }
            Request::ReadWhole { max } => self.read_whole(path, *max, asker, cancel),
            Request::Save { expect, may_create } => {
                let options = SaveOptions { expect: expect.clone(), may_create: *may_create };
                self.save(path, (bytes, &options), asker, cancel)
            }
            Request::CreateFile { mode } => self.create_file(path, (bytes, *mode), asker, cancel),
            Request::CreateFolder {} => self.create_folder(path, asker),
            Request::Rename {} => self.rename(path, to, asker),
            Request::Link {} => self.link(path, to, asker),
            Request::Trash {} => self.trash(path, asker),
            Request::Restore { id } => self.restore(*id, asker),
            Request::Find { options } => self.find(path, options, asker, task),
            Request::Search { options } => self.search(path, options, asker, task),
            Request::Check { write } => self.check(path, *write, asker),
            Request::Grant {} => self.grant(path, asker),
            Request::TakeBack {} => {
                let path = self.absolute(path)?;
                lock(&self.grants).take_back(&path);
                Ok(Reply::nothing())
            }
            Request::Audit { options } => self.audit_page(options, asker),
            Request::SyncAudit {} => Reply::new(&Told::new(self.audit.sync())),
            Request::HandOver {} => self.hand_over(),
            Request::TakeOver { from } => Ok(self.take_over(from)),
            Request::NoteCommand { note } => self.note_command(note, path, asker),
        }
    }

    fn audit_page(&self, options: &PageOptions, asker: &Asker) -> Result<Reply, GuardError> {
        if asker.principal != Principal::Person {
            return Err(GuardError::Invalid("only the person can read the audit log".into()));
        }
        Reply::new(&self.audit.page(options).map_err(GuardError::NotServing)?)
    }

    /// Judges without opening. A path that is not there is judged by its name.
    fn check(&self, path: &[u8], is_write: bool, asker: &Asker) -> Result<Reply, GuardError> {
        let op = if is_write { Op::Write } else { Op::Read };
        let real = match self.resolve(op, path, asker) {
            Ok(found) => found.path,
            Err(GuardError::NotFound) => self.absolute(path)?,
            Err(error) => return Err(error),
        };
        Ok(Reply::new(&Checked { is_allowed: true, path: crate::listing::text(&real) })?.at(&real))
    }

    /// Grants by the real path of what is there, so a symlink cannot be turned elsewhere afterwards.
    fn grant(&self, path: &[u8], asker: &Asker) -> Result<Reply, GuardError> {
        if asker.principal != Principal::Person {
            return Err(GuardError::Invalid("only the person can open a guarded file".into()));
        }
        let real = match self.resolve(Op::Read, path, asker) {
            Err(GuardError::Denied(denied)) => denied.path.into_bytes(),
            Ok(found) => found.path,
            Err(error) => return Err(error),
        };
        let now_ms = self.clock.now_ms();
        let until_ms = lock(&self.grants)
            .give(&self.policy(), &real, &asker.principal, now_ms)
            .map_err(|error| GuardError::Invalid(error.to_string()))?;
        let path = crate::listing::text(&real);
        Ok(Reply::new(&Granted { until_ms: until_ms - now_ms, path })?.at(&real))
    }
}
