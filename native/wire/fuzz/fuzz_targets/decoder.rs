//! Any bytes in pieces of any size: no panic, no memory beyond the bound, and what was read writes itself again.
#![no_main]

use bulkhead_wire::{Decoder, Frame, Hello, Step, decode};
use libfuzzer_sys::fuzz_target;

const MAX: usize = 1 << 20;

fuzz_target!(|input: &[u8]| {
    let Some((piece, bytes)) = input.split_first() else { return };
    let mut decoder = Decoder::new(MAX);
    let mut frames: Vec<Frame> = Vec::new();
    'link: for part in bytes.chunks(usize::from(*piece).max(1)) {
        decoder.feed(part);
        loop {
            match decoder.step() {
                Ok(Step::Frame(frame)) => frames.push(frame),
                Ok(Step::Incomplete(_)) => break,
                Err(_) => break 'link,
            }
        }
        assert!(decoder.reserved_bytes() <= MAX + part.len());
    }
    for frame in &frames {
        let _ = frame.named_subject();
        let _ = decode::<Hello>(&frame.payload);
        let mut again = Decoder::new(MAX);
        again.feed(&frame.encode());
        assert_eq!(again.step(), Ok(Step::Frame(frame.clone())));
    }
});
