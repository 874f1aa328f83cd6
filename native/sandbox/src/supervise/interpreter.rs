//! Which other program a file names to be run by: the kernel opens that one itself, unasked.

use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::{Errno, pread};

use super::walk::Found;

/// As much as the kernel reads of a script, and of the headers of a program.
const HEAD_BYTES: usize = 4096;
const LINE_BYTES: usize = 256;
const PATH_BYTES_MAX: usize = 4096;
const SCRIPT: &[u8] = b"#!";
const ELF_64: &[u8] = b"\x7fELF\x02";
/// Where the headers of a 64-bit program's parts begin, how large one is, and how many there are.
const PARTS_AT: usize = 32;
const PART_SIZE_AT: usize = 54;
const PARTS_COUNT_AT: usize = 56;
const PART_SIZE: usize = 56;
const INTERPRETER_PART: u32 = 3;

/// The path, if the file names one; the kernel would find it in the same bytes.
pub(super) fn interpreter(found: &Found) -> Result<Option<Vec<u8>>, Errno> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = match openat(CWD, found.handle(), flags, Mode::empty()) {
        // It may be run and not read, so nobody wrote another program's name into it to ask for that.
        Err(Errno::ACCESS) => return Ok(None),
        other => other?,
    };
    let mut head = vec![0; HEAD_BYTES];
    let got = pread(&file, head.as_mut_slice(), 0)?;
    head.truncate(got);
    if head.starts_with(SCRIPT) {
        return Ok(of_script(&head));
    }
    if !head.starts_with(ELF_64) {
        return Ok(None);
    }
    let Some((offset, length)) = of_program(&head) else { return Ok(None) };
    let mut path = read_at(&file, offset, length)?;
    path.truncate(path.iter().position(|byte| *byte == 0).unwrap_or(path.len()));
    Ok(Some(path))
}

/// Up to the first blank after the mark, on the first line.
fn of_script(head: &[u8]) -> Option<Vec<u8>> {
    let line = &head[SCRIPT.len()..head.len().min(LINE_BYTES)];
    let line = line.split(|byte| *byte == b'\n' || *byte == 0).next()?;
    let mut words = line.split(|byte| *byte == b' ' || *byte == b'\t');
    words.find(|word| !word.is_empty()).map(<[u8]>::to_vec)
}

/// Offset and length of the text.
fn of_program(head: &[u8]) -> Option<(u64, usize)> {
    let begin = usize::try_from(number(head, PARTS_AT, 8)?).ok()?;
    let size = usize::try_from(number(head, PART_SIZE_AT, 2)?).ok()?;
    let count = usize::try_from(number(head, PARTS_COUNT_AT, 2)?).ok()?;
    for index in 0..count {
        let at = begin.checked_add(index.checked_mul(size)?)?;
        let part = head.get(at..at.checked_add(PART_SIZE)?)?;
        if number(part, 0, 4)? == u64::from(INTERPRETER_PART) {
            let length = usize::try_from(number(part, 32, 8)?).ok()?;
            return Some((number(part, 8, 8)?, length.min(PATH_BYTES_MAX)));
        }
    }
    None
}

fn read_at(file: &OwnedFd, offset: u64, length: usize) -> Result<Vec<u8>, Errno> {
    let mut bytes = vec![0; length];
    let got = pread(file, bytes.as_mut_slice(), offset)?;
    bytes.truncate(got);
    Ok(bytes)
}

/// A little-endian number of `bytes` bytes.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let part = bytes.get(at..at.checked_add(length)?)?;
    Some(part.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, proptest};

    #[test]
    fn a_script_names_the_first_word() {
        for (head, expected) in [
            (&b"#!/bin/sh\n"[..], Some(&b"/bin/sh"[..])),
            (b"#! \t/usr/bin/env node\nx", Some(b"/usr/bin/env")),
            (b"#!\n/bin/sh", None),
            (b"#!/bin/x", Some(b"/bin/x")),
        ] {
            assert_eq!(of_script(head).as_deref(), expected);
        }
    }

    #[test]
    fn this_program_names_its_loader() {
        let path = std::env::current_exe().unwrap();
        let fd = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let named = interpreter(&Found { fd, real: Vec::new() }).unwrap().unwrap();
        assert!(String::from_utf8(named).unwrap().contains("ld-"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(tail in any::<Vec<u8>>()) {
            let _ = of_program(&[ELF_64, &tail].concat());
            let _ = of_script(&[SCRIPT, &tail].concat());
        }
    }
}
