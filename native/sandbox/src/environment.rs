//! The environment that a confined program sees.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::profile::Environment;

/// Passed by name. Nothing that makes a program load code, and no agent's or broker's socket.
const KEPT: &[&str] =
    &["HOME", "LANG", "LANGUAGE", "LOGNAME", "NO_COLOR", "PATH", "SHELL", "TERM", "TZ", "USER"];
/// Passed by how they begin.
const FAMILIES: &[&str] = &["BULKHEAD_", "LC_"];
const FOREIGN_FAMILIES: &[&str] = &["LC_"];

/// What is left of `all`.
pub(crate) fn pass(
    environment: Environment,
    kept: &[OsString],
    all: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    match environment {
        Environment::Whole => all.collect(),
        Environment::Scrubbed => all.filter(|(name, _)| is_kept(name, FAMILIES)).collect(),
        Environment::Foreign => {
            let passes = |name: &OsString| is_kept(name, FOREIGN_FAMILIES) || kept.contains(name);
            all.filter(|(name, _)| passes(name)).collect()
        }
    }
}

/// Where a foreign program may leave what it needs only while it runs.
pub(crate) fn temporary(folder: &Path) -> Vec<(OsString, OsString)> {
    let below = |name: &str| folder.join(name).into_os_string();
    let places = [
        ("TMPDIR", folder.as_os_str().to_owned()),
        ("XDG_CACHE_HOME", below("cache")),
        ("npm_config_cache", below("npm")),
        // The person's own holds tokens and is closed, which npm takes for a failure.
        ("npm_config_userconfig", below("npmrc")),
    ];
    places.map(|(name, value)| (name.into(), value)).into()
}

fn is_kept(name: &OsStr, families: &[&str]) -> bool {
    let bytes = name.as_bytes();
    KEPT.iter().any(|kept| kept.as_bytes() == bytes)
        || families.iter().any(|family| bytes.starts_with(family.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(environment: Environment) -> Vec<String> {
        let names = ["PATH", "LC_ALL", "BULKHEAD_MODE", "SSH_AUTH_SOCK", "LD_PRELOAD", "AWS_KEY"];
        let all = names.iter().map(|name| (OsString::from(name), OsString::from("x")));
        let left = pass(environment, &["AWS_KEY".into()], all);
        left.iter().map(|(name, _)| name.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn only_known_names_pass() {
        assert_eq!(left(Environment::Scrubbed), ["PATH", "LC_ALL", "BULKHEAD_MODE"]);
    }

    #[test]
    fn a_foreign_program_learns_nothing_of_us_and_gets_what_was_named() {
        assert_eq!(left(Environment::Foreign), ["PATH", "LC_ALL", "AWS_KEY"]);
    }

    #[test]
    fn the_terminal_keeps_the_persons_own() {
        assert_eq!(left(Environment::Whole).len(), 6);
    }
}
