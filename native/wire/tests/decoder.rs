//! Bytes in any pieces, broken bytes, claims that are not kept.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

use bulkhead_wire::{
    Codec, Decoder, FRAME_BYTES_MAX, Frame, FrameError, HEADER_BYTES, Kind, Lane, Step,
};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

fn frame() -> impl Strategy<Value = Frame> {
    let numbers =
        (1..=20_u8, any::<u8>(), 0..=2_u8, any::<bool>(), any::<[u32; 7]>(), any::<u16>());
    (numbers, vec(any::<u8>(), 0..60), vec(any::<u8>(), 0..300)).prop_map(
        |((kind, flags, codec, is_control, words, epoch), extension, payload)| {
            let mut frame = Frame::new(Kind::try_from(kind).unwrap());
            frame.header.flags = flags;
            frame.header.codec = Codec::from_nibble(codec).unwrap();
            frame.header.lane = if is_control { Lane::Control } else { Lane::Data };
            frame.header.epoch = epoch;
            let [source, destination, correlation, sequence, name, deadline_ms, position] = words;
            frame.header.source = source;
            frame.header.destination = destination;
            frame.header.correlation = correlation;
            frame.header.sequence = sequence;
            frame.header.name = name;
            frame.header.deadline_ms = deadline_ms;
            frame.header.position = position;
            Frame { extension, payload, ..frame }
        },
    )
}

/// All frames of `pieces`, and the error that ended them.
fn read<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    max: usize,
) -> (Vec<Frame>, Option<FrameError>) {
    let mut decoder = Decoder::new(max);
    let mut frames = Vec::new();
    for piece in pieces {
        decoder.feed(piece);
        loop {
            match decoder.step() {
                Ok(Step::Frame(frame)) => frames.push(frame),
                Ok(Step::Incomplete(missing)) => {
                    assert!(missing > 0 && missing <= max);
                    break;
                }
                Err(error) => return (frames, Some(error)),
            }
        }
        assert!(decoder.reserved_bytes() <= max + piece.len());
    }
    (frames, None)
}

#[test]
fn frames_are_the_same_at_every_split_point() {
    let strategy = vec(frame(), 1..4);
    let checked = runner(60).run(&strategy, |frames| {
        let bytes: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
        for at in 0..=bytes.len() {
            let (first, second) = bytes.split_at(at);
            assert_eq!(read([first, second].into_iter(), FRAME_BYTES_MAX), (frames.clone(), None));
        }
        assert_eq!(read(bytes.chunks(1), FRAME_BYTES_MAX), (frames, None));
        Ok(())
    });
    checked.unwrap();
}

#[test]
fn mutated_bytes_never_panic_and_never_hold_more_than_the_bound() {
    let change = (any::<proptest::sample::Index>(), any::<u8>());
    let strategy = (vec(frame(), 1..4), vec(change, 1..8), 1..64_usize);
    let checked = runner(2_000).run(&strategy, |(frames, changes, piece)| {
        let mut bytes: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        read(bytes.chunks(piece), 4096);
        Ok(())
    });
    checked.unwrap();
}

#[test]
fn random_bytes_never_panic() {
    let checked = runner(2_000).run(&vec(any::<u8>(), 0..400), |bytes| {
        read(bytes.chunks(7), 1 << 20);
        for frame in read(bytes.chunks(400), 1 << 20).0 {
            let _ = frame.named_subject();
        }
        let _ = bulkhead_wire::decode::<bulkhead_wire::Hello>(&bytes);
        let _ = bulkhead_wire::decode::<bulkhead_wire::Control>(&bytes);
        Ok(())
    });
    checked.unwrap();
}

#[test]
fn a_length_is_refused_before_anything_else_has_come() {
    for (length, expected) in [
        (39, FrameError::TooShort(39)),
        (0, FrameError::TooShort(0)),
        (4097, FrameError::TooLong { length: 4097, max: 4096 }),
        (u32::MAX, FrameError::TooLong { length: u32::MAX, max: 4096 }),
    ] {
        let mut decoder = Decoder::new(4096);
        decoder.feed(&u32::to_le_bytes(length));
        assert_eq!(decoder.step(), Err(expected));
        assert!(decoder.reserved_bytes() < 4096);
    }
}

#[test]
fn a_claimed_length_reserves_nothing() {
    let mut decoder = Decoder::default();
    decoder.feed(&u32::to_le_bytes(16 * 1024 * 1024));
    assert_eq!(decoder.step(), Ok(Step::Incomplete(16 * 1024 * 1024 - 4)));
    assert!(decoder.reserved_bytes() <= 64, "{}", decoder.reserved_bytes());
}

#[test]
fn the_largest_frame_passes_and_its_memory_is_given_back() {
    let mut decoder = Decoder::default();
    let frame = Frame::new(Kind::Reply).raw(vec![7; FRAME_BYTES_MAX - HEADER_BYTES]);
    for piece in frame.encode().chunks(65_536) {
        if let Ok(Step::Frame(_)) = decoder.step() {
            panic!("too early");
        }
        decoder.feed(piece);
    }
    assert_eq!(decoder.step(), Ok(Step::Frame(frame)));
    assert_eq!(decoder.step(), Ok(Step::Incomplete(HEADER_BYTES)));
    assert!(decoder.reserved_bytes() <= 256 * 1024);
}
