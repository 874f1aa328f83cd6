//! The way in: runtime dir, lock, token and socket, kept in place as long as the keeper lives.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bulkhead_wire::{SOCKET_PATH_BYTES_MAX, TOKEN_BYTES};
use rustix::fs::inotify::{CreateFlags, WatchFlags};
use rustix::fs::{FlockOperation, Mode};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use rustix::rand::GetRandomFlags;

/// Connections that wait to be taken; past it a client that does not wait is refused by the kernel.
const BACKLOG: i32 = 512;

/// The lock, token, socket and watch of a runtime dir.
#[derive(Debug)]
pub(crate) struct Door {
    folder: PathBuf,
    token: [u8; TOKEN_BYTES],
    /// Device and inode of the socket we made.
    bound: (u64, u64),
    listener: OwnedFd,
    watch: OwnedFd,
    _lock: File,
}

/// What opening gave.
#[derive(Debug)]
pub(crate) enum Opened {
    Door(Door),
    /// Another keeper holds the lock.
    Taken,
}

impl Door {
    /// Takes the lock and lets clients in. The error is for the person who reads the log.
    pub(crate) fn open(folder: &Path) -> Result<Opened, String> {
        check_path(&folder.join("keeper-1.sock"))?;
        check_folder(folder)?;
        let Some(lock) = lock(folder).map_err(|error| format!("keeper.lock: {error}"))? else {
            return Ok(Opened::Taken);
        };
        let token = random_token().map_err(|error| format!("no random bytes: {error}"))?;
        write_token(folder, &token).map_err(|error| format!("keeper-1.token: {error}"))?;
        let (listener, bound) = bind(folder).map_err(|error| format!("keeper-1.sock: {error}"))?;
        let watch = rustix::fs::inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
            .map_err(|error| format!("inotify: {error}"))?;
        let door = Self { folder: folder.to_owned(), token, bound, listener, watch, _lock: lock };
        door.watch_folder();
        Ok(Opened::Door(door))
    }

    pub(crate) const fn token(&self) -> &[u8; TOKEN_BYTES] {
        &self.token
    }

    pub(crate) fn watch(&self) -> BorrowedFd<'_> {
        self.watch.as_fd()
    }

    /// The next client that waits.
    pub(crate) fn accept(&self) -> io::Result<Option<OwnedFd>> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        match rustix::net::accept_with(&self.listener, flags) {
            Ok(socket) => Ok(Some(socket)),
            Err(rustix::io::Errno::AGAIN) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes what has vanished from the folder again. True when there is a new listener to poll.
    pub(crate) fn repair(&mut self) -> Result<bool, String> {
        let mut events = [0; 4096];
        while rustix::io::read(&self.watch, &mut events).is_ok_and(|bytes| bytes > 0) {}
        let found = fs::symlink_metadata(self.folder.join("keeper-1.sock"));
        if found.is_ok_and(|found| (found.dev(), found.ino()) == self.bound) {
            return Ok(false);
        }
        if !self.folder.exists() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
            made.map_err(|error| format!("{}: {error}", self.folder.display()))?;
        }
        check_folder(&self.folder)?;
        match lock(&self.folder) {
            Ok(Some(lock)) => self._lock = lock,
            // The lock file is still the one we hold, or that of another keeper in our place.
            Ok(None) if self.holds_lock() => {}
            Ok(None) => return Err("another keeper has taken the folder".to_owned()),
            Err(error) => return Err(format!("keeper.lock: {error}")),
        }
        write_token(&self.folder, &self.token).map_err(|error| format!("token: {error}"))?;
        let bound = bind(&self.folder).map_err(|error| format!("keeper-1.sock: {error}"))?;
        (self.listener, self.bound) = bound;
        self.watch_folder();
        Ok(true)
    }

    /// Removes socket and token, unless they are not ours any more.
    pub(crate) fn close(self) {
        let socket = self.folder.join("keeper-1.sock");
        let found = fs::symlink_metadata(&socket);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == self.bound) {
            let _gone = fs::remove_file(&socket);
            let _gone = fs::remove_file(self.folder.join("keeper-1.token"));
        }
    }

    fn holds_lock(&self) -> bool {
        let ours = self._lock.metadata().map(|found| (found.dev(), found.ino()));
        let there = fs::metadata(self.folder.join("keeper.lock"));
        matches!((ours, there), (Ok(ours), Ok(there)) if ours == (there.dev(), there.ino()))
    }

    fn watch_folder(&self) {
        let wanted = WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        // Without the watch everything works but the repair.
        let _watched = rustix::fs::inotify::add_watch(&self.watch, &self.folder, wanted);
    }
}

impl AsFd for Door {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

fn check_path(socket: &Path) -> Result<(), String> {
    let bytes = socket.as_os_str().as_bytes().len();
    if bytes <= SOCKET_PATH_BYTES_MAX {
        return Ok(());
    }
    Err(format!("socket path {} has {bytes} bytes, at most 107", socket.display()))
}

fn check_folder(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    let found = fs::symlink_metadata(folder).map_err(|error| format!("{shown}: {error}"))?;
    let uid = rustix::process::geteuid().as_raw();
    if !found.is_dir() {
        return Err(format!("{shown} is no folder"));
    }
    if found.uid() != uid {
        return Err(format!("{shown} belongs to uid {}, not to {uid}", found.uid()));
    }
    let mode = found.mode() & 0o7777;
    if mode != 0o700 {
        return Err(format!("{shown} has mode {mode:04o}, 0700 is needed"));
    }
    Ok(())
}

fn lock(folder: &Path) -> io::Result<Option<File>> {
    let path = folder.join("keeper.lock");
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::AGAIN) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn random_token() -> io::Result<[u8; TOKEN_BYTES]> {
    let mut token = [0; TOKEN_BYTES];
    let mut filled = 0;
    while filled < TOKEN_BYTES {
        filled += rustix::rand::getrandom(&mut token[filled..], GetRandomFlags::empty())?;
    }
    Ok(token)
}

/// Under another name first: a reader sees the whole token or none.
fn write_token(folder: &Path, token: &[u8; TOKEN_BYTES]) -> io::Result<()> {
    let (new, path) = (folder.join("keeper-1.token.new"), folder.join("keeper-1.token"));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(token)?;
    fs::rename(new, path)
}

/// Under another name first: who finds the socket finds it listening, and a stale one is replaced.
fn bind(folder: &Path) -> io::Result<(OwnedFd, (u64, u64))> {
    let (new, path) = (folder.join("keeper-1.new"), folder.join("keeper-1.sock"));
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let listener = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::bind(&listener, &SocketAddrUnix::new(&new)?)?;
    rustix::fs::chmod(&new, Mode::from_raw_mode(0o600))?;
    rustix::net::listen(&listener, BACKLOG)?;
    let made = fs::symlink_metadata(&new)?;
    fs::rename(&new, &path)?;
    Ok((listener, (made.dev(), made.ino())))
}
