//! From a system call's number and arguments to what is asked. Total: whatever the arguments are, nothing panics, and
//! a number without a line here is refused.

use libc::c_long;

/// A path in the caller's memory and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) folder: i32,
    /// Address of the text.
    pub(super) path: u64,
}

/// Where the kernel's structure for a changed time is, and which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// Two whole seconds.
    Seconds(u64),
    /// Two of seconds and microseconds.
    Micros(u64),
    /// Two of seconds and nanoseconds.
    Nanos(u64),
}

/// What is asked. Addresses are the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Request {
    Open {
        at: Spot,
        flags: u64,
        mode: u32,
    },
    /// Flags, mode and resolution lie in the structure at `how`.
    OpenHow {
        at: Spot,
        how: u64,
        size: u64,
    },
    Stat {
        at: Spot,
        flags: u32,
        out: u64,
    },
    StatX {
        at: Spot,
        flags: u32,
        mask: u32,
        out: u64,
    },
    StatFs {
        at: Spot,
        out: u64,
    },
    Access {
        at: Spot,
        mode: u32,
        flags: u32,
    },
    ReadLink {
        at: Spot,
        out: u64,
        size: u64,
    },
    List {
        fd: i32,
        out: u64,
        size: u64,
    },
    Run {
        at: Spot,
        flags: u32,
    },
    ChangeFolder {
        at: Spot,
    },
    Truncate {
        at: Spot,
        length: i64,
    },
    MakeFolder {
        at: Spot,
        mode: u32,
    },
    MakeNode {
        at: Spot,
        mode: u32,
    },
    Remove {
        at: Spot,
        flags: u32,
    },
    Rename {
        from: Spot,
        to: Spot,
        flags: u32,
    },
    Link {
        from: Spot,
        to: Spot,
        flags: u32,
    },
    /// `text` is the address of what the link says.
    Symlink {
        text: u64,
        at: Spot,
    },
    Mode {
        at: Spot,
        mode: u32,
        flags: u32,
    },
    Owner {
        at: Spot,
        user: u32,
        group: u32,
        flags: u32,
    },
    SetTimes {
        at: Spot,
        times: Times,
        flags: u32,
    },
    GetAttribute {
        at: Spot,
        name: u64,
        out: u64,
        size: u64,
        flags: u32,
    },
    SetAttribute {
        at: Spot,
        name: u64,
        value: u64,
        size: u64,
        how: u32,
        flags: u32,
    },
    ListAttributes {
        at: Spot,
        out: u64,
        size: u64,
        flags: u32,
    },
    RemoveAttribute {
        at: Spot,
        name: u64,
        flags: u32,
    },
}

/// Do not follow the last link.
pub(super) const NO_FOLLOW: u32 = libc::AT_SYMLINK_NOFOLLOW as u32;
const REMOVE_FOLDER: u32 = libc::AT_REMOVEDIR as u32;
const CREATE: u64 = (libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC) as u64;

/// Numbers that a filter sends here, all of which `decode` knows.
pub(crate) const ASKED: &[c_long] = &[
    libc::SYS_chdir,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    SYS_FCHMODAT2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_fremovexattr,
    libc::SYS_fsetxattr,
    libc::SYS_getdents64,
    libc::SYS_getxattr,
    libc::SYS_lgetxattr,
    libc::SYS_linkat,
    libc::SYS_listxattr,
    libc::SYS_llistxattr,
    libc::SYS_lremovexattr,
    libc::SYS_lsetxattr,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_readlinkat,
    libc::SYS_removexattr,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_setxattr,
    libc::SYS_statfs,
    libc::SYS_statx,
    libc::SYS_symlinkat,
    libc::SYS_truncate,
    libc::SYS_unlinkat,
    libc::SYS_utimensat,
];

const ITSELF: u32 = libc::AT_EMPTY_PATH as u32;
const SYS_FCHMODAT2: c_long = 452;

