//! The few system calls everything rests on, on descriptors only.

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, ResolveFlags, Statx, StatxFlags, openat, openat2, readlinkat,
    statx,
};
use rustix::io::Errno;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// Tries of a call that a rename elsewhere made fail.
const AGAIN_MAX: usize = 16;

/// Device and inode: what a file is, whatever its name.
pub(crate) type Identity = (u64, u64);

/// What the kernel says of an open descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) identity: Identity,
    pub(crate) mount: u64,
    pub(crate) links: u32,
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) size: u64,
    pub(crate) modified_ns: i64,
    pub(crate) changed_ns: i64,
}

impl Facts {
    pub(crate) fn kind(&self) -> FileType {
        FileType::from_raw_mode(self.mode)
    }

    pub(crate) fn is_file(&self) -> bool {
        self.kind() == FileType::RegularFile
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.kind() == FileType::Directory
    }
}

/// Opens `path` only to look at it, following no symlink anywhere on the way (ELOOP).
pub(crate) fn look_at(path: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let mut tries = 0;
    loop {
        match openat2(rustix::fs::CWD, path, flags, Mode::empty(), resolve) {
            Err(Errno::AGAIN | Errno::INTR) if tries < AGAIN_MAX => tries += 1,
            result => return result,
        }
    }
}

/// Opens one name in `folder` only to look at it, the symlink itself when it is one.
pub(crate) fn look_at_name(folder: impl AsFd, name: &[u8]) -> Result<OwnedFd, Errno> {
    openat(folder, name, OFlags::PATH | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty())
}

/// Opens the very thing `fd` refers to, whatever has happened to its name.
pub(crate) fn reopen(fd: impl AsFd, flags: OFlags) -> Result<OwnedFd, Errno> {
    let link = format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd());
    rustix::fs::open(link, flags | OFlags::CLOEXEC | OFlags::NOCTTY, Mode::empty())
}

/// The path the kernel knows `fd` under now.
pub(crate) fn real_path(fd: impl AsFd) -> Result<Vec<u8>, Errno> {
    let link = format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd());
    Ok(rustix::fs::readlink(link, Vec::new())?.into_bytes())
}

/// Target of the symlink that `fd` (opened only to look at) is.
pub(crate) fn link_target(fd: impl AsFd) -> Result<Vec<u8>, Errno> {
    Ok(readlinkat(fd, "", Vec::new())?.into_bytes())
}

/// Facts of an open descriptor.
pub(crate) fn facts(fd: impl AsFd) -> Result<Facts, Errno> {
    facts_at(fd, b"")
}

/// Facts of a name in a folder, of the symlink itself when it is one.
pub(crate) fn facts_at(folder: impl AsFd, name: &[u8]) -> Result<Facts, Errno> {
    let flags = AtFlags::EMPTY_PATH | AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    let found = statx(folder, name, flags, StatxFlags::BASIC_STATS | StatxFlags::MNT_ID)?;
    Ok(from_statx(&found))
}

fn from_statx(found: &Statx) -> Facts {
    let device = (u64::from(found.stx_dev_major) << 32) | u64::from(found.stx_dev_minor);
    let ns = |time: &rustix::fs::StatxTimestamp| {
        time.tv_sec.saturating_mul(1_000_000_000).saturating_add(i64::from(time.tv_nsec))
    };
    Facts {
        identity: (device, found.stx_ino),
        mount: found.stx_mnt_id,
        links: found.stx_nlink,
        mode: u32::from(found.stx_mode),
        uid: found.stx_uid,
        gid: found.stx_gid,
        size: found.stx_size,
        modified_ns: ns(&found.stx_mtime),
        changed_ns: ns(&found.stx_ctime),
    }
}

/// `folder/name`.
pub(crate) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.ends_with(b"/") {
        return [folder, name].concat();
    }
    [folder, b"/", name].concat()
}

/// Random bytes as hexadecimal digits.
pub(crate) fn random_hex() -> Result<String, Errno> {
    let mut bytes = [0u8; 16];
    let (filled, _) =
        rustix::rand::getrandom(&mut bytes[..], rustix::rand::GetRandomFlags::empty())
            .map(|count| (count, ()))?;
    if filled < bytes.len() {
        return Err(Errno::AGAIN);
    }
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
