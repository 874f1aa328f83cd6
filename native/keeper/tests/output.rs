//! Output of real programs through a real keeper: nothing lost, nothing twice.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

mod harness;

use harness::{Create, Keeper, until};

const WINDOW: u32 = 128 * 1024;

/// `BULKHEAD_FAST_EXITS=1000` for the long run.
fn fast_exits() -> usize {
    std::env::var("BULKHEAD_FAST_EXITS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

#[test]
fn programs_that_print_and_exit_at_once_lose_no_byte() {
    let keeper = Keeper::start();
    let mut peer = keeper.client();
    let printer = "head -c 20480 /dev/zero | tr '\\0' x; exit 7";
    for _ in 0..fast_exits() {
        let created = peer.create(&Create::shell(printer));
        let stream = peer.attach(&created.session, 0, WINDOW);
        let (bytes, exit) = peer.read_all(&stream);
        assert_eq!((bytes.len(), exit.code), (20_480, Some(7)));
        let of = harness::Of { session: &created.session };
        peer.call::<_, harness::Nothing>("session.forget", &of);
    }
}

#[test]
fn a_client_that_is_gone_is_replaced_without_a_gap() {
    let keeper = Keeper::start();
    let mut first = keeper.client();
    let created = first.create(&Create::shell("seq 1 40000"));
    let stream = first.attach(&created.session, 0, WINDOW);
    let mut bytes = first.read_until(&stream, "5000\r\n");
    // Some more is under way to it and never acknowledged.
    drop(first);
    let mut second = keeper.client();
    until("the keeper to see the first client go", || second.row(&created.session).attached == 0);
    let stream = second.attach(&created.session, bytes.len() as u64, WINDOW);
    assert_eq!((stream.accept.offset, stream.accept.gap), (bytes.len() as u64, 0));
    let (rest, exit) = second.read_all(&stream);
    bytes.extend(rest);
    let expected: String = (1..=40_000).map(|n| format!("{n}\r\n")).collect();
    assert!(bytes == expected.as_bytes(), "numbered output without gap or repetition");
    assert_eq!(exit.code, Some(0));
}