/// What the call asks for; `None` for a number that no filter sends here.
pub(super) fn decode(number: i64, a: &[u64; 6]) -> Option<Request> {
    let at = Spot { folder: int(a[0]), path: a[1] };
    let here = Spot { folder: libc::AT_FDCWD, path: a[0] };
    let held = Spot { folder: int(a[0]), path: 0 };
    Some(match number {
        libc::SYS_openat => Request::Open { at, flags: u64::from(low(a[2])), mode: low(a[3]) },
        libc::SYS_openat2 => Request::OpenHow { at, how: a[2], size: a[3] },
        libc::SYS_newfstatat => Request::Stat { at, flags: low(a[3]), out: a[2] },
        libc::SYS_statx => Request::StatX { at, flags: low(a[2]), mask: low(a[3]), out: a[4] },
        libc::SYS_statfs => Request::StatFs { at: here, out: a[1] },
        libc::SYS_faccessat => Request::Access { at, mode: low(a[2]), flags: 0 },
        libc::SYS_faccessat2 => Request::Access { at, mode: low(a[2]), flags: low(a[3]) },
        libc::SYS_readlinkat => Request::ReadLink { at, out: a[2], size: a[3] },
        libc::SYS_getdents64 => Request::List { fd: int(a[0]), out: a[1], size: a[2] },
        libc::SYS_execve => Request::Run { at: here, flags: 0 },
        libc::SYS_execveat => Request::Run { at, flags: low(a[4]) },
        libc::SYS_chdir => Request::ChangeFolder { at: here },
        libc::SYS_truncate => Request::Truncate { at: here, length: a[1].cast_signed() },
        libc::SYS_mkdirat => Request::MakeFolder { at, mode: low(a[2]) },
        libc::SYS_mknodat => Request::MakeNode { at, mode: low(a[2]) },
        libc::SYS_unlinkat => Request::Remove { at, flags: low(a[2]) },
        libc::SYS_renameat => rename(a, 0),
        libc::SYS_renameat2 => rename(a, low(a[4])),
        libc::SYS_linkat => {
            let to = Spot { folder: int(a[2]), path: a[3] };
            Request::Link { from: at, to, flags: low(a[4]) }
        }
        libc::SYS_symlinkat => {
            Request::Symlink { text: a[0], at: Spot { folder: int(a[1]), path: a[2] } }
        }
        libc::SYS_fchmodat => Request::Mode { at, mode: low(a[2]), flags: 0 },
        SYS_FCHMODAT2 => Request::Mode { at, mode: low(a[2]), flags: low(a[3]) },
        libc::SYS_fchownat => {
            Request::Owner { at, user: low(a[2]), group: low(a[3]), flags: low(a[4]) }
        }
        libc::SYS_utimensat => {
            Request::SetTimes { at, times: Times::Nanos(a[2]), flags: low(a[3]) }
        }
        // An open file may be changed without having been opened for it, so these are judged as well.
        libc::SYS_fchmod => Request::Mode { at: held, mode: low(a[1]), flags: ITSELF },
        libc::SYS_fchown => {
            Request::Owner { at: held, user: low(a[1]), group: low(a[2]), flags: ITSELF }
        }
        libc::SYS_fsetxattr => {
            let (name, value, size, how) = (a[1], a[2], a[3], low(a[4]));
            Request::SetAttribute { at: held, name, value, size, how, flags: ITSELF }
        }
        libc::SYS_fremovexattr => Request::RemoveAttribute { at: held, name: a[1], flags: ITSELF },
        _ => return attribute(number, a, here).or_else(|| older(number, a, here)),
    })
}

fn rename(a: &[u64; 6], flags: u32) -> Request {
    let from = Spot { folder: int(a[0]), path: a[1] };
    Request::Rename { from, to: Spot { folder: int(a[2]), path: a[3] }, flags }
}

fn attribute(number: i64, a: &[u64; 6], at: Spot) -> Option<Request> {
    let flags = match number {
        libc::SYS_lgetxattr
        | libc::SYS_lsetxattr
        | libc::SYS_llistxattr
        | libc::SYS_lremovexattr => NO_FOLLOW,
        _ => 0,
    };
    Some(match number {
        libc::SYS_getxattr | libc::SYS_lgetxattr => {
            Request::GetAttribute { at, name: a[1], out: a[2], size: a[3], flags }
        }
        libc::SYS_setxattr | libc::SYS_lsetxattr => {
            let (name, value, size, how) = (a[1], a[2], a[3], low(a[4]));
            Request::SetAttribute { at, name, value, size, how, flags }
        }
        libc::SYS_listxattr | libc::SYS_llistxattr => {
            Request::ListAttributes { at, out: a[1], size: a[2], flags }
        }
        libc::SYS_removexattr | libc::SYS_lremovexattr => {
            Request::RemoveAttribute { at, name: a[1], flags }
        }
        _ => return None,
    })
}

