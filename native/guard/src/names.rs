//! Names: folders made, files renamed and linked. Both ends are judged.

use crate::error::GuardError;
use crate::gate::{Asker, Guard};
use crate::read::Stat;
use crate::reply::Reply;
use crate::resolve::Place;
use crate::sys::{self, Facts};
use bulkhead_policy::Op;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags};
use std::os::fd::{AsRawFd, OwnedFd};

impl Guard {
    /// Makes an empty folder.
    pub(crate) fn create_folder(&self, path: &[u8], asker: &Asker) -> Result<Reply, GuardError> {
        let place = self.place(Op::Write, path, asker)?;
        let folder = open_folder(&place)?;
        self.confirm_folder(&folder, (&place.folder.path, &place.name), asker)?;
        rustix::fs::mkdirat(&folder, place.name.as_slice(), Mode::from_raw_mode(0o777))?;
        rustix::fs::fsync(&folder)?;
        let stat = Stat::new(&place.path, &sys::facts_at(&folder, &place.name)?);
        Ok(Reply::new(&stat)?.at(&place.path))
    }

    /// Gives a file, folder or symlink another name. Never replaces anything.
    pub(crate) fn rename(
        &self,
        from: &[u8],
        to: &[u8],
        asker: &Asker,
    ) -> Result<Reply, GuardError> {
        let (source, facts) = self.movable(from, asker)?;
        let target = self.place(Op::Write, to, asker)?;
        self.decide(Op::Read, &target.path, asker)?;
        self.decide_move(&target.path, asker)?;
        let (old, new) = (open_folder(&source)?, open_folder(&target)?);
        self.confirm_folder(&old, (&source.folder.path, &source.name), asker)?;
        self.confirm_folder(&new, (&target.folder.path, &target.name), asker)?;
        rustix::fs::renameat_with(
            &old,
            source.name.as_slice(),
            &new,
            target.name.as_slice(),
            RenameFlags::NOREPLACE,
        )?;
        rustix::fs::fsync(&new)?;
        rustix::fs::fsync(&old)?;
        Ok(Reply::new(&Stat::new(&target.path, &facts))?.at(&source.path))
    }

    /// Gives a regular file a second name.
    pub(crate) fn link(&self, from: &[u8], to: &[u8], asker: &Asker) -> Result<Reply, GuardError> {
        let (source, _) = self.movable(from, asker)?;
        let file = sys::look_at_name(&source.folder.fd, &source.name)?;
        let facts = sys::facts(&file)?;
        if !facts.is_file() {
            return Err(GuardError::NotAFile);
        }
        // What is linked below is this descriptor, so it is judged once more by its own path.
        self.judge(Op::Write, rustix::io::fcntl_dupfd_cloexec(&file, 3)?, asker)?;
        let target = self.place(Op::Write, to, asker)?;
        self.decide(Op::Read, &target.path, asker)?;
        self.decide_move(&target.path, asker)?;
        let folder = open_folder(&target)?;
        self.confirm_folder(&folder, (&target.folder.path, &target.name), asker)?;
        let own = format!("/proc/self/fd/{}", file.as_raw_fd());
        rustix::fs::linkat(CWD, own, &folder, target.name.as_slice(), AtFlags::SYMLINK_FOLLOW)?;
        rustix::fs::fsync(&folder)?;
        Ok(Reply::new(&Stat::new(&target.path, &sys::facts(&file)?))?.at(&source.path))
    }

    /// A name that may go: its owner may read and write what has it, and no rule goes by it.
    pub(crate) fn movable(&self, path: &[u8], asker: &Asker) -> Result<(Place, Facts), GuardError> {
        let place = self.place(Op::Write, path, asker)?;
        self.decide(Op::Read, &place.path, asker)?;
        self.decide_move(&place.path, asker)?;
        let facts = sys::facts_at(&place.folder.fd, &place.name)?;
        self.judge_facts((Op::Write, &place.path), &facts, asker)?;
        Ok((place, facts))
    }
}

pub(crate) fn open_folder(place: &Place) -> Result<OwnedFd, GuardError> {
    Ok(sys::reopen(&place.folder.fd, OFlags::RDONLY | OFlags::DIRECTORY)?)
}
