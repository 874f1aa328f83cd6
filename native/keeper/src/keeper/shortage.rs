//! What ran out, with the bound it ran into.

use std::fs;

use bulkhead_wire::WireError;
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

/// Descriptors that neither clients nor sessions get: without them `/proc` could not be read, and nothing be ended.
const RESERVED: usize = 4;
/// Descriptors open for a moment or for good while a session is started.
const FOR_A_SESSION: usize = 5;

/// Whether a session could be started and the reserve stay.
pub(super) fn room_for_session() -> Result<(), Errno> {
    room(RESERVED + FOR_A_SESSION)
}

/// Whether a client could be let in and the reserve stay.
pub(super) fn room_for_client() -> Result<(), Errno> {
    room(RESERVED + 1)
}

/// Why no further terminal can be had.
pub(super) fn no_terminal(errno: Errno) -> WireError {
    let (code, why) = match errno {
        // EAGAIN is what POSIX wants openpt to say for it, and rustix says.
        Errno::NOSPC | Errno::AGAIN => ("keeper/pty-limit", terminals_words()),
        Errno::MFILE => ("keeper/session-limit", words(errno)),
        _ => ("keeper/pty-limit", words(errno)),
    };
    let text = format!("no further terminal can be had: {why}");
    WireError::new(code, text).with("openpt", Some(errno.raw_os_error()))
}

/// The error in words; one that means a bound names it.
pub(super) fn words(errno: Errno) -> String {
    match errno {
        Errno::MFILE => {
            let max = bound(Resource::Nofile);
            format!("the keeper may have {max} open files (RLIMIT_NOFILE) and has them all")
        }
        Errno::NFILE => "the machine has no free open file left (fs.file-max)".to_owned(),
        Errno::AGAIN => {
            let max = bound(Resource::Nproc);
            format!("no further process can be had, at most {max} may run (RLIMIT_NPROC)")
        }
        _ => errno.to_string(),
    }
}

/// Nothing tells how many are free, so they are taken and given back.
fn room(count: usize) -> Result<(), Errno> {
    let taken: Result<Vec<_>, _> =
        (0..count).map(|_| rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 0)).collect();
    taken.map(drop)
}

fn terminals_words() -> String {
    let read = |name: &str| {
        let text = fs::read_to_string(format!("/proc/sys/kernel/pty/{name}")).unwrap_or_default();
        text.trim().to_owned()
    };
    format!(
        "{} terminals of this machine are open, at most {} may be (kernel.pty.max, or max= of /dev/pts)",
        read("nr"),
        read("max")
    )
}

fn bound(resource: Resource) -> String {
    getrlimit(resource).current.map_or_else(|| "any number of".to_owned(), |max| max.to_string())
}
