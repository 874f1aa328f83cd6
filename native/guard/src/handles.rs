//! Open files of callers, by number.

use crate::error::GuardError;
use crate::gate::{Asker, Guard, lock};
use crate::sys;
use bulkhead_policy::Op;
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// Most files open at a time.
const HANDLES_MAX: usize = 256;

/// The open files of one guard.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    open: HashMap<u32, Arc<Handle>>,
    last: u32,
}

/// A file that was judged when it was opened, and is judged again with each read.
#[derive(Debug)]
pub(crate) struct Handle {
    pub(crate) fd: OwnedFd,
    asker: Asker,
}

impl Guard {
    pub(crate) fn keep(&self, fd: OwnedFd, asker: &Asker) -> Result<u32, GuardError> {
        let mut handles = lock(&self.handles);
        if handles.open.len() >= HANDLES_MAX {
            let open = handles.open.len() as u64 + 1;
            return Err(GuardError::TooLarge("the number of open files", open, HANDLES_MAX as u64));
        }
        handles.last = handles.last.wrapping_add(1);
        while handles.open.contains_key(&handles.last) {
            handles.last = handles.last.wrapping_add(1);
        }
        let number = handles.last;
        handles.open.insert(number, Arc::new(Handle { fd, asker: asker.clone() }));
        Ok(number)
    }

    /// The file of `number` if it was opened by the same actor on the same behalf, and is still open to it.
    pub(crate) fn handle(&self, number: u32, asker: &Asker) -> Result<Arc<Handle>, GuardError> {
        let handle = lock(&self.handles).open.get(&number).cloned();
        let own = |handle: &Arc<Handle>| {
            handle.asker.actor == asker.actor && handle.asker.principal == asker.principal
        };
        let handle = handle
            .filter(own)
            .ok_or_else(|| GuardError::Invalid(format!("there is no open file {number}")))?;
        let path = sys::real_path(&handle.fd)?;
        if sys::facts(&handle.fd)?.links > 0 {
            self.decide(Op::Read, &path, asker)?;
        }
        Ok(handle)
    }

    pub(crate) fn close(&self, number: u32, asker: &Asker) {
        let mut handles = lock(&self.handles);
        if handles.open.get(&number).is_some_and(|handle| handle.asker.actor == asker.actor) {
            handles.open.remove(&number);
        }
    }

    /// Closes everything an actor has open: it has gone.
    pub(crate) fn close_all(&self, actor: &str) {
        lock(&self.handles).open.retain(|_, handle| handle.asker.actor != actor);
    }
}
