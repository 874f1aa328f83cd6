//! The real launcher: bound to its parent, with the descriptors it was passed and no others.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use bulkhead_wire::{Hello, Link, Ready, Received, decode, encode};

const LIMIT: Duration = Duration::from_secs(10);

fn launcher() -> Command {
    Command::new(env!("CARGO_BIN_EXE_bulkhead-launch"))
}

fn launched(arguments: &[&str]) -> Output {
    let parent = std::process::id().to_string();
    launcher().args(["--parent", &parent]).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Leaves `descriptor` open in the child under `number`.
fn pass(command: &mut Command, descriptor: RawFd, number: RawFd) {
    let pass = move || {
        // SAFETY: dup2 is async-signal-safe and only takes numbers.
        let made = unsafe { libc::dup2(descriptor, number) };
        if made == number { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    };
    // SAFETY: `pass` makes one system call and allocates nothing.
    unsafe { command.pre_exec(pass) };
}

/// Whether a process exists and is no zombie.
fn lives(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_program_leads_its_own_group_and_keeps_its_exit_code() {
    let output = launched(&["--", "/bin/sh", "-c", "ps -o pgid= -p $$; echo $$; exit 9"]);
    let out = text(&output.stdout);
    let mut words = out.split_whitespace();
    assert_eq!(words.next(), words.next());
    assert_eq!(output.status.code(), Some(9));
}

#[test]
fn a_parent_that_is_not_ours_is_refused() {
    let output = launcher().args(["--parent", "1", "--", "/bin/true"]).output().unwrap();
    assert_eq!(output.status.code(), Some(76));
    assert!(text(&output.stderr).contains("parent 1 is gone"));
}

#[test]
fn the_program_ends_with_its_parent() {
    let launcher = env!("CARGO_BIN_EXE_bulkhead-launch");
    let script = format!("{launcher} --parent $$ -- sleep 600 & echo $!; wait");
    let mut parent =
        Command::new("/bin/sh").args(["-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = parent.stdout.take().unwrap();
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        out.read_exact(&mut byte).unwrap();
        line.extend(byte);
    }
    let child: i32 = text(&line).trim().parse().unwrap();
    let command = format!("/proc/{child}/comm");
    until("exec", || std::fs::read_to_string(&command).unwrap_or_default() == "sleep\n");
    parent.kill().unwrap();
    parent.wait().unwrap();
    until("the program to end", || !lives(child));
}

#[test]
fn only_the_first_five_descriptors_are_passed() {
    let file = File::open("/dev/null").unwrap();
    // Above those that are tried: made equal to itself a descriptor would stay close-on-exec.
    let file = rustix::io::fcntl_dupfd_cloexec(&file, 100).unwrap();
    let mut command = launcher();
    for number in [3, 4, 5, 77] {
        pass(&mut command, file.as_raw_fd(), number);
    }
    let parent = std::process::id().to_string();
    let output = command
        .args(["--parent", &parent, "--", "/bin/sh", "-c", "ls /proc/$$/fd"])
        .output()
        .unwrap();
    assert_eq!(
        text(&output.stdout).split_whitespace().collect::<Vec<_>>(),
        ["0", "1", "2", "3", "4"]
    );
}

#[test]
fn what_cannot_be_run_has_its_own_codes() {
    assert_eq!(launched(&["--", "no-such-program"]).status.code(), Some(127));
    assert_eq!(launched(&["--", "/etc/passwd"]).status.code(), Some(126));
    assert_eq!(launched(&["--sing"]).status.code(), Some(2));
    let probe = launcher().arg("--probe").output().unwrap();
    let probe: serde_json::Value = serde_json::from_slice(&probe.stdout).unwrap();
    assert!(probe["landlockAbi"].is_i64() && probe["userNotify"].is_boolean(), "{probe}");
}

/// A keeper that only says ready, and one byte more at once.
fn answer(socket: OwnedFd) {
    let mut link = Link::new(socket, 4096, 65_536);
    let hello = loop {
        if let Some(frame) = link.next_frame().unwrap() {
            break decode::<Hello>(&frame.payload).unwrap();
        }
        assert_eq!(link.receive().unwrap(), Received::More);
    };
    assert_eq!((hello.name.as_str(), hello.token.unwrap().len()), ("terminal", 32));
    let ready = Ready {
        protocol: 1,
        id: 2,
        name: "terminal/2".to_owned(),
        epoch: 1,
        hub_epoch: 1,
        frame_bytes_max: 65_536,
    };
    let frame = bulkhead_wire::Frame::new(bulkhead_wire::Kind::Ready);
    link.send(&frame.payload(encode(&ready).unwrap())).unwrap();
    link.send(&bulkhead_wire::Frame::new(bulkhead_wire::Kind::Ping)).unwrap();
    link.flush().unwrap();
}

#[test]
fn the_keepers_link_is_left_open_behind_exactly_the_ready_frame() {
    let folder = std::env::temp_dir().join(format!("bulkhead-launch-{}", std::process::id()));
    std::fs::DirBuilder::new().mode(0o700).create(&folder).unwrap();
    std::fs::write(folder.join("keeper-1.token"), [7; 32]).unwrap();
    let listener = std::os::unix::net::UnixListener::bind(folder.join("keeper-1.sock")).unwrap();
    let keeper = std::thread::spawn(move || {
        let (stream, _): (UnixStream, _) = listener.accept().unwrap();
        answer(OwnedFd::from(stream));
    });
    let path = folder.to_str().unwrap();
    let output = launched(&["--keeper", path, "--", "/bin/sh", "-c", "exec head -c 40 <&4"]);
    keeper.join().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    // The program reads the frame after ready: kind 16, sequence 2.
    assert_eq!((output.stdout.len(), output.stdout[5], output.stdout[20]), (40, 16, 2));
}
