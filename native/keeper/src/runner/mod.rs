//! The runner: programs with pipes for other actors, an actor of the hub on descriptor 3.
//!
//! Every program has a guard as parent ([`guard`]). When the hub's link ends the guards' channels close, and nothing of
//! any program is left; a SIGKILL of the runner closes them just the same.

mod caller;
mod channel;
mod frames;
mod guard;
mod messages;
mod program;
mod records;
mod refused;
mod requests;
mod streams;
mod walls;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bulkhead_wire::{FRAME_BYTES_MAX, Frame, Kind, Link};

use crate::clock::{Clock, Moment};
use crate::log;
use crate::poller::{Poller, Ready};
use crate::program::Program as Executable;
use crate::signals;
use program::Program;
use records::Recording;

pub(crate) use guard::guard;

const HUB_LINK: i32 = 3;
/// Frames waiting for the hub; past it the hub does not read and the runner ends.
const QUEUED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Guards get this long to kill what is left.
const END_LIMIT: Duration = Duration::from_secs(6);
/// Ended programs that the list still tells.
const ENDED_MAX: usize = 64;

/// What an event's token says it belongs to.
mod token {
    pub(super) const HUB: u64 = 0;
    pub(super) const CHANNEL: u64 = 1 << 32;
    pub(super) const STDIN: u64 = 2 << 32;
    pub(super) const STDOUT: u64 = 3 << 32;
    pub(super) const STDERR: u64 = 4 << 32;
    pub(super) const GUARD: u64 = 5 << 32;
    pub(super) const REFUSALS: u64 = 6 << 32;
}

/// Everything a runner has.
#[derive(Debug)]
struct Runner {
    clock: Clock,
    now: Moment,
    poller: Poller,
    link: Link,
    is_readable: bool,
    is_writable: bool,
    /// The guard's own command.
    guard: Executable,
    programs: BTreeMap<u32, Program>,
    last_program: u32,
    subjects: BTreeMap<u32, String>,
    /// The program that puts others behind walls.
    launcher: PathBuf,
    /// Calls of ours that wait for an answer.
    recordings: BTreeMap<u32, Recording>,
    last_call: u32,
    stopping: bool,
}

/// Runs as an actor until the hub's link ends.
pub(crate) fn run(launcher: Option<PathBuf>) -> ExitCode {
    let launcher = launcher.unwrap_or_else(walls::launcher_beside_us);
    for signal in [libc::SIGPIPE, libc::SIGHUP, libc::SIGINT] {
        signals::ignore(signal);
    }
    let served = Runner::new(launcher).and_then(|mut runner| {
        let served = runner.serve();
        runner.end_all();
        served
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::warn(format_args!("runner: {error}"));
            ExitCode::FAILURE
        }
    }
}

impl Runner {
    fn new(launcher: PathBuf) -> io::Result<Self> {
        if rustix::io::fcntl_getfd(hub_descriptor()).is_err() {
            return Err(io::Error::other("descriptor 3 is no link to the hub"));
        }
        // SAFETY: it is open, it was passed to us for this, and nothing else owns it.
        let socket = unsafe { OwnedFd::from_raw_fd(HUB_LINK) };
        rustix::io::ioctl_fionbio(&socket, true)?;
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        let poller = Poller::new()?;
        poller.add(&socket, token::HUB)?;
        let guard = ["/proc/self/exe", "--guard"].map(str::to_owned);
        let guard = Executable::new(&guard, &BTreeMap::new(), "/").map_err(io::Error::other)?;
        let clock = Clock::start();
        let mut runner = Self {
            now: clock.now(),
            clock,
            poller,
            link: Link::new(socket, FRAME_BYTES_MAX, QUEUED_BYTES_MAX),
            is_readable: true,
            is_writable: true,
            guard,
            programs: BTreeMap::new(),
            last_program: 0,
            subjects: BTreeMap::new(),
            launcher,
            recordings: BTreeMap::new(),
            last_call: 0,
            stopping: false,
        };
        runner.say_hello();
        Ok(runner)
    }

    fn serve(&mut self) -> io::Result<()> {
        while !self.stopping {
            self.flush()?;
            let limit = if self.has_work() { Some(Duration::ZERO) } else { None };
            let events = self.poller.wait(limit)?;
            self.now = self.clock.now();
            for event in events {
                self.dispatch(event);
            }
            self.take_frames()?;
            self.move_bytes();
            self.drop_old_programs();
        }
        self.flush()
    }

    fn dispatch(&mut self, event: Ready) {
        if event.token == token::HUB {
            self.is_readable |= event.readable;
            self.is_writable |= event.writable;
            return;
        }
        let number = (event.token & 0xffff_ffff) as u32;
        if event.token & !0xffff_ffff == token::GUARD {
            return self.guard_gone(number);
        }
        let Some(program) = self.programs.get_mut(&number) else { return };
        match event.token & !0xffff_ffff {
            token::STDIN => program.stdin.is_writable |= event.writable,
            token::STDOUT => program.outputs[0].is_readable |= event.readable,
            token::STDERR => program.outputs[1].is_readable |= event.readable,
            token::REFUSALS => self.take_refusals(number),
            _ => self.take_reports(number),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_writable {
            self.is_writable = self.link.flush().map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn send(&mut self, frame: &Frame) {
        if let Err(error) = self.link.send(frame) {
            log::warn(format_args!("the hub does not read: {error}"));
            self.stopping = true;
        }
    }

    fn drop_old_programs(&mut self) {
        let is_over = |program: &Program| {
            let open = program.outputs.iter().any(|output| output.stream.is_some());
            !program.is_guarded() && !open
        };
        let over: Vec<_> = self.programs.iter().filter(|(_, program)| is_over(program)).collect();
        let old: Vec<_> = over.iter().rev().skip(ENDED_MAX).map(|(number, _)| **number).collect();
        for number in old {
            self.programs.remove(&number);
        }
    }

    /// Ends every program and everything they left behind; bounded.
    fn end_all(&mut self) {
        for program in self.programs.values_mut() {
            program.let_go();
        }
        let until = Instant::now() + END_LIMIT;
        while Instant::now() < until {
            self.programs.retain(|_, program| !program.reap_guard());
            if self.programs.is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        // Guards that were killed leave their programs to us.
        if !guard::kill_below() {
            log::warn(format_args!("some processes could not be killed"));
        }
        guard::reap_all();
    }

    /// Whether another turn is due before anything happens outside.
    fn has_work(&self) -> bool {
        self.is_readable || self.programs.values().any(|program| self.can_move(program))
    }

    fn say_hello(&mut self) {
        let hello = bulkhead_wire::Hello {
            protocol: u64::from(bulkhead_wire::PROTOCOL_VERSION),
            name: "runner".to_owned(),
            pid: u64::from(std::process::id()),
            token: None,
        };
        self.send_value(Frame::new(Kind::Hello), &hello);
    }
}

fn hub_descriptor() -> std::os::fd::BorrowedFd<'static> {
    // SAFETY: only asked whether it is open; a number that is not only gives an error.
    unsafe { std::os::fd::BorrowedFd::borrow_raw(HUB_LINK) }
}
