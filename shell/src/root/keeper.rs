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

use bulkhead_wire::{Client, Empty, Identity, read_token};
use rustix::process::{Pid, PidfdFlags, Signal};

use crate::clock;
use crate::journal::Journal;
use crate::setup::Setup;
use crate::spawn::{self, Bond, Plan};

/// Time a keeper has to answer a hello.
const ANSWER_MAX: Duration = Duration::from_millis(1_000);
/// Time a keeper has to come up.
const START_MAX: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);
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

/// The keeper as the root sees it.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) standing: Standing,
    pub(crate) pid: Option<u32>,
    pub(crate) started_ms: u64,
    pub(crate) restarts: u32,
    pub(crate) reason: String,
    pidfd: Option<OwnedFd>,
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
        let mut child = start(setup, with_scope())?;
        // systemd-run that cannot make a scope ends at once; the keeper itself goes on until it is told to end.
        if with_scope().is_some() && ends_within(&mut child, Duration::from_millis(150)) {
            journal.line("root", "keeper: no systemd scope, started without");
            child = start(setup, None)?;
        }
        journal.line("root", &format!("keeper started, pid {}", child.id()));
        self.pidfd =
            Some(rustix::process::pidfd_open(Pid::from_child(&child), PidfdFlags::empty())?);
        self.pid = Some(child.id());
        self.child = Some(child);
        self.started_ms = clock::now_ms();
        self.standing = Standing::Starting(Instant::now() + START_MAX);
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
            self.pid = Some(pid);
            return true;
        }
        if Instant::now() < until {
            return false;
        }
        self.reason = format!("did not answer within {} s", START_MAX.as_secs());
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
        self.restarts += 1;
        status.is_some_and(|status| !status.success())
    }

    /// Signals it, if it is there.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pidfd) = &self.pidfd {
            let _ = rustix::process::pidfd_send_signal(pidfd, signal);
        }
    }

    fn adopt(&mut self, pid: u32) {
        let raw = i32::try_from(pid).ok().and_then(Pid::from_raw);
        self.pidfd = raw.and_then(|pid| rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok());
        self.pid = Some(pid);
        self.started_ms = clock::now_ms();
        self.standing = Standing::Answering;
    }
}

/// Ends the keeper and all its shells.
///
/// # Errors
/// It does not answer.
pub(crate) fn shut_down(runtime_dir: &Path) -> Result<(), String> {
    let (mut client, _) = connect(runtime_dir).map_err(|error| error.to_string())?;
    client
        .request::<_, Empty>("keeper.shutdown", &Empty {}, SHUTDOWN_MAX)
        .map(|Empty {}| ())
        .map_err(|error| error.to_string())
}

/// Pid of the keeper that answers there.
fn answering(runtime_dir: &Path) -> Option<u32> {
    connect(runtime_dir).ok().map(|(_, pid)| pid)
}

fn connect(runtime_dir: &Path) -> io::Result<(Client, u32)> {
    let stream = UnixStream::connect(runtime_dir.join("keeper-1.sock"))?;
    let peer = rustix::net::sockopt::socket_peercred(&stream)?;
    if peer.uid != rustix::process::geteuid() {
        let text = format!("the keeper's socket belongs to uid {}", peer.uid.as_raw());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
    }
    let token = read_token(&runtime_dir.join("keeper-1.token"))?;
    let who = Identity { name: "root", token: Some(&token) };
    let client = Client::start(stream, who, ANSWER_MAX)
        .map_err(|error| io::Error::other(error.to_string()))?;
    let pid = u32::try_from(peer.pid.as_raw_nonzero().get()).map_err(io::Error::other)?;
    Ok((client, pid))
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
        env: Vec::new(),
        fds: Vec::new(),
        stdout: log.try_clone()?.into(),
        stderr: Stdio::from(log),
        bond: Bond::Free,
    })
}

/// `systemd-run`, where a systemd of this user is running: a scope of its own outlives the terminal's.
fn with_scope() -> Option<PathBuf> {
    let session = std::env::var_os("XDG_RUNTIME_DIR")?;
    let running = Path::new(&session).join("systemd/private").exists();
    let program = PathBuf::from("/usr/bin/systemd-run");
    (running && program.exists()).then_some(program)
}

fn ends_within(child: &mut Child, limit: Duration) -> bool {
    let Ok(pidfd) = rustix::process::pidfd_open(Pid::from_child(child), PidfdFlags::empty()) else {
        return false;
    };
    let mut fds = [rustix::event::PollFd::new(&pidfd, rustix::event::PollFlags::IN)];
    let limit = rustix::event::Timespec { tv_sec: 0, tv_nsec: i64::from(limit.subsec_nanos()) };
    matches!(rustix::event::poll(&mut fds, Some(&limit)), Ok(ready) if ready > 0)
        && child.wait().is_ok()
}
