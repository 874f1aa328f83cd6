//! Removing means the trash of the desktop (freedesktop.org trash specification 1.0), and back.

use crate::clock::wall_ns;
use crate::error::GuardError;
use crate::gate::{Asker, Guard, as_path, lock};
use crate::names::open_folder;
use crate::reply::Reply;
use crate::resolve::Place;
use crate::sys;
use bulkhead_policy::{Op, Principal};
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;

/// Removals that can be undone; the oldest is forgotten, not lost: it stays in the trash.
const UNDO_MAX: usize = 256;
/// Names tried for one file in the trash.
const NAMES_MAX: usize = 1000;

/// What this guard has put into a trash.
#[derive(Debug, Default)]
pub(crate) struct Trashed {
    items: VecDeque<Item>,
    last: u32,
}

#[derive(Debug)]
struct Item {
    id: u32,
    trash: Trash,
    name: Vec<u8>,
    original: Vec<u8>,
    principal: Principal,
}

/// A removal as it is handed over to another guard.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Kept {
    id: u32,
    trash: Vec<u8>,
    mount: u64,
    name: Vec<u8>,
    original: Vec<u8>,
    principal: String,
}

/// An open trash folder.
#[derive(Debug)]
struct Trash {
    path: Vec<u8>,
    mount: u64,
    files: OwnedFd,
    info: OwnedFd,
}

#[derive(Serialize)]
struct Removed {
    /// For `restore`.
    id: u32,
}

impl Guard {
    /// Moves a file, folder or symlink to the trash of its device.
    pub(crate) fn trash(&self, path: &[u8], asker: &Asker) -> Result<Reply, GuardError> {
        let (place, facts) = self.movable(path, asker)?;
        let folder = open_folder(&place)?;
        let trash = self.trash_for(&place, facts.mount)?;
        let name = trash.reserve(&place)?;
        self.confirm_folder(&folder, (&place.folder.path, &place.name), asker)?;
        let moved = rustix::fs::renameat_with(
            &folder,
            place.name.as_slice(),
            &trash.files,
            name.as_slice(),
            RenameFlags::NOREPLACE,
        );
        if let Err(errno) = moved {
            trash.forget(&name);
            return Err(if errno == Errno::XDEV { GuardError::NoTrash } else { errno.into() });
        }
        rustix::fs::fsync(&folder)?;
        let id = lock(&self.trashed).remember(trash, name, &place.path, asker);
        Ok(Reply::new(&Removed { id })?.at(&place.path))
    }

    /// Takes a removal back, to the same name, if it is free.
    pub(crate) fn restore(&self, id: u32, asker: &Asker) -> Result<Reply, GuardError> {
        let item = lock(&self.trashed).take(id, asker).ok_or(GuardError::NotFound)?;
        let restored = self.put_back(&item, asker);
        if restored.is_err() {
            lock(&self.trashed).items.push_back(item);
        }
        restored
    }

    fn put_back(&self, item: &Item, asker: &Asker) -> Result<Reply, GuardError> {
        let place = self.place(Op::Write, &item.original, asker)?;
        let folder = open_folder(&place)?;
        self.confirm_folder(&folder, (&place.folder.path, &place.name), asker)?;
        let (from, to) = (item.name.as_slice(), place.name.as_slice());
        let flags = RenameFlags::NOREPLACE;
        rustix::fs::renameat_with(&item.trash.files, from, &folder, to, flags)?;
        rustix::fs::fsync(&folder)?;
        item.trash.forget(&item.name);
        Ok(Reply::nothing().at(&place.path))
    }

    /// The trash of the home folder when that is the same mount, else the one at the top of the mount.
    fn trash_for(&self, place: &Place, mount: u64) -> Result<Trash, GuardError> {
        let policy = self.policy();
        let places = policy.places();
        let homes = places.homes.iter().map(|home| sys::join(home, b".local/share"));
        for data in places.data_homes.iter().cloned().chain(homes) {
            if let Ok(trash) = Trash::open(&sys::join(&data, b"Trash"), mount) {
                return Ok(trash);
            }
        }
        let uid = rustix::process::getuid().as_raw();
        let top = top_of_mount(&place.folder.path, mount);
        Trash::open(&sys::join(&top, format!(".Trash-{uid}").as_bytes()), mount)
            .map_err(|_| GuardError::NoTrash)
    }
}

impl Trashed {
    fn remember(&mut self, trash: Trash, name: Vec<u8>, original: &[u8], asker: &Asker) -> u32 {
        self.last = self.last.wrapping_add(1);
        if self.items.len() >= UNDO_MAX {
            self.items.pop_front();
        }
        let (original, principal) = (original.to_vec(), asker.principal.clone());
        self.items.push_back(Item { id: self.last, trash, name, original, principal });
        self.last
    }

    /// All removals that can be taken back, and the last number given.
    pub(crate) fn kept(&self) -> (Vec<Kept>, u32) {
        let kept = self.items.iter().map(|item| Kept {
            id: item.id,
            trash: item.trash.path.clone(),
            mount: item.trash.mount,
            name: item.name.clone(),
            original: item.original.clone(),
            principal: item.principal.to_string(),
        });
        (kept.collect(), self.last)
    }

