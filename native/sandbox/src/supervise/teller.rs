//! Tells whoever started the program which files rules closed to it, each once.

use std::collections::HashSet;
use std::os::fd::OwnedFd;
use std::sync::Mutex;

use bulkhead_wire::{REFUSALS_MAX, Refusal, RefusedOp};

use super::judge::lock;

/// The pipe and what was told on it.
#[derive(Debug)]
pub(crate) struct Teller {
    pipe: OwnedFd,
    told: Mutex<HashSet<(RefusedOp, Vec<u8>)>>,
}

impl Teller {
    /// Takes the pipe; it does not block, and closes with the value.
    pub(crate) fn new(pipe: OwnedFd) -> Self {
        Self { pipe, told: Mutex::default() }
    }

    /// Never waits: the program's call does. What a full pipe does not take is told when it is tried again.
    pub(super) fn tell(&self, op: RefusedOp, path: &[u8], rule: impl Fn() -> String) {
        let mut told = lock(&self.told);
        if told.len() >= REFUSALS_MAX {
            return;
        }
        let key = (op, path.to_vec());
        if told.contains(&key) {
            return;
        }
        let Some(bytes) = Refusal::new(op, &rule(), path).to_bytes() else { return };
        if rustix::io::write(&self.pipe, &bytes).is_ok() {
            told.insert(key);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failure here is a failed test")]
mod tests {
    use super::*;
    use bulkhead_wire::RefusalReader;
    use rustix::pipe::{PipeFlags, pipe_with};

    #[test]
    fn each_is_told_once_and_no_more_than_the_bound() {
        let (pipe, end) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).unwrap();
        let teller = Teller::new(end);
        let rule = || "user/1".to_owned();
        for name in 0..200 {
            for op in [RefusedOp::ProgramRead, RefusedOp::ProgramRead] {
                teller.tell(op, format!("/ws/{name}").as_bytes(), rule);
            }
        }
        let mut bytes = vec![0; 1 << 16];
        let got = rustix::io::read(&pipe, &mut bytes).unwrap();
        let mut reader = RefusalReader::default();
        reader.push(&bytes[..got]);
        let paths: Vec<_> =
            std::iter::from_fn(|| reader.take().unwrap()).map(|refusal| refusal.path).collect();
        let expected: Vec<_> = (0..REFUSALS_MAX).map(|name| format!("/ws/{name}")).collect();
        assert_eq!(paths, expected);
    }
}
