//! A real runner: pipes as streams, and nothing left of any program when it ends.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod harness;

use std::path::Path;

use bulkhead_wire::{Control, Frame, Kind, Lane, Refusal, RefusedOp, decode, encode, flag};
use harness::hub::{Hub, Spawn, lives};
use harness::{Folder, Nothing, until};
use serde::{Deserialize, Serialize};

const WINDOW: u32 = 64 * 1024;

#[derive(Debug, Deserialize)]
struct Exit {
    code: Option<i32>,
    signal: Option<i32>,
}

#[derive(Debug, Deserialize)]
struct Exited {
    program: String,
    exit: Exit,
}

#[derive(Debug, Serialize)]
struct Signal<'a> {
    program: &'a str,
    signal: u32,
}

fn exited(hub: &mut Hub) -> Exited {
    let event = hub.wait_for(|frame| frame.header.kind == Kind::Publish);
    assert_eq!(event.named_subject(), Ok(Some("runner.exited")));
    decode(&event.payload).unwrap()
}

/// Starts a program that leaves a grandchild in a session of its own, and tells that one's pid.
fn with_escaped_grandchild(hub: &mut Hub, folder: &Folder) -> (String, i32) {
    let file = folder.0.join("pid");
    let path = file.display();
    let escape = format!(
        "(setsid sh -c 'echo $$ > {path}.new; mv {path}.new {path}; exec sleep 600' &) ; exec sleep 600"
    );
    let spawned = hub.spawn(&escape);
    until("the grandchild's pid", || file.exists());
    let pid = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
    (spawned.program, pid)
}

#[test]
fn stdin_reaches_the_program_and_its_outputs_come_back_apart() {
    let mut hub = Hub::start();
    let spawned = hub.spawn("cat; echo problem >&2; exit 4");
    let (stdout, _) = hub.open("runner.stdout", &spawned.program, WINDOW);
    let (stderr, _) = hub.open("runner.stderr", &spawned.program, WINDOW);
    let (stdin, credit) = hub.open("runner.stdin", &spawned.program, 0);
    assert_eq!(credit, 65_536);
    let data = Frame::new(Kind::Data).correlation(stdin).flags(flag::OPENER);
    hub.send(data.raw(b"some text".to_vec()));
    hub.send(Frame::new(Kind::End).correlation(stdin).flags(flag::OPENER));
    assert_eq!(hub.read_all(stdout), b"some text");
    assert_eq!(hub.read_all(stderr), b"problem\n");
    let exited = exited(&mut hub);
    assert_eq!(
        (exited.program, exited.exit.code, exited.exit.signal),
        (spawned.program, Some(4), None)
    );
    let granted = hub.wait_for(|frame| frame.header.correlation == stdin);
    assert_eq!((granted.header.kind, granted.header.position), (Kind::Credit, 9));
}

#[test]
fn large_output_waits_for_credit_and_comes_whole() {
    let mut hub = Hub::start();
    let spawned = hub.spawn("head -c 3000000 /dev/zero");
    let (stdout, _) = hub.open("runner.stdout", &spawned.program, WINDOW);
    assert_eq!(hub.read_all(stdout).len(), 3_000_000);
}

#[test]
fn what_cannot_be_started_is_told_with_its_name() {
    let mut hub = Hub::start();
    let mut missing = Spawn::shell("");
    missing.argv = vec!["no-such-program".to_owned()];
    missing.profile = Some("agent".to_owned());
    let error = hub.call::<_, Nothing>("runner.spawn", &missing).unwrap_err();
    assert_eq!(error.code, "runner/not-found");
    assert!(error.message.contains("no-such-program"), "{}", error.message);
    let mut folder = Spawn::shell("");
    folder.cwd = "/no/such/folder".to_owned();
    let error = hub.call::<_, Nothing>("runner.spawn", &folder).unwrap_err();
    assert_eq!(error.code, "runner/no-folder");
    assert!(error.message.contains("/no/such/folder"), "{}", error.message);
    let error = hub.call::<_, Nothing>("runner.dance", &Nothing {}).unwrap_err();
    assert_eq!(error.code, "bus/no-responder");
}

