//! Makes system calls as a hostile program would, and prints how each ended. Run by `tests/agent.rs` under a profile.
//!
//! `attempt CALL [ARGUMENT]... [-- CALL [ARGUMENT]...]...` prints `ok`, what was read, or the error's number, one line
//! each. `attempt race OPEN CLOSED SECONDS` opens a path that a second thread rewrites all the time, and prints
//! how many reads began with the contents of `CLOSED` (`SECRET`), and how many succeeded.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program of a test")]

use std::ffi::CString;
use std::io::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const HERE: i32 = libc::AT_FDCWD;
const BUFFER: usize = 65_536;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    for attempt in words.split(|word| word == "--") {
        let (call, arguments) = attempt.split_first().unwrap();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        println!("{}", run(call, &arguments));
    }
}

fn run(call: &str, a: &[&str]) -> String {
    match call {
        "race" => race(a[0], a[1], a[2].parse().unwrap()),
        "cost" => cost(a[0], a[1].parse().unwrap()),
        "read" => with(std::fs::read(a[0]).map(|bytes| first_line(&bytes))),
        "list" => with(std::fs::read_dir(a[0]).map(|entries| {
            let names = entries.flatten().map(|entry| entry.file_name().into_string().unwrap());
            let mut names: Vec<_> = names.collect();
            names.sort();
            names.join(",")
        })),
        "reopen" => reopen(a[0], a[1]),
        "create" => done(path_call(
            libc::SYS_openat,
            a[0],
            &[i64::from(libc::O_CREAT | libc::O_RDWR), 0o644],
        )),
        "dangling" => with(std::fs::write(a[0], "x").map(|()| "ok".to_owned())),
        "chdir-read" => {
            let moved = std::env::set_current_dir(a[0]);
            with(moved.and_then(|()| std::fs::read(a[1])).map(|bytes| first_line(&bytes)))
        }
        "environ" => std::env::vars().map(|(name, _)| name).collect::<Vec<_>>().join(","),
        "descriptors" => {
            with(std::fs::read_dir("/proc/self/fd").map(|all| all.count().to_string()))
        }
        _ => one_path(call, a).or_else(|| two_paths(call, a)).unwrap_or_else(|| other(call, a)),
    }
}

fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}

fn with(result: std::io::Result<String>) -> String {
    result.unwrap_or_else(|error| error_name(&error))
}

fn done(result: i64) -> String {
    if result < 0 { error_name(&Error::last_os_error()) } else { "ok".to_owned() }
}

fn error_name(error: &Error) -> String {
    match error.raw_os_error() {
        Some(libc::EACCES) => "EACCES".to_owned(),
        Some(libc::ENOENT) => "ENOENT".to_owned(),
        Some(libc::EPERM) => "EPERM".to_owned(),
        Some(libc::ENOSYS) => "ENOSYS".to_owned(),
        Some(number) => number.to_string(),
        None => error.to_string(),
    }
}

fn path_call(number: i64, path: &str, rest: &[i64]) -> i64 {
    let path = CString::new(path).unwrap();
    let at = |index: usize| rest.get(index).copied().unwrap_or(0);
    // SAFETY: the path lives until the call is over; buffers among the rest are the callers'.
    unsafe { libc::syscall(number, HERE, path.as_ptr(), at(0), at(1), at(2)) }
}

fn plain_call(number: i64, rest: [i64; 5]) -> i64 {
    // SAFETY: numbers, null or bad addresses that are to be refused, or texts and buffers that the callers keep.
    unsafe { libc::syscall(number, rest[0], rest[1], rest[2], rest[3], rest[4]) }
}

