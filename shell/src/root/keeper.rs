//! The keeper outlives the root: it is found by its socket, or started.
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use bulkhead_wire::{Client, Empty, Identity, connect_now, read_token};
use rustix::process::{Pid, PidfdFlags, Signal};

use crate::clock;
use crate::journal::Journal;
use crate::setup::Setup;
use crate::spawn::{self, Bond, Plan};

/// Major version of the keeper's methods, in the names of its files.
pub(crate) const MAJOR: u8 = 1;
/// Time a keeper has to answer a hello.
const ANSWER_MAX: Duration = Duration::from_millis(1_000);
/// Time a keeper has to come up.
const START_MAX: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Time it has in a scope of systemd, whose making may hang; then it is started without.
const SCOPE_MAX: Duration = Duration::from_secs(3);
/// It ends shells with HUP, waits 2 s, and kills.
const SHUTDOWN_MAX: Duration = Duration::from_secs(5);

/// Where the keeper stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Absent,
    /// Started; looked for until then.
    Starting(Instant),
    Answering,
}

/// A scope of its own, where a systemd of this user runs: without one the keeper ends with the terminal's or session's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Made where it can be.
    Wanted,
    /// Asked for; the keeper has not answered from it yet.
    Asked,
    /// Could not be had: not asked for again.
    Refused,
}

/// The keeper as the root sees it.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) standing: Standing,
    pub(crate) pid: Option<u32>,
    pub(crate) started_ms: u64,
    pub(crate) restarts: u32,
    pub(crate) reason: String,
    pidfd: Option<OwnedFd>,
    scope: Scope,
    /// When it is a child of this root: it must be reaped.
    child: Option<Child>,
}

impl Keeper {
    pub(crate) fn new() -> Self {
        Self {
            standing: Standing::Absent,
            pid: None,
            started_ms: 0,
            restarts: 0,
            reason: String::new(),
            pidfd: None,
            scope: Scope::Wanted,
            child: None,
        }
    }

    /// Finds the keeper that answers, or starts one.
    ///
    /// # Errors
    /// The program cannot be started.
    pub(crate) fn ensure(&mut self, setup: &Setup, journal: &mut Journal) -> io::Result<()> {
        if self.standing != Standing::Absent {
            return Ok(());
        }
        if let Some(pid) = answering(&setup.instance.runtime_dir) {
            journal.line("root", &format!("keeper answers, pid {pid}"));
            self.adopt(pid);
            return Ok(());
        }
        let systemd_run = systemd_run().filter(|_| self.scope != Scope::Refused);
        if systemd_run.is_some() {
            self.scope = Scope::Asked;
        }
        let child = start(setup, systemd_run)?;
        let how = if self.scope == Scope::Asked { ", in a systemd scope" } else { "" };
        journal.line("root", &format!("keeper started, pid {}{how}", child.id()));
        self.pidfd =
            Some(rustix::process::pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?);
        self.pid = Some(child.id());
        self.child = Some(child);
        self.started_ms = clock::now_ms();
        self.standing = Standing::Starting(Instant::now() + self.start_max());
        Ok(())
    }

    /// To poll: readable when the keeper has ended.
    pub(crate) fn pidfd(&self) -> Option<&OwnedFd> {
        self.pidfd.as_ref()
    }

    /// When [`Keeper::tick`] must be called next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        matches!(self.standing, Standing::Starting(_)).then(|| Instant::now() + LOOK_EVERY)
    }

    /// Looks whether a started keeper answers. True when the standing changed.
    pub(crate) fn tick(&mut self, setup: &Setup, journal: &mut Journal) -> bool {
        let Standing::Starting(until) = self.standing else { return false };
        if let Some(pid) = answering(&setup.instance.runtime_dir) {
            self.standing = Standing::Answering;
            if self.scope == Scope::Asked {
                self.scope = Scope::Wanted;
            }
            self.pid = Some(pid);
            return true;
        }
        if Instant::now() < until {
            return false;
        }
        self.reason = format!("did not answer within {} s", self.start_max().as_secs());
        journal.line("root", &format!("keeper {}", self.reason));
        self.signal(Signal::KILL);
        self.standing = Standing::Absent;
        true
    }

    /// Its process ended. True when it did so badly and shall be started again; of one that this root did not start
    /// nobody can tell.
    pub(crate) fn ended(&mut self, journal: &mut Journal) -> bool {
        let status = self.child.as_mut().and_then(|child| child.wait().ok());
        self.reason = status.map_or_else(|| "ended".to_owned(), crate::process::describe);
        journal.line("root", &format!("keeper ended: {}", self.reason));
        (self.pidfd, self.child, self.pid) = (None, None, None);
        self.standing = Standing::Absent;
        if self.scope == Scope::Asked {
            journal.line("root", "keeper: no systemd scope can be had, started without");
            self.scope = Scope::Refused;
            return true;
        }
        self.restarts += 1;
        status.is_some_and(|status| !status.success())
    }

    /// Signals it, if it is there.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pidfd) = &self.pidfd {
            let _ = rustix::process::pidfd_send_signal(pidfd, signal);
        }
    }

    fn start_max(&self) -> Duration {
        if self.scope == Scope::Asked { SCOPE_MAX } else { START_MAX }
    }

    fn adopt(&mut self, pid: u32) {
        let raw = i32::try_from(pid).ok().and_then(Pid::from_raw);
        self.pidfd = raw.and_then(|pid| rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok());
        self.pid = Some(pid);
        self.started_ms = clock::now_ms();
        self.standing = Standing::Answering;
    }
}