#[test]
fn a_program_has_the_environment_of_the_request_and_no_other_descriptor() {
    let mut hub = Hub::start();
    let spawned = hub.spawn("env | grep -v ^PWD= | grep -v ^_= | grep -v ^SHLVL=; ls /proc/$$/fd");
    let (stdout, _) = hub.open("runner.stdout", &spawned.program, WINDOW);
    let text = String::from_utf8(hub.read_all(stdout)).unwrap();
    assert_eq!(text.trim(), "PATH=/usr/bin:/bin\n0\n1\n2");
}

#[test]
fn a_program_that_has_ended_holds_no_descriptor() {
    let mut hub = Hub::start();
    let before = hub.descriptors();
    for _ in 0..20 {
        let spawned = hub.spawn("echo out");
        let (stdout, _) = hub.open("runner.stdout", &spawned.program, WINDOW);
        let (stderr, _) = hub.open("runner.stderr", &spawned.program, WINDOW);
        assert_eq!(hub.read_all(stdout), b"out\n");
        assert_eq!(hub.read_all(stderr), b"");
    }
    until("all are closed", || hub.descriptors() <= before);
}

#[test]
fn signal_9_leaves_nothing_of_a_program_that_forked_twice() {
    let (mut hub, folder) = (Hub::start(), Folder::new());
    let other = hub.spawn("exec sleep 600");
    let (program, grandchild) = with_escaped_grandchild(&mut hub, &folder);
    hub.call::<_, Nothing>("runner.signal", &Signal { program: &program, signal: 9 }).unwrap();
    let exited = exited(&mut hub);
    assert_eq!((exited.program, exited.exit.signal), (program, Some(9)));
    until("the grandchild to be gone", || !lives(grandchild));
    assert!(lives(other.pid), "other programs are left alone");
}

#[test]
fn an_ordinary_signal_reaches_the_group() {
    let mut hub = Hub::start();
    let spawned = hub.spawn("trap 'echo told; exit 0' TERM; echo up; while :; do sleep 0.05; done");
    let (stdout, _) = hub.open("runner.stdout", &spawned.program, WINDOW);
    hub.wait_for(|frame| frame.header.kind == Kind::Data && frame.payload == b"up\n");
    let signal = Signal { program: &spawned.program, signal: 15 };
    hub.call::<_, Nothing>("runner.signal", &signal).unwrap();
    let rest = hub.wait_for(|frame| frame.header.kind == Kind::Data);
    assert_eq!((rest.header.correlation, rest.payload), (stdout, b"told\n".to_vec()));
}

#[test]
fn the_end_of_the_hubs_link_kills_every_descendant() {
    let (mut hub, folder) = (Hub::start(), Folder::new());
    let (_, grandchild) = with_escaped_grandchild(&mut hub, &folder);
    let plain = hub.spawn("exec sleep 600");
    hub.close();
    for pid in [grandchild, plain.pid] {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "not even a zombie of {pid}");
    }
}

#[test]
fn a_killed_runner_leaves_nothing_either() {
    let (mut hub, folder) = (Hub::start(), Folder::new());
    let (_, grandchild) = with_escaped_grandchild(&mut hub, &folder);
    hub.process.kill().unwrap();
    until("the grandchild to be gone", || !lives(grandchild));
}

#[test]
fn a_killed_guard_is_told_as_the_programs_end_and_leaves_nothing() {
    let (mut hub, folder) = (Hub::start(), Folder::new());
    let (program, grandchild) = with_escaped_grandchild(&mut hub, &folder);
    let runner = hub.process.id();
    let children = format!("/proc/{runner}/task/{runner}/children");
    let guard: i32 = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(guard).unwrap(),
        rustix::process::Signal::KILL,
    )
    .unwrap();
    let exited = exited(&mut hub);
    assert_eq!((exited.program, exited.exit.signal), (program, Some(9)));
    assert!(!lives(grandchild));
}

