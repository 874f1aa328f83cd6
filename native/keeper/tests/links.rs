//! Who is let in, and what bad bytes get.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod harness;

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use bulkhead_wire::{
    ClientError, Decoder, Frame, Hello, Kind, Outbox, Step, WireError, decode, encode,
};
use harness::{Create, End, Folder, Keeper, LIMIT, Nothing, keeper_command, until};

/// A socket that has sent nothing yet.
fn raw(keeper: &Keeper) -> UnixStream {
    let stream = UnixStream::connect(keeper.folder.0.join("keeper-1.sock")).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// The frames until the keeper closes.
fn rest(stream: &mut UnixStream) -> Vec<Frame> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let mut decoder = Decoder::default();
    decoder.feed(&bytes);
    let mut frames = Vec::new();
    while let Ok(Step::Frame(frame)) = decoder.step() {
        frames.push(frame);
    }
    frames
}

fn refusal(stream: &mut UnixStream) -> WireError {
    let mut frames = rest(stream).into_iter();
    let refusal = frames.find(|frame| frame.header.kind == Kind::GoAway).unwrap();
    decode(&refusal.payload).unwrap()
}

fn bytes_of(frames: &[Frame]) -> Vec<u8> {
    let mut outbox = Outbox::new(1 << 20);
    let mut out = Vec::new();
    for frame in frames {
        outbox.push(frame).unwrap();
    }
    loop {
        let bytes = outbox.next_bytes().to_vec();
        if bytes.is_empty() {
            return out;
        }
        outbox.advance(bytes.len());
        out.extend(bytes);
    }
}

fn hello(keeper: &Keeper) -> Frame {
    let token = Some(keeper.token().to_vec().into());
    let hello = Hello { protocol: 1, name: "raw".to_owned(), pid: 1, token };
    Frame::new(Kind::Hello).payload(encode(&hello).unwrap())
}

fn info_call() -> Frame {
    Frame::new(Kind::Request).correlation(1).subject("keeper.info")
}

#[test]
fn a_wrong_token_is_refused_and_logged() {
    let keeper = Keeper::start();
    let Err(ClientError::Refused(error)) = keeper.try_client(&[7; 32]) else {
        panic!("let in");
    };
    assert_eq!(error.code, "bus/unauthorized");
    assert!(keeper.log().contains("bus/unauthorized"), "{}", keeper.log());
}

#[test]
fn a_crowd_that_says_nothing_keeps_nobody_out() {
    let keeper = Keeper::start();
    let mut crowd: Vec<UnixStream> = (0..200).map(|_| raw(&keeper)).collect();
    for _ in 0..5 {
        let mut stream = raw(&keeper);
        stream.write_all(&bytes_of(&[hello(&keeper), info_call()])).unwrap();
        crowd.push(raw(&keeper));
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(rest(&mut stream).iter().any(|frame| frame.header.kind == Kind::Reply));
    }
    let refused = refusal(&mut crowd[0]);
    assert_eq!(refused.code, "bus/limit");
    assert!(refused.message.contains("64 newer links"), "{refused}");
}

#[test]
fn malformed_frames_get_the_offending_value_and_disturb_nobody() {
    let keeper = Keeper::start();
    let mut bystander = keeper.client();
    let created = bystander.create(&Create::shell("exec cat"));
    let good = bytes_of(&[hello(&keeper), info_call()]);
    let start = bytes_of(&[hello(&keeper)]).len();
    let change = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[start + at] = value;
        bytes
    };
    let cases = [
        (change(4, 9), "bus/version", "version 9"),
        (change(5, 77), "bus/protocol", "kind 77"),
        (change(7, 7), "bus/protocol", "codec 7"),
        (change(20, 9), "bus/protocol", "sequence 9"),
        (change(3, 0x7f), "bus/protocol", "is over 16777216"),
        (change(39, 0x7f), "bus/protocol", "extension"),
        (vec![1, 0, 0, 0], "bus/protocol", "length 1 "),
        (vec![0xff; 64], "bus/protocol", "is over 4096"),
        (bytes_of(&[info_call()]), "bus/protocol", "kind 3"),
    ];
    for (bytes, code, part) in cases {
        let mut stream = raw(&keeper);
        stream.write_all(&bytes).unwrap();
        let error = refusal(&mut stream);
        assert_eq!(error.code, code, "{part}");
        assert!(error.message.contains(part), "{} has no {part:?}", error.message);
    }
    assert!(bystander.row(&created.session).exit.is_none());
}