/// Calls of the older architecture that begin at the caller's folder.
#[cfg(target_arch = "x86_64")]
pub(crate) const ASKED_HERE: &[c_long] = &[
    libc::SYS_access,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_creat,
    libc::SYS_futimesat,
    libc::SYS_lchown,
    libc::SYS_link,
    libc::SYS_lstat,
    libc::SYS_mkdir,
    libc::SYS_mknod,
    libc::SYS_open,
    libc::SYS_readlink,
    libc::SYS_rename,
    libc::SYS_rmdir,
    libc::SYS_stat,
    libc::SYS_symlink,
    libc::SYS_unlink,
    libc::SYS_utime,
    libc::SYS_utimes,
];
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const ASKED_HERE: &[c_long] = &[];

#[cfg(target_arch = "x86_64")]
fn older(number: i64, a: &[u64; 6], at: Spot) -> Option<Request> {
    let second = Spot { folder: libc::AT_FDCWD, path: a[1] };
    Some(match number {
        libc::SYS_open => Request::Open { at, flags: u64::from(low(a[1])), mode: low(a[2]) },
        libc::SYS_creat => Request::Open { at, flags: CREATE, mode: low(a[1]) },
        libc::SYS_stat => Request::Stat { at, flags: 0, out: a[1] },
        libc::SYS_lstat => Request::Stat { at, flags: NO_FOLLOW, out: a[1] },
        libc::SYS_access => Request::Access { at, mode: low(a[1]), flags: 0 },
        libc::SYS_readlink => Request::ReadLink { at, out: a[1], size: a[2] },
        libc::SYS_mkdir => Request::MakeFolder { at, mode: low(a[1]) },
        libc::SYS_mknod => Request::MakeNode { at, mode: low(a[1]) },
        libc::SYS_unlink => Request::Remove { at, flags: 0 },
        libc::SYS_rmdir => Request::Remove { at, flags: REMOVE_FOLDER },
        libc::SYS_rename => Request::Rename { from: at, to: second, flags: 0 },
        libc::SYS_link => Request::Link { from: at, to: second, flags: 0 },
        libc::SYS_symlink => Request::Symlink { text: a[0], at: second },
        libc::SYS_chmod => Request::Mode { at, mode: low(a[1]), flags: 0 },
        libc::SYS_chown => Request::Owner { at, user: low(a[1]), group: low(a[2]), flags: 0 },
        libc::SYS_lchown => {
            Request::Owner { at, user: low(a[1]), group: low(a[2]), flags: NO_FOLLOW }
        }
        libc::SYS_utime => Request::SetTimes { at, times: Times::Seconds(a[1]), flags: 0 },
        libc::SYS_utimes => Request::SetTimes { at, times: Times::Micros(a[1]), flags: 0 },
        libc::SYS_futimesat => {
            let at = Spot { folder: int(a[0]), path: a[1] };
            Request::SetTimes { at, times: Times::Micros(a[2]), flags: 0 }
        }
        _ => return None,
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn older(_number: i64, _a: &[u64; 6], _at: Spot) -> Option<Request> {
    None
}

/// The half that the kernel uses of an argument of 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "the kernel ignores the high half as well")]
fn low(argument: u64) -> u32 {
    argument as u32
}

fn int(argument: u64) -> i32 {
    low(argument).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, proptest};

    #[test]
    fn every_number_that_is_sent_here_is_known() {
        for number in ASKED.iter().chain(ASKED_HERE) {
            assert!(decode(*number, &[7; 6]).is_some(), "{number}");
        }
        assert_eq!(decode(libc::SYS_read, &[7; 6]), None);
    }

    #[test]
    fn a_folder_argument_keeps_its_sign_whatever_lies_above_it() {
        let cwd = u64::from(libc::AT_FDCWD.cast_unsigned());
        for high in [0, 0xffff_ffff_0000_0000, 0x1234_0000_0000_0000] {
            let Some(Request::Stat { at, flags, out }) =
                decode(libc::SYS_newfstatat, &[cwd | high, 5, 6, high | 0x100, 0, 0])
            else {
                panic!("no stat");
            };
            assert_eq!((at.folder, at.path, flags, out), (libc::AT_FDCWD, 5, 0x100, 6));
        }
    }

    proptest! {
        #[test]
        fn no_arguments_make_it_panic(number in any::<i64>(), near in 0_i64..500, a in any::<[u64; 6]>()) {
            let _ = decode(number, &a);
            let asked = ASKED.contains(&near) || ASKED_HERE.contains(&near);
            prop_assert!(decode(near, &a).is_some() == asked);
        }
    }
}
