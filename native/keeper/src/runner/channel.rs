//! What runner and guard say to each other on a socketpair.
//!
//! Runner to guard: `u32 length, request`, then one signal number a byte. Guard to runner: records of 9 bytes.
//! The end of the channel tells the guard to kill everything.

use rustix::io::Errno;

use crate::spawn::{SpawnError, Stage};

/// Bytes of a record.
pub(crate) const RECORD_BYTES: usize = 9;

/// What a guard tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The program runs.
    Started { pid: i32 },
    /// It could not be started.
    Failed(SpawnError),
    /// It exited with a code.
    Exited { code: i32 },
    /// A signal ended it.
    Killed { signal: i32 },
}

impl Report {
    pub(crate) fn encode(self) -> [u8; RECORD_BYTES] {
        let (kind, first, second) = match self {
            Self::Started { pid } => (1, pid, 0),
            Self::Failed(error) => (2, error.stage as i32, error.errno.raw_os_error()),
            Self::Exited { code } => (3, code, 0),
            Self::Killed { signal } => (4, signal, 0),
        };
        let mut record = [kind; RECORD_BYTES];
        record[1..5].copy_from_slice(&first.to_le_bytes());
        record[5..9].copy_from_slice(&second.to_le_bytes());
        record
    }

    /// None for bytes that are no record.
    pub(crate) fn decode(record: [u8; RECORD_BYTES]) -> Option<Self> {
        let [kind, a, b, c, d, e, f, g, h] = record;
        let (first, second) = (i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h]));
        match kind {
            1 => Some(Self::Started { pid: first }),
            2 => {
                let stages = [Stage::Fork, Stage::Setup, Stage::Folder, Stage::Exec];
                let stage = *stages.get(usize::try_from(first).ok()?)?;
                let errno = Errno::from_raw_os_error(second.clamp(1, 4095));
                Some(Self::Failed(SpawnError { stage, errno }))
            }
            3 => Some(Self::Exited { code: first }),
            4 => Some(Self::Killed { signal: first }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_survive_the_channel() {
        let failed = SpawnError { stage: Stage::Folder, errno: Errno::NOENT };
        for report in [
            Report::Started { pid: 70_000 },
            Report::Failed(failed),
            Report::Exited { code: 255 },
            Report::Killed { signal: 9 },
        ] {
            assert_eq!(Report::decode(report.encode()), Some(report));
        }
        assert_eq!(Report::decode([0; RECORD_BYTES]), None);
    }
}