#[test]
fn frames_split_at_every_byte_are_understood() {
    let keeper = Keeper::start();
    let bytes = bytes_of(&[hello(&keeper), info_call()]);
    let mut stream = raw(&keeper);
    for byte in &bytes {
        stream.write_all(&[*byte]).unwrap();
    }
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let kinds: Vec<_> = rest(&mut stream).iter().map(|frame| frame.header.kind).collect();
    assert_eq!(kinds, [Kind::Ready, Kind::Reply]);
}

#[test]
fn an_interned_name_and_an_unknown_subject_are_answered_with_an_error() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let error = peer.try_call::<_, Nothing>("keeper.dance", &Nothing {}).unwrap_err();
    assert_eq!(error.code, "bus/no-responder");
    let mut frame = Frame::new(Kind::Request).correlation(99);
    frame.header.name = 12;
    peer.send(frame);
    let answer = peer.wait_for(|frame| frame.header.correlation == 99);
    assert_eq!(answer.header.kind, Kind::Error);
    peer.send(Frame::new(Kind::Data).correlation(55).raw(vec![1]));
    peer.wait_for(|frame| frame.header.kind == Kind::Dead);
}

#[test]
fn a_vanished_socket_comes_back_with_the_same_token_and_sessions() {
    let keeper = Keeper::start();
    let token = keeper.token();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("exec cat"));
    let socket = keeper.folder.0.join("keeper-1.sock");
    std::fs::remove_file(&socket).unwrap();
    until("the socket", || socket.exists());
    let mut again = keeper.client();
    assert_eq!(again.row(&created.session).pid, created.pid);
    // In one step: file by file the keeper would be back in the middle of it.
    let away = keeper.folder.0.with_extension("away");
    std::fs::rename(&keeper.folder.0, &away).unwrap();
    std::fs::remove_dir_all(&away).unwrap();
    until("the folder", || socket.exists());
    assert_eq!(keeper.token(), token);
    assert_eq!(keeper.client().row(&created.session).pid, created.pid);
}

#[test]
fn files_are_private_and_a_folder_that_is_not_is_refused() {
    let keeper = Keeper::start();
    for name in ["keeper-1.sock", "keeper-1.token", "keeper-1.lock"] {
        let mode = std::fs::metadata(keeper.folder.0.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let open = Folder::new();
    std::fs::set_permissions(&open.0, PermissionsExt::from_mode(0o755)).unwrap();
    let output = keeper_command(&open).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("0755"));
    let deep = Folder(open.0.join("x".repeat(90)));
    let output = keeper_command(&deep).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("at most 107"));
}

#[test]
fn a_second_keeper_says_so_and_succeeds() {
    let keeper = Keeper::start();
    let output = keeper_command(&keeper.folder).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("another keeper"));
    keeper.client();
}

#[test]
fn it_leaves_some_time_after_the_last_client_and_session() {
    let mut keeper = Keeper::start_with(&[("BULKHEAD_KEEPER_LINGER_MS", "100")]);
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("exec cat"));
    drop(peer);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(matches!(keeper.process.try_wait(), Ok(None)), "a session holds it");
    let mut peer = keeper.client();
    let of = harness::Of { session: &created.session };
    peer.call::<_, Nothing>("session.end", &End { session: &created.session, grace_ms: 0 });
    until("the end", || peer.try_call::<_, Nothing>("session.forget", &of).is_ok());
    drop(peer);
    until("the keeper to leave", || matches!(keeper.process.try_wait(), Ok(Some(_))));
    assert!(!keeper.folder.0.join("keeper-1.sock").exists());
}

#[test]
fn a_keeper_of_another_major_runs_beside_in_the_same_folder() {
    let keeper = Keeper::start();
    let mut command = keeper_command(&keeper.folder);
    let older = command.envs([("BULKHEAD_DRILL", "1"), ("BULKHEAD_KEEPER_MAJOR", "0")]);
    let older = older.stderr(std::process::Stdio::null());
    let mut older = older.spawn().unwrap();
    let socket = keeper.folder.0.join("keeper-0.sock");
    until("the older keeper's socket", || socket.exists());
    let token = bulkhead_wire::read_token(&keeper.folder.0.join("keeper-0.token")).unwrap();
    assert_ne!(token, keeper.token());
    let pid = rustix::process::Pid::from_child(&older);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    until("the older one to end", || matches!(older.try_wait(), Ok(Some(_))));
    assert!(!socket.exists() && keeper.folder.0.join("keeper-1.sock").exists());
}
