//! What a request can fail with. Codes are stable, texts are not.

use bulkhead_policy::{Denial, Op, PolicyError};
use rustix::io::Errno;
use serde::Serialize;
use std::fmt;

/// A failed request.
#[derive(Debug)]
pub enum GuardError {
    /// A rule closes it. The only answer for a closed path, there or not.
    Denied(Box<Denied>),
    /// Nothing is there.
    NotFound,
    /// A pipe, device, socket or folder where a regular file is wanted.
    NotAFile,
    /// Something else where a folder is wanted.
    NotAFolder,
    /// Something has the name already.
    Exists,
    /// Not what the caller last saw.
    Changed,
    /// A save would cut the file from its other names.
    HardLinked(u32),
    /// A limit: what, its value and its bound.
    TooLarge(&'static str, u64, u64),
    /// A request that makes no sense, with the reason.
    Invalid(String),
    /// The caller gave up.
    Cancelled,
    /// Too many requests wait.
    Busy,
    /// No trash can be had on that device.
    NoTrash,
    /// The guard does not serve, with the reason.
    NotServing(String),
    /// It cannot be recorded, with the reason: a program is refused then.
    NotAudited(String),
    /// A policy file that cannot be used.
    Policy(PolicyError),
    /// The system refused.
    System(Errno),
}

/// Everything a denial names.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Denied {
    /// `built-in/dotenv`.
    pub rule: String,
    /// built-in, user or workspace.
    pub source: String,
    /// fixed or guarded.
    pub level: String,
    /// Whether the one who asked could be granted it.
    pub liftable: bool,
    /// What the rule protects.
    pub why: String,
    /// The path that is closed, resolved as far as it was looked at; bytes that are no text replaced.
    pub path: String,
    /// read or write.
    pub op: String,
    /// The actor that asked.
    pub actor: String,
    /// On whose behalf.
    pub principal: String,
}

impl Denied {
    pub(crate) fn new(denial: Denial, op: Op, path: &[u8], asker: (&str, String)) -> Self {
        Self {
            rule: denial.rule,
            source: denial.source.to_string(),
            level: denial.level.to_string(),
            liftable: denial.liftable,
            why: denial.why,
            path: String::from_utf8_lossy(path).into_owned(),
            op: op.to_string(),
            actor: asker.0.to_owned(),
            principal: asker.1,
        }
    }
}

impl GuardError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied(_) => "file-guard/denied",
            Self::NotFound => "file-guard/not-found",
            Self::NotAFile => "file-guard/not-a-file",
            Self::NotAFolder => "file-guard/not-a-folder",
            Self::Exists => "file-guard/exists",
            Self::Changed => "file-guard/changed",
            Self::HardLinked(_) => "file-guard/hard-linked",
            Self::TooLarge(..) => "file-guard/too-large",
            Self::Invalid(_) => "file-guard/invalid",
            Self::Cancelled => "file-guard/cancelled",
            Self::Busy => "file-guard/busy",
            Self::NoTrash => "file-guard/no-trash",
            Self::NotServing(_) => "file-guard/not-serving",
            Self::NotAudited(_) => "file-guard/not-audited",
            Self::Policy(_) => "file-guard/policy",
            Self::System(Errno::ACCESS | Errno::PERM | Errno::ROFS) => "file-guard/no-access",
            Self::System(_) => "file-guard/system",
        }
    }
}

impl From<Errno> for GuardError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT | Errno::NOTDIR => Self::NotFound,
            Errno::EXIST => Self::Exists,
            Errno::NAMETOOLONG => Self::Invalid("a name of the path is too long".into()),
            Errno::LOOP => Self::Invalid("too many symlinks".into()),
            other => Self::System(other),
        }
    }
}

impl fmt::Display for GuardError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(denied) => {
                let Denied { op, path, rule, .. } = &**denied;
                write!(out, "Denied: {op} {path} - rule {rule}")
            }
            Self::NotFound => out.write_str("There is no such file or folder"),
            Self::NotAFile => out.write_str("This is no regular file"),
            Self::NotAFolder => out.write_str("This is no folder"),
            Self::Exists => out.write_str("Something has this name already"),
            Self::Changed => out.write_str("The file has changed since it was read"),
            Self::HardLinked(links) => {
                write!(out, "The file has {links} names (hard links); saving would split them")
            }
            Self::TooLarge(what, value, max) => {
                write!(out, "{what} is {value}, at most {max} may be")
            }
            Self::Invalid(reason) => out.write_str(reason),
            Self::Cancelled => out.write_str("The request was cancelled"),
            Self::Busy => out.write_str("Too many file requests wait already"),
            Self::NoTrash => out.write_str("There is no trash on this device"),
            Self::NotServing(reason) => write!(out, "The file guard does not serve: {reason}"),
            Self::NotAudited(reason) => write!(
                out,
                "The audit log cannot be written ({reason}), so the agent and servers may do nothing"
            ),
            Self::Policy(error) => error.fmt(out),
            Self::System(errno) => write!(out, "The system refused: {errno}"),
        }
    }
}

impl std::error::Error for GuardError {}
