//! Other names that a mount gives: a file that lies on a mount of its own is judged by every name it has elsewhere.
//!
//! A mount changes nothing of the file it covers or shows, so no time stamp tells of it. The kernel's table does, and it
//! is read anew for each question: it is asked only for what lies on another mount than the program's folders.

use std::fs;

use rustix::fs::CWD;

use super::walk::mount_of;

const TABLE: &str = "/proc/self/mountinfo";

/// The mounts that a program's folders lie on.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    known: Vec<u64>,
}

impl Mounts {
    /// Of the folders that are there; others count as foreign.
    pub(super) fn of<'a>(folders: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut known: Vec<_> = folders.filter_map(|folder| mount_of(CWD, folder).ok()).collect();
        known.sort_unstable();
        known.dedup();
        Self { known }
    }

    /// Every name but this one that mounts give to `path`, which lies on `mount`; `None` when the kernel's table does
    /// not say.
    pub(super) fn other_names(&self, mount: u64, path: &[u8]) -> Option<Vec<Vec<u8>>> {
        if self.known.contains(&mount) {
            return Some(Vec::new());
        }
        names(&fs::read(TABLE).ok()?, mount, path)
    }
}

/// A line of the table.
struct Line {
    id: u64,
    device: Vec<u8>,
    /// Folder of the file system that is shown.
    root: Vec<u8>,
    /// Where it is shown.
    point: Vec<u8>,
}

fn names(table: &[u8], mount: u64, path: &[u8]) -> Option<Vec<Vec<u8>>> {
    let lines: Vec<Line> = table.split(|byte| *byte == b'\n').filter_map(read).collect();
    let own = lines.iter().find(|line| line.id == mount)?;
    let inside = moved(path, &own.point, &own.root)?;
    let others = lines.iter().filter(|line| line.id != mount && line.device == own.device);
    Some(others.filter_map(|line| moved(&inside, &line.root, &line.point)).collect())
}

/// `path` with `from` at its start replaced by `to`; `None` when it is not beneath `from`.
fn moved(path: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let bare = |folder: &[u8]| folder.strip_suffix(b"/").unwrap_or(folder).to_vec();
    let rest = path.strip_prefix(bare(from).as_slice())?;
    if !(rest.is_empty() || rest.starts_with(b"/")) {
        return None;
    }
    let mut whole = bare(to);
    whole.extend_from_slice(rest);
    if whole.is_empty() {
        whole.push(b'/');
    }
    Some(whole)
}

/// `36 35 98:0 /root /point options - ...`
fn read(line: &[u8]) -> Option<Line> {
    let mut fields = line.split(|byte| *byte == b' ');
    let id = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
    let device = fields.nth(1)?.to_vec();
    Some(Line { id, device, root: plain(fields.next()?), point: plain(fields.next()?) })
}

/// Blanks, tabs, line breaks and backslashes are written as three octal digits.
fn plain(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut at = 0;
    while let Some(&byte) = field.get(at) {
        let digits = field.get(at + 1..at + 4).filter(|_| byte == b'\\');
        let value = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(value.unwrap_or(byte));
        at += if value.is_some() { 4 } else { 1 };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TABLE: &[u8] = b"\
21 1 8:1 / / rw - ext4 /dev/sda1 rw
22 21 0:5 / /dev rw - devtmpfs none rw
30 21 8:1 /home/u/.ssh /home/u/ws/keys rw shared:1 - ext4 /dev/sda1 rw
31 21 8:1 /home/u/ws/.env /home/u/ws/a\\040b.txt rw - ext4 /dev/sda1 rw
32 21 0:9 / /home/u/ws/volume rw - tmpfs none rw
33 21 8:1 /home/u /mnt/again rw - ext4 /dev/sda1 rw
torn
";

    fn told(mount: u64, path: &str) -> Vec<String> {
        let found = names(TABLE, mount, path.as_bytes()).unwrap();
        found.into_iter().map(|name| String::from_utf8(name).unwrap()).collect()
    }

    #[test]
    fn a_mounted_folder_and_a_mounted_file_are_known_by_their_first_names() {
        assert_eq!(
            told(30, "/home/u/ws/keys/id_rsa"),
            ["/home/u/.ssh/id_rsa", "/mnt/again/.ssh/id_rsa"]
        );
        assert_eq!(told(31, "/home/u/ws/a b.txt"), ["/home/u/ws/.env", "/mnt/again/ws/.env"]);
        assert_eq!(
            told(33, "/mnt/again/.ssh/config"),
            ["/home/u/.ssh/config", "/home/u/ws/keys/config"]
        );
        assert_eq!(told(33, "/mnt/again"), ["/home/u"]);
    }

    #[test]
    fn a_file_system_of_its_own_has_no_other_names() {
        assert!(told(32, "/home/u/ws/volume/x").is_empty());
        assert!(told(22, "/dev/null").is_empty());
    }

    #[test]
    fn of_what_the_table_does_not_have_nothing_is_said() {
        assert_eq!(names(TABLE, 99, b"/nowhere"), None);
        assert_eq!(names(TABLE, 30, b"/elsewhere/x"), None);
        assert_eq!(names(b"", 21, b"/"), None);
    }

    proptest! {
        #[test]
        fn no_table_and_no_path_ends_it(table: Vec<u8>, path: Vec<u8>, mount in 0u64..40) {
            names(&table, mount, &path);
            names(TABLE, mount, &path);
        }
    }
}
