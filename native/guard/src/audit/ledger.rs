//! Which requests are recorded, and how: what a program asks for before and after it is done, a grant of the person
//! when it was given.

use super::record::{Act, Decision, What, field};
use crate::error::GuardError;
use crate::gate::{Asker, Guard};
use crate::reply::Reply;
use crate::request::{Payload, Request};
use bulkhead_policy::Principal;
use serde::{Deserialize, Serialize};

/// `op` of a program that the runner starts.
pub(super) const COMMAND: &str = "command";

/// What the runner says of a program. The principal of the request is the program's.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommandNote {
    /// Before it is started, after it has ended, or when a rule closed a file to it.
    pub stage: CommandStage,
    /// The number of the intent.
    #[serde(default)]
    pub of: u64,
    /// Its words.
    pub command: String,
    /// How it ended.
    #[serde(default)]
    pub says: String,
    /// What was refused: `program-read` or `program-write`.
    #[serde(default)]
    pub op: String,
    /// The rule that refused.
    #[serde(default)]
    pub rule: String,
}

/// When the runner says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommandStage {
    /// It is about to be started.
    Intent,
    /// It has ended, or could not be started.
    Outcome,
    /// A file was closed to it.
    Refused,
}

#[derive(Serialize)]
struct Noted {
    number: u64,
}

impl Guard {
    /// Does `work` between its two records. For programs no record means no work.
    pub(crate) fn recorded(
        &self,
        (op, payload): (&str, &Payload),
        asker: &Asker,
        work: impl FnOnce() -> Result<Reply, GuardError>,
    ) -> Result<Reply, GuardError> {
        if !self.audit.is_kept() {
            return work();
        }
        let mut act = self.act(op, payload, asker);
        let of = if asker.principal.is_program() {
            self.audit.append(&What::Intent(act.clone())).map_err(GuardError::NotAudited)?
        } else {
            0
        };
        let result = work();
        let (decision, rule, says) = match &result {
            Ok(reply) => {
                if let Some(real) = &reply.real {
                    act.path.clone_from(real);
                }
                (Decision::Allowed, String::new(), String::new())
            }
            Err(GuardError::Denied(denied)) => {
                act.path.clone_from(&denied.path);
                (Decision::Denied, denied.rule.clone(), String::new())
            }
            Err(error) => (Decision::Failed, String::new(), error.code().to_owned()),
        };
        self.audit.append_or_miss(&What::Outcome { of, act, decision, rule, says });
        result
    }

    /// Records what the runner says of a program.
    pub(crate) fn note_command(
        &self,
        note: &CommandNote,
        cwd: &[u8],
        asker: &Asker,
    ) -> Result<Reply, GuardError> {
        let mut act =
            self.act(COMMAND, &Payload { path: cwd.to_vec(), ..Payload::default() }, asker);
        act.command = Some(field(note.command.as_bytes()));
        let what = match note.stage {
            CommandStage::Intent => What::Intent(act),
            CommandStage::Outcome => {
                let (decision, rule, says) = (Decision::Allowed, String::new(), note.says.clone());
                What::Outcome { of: note.of, act, decision, rule, says }
            }
            CommandStage::Refused => {
                act.op.clone_from(&note.op);
                let (decision, rule, says) = (Decision::Denied, note.rule.clone(), String::new());
                What::Outcome { of: 0, act, decision, rule, says }
            }
        };
        let number = self.audit.append(&what).map_err(GuardError::NotAudited)?;
        Reply::new(&Noted { number })
    }

    fn act(&self, op: &str, payload: &Payload, asker: &Asker) -> Act {
        let place = |path: &[u8]| field(&self.absolute(path).unwrap_or_else(|_| path.to_vec()));
        Act {
            actor: field(asker.actor.as_bytes()),
            principal: field(asker.principal.to_string().as_bytes()),
            op: op.to_owned(),
            path: place(&payload.path),
            to: (!payload.to.is_empty()).then(|| place(&payload.to)),
            command: None,
        }
    }
}

impl Request {
    /// How the log calls it; `None` for what is not recorded: a part of something that was, or a question of the
    /// person's.
    pub(crate) fn recorded_as(&self, principal: &Principal) -> Option<&'static str> {
        let op = match self {
            Self::Grant {} => return Some("grant"),
            Self::TakeBack {} => return Some("take-back"),
            Self::Stat {} => "stat",
            Self::List {} => "list",
            Self::Open {} | Self::ReadRange { .. } | Self::ReadWhole { .. } => "read",
            Self::Save { .. } => "save",
            Self::CreateFile { .. } => "create-file",
            Self::CreateFolder {} => "create-folder",
            Self::Rename {} => "rename",
            Self::Link {} => "link",
            Self::Trash {} => "trash",
            Self::Restore { .. } => "restore",
            Self::Find { .. } => "find",
            Self::Search { .. } => "search",
            Self::Check { .. } => "check",
            Self::Read { .. }
            | Self::Close { .. }
            | Self::CloseAll {}
            | Self::Audit { .. }
            | Self::SyncAudit {}
            | Self::HandOver {}
            | Self::TakeOver { .. }
            | Self::NoteCommand { .. } => return None,
        };
        principal.is_program().then_some(op)
    }
}
