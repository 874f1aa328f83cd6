//! Keys: once, in order, acknowledged, and not behind output.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod harness;

use bulkhead_wire::{Kind, Lane, WireError, decode};
use harness::{Create, Keeper, until};

const WINDOW: u32 = 128 * 1024;

#[test]
fn typed_lines_through_a_killed_client_arrive_exactly_once() {
    let keeper = Keeper::start();
    let mut first = keeper.client();
    let created = first.create(&Create::shell("stty -echo; echo ready; exec cat"));
    let stream = first.attach(&created.session, 0, WINDOW);
    let seen = first.read_until(&stream, "ready\r\n").len() as u64;
    let keys = first.input(&created.session, "page");
    assert_eq!((keys.accept.offset, keys.credit), (0, 65_536));
    let typed: String = (0..200).map(|n| format!("line {n}\n")).collect();
    first.data(&keys, 0, &typed.as_bytes()[..700]);
    drop(first);
    let mut second = keeper.client();
    let stream = second.attach(&created.session, seen, WINDOW);
    let keys = second.input(&created.session, "page");
    // Whatever the keeper says was written, the writer goes on from there and overlaps what still waited.
    let from = usize::try_from(keys.accept.offset).unwrap();
    second.data(&keys, 0, &typed.as_bytes()[from..]);
    let text = second.read_until(&stream, "line 199\r\n");
    assert_eq!(String::from_utf8(text).unwrap().replace('\r', ""), typed);
}

#[test]
fn a_repeated_data_frame_is_dropped() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("stty -echo; echo ready; exec cat"));
    let stream = peer.attach(&created.session, 0, WINDOW);
    peer.read_until(&stream, "ready\r\n");
    let keys = peer.input(&created.session, "w");
    peer.data(&keys, 0, b"one\n");
    peer.data(&keys, 0, b"one\n");
    peer.data(&keys, 4, b"two\n");
    assert_eq!(peer.read_until(&stream, "two\r\n"), b"one\r\ntwo\r\n");
    peer.data(&keys, 100, b"x");
    let reset = peer.wait_for(|frame| frame.header.kind == Kind::Reset);
    let error: WireError = decode(&reset.payload).unwrap();
    assert_eq!((error.code.as_str(), error.message.contains("100")), ("bus/protocol", true));
}

#[test]
fn keys_are_credited_only_after_they_were_written() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    // Raw and never read: the kernel takes some and then no more.
    let created = peer.create(&Create::shell("stty raw -echo; echo ready; exec sleep 600"));
    let stream = peer.attach(&created.session, 0, WINDOW);
    peer.read_until(&stream, "ready");
    let keys = peer.input(&created.session, "w");
    peer.data(&keys, 0, &[b'x'; 65_536]);
    let mut credited = 0;
    while let Some(frame) = peer.wait_within(std::time::Duration::from_millis(400), |frame| {
        frame.header.kind == Kind::Credit && frame.header.correlation == keys.correlation
    }) {
        credited += frame.header.position;
    }
    assert!(credited > 0 && credited < 65_536, "{credited}");
    let again = peer.input(&created.session, "w");
    assert_eq!(again.accept.offset, u64::from(credited));
}

#[test]
fn control_c_passes_a_blocked_flood_of_output() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("echo up; exec yes"));
    // No credit for the flood: it fills the ring ahead and blocks.
    peer.attach(&created.session, 0, 100);
    let keys = peer.input_in(&created.session, "urgent", Lane::Control).unwrap();
    peer.data(&keys, 0, b"\x03");
    let event = "the program's end";
    let reader = peer.attach(&created.session, 0, WINDOW);
    let (_, exit) = peer.read_all(&reader);
    assert_eq!((exit.signal, exit.code), (Some(2), None), "{event}");
}

#[test]
fn a_second_stream_of_a_writer_replaces_the_first_and_an_ended_session_takes_none() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("read x"));
    let first = peer.input(&created.session, "w");
    let second = peer.input(&created.session, "w");
    let reset: WireError = decode(&peer.of(&first).payload).unwrap();
    assert_eq!(reset.code, "keeper/replaced");
    peer.data(&second, 0, b"\n");
    until("the end", || peer.row(&created.session).exit.is_some());
    let over = peer.wait_for(|frame| frame.header.kind == Kind::Reset);
    assert_eq!(over.header.correlation, second.correlation);
    let error = peer.input_in(&created.session, "w", Lane::Data).err().unwrap();
    assert_eq!(error.code, "keeper/no-such-session");
}
