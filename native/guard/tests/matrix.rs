//! Every operation on every class of path for every principal and two actors: each cell is asserted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod yard;

use bulkhead_guard::GuardError;
use bulkhead_policy::Principal;
use std::fs;
use yard::{SECRET, Yard, request};

/// What a path needs to be open for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Need {
    /// Looking at what the path leads to.
    Read,
    /// Changing what the path leads to.
    Write,
    /// The name itself, made.
    Make,
    /// The name itself, taken away.
    Take,
}

/// Operation, and what its path needs. `>` before a path's operation: the path is the new name.
const OPERATIONS: [(&str, Need, bool); 18] = [
    (r#"{"op": "stat"}"#, Need::Read, false),
    (r#"{"op": "list"}"#, Need::Read, false),
    (r#"{"op": "open"}"#, Need::Read, false),
    (r#"{"op": "read-range", "offset": 0, "length": 9}"#, Need::Read, false),
    (r#"{"op": "read-whole", "max": 999}"#, Need::Read, false),
    (r#"{"op": "find"}"#, Need::Read, false),
    (r#"{"op": "search", "options": {"pattern": "SECRET"}}"#, Need::Read, false),
    (r#"{"op": "check", "write": false}"#, Need::Read, false),
    (r#"{"op": "check", "write": true}"#, Need::Write, false),
    (r#"{"op": "save"}"#, Need::Write, false),
    (r#"{"op": "save", "mayCreate": true}"#, Need::Write, false),
    (r#"{"op": "create-file"}"#, Need::Make, false),
    (r#"{"op": "create-folder"}"#, Need::Make, false),
    (r#"{"op": "rename"}"#, Need::Make, true),
    (r#"{"op": "link"}"#, Need::Make, true),
    (r#"{"op": "rename"}"#, Need::Take, false),
    (r#"{"op": "link"}"#, Need::Take, false),
    (r#"{"op": "trash"}"#, Need::Take, false),
];

const ALL: &[Need] = &[Need::Read, Need::Write, Need::Make, Need::Take];
const NONE: &[Need] = &[];

/// Class, path, what it is open for.
const CLASSES: [(&str, &str, &[Need]); 24] = [
    ("an open file", "open.txt", ALL),
    ("an open name without a file", "none.txt", ALL),
    ("the exception to a rule", ".env.example", ALL),
    ("a symlink to an open file", "to-open", ALL),
    ("dots to an open file", "src/../open.txt", ALL),
    ("a guarded file", ".env", NONE),
    ("a guarded name without a file", "src/.env", NONE),
    ("a guarded name in a missing folder", "none/.env", NONE),
    ("a fixed file", ".ssh/id_rsa", NONE),
    ("a fixed name without a file", "none/id_rsa", NONE),
    ("another case", ".ENV", NONE),
    ("a copy", ".env.bak~", NONE),
    ("dots to a guarded file", "src/../.env", NONE),
    // The symlink itself has an open name; where it leads is closed.
    ("a symlink to a guarded file", "to-env", &[Need::Make, Need::Take]),
    ("a symlink to a guarded name", "to-env-none", &[Need::Make, Need::Take]),
    ("a symlink out", "to-npmrc", &[Need::Make, Need::Take]),
    ("a name below a symlink out", "to-home/.npmrc", NONE),
    // Something has its name, so making it fails by that; its contents stay closed.
    ("a hard link to a guarded file", "twin", &[Need::Make]),
    ("a file that is only read", ".git/config", &[Need::Read]),
    ("a name that is only read", ".git/hooks/x", &[Need::Read]),
    ("a file outside", "../.npmrc", NONE),
    ("a name outside without a file", "../none", NONE),
    ("a file of the kernel", "/proc/self/environ", NONE),
    ("a device", "/dev/null", NONE),
];

fn furnish(yard: &Yard) {
    yard.write(".ssh/id_rsa", SECRET);
    yard.write(".ENV", SECRET);
    yard.write(".env.bak~", SECRET);
    yard.symlink("open.txt", "to-open");
    yard.symlink(".env", "to-env");
    yard.symlink("src/.env", "to-env-none");
    yard.symlink("../.npmrc", "to-npmrc");
    yard.symlink("..", "to-home");
    fs::hard_link(yard.ws.join(".env"), yard.ws.join("twin")).unwrap();
    yard.write("other.txt", "other");
}

fn check_class((class, path, open_for): (&str, &str, &[Need])) {
    let principals =
        [Principal::Person, Principal::Actor, Principal::Agent, Principal::Mcp("files".into())];
    // What is refused changes nothing, so one yard serves until something was done.
    let mut yard = Yard::new();
    furnish(&yard);
    for (json, need, is_new_name) in OPERATIONS {
        for principal in &principals {
            for actor in ["ui/1", "mcp"] {
                // A change that succeeds flushes the disk, so it is made for two askers only; for the
                // others `check` with `write` asserts the same decision.
                let is_asked =
                    actor == "ui/1" && matches!(principal, Principal::Person | Principal::Agent);
                let is_check = json.contains("check") || need == Need::Read;
                if open_for.contains(&need) && !is_asked && !is_check {
                    continue;
                }
                let mut ask = yard.ask(principal.clone());
                ask.asker.actor = actor.into();
                let (from, to) =
                    if is_new_name { ("other.txt", path) } else { (path, "moved.txt") };
                let result = ask.serve(&request(json), from, to, "new");
                let is_denied = matches!(result, Err(GuardError::Denied(_)));
                let cell =
                    format!("{json} of {class} ({path}) for {principal} by {actor}: {result:?}");
                assert_eq!(is_denied, !open_for.contains(&need), "{cell}");
                if let Err(GuardError::Denied(denied)) = &result {
                    assert_eq!(
                        (denied.actor.as_str(), &denied.principal),
                        (actor, &principal.to_string())
                    );
                    assert!(!denied.rule.is_empty() && denied.path.starts_with('/'), "{cell}");
                } else if result.is_ok() && !is_check {
                    yard = Yard::new();
                    furnish(&yard);
                }
            }
        }
    }
}

#[test]
fn every_cell_is_as_it_must_be() {
    std::thread::scope(|scope| {
        for half in [&CLASSES[..12], &CLASSES[12..]] {
            scope.spawn(|| half.iter().copied().for_each(check_class));
        }
    });
}
