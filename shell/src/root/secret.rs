//! Tokens and keys of this root, each in a file only its person can read.
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::rand::{GetRandomFlags, getrandom};

/// Bytes of randomness in every secret.
const BYTES: usize = 32;

/// Writes 32 random bytes as they are.
///
/// # Errors
/// No randomness, or the file cannot be written.
pub(crate) fn write_raw(path: &Path) -> io::Result<()> {
    replace(path, &random()?)
}

/// Writes 64 hex digits and gives them.
///
/// # Errors
/// As for [`write_raw`].
pub(crate) fn write_hex(path: &Path) -> io::Result<String> {
    let text = random()?.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    replace(path, text.as_bytes())?;
    Ok(text)
}

/// Replaces a file at once, with mode 0600 from its first byte.
///
/// # Errors
/// It cannot be written.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    drop(fs::remove_file(&beside));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    fs::rename(beside, path)
}

fn random() -> io::Result<[u8; BYTES]> {
    let mut bytes = [0_u8; BYTES];
    let got = getrandom(&mut bytes, GetRandomFlags::empty())?;
    if got == BYTES {
        return Ok(bytes);
    }
    Err(io::Error::other(format!("got {got} random bytes of {BYTES}")))
}

#[cfg(test)]
mod tests {
    use super::{write_hex, write_raw};
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn secrets_are_private_and_new_each_time() {
        let folder = std::env::temp_dir().join(format!("bh-secret-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("token");
        write_raw(&path).unwrap();
        let first = std::fs::read(&path).unwrap();
        assert_eq!(first.len(), 32);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        write_raw(&path).unwrap();
        assert_ne!(std::fs::read(&path).unwrap(), first);
        let hex = write_hex(&path).unwrap();
        assert_eq!(hex.len(), 64);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), hex);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