fn one_path(call: &str, a: &[&str]) -> Option<String> {
    let mut buffer = vec![0_u8; BUFFER];
    let out = buffer.as_mut_ptr() as i64;
    let size = BUFFER as i64;
    let (number, rest): (i64, Vec<i64>) = match call {
        "stat" => (libc::SYS_newfstatat, vec![out, 0]),
        "lstat" => (libc::SYS_newfstatat, vec![out, i64::from(libc::AT_SYMLINK_NOFOLLOW)]),
        "statx" => (libc::SYS_statx, vec![0, 0x7ff, out]),
        "access" => (libc::SYS_faccessat, vec![0]),
        "access2" => (libc::SYS_faccessat2, vec![0, 0]),
        "readlink" => (libc::SYS_readlinkat, vec![out, size]),
        "mkdir" => (libc::SYS_mkdirat, vec![0o755]),
        "mkfifo" => (libc::SYS_mknodat, vec![i64::from(libc::S_IFIFO | 0o644), 0]),
        "mknod" => (libc::SYS_mknodat, vec![i64::from(libc::S_IFCHR | 0o644), 0x103]),
        "unlink" => (libc::SYS_unlinkat, vec![0]),
        "rmdir" => (libc::SYS_unlinkat, vec![i64::from(libc::AT_REMOVEDIR)]),
        "chmod" => (libc::SYS_fchmodat, vec![0o777]),
        "setuid" => (libc::SYS_fchmodat, vec![0o4755]),
        "chown" => (
            libc::SYS_fchownat,
            vec![i64::from(a.get(1).map_or(u32::MAX, |user| user.parse().unwrap())), -1, 0],
        ),
        "utimes" => (libc::SYS_utimensat, vec![0, 0]),
        "path" => (libc::SYS_openat, vec![i64::from(libc::O_PATH)]),
        "append" => (libc::SYS_openat, vec![i64::from(libc::O_WRONLY | libc::O_APPEND)]),
        "tmpfile" => (libc::SYS_openat, vec![i64::from(libc::O_TMPFILE | libc::O_RDWR), 0o600]),
        _ => return None,
    };
    Some(done(path_call(number, a[0], &rest)))
}

fn two_paths(call: &str, a: &[&str]) -> Option<String> {
    let path = |index: usize| CString::new(*a.get(index).unwrap_or(&"")).unwrap();
    let (first, second) = (path(0), path(1));
    let (one, two) = (first.as_ptr() as i64, second.as_ptr() as i64);
    let mut buffer = vec![0_u8; BUFFER];
    let (out, size) = (buffer.as_mut_ptr() as i64, BUFFER as i64);
    let (here, name, value) = (i64::from(HERE), c"user.x".as_ptr() as i64, c"v".as_ptr() as i64);
    let nothing = [std::ptr::null::<u8>()];
    let arguments = [first.as_ptr(), std::ptr::null()];
    let lists = (arguments.as_ptr() as i64, nothing.as_ptr() as i64);
    let (exchange, bind) = (i64::from(libc::RENAME_EXCHANGE), libc::MS_BIND as i64);
    let (number, all) = match call {
        "rename" => (libc::SYS_renameat2, [here, one, here, two, 0]),
        "exchange" => (libc::SYS_renameat2, [here, one, here, two, exchange]),
        "link" => (libc::SYS_linkat, [here, one, here, two, 0]),
        "symlink" => (libc::SYS_symlinkat, [one, here, two, 0, 0]),
        "truncate" => (libc::SYS_truncate, [one, 0, 0, 0, 0]),
        "statfs" => (libc::SYS_statfs, [one, out, 0, 0, 0]),
        "chdir" => (libc::SYS_chdir, [one, 0, 0, 0, 0]),
        "getxattr" => (libc::SYS_getxattr, [one, name, out, size, 0]),
        "setxattr" => (libc::SYS_setxattr, [one, name, value, 1, 0]),
        "listxattr" => (libc::SYS_listxattr, [one, out, size, 0, 0]),
        "exec" => (libc::SYS_execve, [one, lists.0, lists.1, 0, 0]),
        "watch" => (libc::SYS_inotify_add_watch, [0, one, 0xfff, 0, 0]),
        "mount" => (libc::SYS_mount, [one, two, 0, bind, 0]),
        "chroot" => (libc::SYS_chroot, [one, 0, 0, 0, 0]),
        _ => return None,
    };
    Some(done(plain_call(number, all)))
}

