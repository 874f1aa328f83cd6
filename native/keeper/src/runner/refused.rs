//! What rules closed to a program, as its launcher tells it, on its way to the audit log.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use bulkhead_wire::{REFUSALS_MAX, Refusal, RefusalReader};

use super::Runner;
use crate::log;

const READ_BYTES: usize = 4096;

/// The reading end of a launcher's pipe.
#[derive(Debug)]
pub(super) struct Refused {
    pipe: Option<OwnedFd>,
    reader: RefusalReader,
    left: usize,
}

impl Refused {
    /// `pipe` does not block.
    pub(super) fn new(pipe: OwnedFd) -> Self {
        Self { pipe: Some(pipe), reader: RefusalReader::default(), left: REFUSALS_MAX }
    }

    /// Readable when something was told; none once nothing can be told any more.
    pub(super) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// What was told since the last call, within the bound. What is no refusal ends it.
    fn take(&mut self) -> Result<Vec<Refusal>, String> {
        let mut refusals = Vec::new();
        while let Some(pipe) = &self.pipe {
            let mut bytes = [0; READ_BYTES];
            match rustix::io::read(pipe, &mut bytes) {
                Ok(got) if got > 0 => self.reader.push(&bytes[..got]),
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => break,
                _ => self.pipe = None,
            }
            while let Some(refusal) = self.reader.take().inspect_err(|_| self.pipe = None)? {
                if self.left == 0 {
                    self.pipe = None;
                    break;
                }
                self.left -= 1;
                refusals.push(refusal);
            }
        }
        Ok(refusals)
    }
}

impl Runner {
    /// Has what a program was refused recorded, as long as the program's own record is open.
    pub(super) fn take_refusals(&mut self, number: u32) {
        let Some(program) = self.programs.get_mut(&number) else { return };
        let taken = program.refused.take();
        let Some(recorded) = program.recorded.clone() else { return };
        match taken {
            Ok(refusals) => {
                for refusal in refusals {
                    self.record_refusal(&recorded, &refusal);
                }
            }
            Err(why) => log::warn(format_args!("a launcher tells no refusals any more: {why}")),
        }
    }
}
