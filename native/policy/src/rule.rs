//! What a rule is made of.

use crate::component::Component;
use crate::error::PatternError;
use crate::pattern::{Hit, Pattern};
use crate::places::Places;
use std::fmt;

/// What is done with a file. Metadata and names count as reading, removing as writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Its contents, its metadata, the names in a folder.
    Read,
    /// Changing, creating, renaming, removing.
    Write,
}

/// The operations a rule closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ops {
    /// Reading only.
    Read,
    /// Writing only: what is there may be read.
    Write,
    /// Both.
    All,
}

impl Ops {
    pub(crate) const fn has(self, op: Op) -> bool {
        matches!((self, op), (Self::All, _) | (Self::Read, Op::Read) | (Self::Write, Op::Write))
    }
}

/// How firmly a rule closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The person alone may open one file for ten minutes.
    Guarded,
    /// Nothing lifts it.
    Fixed,
}

/// Who wrote a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Part of Bulkhead.
    BuiltIn,
    /// The person's `policy.json`.
    User,
    /// A policy file of the workspace.
    Workspace,
}

/// Whom a rule concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, the person too.
    Everyone,
    /// The agent and MCP servers.
    Programs,
}

macro_rules! words {
    ($type:ty, $($variant:ident = $word:literal),+) => {
        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(match self { $(Self::$variant => $word),+ })
            }
        }
    };
}
words!(Op, Read = "read", Write = "write");
words!(Level, Guarded = "guarded", Fixed = "fixed");
words!(Source, BuiltIn = "built-in", User = "user", Workspace = "workspace");

/// A rule before its patterns are read.
#[derive(Clone, Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) id: String,
    pub(crate) why: String,
    pub(crate) source: Source,
    pub(crate) level: Level,
    pub(crate) audience: Audience,
    pub(crate) ops: Ops,
    pub(crate) deny: Vec<&'a str>,
    pub(crate) except: Vec<&'a str>,
}

/// A rule in force.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// `built-in/dotenv`: source and name.
    pub(crate) id: String,
    /// What it protects, for a person.
    pub(crate) why: String,
    pub(crate) source: Source,
    pub(crate) level: Level,
    pub(crate) audience: Audience,
    pub(crate) ops: Ops,
    pub(crate) deny: Vec<Pattern>,
    pub(crate) except: Vec<Pattern>,
}

impl Rule {
    pub(crate) fn new(draft: Draft<'_>, places: &Places) -> Result<Self, PatternError> {
        let read = |texts: &[&str]| -> Result<Vec<Pattern>, PatternError> {
            let mut patterns = Vec::new();
            for text in texts {
                patterns.extend(Pattern::parse(text, places)?);
            }
            Ok(patterns)
        };
        Ok(Self {
            id: format!("{}/{}", draft.source, draft.id),
            deny: read(&draft.deny)?,
            except: read(&draft.except)?,
            why: draft.why,
            source: draft.source,
            level: draft.level,
            audience: draft.audience,
            ops: draft.ops,
        })
    }

    /// Whether moving `path` would carry something it closes to another name.
    pub(crate) fn is_beneath(&self, path: &[Component]) -> bool {
        self.deny.iter().any(|pattern| pattern.is_beneath(path))
    }

    /// Whether pattern number `pattern_no` closes `path`: every place it fits is looked at, for an
    /// exception frees only what it names.
    pub(crate) fn closes_by(&self, pattern_no: usize, path: &[Component]) -> bool {
        let Some(pattern) = self.deny.get(pattern_no) else { return false };
        let mut from = 0;
        while let Some(Hit { names }) = pattern.hit_from(path, from) {
            let named = &path[..names];
            if !self.except.iter().any(|except| except.excepts(named, names)) {
                return true;
            }
            from = names;
        }
        false
    }
}
