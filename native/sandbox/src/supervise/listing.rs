//! Names in a folder: those that the caller may not look at are left out.

use std::os::fd::AsRawFd;

use rustix::io::Errno;

use super::handle::Context;
use super::listener::Answer;
use super::walk::{checked, join, real_path};

/// Bytes of one answer; a caller with a larger buffer asks again, as after any short answer.
const BYTES_MAX: u64 = 64 * 1024;
/// Inode, position and length come before the kind and the name.
const LENGTH_AT: usize = 16;
const NAME_AT: usize = 19;

/// getdents64.
pub(super) fn list(
    context: &Context<'_>,
    fd: i32,
    (out, size): (u64, u64),
) -> Result<Answer, Errno> {
    let folder = context.task.descriptor(fd)?;
    context.task.confirm()?;
    let path = real_path(&folder)?;
    let process = context.task.group_for(&path)?;
    let size = usize::try_from(size.min(BYTES_MAX)).map_err(|_| Errno::INVAL)?;
    let mut bytes = vec![0; size];
    loop {
        let (raw, at) = (folder.as_raw_fd(), bytes.as_mut_ptr());
        // SAFETY: the kernel writes at most `size` bytes into the buffer, which is borrowed for the call.
        let done = unsafe { libc::syscall(libc::SYS_getdents64, raw, at, size) };
        let got = usize::try_from(checked(done)?).map_err(|_| Errno::IO)?;
        let seen = |name: &[u8]| {
            let is_step = name == b"." || name == b"..";
            is_step || context.judge.is_listed(&join(&path, name), process)
        };
        let kept = keep(&bytes[..got], seen)?;
        // All names of this part are closed: an empty answer would mean the end.
        if kept.is_empty() && got > 0 {
            continue;
        }
        context.task.write(out, &kept)?;
        return Ok(Answer::Value(kept.len() as i64));
    }
}

/// The records whose name may be seen.
fn keep(records: &[u8], mut seen: impl FnMut(&[u8]) -> bool) -> Result<Vec<u8>, Errno> {
    let mut kept = Vec::with_capacity(records.len());
    let mut rest = records;
    while !rest.is_empty() {
        let length = rest.get(LENGTH_AT..LENGTH_AT + 2).ok_or(Errno::IO)?;
        let length = usize::from(u16::from_ne_bytes([length[0], length[1]]));
        let record = rest.get(..length).filter(|_| length > NAME_AT).ok_or(Errno::IO)?;
        let name = &record[NAME_AT..];
        let name = &name[..name.iter().position(|byte| *byte == 0).unwrap_or(name.len())];
        if seen(name) {
            kept.extend_from_slice(record);
        }
        rest = &rest[length..];
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str) -> Vec<u8> {
        let length = (NAME_AT + name.len() + 1).next_multiple_of(8);
        let mut record = vec![0; length];
        record[LENGTH_AT..LENGTH_AT + 2].copy_from_slice(&(length as u16).to_ne_bytes());
        record[NAME_AT..NAME_AT + name.len()].copy_from_slice(name.as_bytes());
        record
    }

    #[test]
    fn closed_names_are_left_out_and_the_others_stay_whole() {
        let all = [record("a"), record(".env"), record("a-longer-name")].concat();
        let kept = keep(&all, |name| name != b".env").unwrap();
        assert_eq!(kept, [record("a"), record("a-longer-name")].concat());
    }

    #[test]
    fn a_broken_record_is_an_error() {
        let mut broken = record("a");
        broken[LENGTH_AT] = 200;
        assert_eq!(keep(&broken, |_| true), Err(Errno::IO));
        assert_eq!(keep(&[0; 10], |_| true), Err(Errno::IO));
    }
}