fn other(call: &str, a: &[&str]) -> String {
    let number = |index: usize| a[index].parse::<i64>().unwrap();
    let (number, arguments) = match call {
        "unix-socket" => (libc::SYS_socket, [1, 1, 0, 0, 0]),
        "datagram-pair" => (libc::SYS_socketpair, [1, 2, 0, 0, 0]),
        "udp" => (libc::SYS_socket, [2, 2, 17, 0, 0]),
        "connect" => (libc::SYS_connect, [0, 0, 0, 0, 0]),
        "ring" => (libc::SYS_io_uring_setup, [1, 0, 0, 0, 0]),
        "trace" => (libc::SYS_ptrace, [16, number(0), 0, 0, 0]),
        "read-memory" => (libc::SYS_process_vm_readv, [number(0), 0, 0, 0, 0]),
        "take-descriptor" => (libc::SYS_pidfd_getfd, [0, 0, 0, 0, 0]),
        "unshare" => (libc::SYS_unshare, [i64::from(libc::CLONE_NEWUSER), 0, 0, 0, 0]),
        "keyctl" => (libc::SYS_keyctl, [0, 0, 0, 0, 0]),
        "bpf" => (libc::SYS_bpf, [0, 0, 0, 0, 0]),
        "userfault" => (libc::SYS_userfaultfd, [0, 0, 0, 0, 0]),
        "perf" => (libc::SYS_perf_event_open, [0, 0, 0, 0, 0]),
        "by-handle" => (libc::SYS_open_by_handle_at, [0, 0, 0, 0, 0]),
        "signal" => (libc::SYS_kill, [number(0), i64::from(libc::SIGWINCH), 0, 0, 0]),
        "limit" => (libc::SYS_prlimit64, [number(0), 7, 0, 0, 0]),
        "wild-path" => (libc::SYS_openat, [-100, 8, 0, 0, 0]),
        "wild-out" => {
            let path = CString::new("/").unwrap();
            return done(plain_call(libc::SYS_newfstatat, [-100, path.as_ptr() as i64, 8, 0, 0]));
        }
        "bad-folder" => {
            let path = CString::new("x").unwrap();
            return done(plain_call(libc::SYS_openat, [999, path.as_ptr() as i64, 0, 0, 0]));
        }
        _ => return format!("no such call {call}"),
    };
    done(plain_call(number, arguments))
}

/// Opens for looking first, then that descriptor's own path for `how`.
fn reopen(path: &str, how: &str) -> String {
    let fd = path_call(libc::SYS_openat, path, &[i64::from(libc::O_PATH)]);
    if fd < 0 {
        return error_name(&Error::last_os_error());
    }
    let again = format!("/proc/self/fd/{fd}");
    match how {
        "write" => done(path_call(libc::SYS_openat, &again, &[i64::from(libc::O_WRONLY)])),
        _ => with(std::fs::read(again).map(|bytes| first_line(&bytes))),
    }
}

/// A text that one thread swaps while the other hands it to the kernel.
fn race(open: &str, closed: &str, seconds: u64) -> String {
    assert_eq!(open.len(), closed.len(), "the paths are swapped byte by byte");
    let text: &'static mut [u8] = Box::leak(format!("{open}\0").into_bytes().into_boxed_slice());
    let address = text.as_mut_ptr() as usize;
    static OVER: AtomicBool = AtomicBool::new(false);
    static SWAPS: AtomicU64 = AtomicU64::new(0);
    let both = [open.as_bytes().to_vec(), closed.as_bytes().to_vec()];
    let swapper = std::thread::spawn(move || {
        while !OVER.load(Ordering::Relaxed) {
            for one in &both {
                let to: *mut u8 = std::ptr::with_exposed_provenance_mut(address);
                // SAFETY: the text is leaked and as long as either path; that it is read meanwhile is the point.
                unsafe { std::ptr::copy_nonoverlapping(one.as_ptr(), to, one.len()) };
                SWAPS.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let until = Instant::now() + Duration::from_secs(seconds);
    let (mut leaks, mut reads, mut tries) = (0_u64, 0_u64, 0_u64);
    while Instant::now() < until {
        tries += 1;
        // SAFETY: the text ends with a NUL that is never changed.
        let fd = unsafe { libc::syscall(libc::SYS_openat, HERE, address, libc::O_RDONLY) };
        if fd < 0 {
            continue;
        }
        let mut bytes = [0_u8; 6];
        // SAFETY: the buffer is borrowed for the call, and the descriptor is ours to close.
        let got = unsafe { libc::read(fd as i32, bytes.as_mut_ptr().cast(), 6) };
        // SAFETY: as above.
        unsafe { libc::close(fd as i32) };
        reads += u64::from(got == 6);
        leaks += u64::from(&bytes == b"SECRET");
    }
    OVER.store(true, Ordering::Relaxed);
    swapper.join().unwrap();
    format!("leaks={leaks} reads={reads} tries={tries} swaps={}", SWAPS.load(Ordering::Relaxed))
}

/// Microseconds of an open with its close, and of a stat.
fn cost(path: &str, times: u32) -> String {
    let each = |work: &dyn Fn()| {
        let began = Instant::now();
        for _ in 0..times {
            work();
        }
        began.elapsed().as_secs_f64() * 1e6 / f64::from(times)
    };
    let open = each(&|| drop(std::fs::File::open(path).unwrap()));
    let stat = each(&|| assert!(std::fs::metadata(path).is_ok()));
    format!("open={open:.2} stat={stat:.2}")
}
