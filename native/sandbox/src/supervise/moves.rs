//! Running a program and changing the folder: the kernel alone can do these to a process.
//!
//! They are judged, and then the kernel goes on and reads the path a second time. A caller that swaps it in between
//! gains no content: what may be run is closed by Landlock, and a folder it stands in is judged again with every
//! path that begins there. It can learn that a name exists.

use rustix::io::Errno;

use super::decode::Spot;
use super::handle::Context;
use super::interpreter::interpreter;
use super::judge::Act;
use super::listener::Answer;
use super::walk::Last;

/// execve, execveat.
pub(super) fn run(context: &Context<'_>, at: Spot, flags: u32) -> Result<Answer, Errno> {
    let found = context.find(at, flags, &[Act::Read])?;
    let object = found.object()?;
    if !object.is(libc::S_IFREG) {
        return Err(Errno::ACCESS);
    }
    if let Some(path) = interpreter(&found)? {
        let here = Spot { folder: libc::AT_FDCWD, path: 0 };
        let base = context.base(here, &path)?;
        let named = context.walker().find(base, &path, Last::Follow)?;
        context.check(&named, &[Act::Read])?;
    }
    Ok(Answer::GoOn)
}

/// chdir.
pub(super) fn change_folder(context: &Context<'_>, at: Spot) -> Result<Answer, Errno> {
    let found = context.find(at, 0, &[Act::Look])?;
    if found.object()?.is(libc::S_IFDIR) { Ok(Answer::GoOn) } else { Err(Errno::NOTDIR) }
}
