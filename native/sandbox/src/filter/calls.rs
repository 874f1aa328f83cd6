//! System calls that no confined program may make, whatever their arguments.

/// Refused with EPERM: they reach into other processes, change the machine, or walk around the walls.
pub(crate) const REFUSED: &[i64] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_adjtimex,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_clock_adjtime,
    libc::SYS_clock_settime,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_fanotify_mark,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_kcmp,
    libc::SYS_kexec_file_load,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_lookup_dcookie,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_nfsservctl,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
    libc::SYS_vhangup,
    SYS_LISTMOUNT,
    SYS_OPEN_TREE_ATTR,
    SYS_QUOTACTL_FD,
    SYS_STATMOUNT,
];

/// Change a file's mode, owner, times or attributes by its path.
pub(crate) const METADATA: &[i64] = &[
    libc::SYS_fchmodat,
    SYS_FCHMODAT2,
    libc::SYS_fchownat,
    libc::SYS_lremovexattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_setxattr,
    libc::SYS_utimensat,
    SYS_FILE_SETATTR,
    SYS_REMOVEXATTRAT,
    SYS_SETXATTRAT,
];

/// Refused as if the kernel were older, because programs then take the ordinary way.
///
/// `clone3` hides its flags behind a pointer. The ring's calls run past every filter. Shared memory and queues with a
/// number or name of their own belong to the user, not to a folder: windows on a display are drawn through them.
pub(crate) const ABSENT: &[i64] = &[
    libc::SYS_clone3,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_msgctl,
    libc::SYS_msgget,
    libc::SYS_msgrcv,
    libc::SYS_msgsnd,
    libc::SYS_semctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_shmget,
];

/// Allowed where the first argument names no other process.
pub(crate) const OWN_FIRST: &[i64] = &[
    libc::SYS_prlimit64,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
];

/// The same, for the second.
pub(crate) const OWN_SECOND: &[i64] = &[libc::SYS_ioprio_set, libc::SYS_setpriority];

/// Name a path as well, in ways the supervisor does not answer; programs then do without.
pub(crate) const UNASKED: &[i64] = &[
    libc::SYS_inotify_add_watch,
    SYS_FILE_GETATTR,
    SYS_FILE_SETATTR,
    SYS_GETXATTRAT,
    SYS_LISTXATTRAT,
    SYS_REMOVEXATTRAT,
    SYS_SETXATTRAT,
];

/// The older listing of a folder.
#[cfg(target_arch = "x86_64")]
pub(crate) const UNASKED_HERE: &[i64] = &[libc::SYS_getdents];
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const UNASKED_HERE: &[i64] = &[];

/// Those of the older architecture alone.
#[cfg(target_arch = "x86_64")]
pub(crate) const REFUSED_HERE: &[i64] = &[
    libc::SYS__sysctl,
    libc::SYS_ioperm,
    libc::SYS_iopl,
    libc::SYS_modify_ldt,
    libc::SYS_sysfs,
    libc::SYS_uselib,
    libc::SYS_ustat,
];
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const REFUSED_HERE: &[i64] = &[];

/// The older names of `METADATA`.
#[cfg(target_arch = "x86_64")]
pub(crate) const METADATA_HERE: &[i64] = &[
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_futimesat,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
];
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const METADATA_HERE: &[i64] = &[];

/// New processes by their older names.
#[cfg(target_arch = "x86_64")]
pub(crate) const FORKS: &[i64] = &[libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const FORKS: &[i64] = &[];

// Numbers above 423 are the same on every architecture; the crate does not name these yet.
const SYS_FCHMODAT2: i64 = 452;
const SYS_SETXATTRAT: i64 = 463;
const SYS_GETXATTRAT: i64 = 464;
const SYS_LISTXATTRAT: i64 = 465;
const SYS_FILE_GETATTR: i64 = 468;
const SYS_REMOVEXATTRAT: i64 = 466;
const SYS_FILE_SETATTR: i64 = 469;
const SYS_QUOTACTL_FD: i64 = 443;
const SYS_STATMOUNT: i64 = 457;
const SYS_LISTMOUNT: i64 = 458;
const SYS_OPEN_TREE_ATTR: i64 = 467;
