//! Which output is kept for whom: protection, overwriting, gaps, back-pressure.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod harness;

use bulkhead_wire::Kind;
use harness::{Create, Keeper, Nothing, Of, memory, until};

const RING: u64 = 1024 * 1024;
const FLOOD: &str = "head -c 3000000 /dev/zero; sleep 600";

#[test]
fn without_a_reader_a_full_ring_stops_the_program_and_loses_nothing() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("head -c 3000000 /dev/zero; exit 3"));
    until("the ring to be full", || peer.row(&created.session).head == RING);
    let row = peer.row(&created.session);
    assert_eq!((row.tail, row.exit), (0, None), "protected for its creator");
    let stream = peer.attach(&created.session, 0, 128 * 1024);
    assert_eq!(stream.accept.gap, 0);
    let (bytes, exit) = peer.read_all(&stream);
    assert_eq!((bytes.len(), exit.code), (3_000_000, Some(3)));
}

#[test]
fn a_flood_without_credit_is_blocked_and_memory_stays_bounded() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("exec yes"));
    let stream = peer.attach(&created.session, 0, 1000);
    let mut received = 0;
    while received < 1000 {
        received += peer.of(&stream).payload.len();
    }
    assert_eq!(received, 1000, "not a byte over the credit");
    let bound = 1000 + 256 * 1024 + 64 * 1024;
    let mut before = 0;
    until("the program to be blocked", || {
        let head = peer.row(&created.session).head;
        let stands = head == before;
        before = head;
        std::thread::sleep(std::time::Duration::from_millis(20));
        stands
    });
    assert!(before <= bound, "read {before} bytes ahead");
    assert!(memory(keeper.process.id()) < 16 * 1024 * 1024);
}

#[test]
fn after_detach_old_bytes_are_overwritten_and_the_next_attach_is_told_how_many() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell(FLOOD));
    let of = Of { session: &created.session };
    let stream = peer.attach(&created.session, 0, 1000);
    peer.of(&stream);
    peer.call::<_, Nothing>("session.detach", &of);
    let end = peer.wait_for(|frame| frame.header.kind == Kind::End);
    assert_eq!((end.header.correlation, end.payload.len()), (stream.correlation, 0));
    until("the flood to pass", || peer.row(&created.session).head == 3_000_000);
    let again = peer.attach(&created.session, 1000, 1000);
    let lost = 3_000_000 - RING - 1000;
    assert_eq!((again.accept.offset, again.accept.gap), (3_000_000 - RING, lost));
}

#[test]
fn protection_after_a_lost_link_ends_with_its_time() {
    let keeper = Keeper::start_with(&[("BULKHEAD_KEEPER_PROTECT_MS", "300")]);
    let mut first = keeper.client();
    let created = first.create(&Create::shell(&format!("read x; {FLOOD}")));
    first.attach(&created.session, 0, 1000);
    let keys = first.input(&created.session, "w");
    first.data(&keys, 0, b"\n");
    drop(first);
    let mut second = keeper.client();
    // Full and protected at first, then overwritten: the tail moves only after the time.
    until("the flood to pass", || second.row(&created.session).head > 3_000_000);
    assert!(second.row(&created.session).tail > 0);
}

#[test]
fn a_shell_that_nobody_used_for_the_time_ends_and_one_with_a_job_or_a_reader_does_not() {
    let keeper = Keeper::start_with(&[("BULKHEAD_KEEPER_UNUSED_MS", "2000")]);
    let mut peer = keeper.client();
    let bash = Create::program(&["/bin/bash", "--norc", "-i"]);
    let read = peer.create(&bash).session;
    let _stream = peer.attach(&read, 0, 128 * 1024);
    let busy = peer.create(&bash).session;
    let stream = peer.attach(&busy, 0, 128 * 1024);
    let keys = peer.input(&busy, "w");
    peer.data(&keys, 0, b"sleep 600 & echo job-$((1))\n");
    peer.read_until(&stream, "job-1");
    peer.call::<_, Nothing>("session.detach", &Of { session: &busy });
    // The time of the busy one is over when that of this one is.
    let idle = peer.create(&bash).session;
    until("the unused one to end", || peer.row(&idle).exit.is_some());
    assert_eq!((peer.row(&busy).exit, peer.row(&read).exit), (None, None));
    peer.call::<_, Nothing>("session.detach", &Of { session: &read });
    until("the one without its reader to end", || peer.row(&read).exit.is_some());
    assert!(keeper.log().contains("was unused for 2000 ms"), "{}", keeper.log());
}

#[test]
fn consumed_bytes_stay_in_the_ring_for_a_restore() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("head -c 500000 /dev/zero; exec sleep 600"));
    let stream = peer.attach(&created.session, 0, 128 * 1024);
    let mut read = 0;
    while read < 500_000 {
        let bytes = peer.of(&stream).payload.len();
        peer.credit(&stream, u32::try_from(bytes).unwrap());
        read += bytes;
    }
    until("the last credit to arrive", || peer.row(&created.session).read == 500_000);
    assert_eq!(peer.row(&created.session).tail, 0);
    let again = peer.attach(&created.session, 0, 1000);
    assert_eq!((again.accept.offset, again.accept.gap), (0, 0));
    let reset = peer.of(&stream);
    assert_eq!(reset.header.kind, Kind::Reset);
    let error: bulkhead_wire::WireError = bulkhead_wire::decode(&reset.payload).unwrap();
    assert_eq!(error.code, "keeper/replaced");
}

#[test]
fn an_offset_beyond_the_output_is_refused_with_the_bound() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("exec sleep 600"));
    let input = as_javascript_sends_it(&created.session, 1 << 40);
    let lane = bulkhead_wire::Lane::Data;
    let error = peer.open("session.attach", &input, (0, lane)).err().unwrap();
    assert_eq!(error.code, "bus/invalid");
    assert!(error.message.contains("1099511627776"), "{}", error.message);
}

#[derive(serde::Serialize)]
struct Attach<'a> {
    session: &'a str,
    offset: f64,
}

/// Beyond 2^32 a number is a float there.
fn as_javascript_sends_it(session: &str, offset: u64) -> Attach<'_> {
    Attach { session, offset: offset as f64 }
}
