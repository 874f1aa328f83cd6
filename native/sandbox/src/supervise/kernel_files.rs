//! What a program needs of `/proc`, `/sys` and `/dev`. The policy closes all three; this table is the exception.

use rustix::io::Errno;

use super::judge::{Act, is_below};

/// Devices that hold nothing of anybody.
const DEVICES: &[&str] =
    &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"];
/// Links to the caller's own descriptors, and folders on the way.
const SIGNPOSTS: &[&str] = &[
    "/dev",
    "/dev/fd",
    "/dev/stdin",
    "/dev/stdout",
    "/dev/stderr",
    "/proc",
    "/proc/self",
    "/proc/thread-self",
    "/proc/mounts",
    "/sys",
];
/// Facts of the machine.
const FACTS: &[&str] = &[
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/fs",
    "/proc/sys/kernel",
    "/proc/sys/vm",
    "/proc/uptime",
    "/proc/version",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
    "/sys/kernel/mm/transparent_hugepage",
];
/// Of its own process, and of each of its threads.
const OWN: &[&str] = &[
    "auxv",
    "cgroup",
    "cmdline",
    "comm",
    "cwd",
    "environ",
    "exe",
    "fd",
    "fdinfo",
    "limits",
    "maps",
    "mountinfo",
    "mounts",
    "oom_score",
    "oom_score_adj",
    "root",
    "smaps",
    "smaps_rollup",
    "stat",
    "statm",
    "status",
    "task",
];

/// Whether a path is the kernel's.
pub(super) fn is_one(path: &[u8]) -> bool {
    ["/proc", "/sys", "/dev"].iter().any(|root| is_below(path, root.as_bytes()))
}

/// The verdict on a path of the kernel; `None` for any other path. `process` is the caller's.
pub(super) fn verdict(act: Act, path: &[u8], process: i32) -> Option<Result<(), Errno>> {
    if !is_one(path) {
        return None;
    }
    let is_among = |list: &[&str]| list.iter().any(|one| one.as_bytes() == path);
    let is_allowed = match act {
        Act::Look => {
            is_among(DEVICES)
                || is_among(SIGNPOSTS)
                || is_fact(path)
                || is_own(path, process)
                || leads_to_fact(path)
                || is_terminal(path)
        }
        Act::Read => is_among(DEVICES) || is_fact(path) || is_own(path, process),
        Act::Write => is_among(DEVICES) || is_own_name(path, process),
        Act::Move => false,
    };
    Some(if is_allowed { Ok(()) } else { Err(Errno::ACCESS) })
}

fn is_fact(path: &[u8]) -> bool {
    FACTS.iter().any(|fact| is_below(path, fact.as_bytes()))
}

fn leads_to_fact(path: &[u8]) -> bool {
    FACTS.iter().any(|fact| is_below(fact.as_bytes(), path))
}

/// Programs look which terminal they run in; opening it by this name is another thing.
fn is_terminal(path: &[u8]) -> bool {
    let number = path.strip_prefix(b"/dev/pts/");
    path == b"/dev/pts" || number.is_some_and(|rest| rest.iter().all(u8::is_ascii_digit))
}

fn own_part(path: &[u8], process: i32) -> Option<&[u8]> {
    let rest = path.strip_prefix(format!("/proc/{process}").as_bytes())?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix(b"/")
}

fn is_own(path: &[u8], process: i32) -> bool {
    let Some(rest) = own_part(path, process) else { return false };
    let mut names = rest.split(|byte| *byte == b'/');
    let mut first = names.next().unwrap_or_default();
    if first == b"task" {
        // Threads of the process, whose folders look like its own.
        let _thread = names.next();
        first = names.next().unwrap_or_default();
    }
    first.is_empty() || OWN.iter().any(|name| name.as_bytes() == first)
}

/// A process may name itself and say how dear it is; nothing else of it is written by path.
fn is_own_name(path: &[u8], process: i32) -> bool {
    let part = own_part(path, process);
    part == Some(b"comm") || part == Some(b"oom_score_adj")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(act: Act, path: &str) -> Option<bool> {
        verdict(act, path.as_bytes(), 42).map(|verdict| verdict.is_ok())
    }

    #[test]
    fn a_process_sees_itself_and_no_other() {
        for (act, path, expected) in [
            (Act::Read, "/proc/42/maps", true),
            (Act::Read, "/proc/42/task/43/comm", true),
            (Act::Look, "/proc/42/fd/3", true),
            (Act::Read, "/proc/42/mem", false),
            (Act::Write, "/proc/42/mem", false),
            (Act::Read, "/proc/42/task/43/mem", false),
            (Act::Write, "/proc/42/comm", true),
            (Act::Read, "/proc/421/maps", false),
            (Act::Look, "/proc/1", false),
            (Act::Read, "/proc/1/environ", false),
            (Act::Read, "/proc", false),
            (Act::Read, "/proc/meminfo", true),
            (Act::Write, "/proc/sys/kernel/core_pattern", false),
            (Act::Read, "/proc/kcore", false),
        ] {
            assert_eq!(allows(act, path), Some(expected), "{act:?} {path}");
        }
    }

    #[test]
    fn devices_are_the_harmless_ones() {
        assert_eq!(allows(Act::Write, "/dev/null"), Some(true));
        assert_eq!(allows(Act::Read, "/dev/sda"), Some(false));
        assert_eq!(allows(Act::Write, "/dev/ptmx"), Some(false));
        assert_eq!(allows(Act::Look, "/dev/pts/3"), Some(true));
        assert_eq!(allows(Act::Read, "/dev/pts/3"), Some(false));
        assert_eq!(allows(Act::Read, "/development"), None);
    }
}
