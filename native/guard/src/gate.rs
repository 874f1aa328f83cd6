//! The choke point's judgement: policy, grants, scope, hard links. Every operation passes here with a
//! descriptor in hand; nothing is ever decided on a name alone that is then opened again.

use crate::audit::{Audit, SEGMENT_BYTES};
use crate::clock::Clock;
use crate::error::{Denied, GuardError};
use crate::handles::Handles;
use crate::links::LinkIndex;
use crate::outside::Outside;
use crate::sys::{self, Facts};
use crate::trash::Trashed;
use bulkhead_policy::{Decision, Denial, Grants, Level, Op, Policy, Principal, Source};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// Who asks: stamped by the hub, handed in with every request.
#[derive(Clone, Debug)]
pub struct Asker {
    /// On whose behalf.
    pub principal: Principal,
    /// The actor or window the request came from.
    pub actor: String,
}

/// A folder that may be served, by its real path.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) path: Vec<u8>,
    /// As it was named.
    given: Vec<u8>,
    pub(crate) mount: u64,
}

/// Everything one guard knows. Shared by its worker threads.
#[derive(Debug)]
pub struct Guard {
    pub(crate) policy: RwLock<Arc<Policy>>,
    pub(crate) grants: Mutex<Grants>,
    pub(crate) roots: Vec<Root>,
    pub(crate) outside: Vec<Outside>,
    pub(crate) links: Mutex<LinkIndex>,
    pub(crate) handles: Mutex<Handles>,
    pub(crate) trashed: Mutex<Trashed>,
    pub(crate) clock: Clock,
    pub(crate) audit: Audit,
}

impl Guard {
    /// A guard that serves these folders, the first of which relative paths begin at.
    ///
    /// # Errors
    /// When a folder is not there, is no folder or is itself closed.
    pub fn new(policy: Policy, folders: &[Vec<u8>], clock: Clock) -> Result<Self, GuardError> {
        let mut roots = Vec::new();
        for folder in folders {
            let real = std::fs::canonicalize(as_path(folder)).map_err(from_std)?;
            let path = std::os::unix::ffi::OsStringExt::into_vec(real.into_os_string());
            let facts = sys::facts(sys::look_at(&path)?)?;
            if !facts.is_folder() {
                return Err(GuardError::NotAFolder);
            }
            roots.push(Root { path, given: folder.clone(), mount: facts.mount });
        }
        if roots.is_empty() {
            return Err(GuardError::Invalid("a guard needs a folder to serve".into()));
        }
        Ok(Self {
            policy: RwLock::new(Arc::new(policy)),
            grants: Mutex::default(),
            roots,
            outside: Vec::new(),
            links: Mutex::default(),
            handles: Mutex::default(),
            trashed: Mutex::default(),
            clock,
            audit: Audit::none(),
        })
    }

    /// Records from now on in `folder`, which is made when it is not there. A folder that cannot be used closes this
    /// guard to programs until it can.
    #[must_use]
    pub fn with_audit(self, folder: &[u8]) -> Self {
        Self { audit: Audit::open(folder, SEGMENT_BYTES), ..self }
    }

    /// Puts other rules in force. Grants stay; each is judged by the new rules.
    pub fn set_policy(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
        // What the index holds was found with the old rules.
        *lock(&self.links) = LinkIndex::default();
    }

    pub(crate) fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// An absolute path: a relative one begins at the first folder.
    pub(crate) fn absolute(&self, path: &[u8]) -> Result<Vec<u8>, GuardError> {
        if path.contains(&0) {
            return Err(GuardError::Invalid("the path has a zero byte in it".into()));
        }
        if path.len() > 4096 {
            return Err(GuardError::TooLarge(
                "the path's length in bytes",
                path.len() as u64,
                4096,
            ));
        }
        if path.first() != Some(&b'/') {
            return Ok(sys::join(&self.roots[0].path, path));
        }
        let named = self.roots.iter().find(|root| is_beneath(path, &root.given));
        Ok(match named {
            Some(root) => [root.path.as_slice(), &path[root.given.len()..]].concat(),
            None => path.to_vec(),
        })
    }

    /// Whether `asker` may do `op` on what is, or would be, at the real path `path`.
    pub(crate) fn decide(&self, op: Op, path: &[u8], asker: &Asker) -> Result<(), GuardError> {
        let now_ms = self.clock.now_ms();
        let policy = self.policy();
        let decision = lock(&self.grants).decide(&policy, (op, path), &asker.principal, now_ms);
        match decision {
            Decision::Deny(denial) => Err(self.denied(denial, op, path, asker)),
            Decision::Allow if self.is_served(path) || self.is_opened(op, path, asker) => Ok(()),
            Decision::Allow => Err(self.denied(outside(), op, path, asker)),
        }
    }

