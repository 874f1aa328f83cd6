//! The real launcher with a profile: what a program under it still is, and when it is not started.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(10);
const NOT_CONFINED: i32 = 125;

/// Folders of an instance, removed at the end.
struct Instance(PathBuf);

impl Instance {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bh-{name}-{}", std::process::id()));
        for folder in ["home", "state", "ws", "config"] {
            fs::create_dir_all(path.join(folder)).unwrap();
        }
        Self(path)
    }

    fn launcher(&self, profile: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead-launch"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("BULKHEAD_ACTOR", "trial");
        command.env("HOME", self.0.join("home")).env("BULKHEAD_HOME", self.0.join("home"));
        command.env("BULKHEAD_STATE_DIR", self.0.join("state"));
        command.env("BULKHEAD_CONFIG_DIR", self.0.join("config"));
        command.env("BULKHEAD_WORKSPACE", self.0.join("ws"));
        command.args(["--parent", &std::process::id().to_string(), "--profile", profile]);
        command
    }

    fn run(&self, profile: &str, script: &str) -> Output {
        self.launcher(profile).args(["--", "/bin/sh", "-c", script]).output().unwrap()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Parts of an actor's profile that this machine lacks.
fn missing() -> Vec<String> {
    let probe =
        Command::new(env!("CARGO_BIN_EXE_bulkhead-launch")).arg("--probe").output().unwrap();
    let probe: serde_json::Value = serde_json::from_slice(&probe.stdout).unwrap();
    let parts = probe["missing"].as_array().unwrap();
    parts.iter().map(|part| part.as_str().unwrap().to_owned()).collect()
}

/// Where something is missing a strict start must be refused; then there is nothing else to look at.
fn is_refused_here(instance: &Instance) -> bool {
    let missing = missing();
    if missing.is_empty() {
        return false;
    }
    println!("this machine lacks {}: only the refusal is looked at", missing.join(", "));
    let output = instance.run("editor-sync", "echo started");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(NOT_CONFINED), String::new()));
    assert!(missing.iter().all(|part| text(&output.stderr).contains(part)));
    true
}

#[test]
fn a_confined_program_reads_what_it_needs_and_writes_its_own_folder() {
    let instance = Instance::new("own");
    if is_refused_here(&instance) {
        return;
    }
    let own = instance.0.join("state/actors/trial");
    let script = format!("echo kept > {}/note && echo written", own.display());
    let output = instance.run("editor-sync", &script);
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("written\n", Some(0)));
    assert_eq!(fs::read_to_string(own.join("note")).unwrap(), "kept\n");
}

#[test]
fn the_rest_of_the_disk_is_closed_even_for_the_superuser() {
    let instance = Instance::new("rest");
    if is_refused_here(&instance) {
        return;
    }
    fs::write(instance.0.join("ws/plain"), "contents").unwrap();
    let plain = instance.0.join("ws/plain");
    for (profile, expected) in [("editor-sync", "closed"), ("file-guard", "contents")] {
        let script = format!("read line < {} && echo $line || echo closed", plain.display());
        // The file has no newline, for which `read` answers false after it has read.
        fs::write(&plain, "contents\n").unwrap();
        let output = instance.run(profile, &script);
        assert_eq!(text(&output.stdout).trim(), expected, "{profile}");
    }
    for path in ["home", "config", "state"] {
        let path = instance.0.join(path);
        let output = instance.run("editor-sync", &format!("echo x > {}/made", path.display()));
        assert_ne!(output.status.code(), Some(0), "{}", path.display());
        assert!(!path.join("made").exists());
    }
}

#[test]
fn a_confined_actor_starts_no_program_and_has_no_power() {
    let instance = Instance::new("power");
    if is_refused_here(&instance) {
        return;
    }
    let output = instance.run("terminal", "/bin/true; echo $?");
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("", Some(2)));
    let script = "while read line; do echo $line; done < /proc/self/status";
    let status = text(&instance.run("terminal", script).stdout);
    for line in ["CapEff: 0000000000000000", "CapBnd: 0000000000000000", "NoNewPrivs: 1"] {
        let line = if line.starts_with("CapBnd") && !rustix::process::geteuid().is_root() {
            continue;
        } else {
            line
        };
        assert!(status.contains(line), "{line} is not in {status}");
    }
    assert!(status.contains("Seccomp: 2"));
}

#[test]
fn a_confined_program_ends_with_its_parent() {
    let instance = Instance::new("parent");
    if is_refused_here(&instance) {
        return;
    }
    let script = "\"$0\" --parent $$ --profile editor-sync -- /bin/sh -c 'echo $$; read forever'";
    let mut parent = Command::new("/bin/sh");
    parent.args(["-c", &format!("{script}; true"), env!("CARGO_BIN_EXE_bulkhead-launch")]);
    for folder in ["HOME", "BULKHEAD_HOME", "BULKHEAD_STATE_DIR"] {
        parent.env(folder, instance.0.join("home"));
    }
    parent.env("BULKHEAD_ACTOR", "trial").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut parent = parent.spawn().unwrap();
    let mut out = parent.stdout.take().unwrap();
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        out.read_exact(&mut byte).unwrap();
        line.extend(byte);
    }
    let child: i32 = text(&line).trim().parse().unwrap();
    parent.kill().unwrap();
    parent.wait().unwrap();
    let until = Instant::now() + LIMIT;
    let stat = format!("/proc/{child}/stat");
    let lives = || {
        let stat = fs::read_to_string(&stat).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
    };
    while lives() {
        assert!(Instant::now() < until, "the confined program outlived its parent");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_profile_that_cannot_be_kept_starts_nothing() {
    let instance = Instance::new("refuse");
    for (variable, value) in [("BULKHEAD_ACTOR", "../guard"), ("BULKHEAD_HOME", "home")] {
        let mut launcher = instance.launcher("editor-sync");
        let output = launcher.env(variable, value).args(["--", "/bin/echo", "x"]).output().unwrap();
        assert_eq!(output.status.code(), Some(NOT_CONFINED), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    let output = instance.launcher("editor-sync").args(["--", "no-such-program"]).output().unwrap();
    assert_eq!(output.status.code(), Some(127));
    let output = instance.run("fort", "echo x");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
}