#[test]
fn stop_ends_all_and_ping_is_answered() {
    let mut hub = Hub::start();
    hub.send(Frame::new(Kind::Ping).lane(Lane::Control));
    hub.wait_for(|frame| frame.header.kind == Kind::Pong);
    let spawned = hub.spawn("exec sleep 600");
    let stop = Control::Stop { grace_ms: 100, reason: "test".to_owned() };
    hub.send(Frame::new(Kind::Control).payload(encode(&stop).unwrap()));
    hub.wait_gone();
    assert!(!lives(spawned.pid));
}

#[derive(Debug, Deserialize)]
struct Note {
    principal: String,
    stage: String,
    of: Option<u64>,
    command: String,
    cwd: String,
    says: String,
    op: Option<String>,
    rule: Option<String>,
}

#[derive(Debug, Serialize)]
struct Noted {
    number: u64,
}

/// The next record the runner asks for, and the frame that asks.
fn asked(hub: &mut Hub) -> (Note, Frame) {
    let frame = hub.wait_for(|frame| frame.header.kind == Kind::Request);
    assert_eq!(frame.named_subject(), Ok(Some("file-guard.audit-command")));
    (decode(&frame.payload).unwrap(), frame)
}

fn answer(hub: &mut Hub, kind: Kind, frame: &Frame, payload: Vec<u8>) {
    hub.send(Frame::new(kind).correlation(frame.header.correlation).payload(payload));
}

fn agent(script: &str) -> Spawn {
    let argv = ["/bin/sh", "-c", script].iter().map(ToString::to_string).collect();
    Spawn { argv, profile: Some("agent".to_owned()), ..Spawn::shell("") }
}

#[test]
fn a_caller_starts_nothing_with_more_than_it_is() {
    let mut hub = Hub::start();
    for principal in [None, Some("mcp:files")] {
        hub.caller = (7, principal);
        let error = hub.call::<_, Nothing>("runner.spawn", &agent("true")).unwrap_err();
        assert_eq!(error.code, "bus/denied", "{principal:?}");
    }
}

#[test]
fn a_program_is_seen_and_ended_by_its_starter_and_the_person_alone() {
    #[derive(Deserialize)]
    struct Listed {
        programs: Vec<Nothing>,
    }
    let mut hub = Hub::start();
    hub.caller = (7, None);
    let spawned = hub.spawn("exec sleep 600");
    let end = Signal { program: &spawned.program, signal: 9 };
    for (caller, is_allowed) in [((8, None), false), ((8, Some("agent")), false), ((7, None), true)]
    {
        hub.caller = caller;
        let listed = hub.call::<_, Listed>("runner.list", &Nothing {}).unwrap();
        assert_eq!(listed.programs.len(), usize::from(is_allowed), "{caller:?}");
        let answer = hub.call::<_, Nothing>("runner.signal", &end);
        let code = answer.map_or_else(|error| error.code, |_| String::new());
        assert_eq!(code, if is_allowed { "" } else { "runner/no-such-program" }, "{caller:?}");
    }
    hub.caller = (8, Some("person"));
    assert_eq!(hub.call::<_, Listed>("runner.list", &Nothing {}).unwrap().programs.len(), 1);
}

#[test]
fn nothing_is_started_without_walls() {
    let (mut hub, folder) = (Hub::start(), Folder::new());
    let file = folder.0.join("made");
    let mut bare = Spawn::shell("");
    bare.argv = vec!["/usr/bin/touch".to_owned(), file.display().to_string()];
    let error = hub.call::<_, Nothing>("runner.spawn", &bare).unwrap_err();
    assert_eq!(error.code, "runner/not-confined");
    assert!(!file.exists());
}

