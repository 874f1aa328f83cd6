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

/// What a keeper's files are called: keepers of several majors live side by side.
#[derive(Clone, Debug)]
struct Names {
    lock: PathBuf,
    token: PathBuf,
    socket: PathBuf,
}

impl Names {
    fn of(folder: &Path, major: u8) -> Self {
        let name = |ending: &str| folder.join(format!("keeper-{major}.{ending}"));
        Self { lock: name("lock"), token: name("token"), socket: name("sock") }
    }
}

/// The lock, token, socket and watch of a runtime dir.
#[derive(Debug)]
pub(crate) struct Door {
    folder: PathBuf,
    names: Names,
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
    pub(crate) fn open(folder: &Path, major: u8) -> Result<Opened, String> {
        let names = Names::of(folder, major);
        check_path(&names.socket)?;
        check_folder(folder)?;
        let Some(lock) = lock(&names.lock)? else { return Ok(Opened::Taken) };
        let token = random_token().map_err(|error| format!("no random bytes: {error}"))?;
        write_token(&names.token, &token)?;
        let (listener, bound) = bind(&names.socket)?;
        let watch = rustix::fs::inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)
            .map_err(|error| format!("inotify: {error}"))?;
        let folder = folder.to_owned();
        let door = Self { folder, names, token, bound, listener, watch, _lock: lock };
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
        let found = fs::symlink_metadata(&self.names.socket);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == self.bound) {
            if !self.holds_token() {
                write_token(&self.names.token, &self.token)?;
            }
            return Ok(false);
        }
        if !self.folder.exists() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
            made.map_err(|error| format!("{}: {error}", self.folder.display()))?;
        }
        check_folder(&self.folder)?;
        match lock(&self.names.lock)? {
            Some(lock) => self._lock = lock,
            // The lock file is still the one we hold, or that of another keeper in our place.
            None if self.holds_lock() => {}
            None => return Err("another keeper has taken the folder".to_owned()),
        }
        write_token(&self.names.token, &self.token)?;
        (self.listener, self.bound) = bind(&self.names.socket)?;
        self.watch_folder();
        Ok(true)
    }

    /// Removes socket and token, unless they are not ours any more.
    pub(crate) fn close(self) {
        let found = fs::symlink_metadata(&self.names.socket);
        if found.is_ok_and(|found| (found.dev(), found.ino()) == self.bound) {
            let _gone = fs::remove_file(&self.names.socket);
            let _gone = fs::remove_file(&self.names.token);
        }
    }

    fn holds_token(&self) -> bool {
        fs::read(&self.names.token).is_ok_and(|found| found == self.token)
    }

    fn holds_lock(&self) -> bool {
        let ours = self._lock.metadata().map(|found| (found.dev(), found.ino()));
        let there = fs::metadata(&self.names.lock);
        matches!((ours, there), (Ok(ours), Ok(there)) if ours == (there.dev(), there.ino()))
    }

    fn watch_folder(&self) {
        let wanted = WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
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

fn lock(path: &Path) -> Result<Option<File>, String> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).map_err(|error| named(path, error))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::AGAIN) => Ok(None),
        Err(error) => Err(named(path, error.into())),
    }
}

fn named(path: &Path, error: io::Error) -> String {
    format!("{}: {error}", path.display())
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
fn write_token(path: &Path, token: &[u8; TOKEN_BYTES]) -> Result<(), String> {
    let new = path.with_extension("token.new");
    let written = remove_left(&new).and_then(|()| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(token)?;
        fs::rename(&new, path)
    });
    written.map_err(|error| named(path, error))
}

/// Under another name first: who finds the socket finds it listening, and a stale one is replaced.
fn bind(path: &Path) -> Result<(OwnedFd, (u64, u64)), String> {
    bind_in_place(path, &path.with_extension("new")).map_err(|error| named(path, error))
}

fn bind_in_place(path: &Path, new: &Path) -> io::Result<(OwnedFd, (u64, u64))> {
    remove_left(new)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let listener = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    rustix::net::bind(&listener, &SocketAddrUnix::new(new)?)?;
    rustix::fs::chmod(new, Mode::from_raw_mode(0o600))?;
    rustix::net::listen(&listener, BACKLOG)?;
    let made = fs::symlink_metadata(new)?;
    fs::rename(new, path)?;
    Ok((listener, (made.dev(), made.ino())))
}

/// What a keeper that was killed in between has left.
fn remove_left(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
