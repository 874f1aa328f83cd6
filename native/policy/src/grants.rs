//! Guarded files a person has opened for a while.

use crate::component::components;
use crate::policy::{Decision, Policy};
use crate::principal::Principal;
use crate::rule::{Level, Op};
use std::fmt;

/// How long a grant holds, milliseconds.
pub const GRANT_MS: u64 = 10 * 60 * 1000;
/// Most grants at a time; a further one is refused, not put in the place of another.
pub const GRANTS_MAX: usize = 64;

/// The grants of one guard. They end with its process.
#[derive(Debug, Default)]
pub struct Grants {
    live: Vec<Grant>,
}

#[derive(Debug)]
struct Grant {
    path: Vec<Vec<u8>>,
    until_ms: u64,
}

/// Why a grant was not given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantError {
    /// Only the person can open a guarded file.
    NotThePerson,
    /// No rule closes it.
    NotNeeded,
    /// A fixed rule closes it; this is its id.
    Fixed(String),
    /// [`GRANTS_MAX`] are in force.
    Full,
}

impl fmt::Display for GrantError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThePerson => out.write_str("only the person can open a guarded file"),
            Self::NotNeeded => out.write_str("no rule closes this file"),
            Self::Fixed(rule) => write!(out, "rule {rule} is fixed: no setting lifts it"),
            Self::Full => write!(out, "{GRANTS_MAX} files are open already, wait or close one"),
        }
    }
}

impl std::error::Error for GrantError {}

impl Grants {
    /// Opens the guarded file `path` to the person until the returned time, [`GRANT_MS`] from `now_ms`.
    ///
    /// # Errors
    /// When another asks, when no rule or a fixed rule closes the file, when there are too many.
    pub fn give(
        &mut self,
        policy: &Policy,
        path: &[u8],
        principal: &Principal,
        now_ms: u64,
    ) -> Result<u64, GrantError> {
        if *principal != Principal::Person {
            return Err(GrantError::NotThePerson);
        }
        let mut is_closed = false;
        for op in [Op::Read, Op::Write] {
            if let Decision::Deny(denial) = policy.decide(op, path, principal) {
                is_closed = true;
                if denial.level == Level::Fixed {
                    return Err(GrantError::Fixed(denial.rule));
                }
            }
        }
        if !is_closed {
            return Err(GrantError::NotNeeded);
        }
        let key = key(path).ok_or(GrantError::NotNeeded)?;
        self.live.retain(|grant| grant.until_ms > now_ms && grant.path != key);
        if self.live.len() >= GRANTS_MAX {
            return Err(GrantError::Full);
        }
        let until_ms = now_ms.saturating_add(GRANT_MS);
        self.live.push(Grant { path: key, until_ms });
        Ok(until_ms)
    }

    /// The decision of `policy` with the grants in force at `now_ms`.
    #[must_use]
    pub fn decide(
        &self,
        policy: &Policy,
        (op, path): (Op, &[u8]),
        principal: &Principal,
        now_ms: u64,
    ) -> Decision {
        match policy.decide(op, path, principal) {
            Decision::Deny(denial) if denial.liftable && self.covers(path, now_ms) => {
                Decision::Allow
            }
            decision => decision,
        }
    }

    /// Takes the grant of `path` back. Returns whether there was one.
    pub fn take_back(&mut self, path: &[u8]) -> bool {
        let before = self.live.len();
        if let Some(key) = key(path) {
            self.live.retain(|grant| grant.path != key);
        }
        self.live.len() < before
    }

    /// The grants in force, for a guard that takes over: folded names of each file, and milliseconds left.
    #[must_use]
    pub fn left(&self, now_ms: u64) -> Vec<(Vec<Vec<u8>>, u64)> {
        let live = self.live.iter().filter(|grant| grant.until_ms > now_ms);
        live.map(|grant| (grant.path.clone(), grant.until_ms - now_ms)).collect()
    }

    /// Takes a grant over that another guard of this instance has given. Never longer than a grant holds.
    pub fn take_over(&mut self, names: Vec<Vec<u8>>, left_ms: u64, now_ms: u64) {
        self.live.retain(|grant| grant.until_ms > now_ms && grant.path != names);
        if self.live.len() < GRANTS_MAX {
            let until_ms = now_ms.saturating_add(left_ms.min(GRANT_MS));
            self.live.push(Grant { path: names, until_ms });
        }
    }

    fn covers(&self, path: &[u8], now_ms: u64) -> bool {
        let mut live = self.live.iter().filter(|grant| grant.until_ms > now_ms).peekable();
        if live.peek().is_none() {
            return false;
        }
        key(path).is_some_and(|key| live.any(|grant| grant.path == key))
    }
}

/// The exact file: a copy of it has another key.
fn key(path: &[u8]) -> Option<Vec<Vec<u8>>> {
    components(path).ok().map(|names| names.into_iter().map(|name| name.folded).collect())
}
