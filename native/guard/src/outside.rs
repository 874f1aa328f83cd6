//! Files outside the workspace that a person has opened, each by its own name: nothing else of their folders is open,
//! and nothing of them to the agent or a server.

use crate::error::GuardError;
use crate::gate::{Asker, Guard};
use crate::sys;
use bulkhead_policy::Op;

/// One such file.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    /// Its real path.
    path: Vec<u8>,
    mount: u64,
}

impl Guard {
    /// Also serves these files, by their real paths, to the person. One that is not there is left out.
    ///
    /// # Errors
    /// When a path is not absolute.
    pub fn with_outside(mut self, files: &[Vec<u8>]) -> Result<Self, GuardError> {
        for path in files {
            if path.first() != Some(&b'/') {
                let shown = crate::listing::text(path);
                return Err(GuardError::Invalid(format!("{shown:?} is no absolute path")));
            }
            if let Ok(facts) = sys::look_at(path).and_then(sys::facts) {
                self.outside.push(Outside { path: path.clone(), mount: facts.mount });
            }
        }
        Ok(self)
    }

    /// The file itself; its folder can be looked at, so that it can be watched and saved.
    pub(crate) fn is_opened(&self, op: Op, path: &[u8], asker: &Asker) -> bool {
        !asker.principal.is_program()
            && self
                .outside
                .iter()
                .any(|file| file.path == path || (op == Op::Read && folder_of(&file.path) == path))
    }

    pub(crate) fn is_on_opened_mount(&self, mount: u64) -> bool {
        self.outside.iter().any(|file| file.mount == mount)
    }
}

fn folder_of(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(0) | None => b"/",
        Some(at) => &path[..at],
    }
}
