//! One call from its arguments to its answer.

use std::os::fd::OwnedFd;

use rustix::io::Errno;

use super::decode::{NO_FOLLOW, Request, Spot, decode};
use super::judge::{Act, Judge};
use super::listener::{Answer, Call, Listener};
use super::task::Task;
use super::walk::{Entry, Found, Last, Walker, real_path, root};
use super::{attributes, change, listing, look, moves, open};

/// Everything one call is answered with.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) judge: &'a Judge,
}

/// Answers one call. Anything this program does not know is refused.
pub(super) fn handle(call: Call, listener: &Listener, judge: &Judge) -> Result<Answer, Errno> {
    let request = decode(call.number, &call.arguments).ok_or(Errno::NOSYS)?;
    let task = Task::new(call, listener);
    let context = Context { task: &task, judge };
    match request {
        Request::Open { at, flags, mode } => open::open(&context, at, (flags, u64::from(mode))),
        Request::OpenHow { at, how, size } => open::open_how(&context, at, (how, size)),
        Request::Stat { .. }
        | Request::StatX { .. }
        | Request::StatFs { .. }
        | Request::Access { .. }
        | Request::ReadLink { .. } => look::look(&context, request),
        Request::List { fd, out, size } => listing::list(&context, fd, (out, size)),
        Request::Run { at, flags } => moves::run(&context, at, flags),
        Request::ChangeFolder { at } => moves::change_folder(&context, at),
        Request::Truncate { .. }
        | Request::MakeFolder { .. }
        | Request::MakeNode { .. }
        | Request::Remove { .. }
        | Request::Rename { .. }
        | Request::Link { .. }
        | Request::Symlink { .. } => change::change(&context, request),
        Request::Mode { .. }
        | Request::Owner { .. }
        | Request::SetTimes { .. }
        | Request::GetAttribute { .. }
        | Request::SetAttribute { .. }
        | Request::ListAttributes { .. }
        | Request::RemoveAttribute { .. } => attributes::attributes(&context, request),
    }
}

impl Context<'_> {
    /// What the path argument leads to, judged. An empty path with AT_EMPTY_PATH, or none, means the descriptor.
    pub(super) fn find(&self, at: Spot, flags: u32, acts: &[Act]) -> Result<Found, Errno> {
        let is_empty_allowed = flags & libc::AT_EMPTY_PATH as u32 != 0;
        let path = if at.path == 0 && is_empty_allowed {
            Vec::new()
        } else {
            self.task.read_path(at.path)?
        };
        if path.is_empty() && is_empty_allowed {
            let found = self.held(at.folder)?;
            // Seeing and reading were judged when it was opened; it may not have been opened to be changed.
            if acts.contains(&Act::Write) {
                self.check(&found, &[Act::Write])?;
            }
            return Ok(found);
        }
        let base = self.base(at, &path)?;
        let last = if flags & NO_FOLLOW == 0 { Last::Follow } else { Last::Keep };
        let found = self.walker().find(base, &path, last)?;
        self.check(&found, acts)?;
        Ok(found)
    }

    /// What the caller has open. It was judged when it was opened.
    pub(super) fn held(&self, number: i32) -> Result<Found, Errno> {
        let fd = self.task.base(number)?;
        self.task.confirm()?;
        Ok(Found { real: real_path(&fd)?, fd })
    }

    /// The folder and last name of a path argument, judged.
    pub(super) fn entry(&self, at: Spot, acts: &[Act]) -> Result<Entry, Errno> {
        let path = self.task.read_path(at.path)?;
        let base = self.base(at, &path)?;
        let entry = self.walker().entry(base, &path)?;
        self.check_name(&entry.real, acts)?;
        Ok(entry)
    }

    pub(super) fn base(&self, at: Spot, path: &[u8]) -> Result<OwnedFd, Errno> {
        // Looking the caller's folder up costs as much as opening the file; a whole path needs none.
        let base = if path.starts_with(b"/") { root()? } else { self.task.base(at.folder)? };
        self.task.confirm()?;
        Ok(base)
    }

    pub(super) fn check(&self, found: &Found, acts: &[Act]) -> Result<(), Errno> {
        let (object, process) = (found.object()?, self.task.group_for(&found.real)?);
        acts.iter().try_for_each(|act| self.judge.object(*act, (&found.real, &object), process))
    }

    pub(super) fn check_name(&self, real: &[u8], acts: &[Act]) -> Result<(), Errno> {
        let process = self.task.group_for(real)?;
        acts.iter().try_for_each(|act| self.judge.name(*act, real, process))
    }

    pub(super) fn walker(&self) -> Walker<'_> {
        Walker { task: self.task, judge: self.judge }
    }
}
