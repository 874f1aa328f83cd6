//! The environment that a confined program sees.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::profile::Environment;

/// Passed by name. Nothing that makes a program load code, and no agent's or broker's socket.
const KEPT: &[&str] =
    &["HOME", "LANG", "LANGUAGE", "LOGNAME", "NO_COLOR", "PATH", "SHELL", "TERM", "TZ", "USER"];
/// Passed by how they begin.
const KEPT_FAMILIES: &[&str] = &["BULKHEAD_", "LC_"];

/// What is left of `all`.
pub(crate) fn pass(
    environment: Environment,
    all: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    match environment {
        Environment::Whole => all.collect(),
        Environment::Scrubbed => all.filter(|(name, _)| is_kept(name)).collect(),
    }
}

fn is_kept(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    KEPT.iter().any(|kept| kept.as_bytes() == bytes)
        || KEPT_FAMILIES.iter().any(|family| bytes.starts_with(family.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(environment: Environment) -> Vec<String> {
        let names = ["PATH", "LC_ALL", "BULKHEAD_MODE", "SSH_AUTH_SOCK", "LD_PRELOAD", "AWS_KEY"];
        let all = names.iter().map(|name| (OsString::from(name), OsString::from("x")));
        let left = pass(environment, all);
        left.iter().map(|(name, _)| name.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn only_known_names_pass() {
        assert_eq!(left(Environment::Scrubbed), ["PATH", "LC_ALL", "BULKHEAD_MODE"]);
    }

    #[test]
    fn the_terminal_keeps_the_persons_own() {
        assert_eq!(left(Environment::Whole).len(), 6);
    }
}
