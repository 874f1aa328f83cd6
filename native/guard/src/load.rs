//! A guard from the environment of its process: places, policy files, canary.

use crate::canary;
use crate::clock::Clock;
use crate::error::GuardError;
use crate::gate::{Asker, Guard, as_path, from_std};
use crate::pool::Cancel;
use bulkhead_policy::{POLICY_BYTES_MAX, PatternError, Places, Policy, Principal};
use std::collections::HashMap;
use std::io::{ErrorKind, Read as _};
use std::os::unix::ffi::OsStringExt;

/// The workspace's own policy file.
const WORKSPACE_POLICY: &[u8] = b".bulkhead/policy.json";

/// Variables of the process, by name.
pub type Variables = HashMap<String, String>;

impl Guard {
    /// The guard of an instance, proven to hold: its rules are loaded and its canary was caught.
    ///
    /// # Errors
    /// When the workspace or the person's `policy.json` cannot be used, or the wall has a hole. There
    /// is no guard with fewer rules.
    pub fn load(variables: &Variables) -> Result<Self, GuardError> {
        let folder = |name: &str| {
            let value = variables.get(name).filter(|value| value.starts_with('/'));
            let missing = || GuardError::NotServing(format!("{name} is no absolute path"));
            value.map(|value| value.clone().into_bytes()).ok_or_else(missing)
        };
        let workspace = folder("BULKHEAD_WORKSPACE")?;
        let state = folder("BULKHEAD_STATE_DIR")?;
        // Before anything is served, and before the person's own rules could hide a hole.
        canary::prove_wall(&[state.as_slice(), b"/actors/file-guard"].concat())?;
        let policy = base_policy(variables)?;
        let guard = Self::new(policy.clone(), &[workspace], Clock::System)?
            .with_outside(&outside(variables)?)?;
        canary::prove_rules(&policy, &guard)?;
        guard.set_policy(guard.with_workspace_rules(policy));
        Ok(guard.with_audit(&[state.as_slice(), b"/audit"].concat()))
    }

    /// Reads both policy files again. When one cannot be used the rules in force stay.
    ///
    /// # Errors
    /// What is wrong, with file and line.
    pub fn reload(&self, variables: &Variables) -> Result<(), GuardError> {
        let policy = base_policy(variables)?;
        self.set_policy(self.with_workspace_rules(policy));
        Ok(())
    }

    /// A workspace may only narrow; one whose rules cannot be read is closed to programs.
    fn with_workspace_rules(&self, policy: Policy) -> Policy {
        let asker = Asker { principal: Principal::Actor, actor: "file-guard".into() };
        let file = String::from_utf8_lossy(WORKSPACE_POLICY);
        match self.read_whole(WORKSPACE_POLICY, POLICY_BYTES_MAX as u64, &asker, &Cancel::default())
        {
            Err(GuardError::NotFound) => policy,
            Ok(reply) => {
                let text = reply.bytes.unwrap_or_default();
                policy.clone().with_workspace(&text, &file).unwrap_or_else(|error| {
                    policy.closed_to_programs("workspace-policy", &error.to_string())
                })
            }
            Err(error) => {
                policy.closed_to_programs("workspace-policy", &format!("{file}: {error}"))
            }
        }
    }
}

/// `BULKHEAD_OUTSIDE`: real paths of files that the person has opened, as a JSON list.
fn outside(variables: &Variables) -> Result<Vec<Vec<u8>>, GuardError> {
    let Some(text) = variables.get("BULKHEAD_OUTSIDE") else { return Ok(Vec::new()) };
    let files: Vec<String> = serde_json::from_str(text)
        .map_err(|error| GuardError::NotServing(format!("BULKHEAD_OUTSIDE: {error}")))?;
    Ok(files.into_iter().map(String::into_bytes).collect())
}

/// Built-in rules and those of the person.
fn base_policy(variables: &Variables) -> Result<Policy, GuardError> {
    let mut places =
        Places::from_lookup(|name| variables.get(name).map(|value| value.clone().into_bytes()));
    let real = |path: &[u8]| {
        std::fs::canonicalize(as_path(path)).ok().map(|path| path.into_os_string().into_vec())
    };
    places.resolve(real);
    let config = variables.get("BULKHEAD_CONFIG_DIR").filter(|path| path.starts_with('/'));
    let mut policy = Policy::builtin(places).map_err(broken)?;
    if let Some(config) = config {
        let file = format!("{config}/policy.json");
        if let Some(text) = read_policy(&file)? {
            policy = policy.with_user(&text, &file).map_err(GuardError::Policy)?;
        }
    }
    let history = [".git/objects", ".git/lfs", ".git/logs"];
    let why = "the history of the repository, with secrets that were taken out of it";
    policy = policy.with_program_rule("git-objects", why, &history).map_err(broken)?;
    policy.resolve(real);
    Ok(policy)
}

fn read_policy(file: &str) -> Result<Option<Vec<u8>>, GuardError> {
    let opened = match std::fs::File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        result => result.map_err(from_std)?,
    };
    let mut text = Vec::new();
    opened.take(POLICY_BYTES_MAX as u64 + 1).read_to_end(&mut text).map_err(from_std)?;
    Ok(Some(text))
}

fn broken(error: PatternError) -> GuardError {
    GuardError::NotServing(error.to_string())
}
