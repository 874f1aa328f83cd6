//! Sessions: starting, what the program gets, ending, what is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod harness;

use harness::hub::lives;
use harness::{Create, Created, End, Keeper, Nothing, Of, until};
use serde::Serialize;
use serde_bytes::ByteBuf;

const WINDOW: u32 = 128 * 1024;

fn output_of(script: &str) -> String {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell(script));
    let stream = peer.attach(&created.session, 0, WINDOW);
    String::from_utf8(peer.read_all(&stream).0).unwrap().replace('\r', "")
}

#[test]
fn a_shell_has_only_its_terminal_and_leads_its_own_session() {
    let text = output_of("ls /proc/$$/fd; ps -o sid=,tty= -p $$; echo $$");
    let mut words = text.split_whitespace();
    assert_eq!([words.next(), words.next(), words.next()], [Some("0"), Some("1"), Some("2")]);
    let (session, terminal, pid) = (words.next(), words.next(), words.next());
    assert_eq!(session, pid);
    assert!(terminal.unwrap().starts_with("pts/"));
}

#[test]
fn fifty_shells_share_no_descriptor() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let shells: Vec<Created> =
        (0..50).map(|_| peer.create(&Create::program(&["/bin/cat"]))).collect();
    let mut terminals = std::collections::BTreeSet::new();
    for Created { pid, .. } in &shells {
        let name = |fd: i32| std::fs::read_link(format!("/proc/{pid}/fd/{fd}")).unwrap();
        let count = || std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count();
        // While it is loaded, its libraries are open.
        until("only the standard ones", || count() == 3);
        assert!(name(0).starts_with("/dev/pts") && name(0) == name(1) && name(1) == name(2));
        assert!(terminals.insert(name(0)), "{:?} is held twice", name(0));
    }
}

#[test]
fn a_shell_has_exactly_the_environment_of_the_request_and_default_signals() {
    let text = output_of("env | sort; grep -E 'SigBlk|SigIgn' /proc/self/status");
    assert!(text.contains("MARK=here\n"), "{text}");
    assert!(!text.contains("CARGO"), "{text}");
    assert!(text.contains("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000"), "{text}");
}

#[test]
fn what_cannot_be_started_is_told_with_value_and_errno() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let error = peer.try_call::<_, Created>("session.create", &Create::program(&["no-shell"]));
    let error = error.unwrap_err();
    assert_eq!(error.code, "keeper/not-found");
    assert!(error.message.contains("no-shell"), "{}", error.message);
    let mut create = Create::shell("");
    create.cwd = "/no/such".to_owned();
    let error = peer.try_call::<_, Created>("session.create", &create).unwrap_err();
    assert_eq!(error.code, "keeper/no-folder");
    assert!(error.message.contains("/no/such"), "{}", error.message);
    create = Create::shell("");
    create.cols = 2_001;
    let error = peer.try_call::<_, Created>("session.create", &create).unwrap_err();
    assert_eq!(error.code, "bus/invalid");
    assert!(error.message.contains("2001"), "{}", error.message);
    create = Create::shell("");
    create.meta = ByteBuf::from(vec![0; 16 * 1024 + 1]);
    let error = peer.try_call::<_, Created>("session.create", &create).unwrap_err();
    assert!(error.message.contains("16385"), "{}", error.message);
}

#[derive(Serialize)]
struct Resize<'a> {
    session: &'a str,
    cols: u32,
    rows: u32,
}

#[test]
fn a_new_size_reaches_the_program() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let script = "trap 'stty size' WINCH; echo up; while :; do sleep 0.02; done";
    let created = peer.create(&Create::shell(script));
    let stream = peer.attach(&created.session, 0, WINDOW);
    peer.read_until(&stream, "up\r\n");
    let resize = Resize { session: &created.session, cols: 101, rows: 33 };
    peer.call::<_, Nothing>("session.resize", &resize);
    peer.read_until(&stream, "33 101\r\n");
    assert_eq!(peer.row(&created.session).cols, 101);
}

#[test]
fn ending_kills_what_ignores_the_hang_up_in_the_background_too() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let script = "trap '' HUP; sh -c 'echo child $$; exec sleep 600' & exec sleep 600";
    let created = peer.create(&Create::shell(script));
    let stream = peer.attach(&created.session, 0, WINDOW);
    let text = String::from_utf8(peer.read_until(&stream, "\r\n")).unwrap();
    let child: i32 = text.trim().strip_prefix("child ").unwrap().parse().unwrap();
    assert!(lives(child) && lives(created.pid));
    peer.call::<_, Nothing>("session.end", &End { session: &created.session, grace_ms: 50 });
    let (_, exit) = peer.read_all(&stream);
    assert_eq!(exit.signal, Some(9));
    until("the background job to end", || !lives(child));
}

#[test]
fn an_ended_session_is_kept_until_it_is_forgotten_and_leaves_no_zombie() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("echo bye; exit 5"));
    let exited = peer.wait_for(|frame| frame.named_subject() == Ok(Some("session.exited")));
    assert!(!exited.payload.is_empty());
    assert_eq!(peer.row(&created.session).exit.unwrap().code, Some(5));
    let children = format!("/proc/{0}/task/{0}/children", keeper.process.id());
    assert_eq!(std::fs::read_to_string(children).unwrap(), "", "no zombie");
    let stream = peer.attach(&created.session, 0, WINDOW);
    assert_eq!(peer.read_all(&stream).0, b"bye\r\n");
    let of = Of { session: &created.session };
    peer.call::<_, Nothing>("session.forget", &of);
    let error = peer.try_call::<_, Nothing>("session.forget", &of).unwrap_err();
    assert_eq!(error.code, "keeper/no-such-session");
}

#[test]
fn an_end_is_told_although_a_background_job_holds_the_terminal() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("trap '' HUP; setsid sleep 600 & echo $!; exit 0"));
    let stream = peer.attach(&created.session, 0, WINDOW);
    let (bytes, exit) = peer.read_all(&stream);
    assert_eq!(exit.code, Some(0));
    let job: i32 = String::from_utf8(bytes).unwrap().trim().parse().unwrap();
    let job = rustix::process::Pid::from_raw(job).unwrap();
    let _ = rustix::process::kill_process(job, rustix::process::Signal::KILL);
}

#[derive(Serialize)]
struct SendSignal<'a> {
    session: &'a str,
    signal: u32,
    target: &'a str,
}

#[test]
fn a_signal_goes_to_the_foreground_group_and_the_row_tells_folder_and_group() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let mut create = Create::program(&["/bin/bash", "--norc", "-i"]);
    create.cwd = "/usr".to_owned();
    create.env.insert("PS1".to_owned(), "ready> ".to_owned());
    let created = peer.create(&create);
    let stream = peer.attach(&created.session, 0, WINDOW);
    peer.read_until(&stream, "ready> ");
    let row = peer.row(&created.session);
    assert_eq!((row.cwd.as_str(), row.foreground), ("/usr", created.pid));
    let keys = peer.input(&created.session, "w");
    peer.data(&keys, 0, b"sleep 600\n");
    until("the job", || ![0, created.pid].contains(&peer.row(&created.session).foreground));
    let session = created.session.as_str();
    let signal = SendSignal { session, signal: 15, target: "foreground" };
    peer.call::<_, Nothing>("session.signal", &signal);
    until("the prompt", || peer.row(session).foreground == created.pid);
    let error = SendSignal { session, signal: 99, target: "shell" };
    let error = peer.try_call::<_, Nothing>("session.signal", &error).unwrap_err();
    assert!(error.message.contains("99"), "{}", error.message);
}
