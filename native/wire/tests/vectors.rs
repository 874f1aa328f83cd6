//! The vectors that TypeScript writes: the same bytes must be read and written here.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure here is a failed test")]

use std::path::Path;

use bulkhead_wire::{
    Codec, Decoder, Entries, Frame, Hello, Kind, Lane, Ready, Step, WireError, decode, encode,
    entry_type, push_entry,
};
use serde_json::Value;

fn vectors() -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/wire-vectors.json");
    let text = std::fs::read_to_string(path).unwrap();
    let vectors: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(vectors.len() >= 20, "{} vectors", vectors.len());
    vectors
}

fn unhex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn field(vector: &Value, name: &str) -> u32 {
    u32::try_from(vector["header"][name].as_u64().unwrap()).unwrap()
}

fn small(vector: &Value, name: &str) -> u8 {
    u8::try_from(field(vector, name)).unwrap()
}

/// The extension of the vector's words; entries that have no word here are taken over.
fn extension(vector: &Value, original: &[u8]) -> Vec<u8> {
    let words = &vector["ext"];
    let mut out = Vec::new();
    for entry in Entries::new(original) {
        let entry = entry.unwrap();
        let bytes = match entry.kind {
            entry_type::TRACE => unhex(&words["traceHex"]),
            entry_type::SUBJECT => words["subject"].as_str().unwrap().as_bytes().to_vec(),
            entry_type::PRINCIPAL => words["principal"].as_str().unwrap().as_bytes().to_vec(),
            _ => entry.bytes.to_vec(),
        };
        assert!(push_entry(&mut out, entry.kind, &bytes));
    }
    out
}

/// The frame as the vector describes it in words.
fn described(vector: &Value, original: &Frame) -> Frame {
    let mut frame = Frame::new(Kind::try_from(small(vector, "kind")).unwrap());
    let codec_lane = small(vector, "codecLane");
    frame.header.codec = Codec::from_nibble(codec_lane & 15).unwrap();
    frame.header.lane = if codec_lane & 16 == 0 { Lane::Data } else { Lane::Control };
    frame.header.flags = small(vector, "flags");
    frame.header.source = field(vector, "source");
    frame.header.destination = field(vector, "destination");
    frame.header.correlation = field(vector, "correlation");
    frame.header.sequence = field(vector, "sequence");
    frame.header.name = field(vector, "name");
    frame.header.deadline_ms = field(vector, "deadlineMs");
    frame.header.position = field(vector, "position");
    frame.header.epoch = u16::try_from(field(vector, "epoch")).unwrap();
    frame.payload = unhex(&vector["payloadHex"]);
    frame.extension = extension(vector, &original.extension);
    frame
}

fn decoded(bytes: &[u8]) -> Frame {
    let mut decoder = Decoder::default();
    decoder.feed(bytes);
    let Step::Frame(frame) = decoder.step().unwrap() else { panic!("no whole frame") };
    assert_eq!(decoder.pending_bytes(), 0);
    frame
}

#[test]
fn every_vector_is_read_as_it_is_described_and_written_byte_for_byte() {
    for vector in vectors() {
        let bytes = unhex(&vector["hex"]);
        let frame = decoded(&bytes);
        let described = described(&vector, &frame);
        assert_eq!(frame, described, "{}", vector["name"]);
        assert_eq!(described.encode(), bytes, "{}", vector["name"]);
        let subject = vector["ext"]["subject"].as_str();
        assert_eq!(frame.named_subject().unwrap(), subject, "{}", vector["name"]);
    }
}

#[test]
fn payloads_of_the_bus_itself_are_written_byte_for_byte() {
    let mut checked = 0;
    for vector in vectors() {
        let frame = decoded(&unhex(&vector["hex"]));
        if frame.payload.is_empty() {
            continue;
        }
        let again = match frame.header.kind {
            Kind::Hello => encode(&decode::<Hello>(&frame.payload).unwrap()),
            Kind::Ready => encode(&decode::<Ready>(&frame.payload).unwrap()),
            Kind::Error | Kind::Reset | Kind::GoAway if vector["value"].get("data").is_none() => {
                encode(&decode::<WireError>(&frame.payload).unwrap())
            }
            _ => continue,
        };
        assert_eq!(again.unwrap(), frame.payload, "{}", vector["name"]);
        checked += 1;
    }
    assert!(checked >= 4, "{checked} payloads were checked");
}

#[test]
fn errors_with_details_and_control_frames_of_typescript_are_understood() {
    for vector in vectors() {
        let frame = decoded(&unhex(&vector["hex"]));
        match frame.header.kind {
            Kind::Error | Kind::Reset | Kind::GoAway => {
                let error: WireError = decode(&frame.payload).unwrap();
                assert_eq!(Some(error.code.as_str()), vector["value"]["code"].as_str());
            }
            Kind::Control => {
                decode::<bulkhead_wire::Control>(&frame.payload).unwrap();
            }
            _ => {}
        }
    }
}