    /// Whether the walk to a file may pass the folder, or read the symlink, at `path`.
    pub(crate) fn decide_passing(&self, path: &[u8], asker: &Asker) -> Result<(), GuardError> {
        if self.roots.iter().any(|root| is_beneath(&root.path, path)) {
            return match self.policy().decide(Op::Read, path, &asker.principal) {
                Decision::Allow => Ok(()),
                Decision::Deny(denial) => Err(self.denied(denial, Op::Read, path, asker)),
            };
        }
        self.decide(Op::Read, path, asker)
    }

    /// Whether the name `path` may come or go, for what rules say of names beneath it.
    pub(crate) fn decide_move(&self, path: &[u8], asker: &Asker) -> Result<(), GuardError> {
        if self.roots.iter().any(|root| is_beneath(&root.path, path)) {
            return Err(self.denied(outside(), Op::Write, path, asker));
        }
        match self.policy().decide_move(path, &asker.principal) {
            Decision::Allow => Ok(()),
            Decision::Deny(denial) => Err(self.denied(denial, Op::Write, path, asker)),
        }
    }

    /// Judges what a descriptor refers to, once its path is allowed: a second name or a second mount
    /// must not open what another name closes.
    pub(crate) fn judge_facts(
        &self,
        (op, path): (Op, &[u8]),
        facts: &Facts,
        asker: &Asker,
    ) -> Result<(), GuardError> {
        let is_elsewhere = !self.roots.iter().any(|root| root.mount == facts.mount)
            && !self.is_on_opened_mount(facts.mount);
        let has_other_names = facts.links > 1 && !facts.is_folder();
        let is_lifted = || !self.policy().decide(op, path, &asker.principal).is_allowed();
        // A file that is closed by its own name and was granted by it has no other secret to keep.
        if !(is_elsewhere || has_other_names) || is_lifted() {
            return Ok(());
        }
        let mut identities = vec![(facts.identity, facts.changed_ns)];
        if is_elsewhere {
            identities.extend(self.folders_above(path)?);
        }
        if LinkIndex::is_closed(self, &identities)? {
            return Err(self.denied(hard_link(), op, path, asker));
        }
        Ok(())
    }

    /// Identities of the folders from the served folder down to `path`; a folder's change time says
    /// nothing of its names, so it counts as old.
    fn folders_above(&self, path: &[u8]) -> Result<Vec<(sys::Identity, i64)>, GuardError> {
        let top = self
            .roots
            .iter()
            .filter(|root| is_beneath(path, &root.path))
            .map(|root| root.path.len());
        let top = top.max().unwrap_or(0);
        let ends = path.iter().enumerate().skip(top + 1).filter(|(_, byte)| **byte == b'/');
        let mut found = Vec::new();
        for (end, _) in ends {
            let folder = sys::look_at(&path[..end])?;
            found.push((sys::facts(folder)?.identity, i64::MIN));
        }
        Ok(found)
    }

    fn is_served(&self, path: &[u8]) -> bool {
        self.roots.iter().any(|root| is_beneath(path, &root.path))
    }

    pub(crate) fn denied(&self, denial: Denial, op: Op, path: &[u8], asker: &Asker) -> GuardError {
        let who = (asker.actor.as_str(), asker.principal.to_string());
        GuardError::Denied(Box::new(Denied::new(denial, op, path, who)))
    }
}

/// Whether `path` is `folder` or lies beneath it, name by name.
pub(crate) fn is_beneath(path: &[u8], folder: &[u8]) -> bool {
    let Some(rest) = path.strip_prefix(folder) else { return false };
    rest.is_empty() || rest[0] == b'/' || folder.ends_with(b"/")
}

/// A lock whose holder panicked still guards whole values: each change here is a single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn as_path(bytes: &[u8]) -> &std::path::Path {
    std::path::Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
}

pub(crate) fn from_std(error: std::io::Error) -> GuardError {
    rustix::io::Errno::from_io_error(&error)
        .map_or_else(|| GuardError::Invalid(error.to_string()), GuardError::from)
}

fn outside() -> Denial {
    built_in("outside-workspace", Level::Guarded, "files outside the workspace")
}

fn hard_link() -> Denial {
    built_in(
        "hard-link",
        Level::Fixed,
        "another name or mount of a closed file, or of one not yet looked for",
    )
}

fn built_in(id: &str, level: Level, why: &str) -> Denial {
    Denial {
        rule: format!("{}/{id}", Source::BuiltIn),
        source: Source::BuiltIn,
        level,
        liftable: false,
        why: why.to_owned(),
    }
}