#[test]
fn a_foreign_program_is_recorded_before_it_starts_and_when_it_has_ended() {
    let (mut hub, folder) = (Hub::start(), Folder::new());
    let file = folder.0.join("made");
    let script = format!("touch {}; exit 3", file.display());
    let correlation = hub.next();
    let frame = Frame::new(Kind::Request).subject("runner.spawn").correlation(correlation);
    hub.send(frame.payload(encode(&agent(&script)).unwrap()));
    let (note, frame) = asked(&mut hub);
    assert_eq!((note.stage.as_str(), note.principal.as_str(), note.of), ("intent", "agent", None));
    assert_eq!((note.command, note.cwd), (format!("/bin/sh -c {script}"), "/".to_owned()));
    assert!(!file.exists(), "it was started before it was recorded");
    answer(&mut hub, Kind::Reply, &frame, encode(&Noted { number: 41 }).unwrap());
    let started = hub.wait_for(|frame| {
        frame.header.correlation == correlation && frame.header.kind == Kind::Reply
    });
    decode::<harness::hub::Spawned>(&started.payload).unwrap();
    let (note, _) = asked(&mut hub);
    assert_eq!(
        (note.stage.as_str(), note.of, note.says.as_str()),
        ("outcome", Some(41), "exit code 3")
    );
    assert!(file.exists());
}

#[test]
fn what_cannot_be_recorded_is_not_started() {
    let (mut hub, folder) = (Hub::start(), Folder::new());
    let file = folder.0.join("made");
    let correlation = hub.next();
    let frame = Frame::new(Kind::Request).subject("runner.spawn").correlation(correlation);
    let spawn = agent(&format!("touch {}", file.display()));
    hub.send(frame.payload(encode(&spawn).unwrap()));
    let (_, frame) = asked(&mut hub);
    let error = bulkhead_wire::WireError::new("file-guard/not-audited", "disk full");
    answer(&mut hub, Kind::Error, &frame, encode(&error).unwrap());
    let refused = hub.wait_for(|frame| {
        frame.header.correlation == correlation && frame.header.kind == Kind::Error
    });
    let error: bulkhead_wire::WireError = decode(&refused.payload).unwrap();
    assert_eq!(error.code, "runner/not-audited");
    assert!(error.message.contains("disk full"), "{}", error.message);
    assert!(!file.exists());
}

/// Has an agent's program started and recorded as number 41.
fn start_recorded(hub: &mut Hub, script: &str) -> harness::hub::Spawned {
    let correlation = hub.next();
    let frame = Frame::new(Kind::Request).subject("runner.spawn").correlation(correlation);
    hub.send(frame.payload(encode(&agent(script)).unwrap()));
    let (_, frame) = asked(hub);
    answer(hub, Kind::Reply, &frame, encode(&Noted { number: 41 }).unwrap());
    let started = hub.wait_for(|frame| {
        frame.header.correlation == correlation && frame.header.kind == Kind::Reply
    });
    decode(&started.payload).unwrap()
}

/// A script that says on descriptor 3 what a launcher would.
fn telling(bytes: &[u8]) -> String {
    let octal: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("printf '{octal}' >&3")
}

#[test]
fn what_a_launcher_tells_is_recorded_before_the_end() {
    let mut hub = Hub::start();
    let refusal = Refusal::new(RefusedOp::ProgramWrite, "built-in/git-config", b"/ws/.git/config");
    start_recorded(&mut hub, &telling(&refusal.to_bytes().unwrap()));
    let (note, _) = asked(&mut hub);
    assert_eq!((note.stage.as_str(), note.cwd.as_str()), ("refused", "/ws/.git/config"));
    assert_eq!(note.op.as_deref(), Some("program-write"));
    assert_eq!(note.rule.as_deref(), Some("built-in/git-config"));
    assert!(note.command.starts_with("/bin/sh -c"), "{}", note.command);
    assert_eq!(asked(&mut hub).0.stage, "outcome");
}

#[test]
fn a_launcher_that_tells_nonsense_or_too_much_changes_nothing_else() {
    let mut hub = Hub::start();
    start_recorded(&mut hub, &telling(&[0xff; 8]));
    assert_eq!(asked(&mut hub).0.stage, "outcome");
    let refusal = Refusal::new(RefusedOp::ProgramRead, "r", b"/x").to_bytes().unwrap();
    let script = format!("i=0; while [ $i -lt 100 ]; do {}; i=$((i+1)); done", telling(&refusal));
    start_recorded(&mut hub, &script);
    let mut refused = 0;
    while asked(&mut hub).0.stage == "refused" {
        refused += 1;
    }
    assert_eq!(refused, 64);
}
