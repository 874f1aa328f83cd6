//! Checkpoints: they come back, and their bounds.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod harness;

use bulkhead_wire::{Frame, Kind, decode, encode};
use harness::{Create, Keeper, Nothing, Of, memory, until};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

#[derive(Serialize)]
struct PutCheckpoint<'a> {
    session: &'a str,
    offset: u64,
    cols: u32,
    rows: u32,
    blob: ByteBuf,
}

#[derive(Deserialize)]
struct Answer {
    checkpoint: Option<Checkpoint>,
}

#[derive(Deserialize)]
struct Checkpoint {
    offset: u64,
    blob: ByteBuf,
}

#[test]
fn a_checkpoint_comes_back_and_one_that_is_too_large_is_refused() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let created = peer.create(&Create::shell("printf 12345; exec sleep 600"));
    until("output", || peer.row(&created.session).head == 5);
    let session = created.session.as_str();
    let of = Of { session };
    assert!(peer.call::<_, Answer>("session.get-checkpoint", &of).checkpoint.is_none());
    let blob = ByteBuf::from(vec![7; 512 * 1024]);
    let mut put = PutCheckpoint { session, offset: 5, cols: 80, rows: 24, blob };
    peer.call::<_, Nothing>("session.put-checkpoint", &put);
    let found = peer.call::<_, Answer>("session.get-checkpoint", &of).checkpoint.unwrap();
    assert_eq!((found.offset, found.blob.len()), (5, 512 * 1024));
    put.blob.push(0);
    let error = peer.try_call::<_, Nothing>("session.put-checkpoint", &put).unwrap_err();
    assert_eq!(error.code, "keeper/checkpoint-too-large");
    put.blob.clear();
    put.offset = 6;
    let error = peer.try_call::<_, Nothing>("session.put-checkpoint", &put).unwrap_err();
    assert_eq!(error.code, "bus/invalid");
}

#[test]
fn many_large_answers_wait_for_a_slow_client_and_disturb_nobody() {
    const CALLS: u32 = 64;
    let keeper = Keeper::start();
    let mut slow = keeper.client();
    let created = slow.create(&Create::shell("exec cat"));
    let session = created.session.as_str();
    let blob = ByteBuf::from(vec![7; 512 * 1024]);
    let put = PutCheckpoint { session, offset: 0, cols: 80, rows: 24, blob };
    slow.call::<_, Nothing>("session.put-checkpoint", &put);
    let calls: Vec<u32> = (0..CALLS).map(|_| slow.next()).collect();
    for call in &calls {
        let frame = Frame::new(Kind::Request).subject("session.get-checkpoint").correlation(*call);
        slow.send(frame.payload(encode(&Of { session }).unwrap()));
    }
    let mut other = keeper.client();
    assert_eq!(other.row(session).session, session);
    assert!(memory(keeper.process.id()) < 16 * 1024 * 1024, "the answers are not made in advance");
    for call in calls {
        let answer = slow.wait_for(|frame| frame.header.correlation == call);
        assert_eq!(answer.header.kind, Kind::Reply, "call {call}");
        let answer: Answer = decode(&answer.payload).unwrap();
        assert_eq!(answer.checkpoint.unwrap().blob.len(), 512 * 1024);
    }
}

#[test]
fn when_the_reader_vanishes_the_ring_keeps_all_behind_the_checkpoint() {
    const RING: u64 = 1024 * 1024;
    const LAST: usize = 400_000;
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let script =
        "stty -echo; head -c 500000 /dev/zero; read x; head -c 3000000 /dev/zero; sleep 600";
    let created = peer.create(&Create::shell(script));
    let session = created.session.as_str();
    let stream = peer.attach(session, 0, 128 * 1024);
    let mut read = 0;
    while read < 500_000 {
        let bytes = peer.of(&stream).payload.len();
        peer.credit(&stream, u32::try_from(bytes).unwrap());
        read += bytes;
    }
    let blob = ByteBuf::from(vec![7; 10]);
    let put = PutCheckpoint { session, offset: LAST as u64, cols: 80, rows: 24, blob };
    peer.call::<_, Nothing>("session.put-checkpoint", &put);
    until("the last credit to arrive", || peer.row(session).read == 500_000);
    let keys = peer.input(session, "w");
    peer.data(&keys, 0, b"\n");
    drop(peer);
    let mut other = keeper.client();
    let full = LAST as u64 + RING;
    until("the ring to be full", || other.row(session).head >= full);
    let row = other.row(session);
    assert_eq!((row.tail, row.head), (LAST as u64, full));
}
