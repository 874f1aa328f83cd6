//! Attack 11 of the list on the choke point: a bind mount.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod yard;

use std::fs;
use std::path::Path;
use std::process::Command;
use yard::{SECRET, Yard, assert_closed, rule};

/// Set where a test has a mount namespace of its own.
const INSIDE: &str = "BULKHEAD_TEST_INSIDE";

/// In a mount namespace of its own, where this test runs itself once more.
#[test]
fn attack_11_a_bind_mount_has_an_innocent_name() {
    if std::env::var_os(INSIDE).is_none() {
        let user: &[&str] =
            if rustix::process::geteuid().is_root() { &[] } else { &["--map-root-user"] };
        let program = std::env::current_exe().unwrap();
        let mut command = Command::new("unshare");
        command.args(user).arg("--mount").arg(program);
        let name = "attack_11_a_bind_mount_has_an_innocent_name";
        let output =
            command.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        return;
    }
    let yard = Yard::new();
    let bind = |what: &Path, at: &str| {
        let at = yard.ws.join(at);
        if what.is_dir() {
            fs::create_dir(&at).unwrap()
        } else {
            fs::write(&at, "").unwrap()
        }
        assert!(Command::new("mount").arg("--bind").arg(what).arg(at).status().unwrap().success());
    };
    fs::write(yard.home.join(".ssh/config"), SECRET).unwrap();
    bind(&yard.ws.join(".env"), "notes.txt");
    bind(&yard.home.join(".ssh"), "keys");
    bind(&yard.ws.join("src"), "again");
    for path in ["notes.txt", "keys/config"] {
        assert_eq!(yard.naive_by_real_path(path, || ()).as_deref(), Some(SECRET));
        assert_closed(&yard, path);
        assert_eq!(rule(yard.agent().read(path)), "built-in/hard-link");
    }
    assert_eq!(yard.agent().read("again/main.rs").unwrap(), yard::OPEN);
    // Mounted after the first look, and a secret made in a mounted folder.
    bind(&yard.home.join(".npmrc"), "late.txt");
    assert_closed(&yard, "late.txt");
    fs::write(yard.home.join(".ssh/new"), SECRET).unwrap();
    assert_closed(&yard, "keys/new");
    for at in ["notes.txt", "keys", "again", "late.txt"] {
        assert!(Command::new("umount").arg(yard.ws.join(at)).status().unwrap().success());
    }
}
