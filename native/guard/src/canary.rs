//! Proof at start that the wall is up: real secrets in a folder of our own that must stay closed, and
//! one open file that must not. A guard that fails one does not serve.

use crate::clock::Clock;
use crate::error::GuardError;
use crate::gate::{Asker, Guard, as_path, from_std};
use crate::listing::text;
use crate::pool::Cancel;
use crate::request::{Payload, Request};
use crate::sys;
use crate::task::Task;
use bulkhead_policy::{Op, Places, Policy, Principal};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;

const SECRET: &[u8] = b"canary";

/// Tries to get at secrets in a new folder below `state`, through every kind of way there is.
pub(crate) fn prove_wall(state: &[u8]) -> Result<(), GuardError> {
    let cage = Cage::build(state)?;
    let policy = Policy::builtin(Places::default())
        .map_err(|error| GuardError::NotServing(error.to_string()))?;
    let guard = Guard::new(policy, std::slice::from_ref(&cage.path), Clock::System)?;
    let task = Task::new(Cancel::default(), |_| ());
    for principal in [Principal::Person, Principal::Agent] {
        let asker = Asker { principal, actor: "canary".into() };
        let ask = |request: &Request, path: &[u8], to: &[u8]| {
            let payload = Payload { path: path.to_vec(), to: to.to_vec(), bytes: SECRET.to_vec() };
            guard.serve(request, &payload, &asker, &task)
        };
        let read = Request::ReadWhole { max: 1000 };
        let open =
            ask(&read, b"open.txt", b"").map_err(|error| hole(&format!("open.txt: {error}")))?;
        if open.bytes.as_deref() != Some(SECRET) {
            return Err(hole("an open file has other contents"));
        }
        for path in CLOSED {
            expect_denied(ask(&read, path.as_bytes(), b""), path)?;
        }
        expect_denied(ask(&Request::Stat {}, b".env", b""), "stat of .env")?;
        expect_denied(ask(&Request::CreateFile { mode: None }, b"new/.env", b""), "a new .env")?;
        expect_denied(ask(&Request::Rename {}, b".env", b"name.txt"), "renaming .env")?;
        expect_denied(ask(&Request::Rename {}, b"open.txt", b"id_rsa"), "renaming to id_rsa")?;
    }
    Ok(())
}

/// What is in the cage, and ways out of it.
const CLOSED: [&str; 10] = [
    ".env",
    ".ENV",
    "link",
    "folder/x/.env",
    "second",
    "folder/../.env",
    "/proc/self/environ",
    "/proc/self/root/etc/passwd",
    "/etc/passwd",
    "missing/.ssh/id",
];

/// The rules in force close what they must, at the places of this person.
pub(crate) fn prove_rules(policy: &Policy, guard: &Guard) -> Result<(), GuardError> {
    let places = policy.places();
    let workspace = guard.roots.first().map(|root| root.path.as_slice()).unwrap_or_default();
    let homes = places.homes.iter().flat_map(|home| {
        [".ssh/id_ed25519", ".gnupg/x", ".config/gh/hosts.yml"]
            .map(|tail| sys::join(home, tail.as_bytes()))
    });
    let own = places.own_state.iter().map(|folder| sys::join(folder, b"token"));
    let inside =
        [".env", "a/.npmrc", "a/key.pem"].map(|tail| sys::join(workspace, tail.as_bytes()));
    for path in homes.chain(own).chain(inside) {
        if policy.decide(Op::Read, &path, &Principal::Person).is_allowed() {
            return Err(hole(&format!("the rules leave {} open", text(&path))));
        }
    }
    Ok(())
}

fn expect_denied<T>(result: Result<T, GuardError>, what: &str) -> Result<(), GuardError> {
    match result {
        Err(GuardError::Denied(_)) => Ok(()),
        Err(other) => Err(hole(&format!("{what} was not denied but: {other}"))),
        Ok(_) => Err(hole(&format!("{what} was open"))),
    }
}

fn hole(what: &str) -> GuardError {
    GuardError::NotServing(format!("its self-test failed: {what}"))
}

/// A folder with secrets. Dropping it takes it away.
struct Cage {
    path: Vec<u8>,
}

impl Cage {
    fn build(state: &[u8]) -> Result<Self, GuardError> {
        let name = format!("guard-canary-{}", sys::random_hex()?);
        let cage = Self { path: sys::join(state, name.as_bytes()) };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        let at = |name: &str| as_path(&cage.path).join(name);
        for folder in ["folder/x", "new"] {
            builder.create(at(folder)).map_err(from_std)?;
        }
        for file in [".env", "folder/x/.env", "open.txt"] {
            std::fs::write(at(file), SECRET).map_err(from_std)?;
        }
        std::os::unix::fs::symlink(".env", at("link")).map_err(from_std)?;
        match std::fs::hard_link(at(".env"), at("second")) {
            // A file system without hard links has no second names; the canary then is a symlink.
            Err(error)
                if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) =>
            {
                std::os::unix::fs::symlink(".env", at("second")).map_err(from_std)?;
            }
            result => result.map_err(from_std)?,
        }
        Ok(cage)
    }
}

impl Drop for Cage {
    fn drop(&mut self) {
        // Nothing of it is secret; a rest is as harmless as it is small.
        let _ = std::fs::remove_dir_all(as_path(&self.path));
    }
}