/// Ends the keeper of this major and all its shells.
///
/// # Errors
/// It does not answer.
pub(crate) fn shut_down(runtime_dir: &Path, major: u8) -> Result<(), String> {
    let (mut client, _) = connect(runtime_dir, major).map_err(|error| error.to_string())?;
    client
        .request::<_, Empty>("keeper.shutdown", &Empty {}, SHUTDOWN_MAX)
        .map(|Empty {}| ())
        .map_err(|error| error.to_string())
}

/// Signals the keeper of this major, whose process is told by the kernel: it need not answer.
///
/// # Errors
/// Nobody listens there, or not as this user.
pub(crate) fn signal_other(runtime_dir: &Path, major: u8, signal: Signal) -> io::Result<()> {
    let (_, pid) = reach(runtime_dir, major)?;
    rustix::process::kill_process(pid, signal).map_err(io::Error::from)
}

/// `keeper/0`: 0.
pub(crate) fn other_major(name: &str) -> Option<u8> {
    name.strip_prefix("keeper/")?.parse().ok()
}

/// Majors of keepers of other versions whose sockets lie there.
pub(crate) fn other_majors(runtime_dir: &Path) -> Vec<u8> {
    let entries = std::fs::read_dir(runtime_dir).into_iter().flatten().flatten();
    let major = |name: OsString| {
        name.to_str()?.strip_prefix("keeper-")?.strip_suffix(".sock")?.parse::<u8>().ok()
    };
    entries.filter_map(|entry| major(entry.file_name())).filter(|major| *major != MAJOR).collect()
}

/// Pid of the keeper that answers there.
fn answering(runtime_dir: &Path) -> Option<u32> {
    connect(runtime_dir, MAJOR).ok().map(|(_, pid)| pid)
}

fn connect(runtime_dir: &Path, major: u8) -> io::Result<(Client, u32)> {
    let (stream, pid) = reach(runtime_dir, major)?;
    let token = read_token(&runtime_dir.join(format!("keeper-{major}.token")))?;
    let who = Identity { name: "root", token: Some(&token) };
    let client = Client::start(stream, who, ANSWER_MAX)
        .map_err(|error| io::Error::other(error.to_string()))?;
    let pid = u32::try_from(pid.as_raw_nonzero().get()).map_err(io::Error::other)?;
    Ok((client, pid))
}

/// A connection to whoever listens there, and its process.
fn reach(runtime_dir: &Path, major: u8) -> io::Result<(UnixStream, Pid)> {
    let stream = connect_now(&runtime_dir.join(format!("keeper-{major}.sock")))?;
    let peer = rustix::net::sockopt::socket_peercred(&stream)?;
    if peer.uid != rustix::process::geteuid() {
        let text = format!("the keeper's socket belongs to uid {}", peer.uid.as_raw());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    Ok((stream, peer.pid))
}

fn start(setup: &Setup, scope: Option<PathBuf>) -> io::Result<Child> {
    let runtime_dir = &setup.instance.runtime_dir;
    let log = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(runtime_dir.join("keeper.log"))?;
    let keeper = setup.layout.program("bulkhead-keeper");
    let own: [OsString; 2] = ["--runtime-dir".into(), runtime_dir.clone().into()];
    let (program, args) = match scope {
        Some(systemd_run) => {
            let mut args: Vec<OsString> =
                ["--user", "--scope", "--quiet", "--collect", "--"].map(OsString::from).to_vec();
            args.push(keeper.into());
            args.extend(own);
            (systemd_run, args)
        }
        None => (keeper, own.to_vec()),
    };
    spawn::start(Plan {
        program,
        args,
        base: None,
        env: Vec::new(),
        fds: Vec::new(),
        stdout: log.try_clone()?.into(),
        stderr: Stdio::from(log),
        bond: Bond::Free,
    })
}

/// `systemd-run`, where a systemd of this user is running.
fn systemd_run() -> Option<PathBuf> {
    let session = std::env::var_os("XDG_RUNTIME_DIR")?;
    if !Path::new(&session).join("systemd/private").exists() {
        return None;
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("systemd-run"))
        .find(|program| program.is_absolute() && program.is_file())
}