    /// Takes removals of another guard over. One whose trash cannot be opened stays in the trash.
    pub(crate) fn take_over(&mut self, kept: &[Kept], last: u32) {
        self.last = self.last.max(last);
        for one in kept.iter().take(UNDO_MAX) {
            let principal = Principal::parse(&one.principal);
            let (Ok(trash), Some(principal)) = (Trash::open(&one.trash, one.mount), principal)
            else {
                continue;
            };
            let (name, original) = (one.name.clone(), one.original.clone());
            self.items.push_back(Item { id: one.id, trash, name, original, principal });
        }
    }

    fn take(&mut self, id: u32, asker: &Asker) -> Option<Item> {
        let is_it = |item: &Item| item.id == id && item.principal == asker.principal;
        let at = self.items.iter().position(is_it)?;
        self.items.remove(at)
    }
}

impl Trash {
    /// Opens a trash of our own on `mount`, made when it is not there.
    fn open(path: &[u8], mount: u64) -> Result<Self, GuardError> {
        let above = crate::save::split(path)?.0;
        if sys::facts(sys::look_at(above)?)?.mount != mount {
            return Err(GuardError::NoTrash);
        }
        let part = |name: &[u8]| -> Result<OwnedFd, GuardError> {
            let path = sys::join(path, name);
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true).mode(0o700);
            builder.create(as_path(&path)).map_err(crate::gate::from_std)?;
            let fd = sys::reopen(sys::look_at(&path)?, OFlags::RDONLY | OFlags::DIRECTORY)?;
            let facts = sys::facts(&fd)?;
            if facts.mount != mount || facts.uid != rustix::process::getuid().as_raw() {
                return Err(GuardError::NoTrash);
            }
            Ok(fd)
        };
        Ok(Self { path: path.to_vec(), mount, files: part(b"files")?, info: part(b"info")? })
    }

    /// Takes a free name by writing where the file came from.
    fn reserve(&self, place: &Place) -> Result<Vec<u8>, GuardError> {
        for number in 1..=NAMES_MAX {
            let mut name = place.name.clone();
            if number > 1 {
                name.extend_from_slice(format!(".{number}").as_bytes());
            }
            let flags =
                OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
            let mode = Mode::RUSR | Mode::WUSR;
            match rustix::fs::openat(&self.info, info_name(&name), flags, mode) {
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
                Ok(fd) => {
                    write_whole(&fd, info_text(&place.path).as_bytes())?;
                    return Ok(name);
                }
            }
        }
        Err(GuardError::TooLarge(
            "the number of files of one name in the trash",
            NAMES_MAX as u64 + 1,
            NAMES_MAX as u64,
        ))
    }

    fn forget(&self, name: &[u8]) {
        // An entry without a file is skipped by every trash; there is nobody to tell.
        let _ = rustix::fs::unlinkat(&self.info, info_name(name), AtFlags::empty());
    }
}

fn info_name(name: &[u8]) -> Vec<u8> {
    [name, b".trashinfo"].concat()
}

fn write_whole(fd: &OwnedFd, mut bytes: &[u8]) -> Result<(), GuardError> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Err(Errno::INTR) => {}
            result => bytes = &bytes[result?..],
        }
    }
    Ok(())
}

fn info_text(path: &[u8]) -> String {
    let mut encoded = String::new();
    for byte in path {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(*byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(*byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    let date = date_text(wall_ns() / 1_000_000_000);
    format!("[Trash Info]\nPath={encoded}\nDeletionDate={date}\n")
}

/// `2026-11-22T20:15:00`, UTC. The calendar arithmetic counts years from March, so that a leap day
/// comes last.
fn date_text(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// The highest folder above `path` that is on `mount`.
fn top_of_mount(path: &[u8], mount: u64) -> Vec<u8> {
    let mut top = path.to_vec();
    while let Ok((above, _)) = crate::save::split(&top) {
        let is_same =
            sys::look_at(above).and_then(sys::facts).is_ok_and(|facts| facts.mount == mount);
        if above == top || !is_same {
            break;
        }
        top = above.to_vec();
    }
    top
}

#[cfg(test)]
mod tests {
    use super::{date_text, info_text};

    #[test]
    fn writes_dates_of_the_calendar() {
        let cases = [
            (0, "1970-01-01T00:00:00"),
            (951_782_399, "2000-02-28T23:59:59"),
            (951_782_400, "2000-02-29T00:00:00"),
            (1_795_292_100, "2026-11-21T20:15:00"),
        ];
        for (seconds, wanted) in cases {
            assert_eq!(date_text(seconds), wanted);
        }
    }

    #[test]
    fn encodes_what_is_no_plain_letter() {
        assert!(info_text(b"/a b/\xff%\n").contains("\nPath=/a%20b/%FF%25%0A\n"));
    }
}
