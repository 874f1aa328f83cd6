//! The keeper: holds terminals and their output, and serves both on its socket. One thread, one epoll instance.

mod disuse;
mod door;
mod input;
mod links;
mod messages;
mod output;
mod peer;
mod reader;
mod requests;
mod ring;
mod session;
mod settings;
mod shortage;
mod start;
mod streams;
mod terminal;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crate::clock::{Clock, Moment, wall_ms};
use crate::poller::{Poller, Ready};
use crate::{log, signals};
use door::{Door, Opened};
use peer::Peer;
use ring::{RINGS_BYTES_MAX, RingBudget};
use session::Session;
use settings::Settings;

/// Time for shells to end after the hang-up of a shutdown.
const SHUTDOWN_GRACE_MS: u64 = 2_000;
/// Time for an unused shell to end after its hang-up.
const UNUSED_GRACE_MS: u64 = 10_000;
/// Time after that for what cannot be killed at once.
const SHUTDOWN_REST_MS: u64 = 500;

/// What an event's token says it belongs to.
mod token {
    pub(super) const DOOR: u64 = 0;
    pub(super) const SIGNALS: u64 = 1;
    pub(super) const FOLDER: u64 = 2;
    pub(super) const PEER: u64 = 1 << 32;
    pub(super) const TERMINAL: u64 = 2 << 32;
    pub(super) const PROGRAM: u64 = 3 << 32;
}

/// Everything a keeper has.
#[derive(Debug)]
struct Keeper {
    settings: Settings,
    clock: Clock,
    now: Moment,
    poller: Poller,
    door: Door,
    signals: OwnedFd,
    peers: BTreeMap<u32, Peer>,
    /// Links wait at the door that were not taken yet.
    has_visitors: bool,
    /// Set while clients wait for a free descriptor.
    accept_again: Option<Moment>,
    sessions: BTreeMap<u32, Session>,
    budget: RingBudget,
    last_peer: u32,
    last_session: u32,
    /// Distinguishes the sessions of this keeper from those of others.
    prefix: String,
    started_ms: u64,
    idle_since: Option<Moment>,
    ended: BTreeMap<u32, Moment>,
    /// Set by a shutdown: when it stops waiting.
    stop_by: Option<Moment>,
}

/// Runs a keeper in `folder` until it is not needed any more.
pub(crate) fn run(folder: &Path) -> ExitCode {
    signals::ignore(libc::SIGPIPE);
    signals::ignore(libc::SIGHUP);
    if rustix::process::setsid().is_err() {
        log::info(format_args!("leads a process group already: no session of its own"));
    }
    let absolute = match std::path::absolute(folder) {
        Ok(absolute) => absolute,
        Err(error) => return failed(&format!("{}: {error}", folder.display())),
    };
    let settings = Settings::from_environment();
    let door = match Door::open(&absolute, settings.major) {
        Ok(Opened::Door(door)) => door,
        Ok(Opened::Taken) => {
            log::info(format_args!("another keeper runs in {}", absolute.display()));
            return ExitCode::SUCCESS;
        }
        Err(text) => return failed(&text),
    };
    if let Err(error) = rustix::process::chdir("/") {
        log::warn(format_args!("stays in its folder: {error}"));
    }
    match Keeper::new(settings, door).and_then(Keeper::serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(text: &str) -> ExitCode {
    log::warn(format_args!("cannot run: {text}"));
    ExitCode::FAILURE
}

impl Keeper {
    fn new(settings: Settings, door: Door) -> io::Result<Self> {
        let poller = Poller::new()?;
        let signals = signals::listen(&[libc::SIGTERM, libc::SIGINT])?;
        poller.add_readable(&door, token::DOOR)?;
        poller.add_readable(&signals, token::SIGNALS)?;
        poller.add_readable(door.watch(), token::FOLDER)?;
        let started_ms = wall_ms();
        let clock = Clock::start();
        let now = clock.now();
        log::info(format_args!("keeper {} serves, pid {}", crate::VERSION, std::process::id()));
        Ok(Self {
            settings,
            clock,
            now,
            poller,
            door,
            signals,
            peers: BTreeMap::new(),
            has_visitors: false,
            accept_again: None,
            sessions: BTreeMap::new(),
            budget: RingBudget::new(RINGS_BYTES_MAX),
            last_peer: 1,
            last_session: 0,
            prefix: format!("{:x}", started_ms),
            started_ms,
            idle_since: Some(now),
            ended: BTreeMap::new(),
            stop_by: None,
        })
    }

    fn serve(mut self) -> io::Result<()> {
        while !self.is_done() {
            let limit = if self.has_work() { Some(Duration::ZERO) } else { self.time_left() };
            let events = self.poller.wait(limit)?;
            self.now = self.clock.now();
            for event in events {
                self.dispatch(event);
            }
            if self.has_visitors {
                self.accept_links();
            }
            self.turn();
        }
        log::info(format_args!("keeper leaves"));
        self.flush_links();
        self.door.close();
        Ok(())
    }

    fn dispatch(&mut self, event: Ready) {
        let number = (event.token & 0xffff_ffff) as u32;
        match event.token & !0xffff_ffff {
            0 => self.dispatch_own(event.token),
            token::PEER => {
                if let Some(peer) = self.peers.get_mut(&number) {
                    peer.is_readable |= event.readable;
                    peer.is_writable |= event.writable;
                }
            }
            token::TERMINAL => {
                if let Some(session) = self.sessions.get_mut(&number) {
                    session.wake(event.readable, event.writable);
                }
            }
            _ => {
                if let Some(session) = self.sessions.get_mut(&number) {
                    session.note_exit(self.now);
                }
            }
        }
    }

    fn dispatch_own(&mut self, token: u64) {
        match token {
            token::DOOR => self.has_visitors = true,
            token::SIGNALS => {
                for signal in signals::take(&self.signals) {
                    log::info(format_args!("signal {signal}: ends all shells"));
                    self.shut_down();
                }
            }
            _ => self.repair_door(),
        }
    }

    fn repair_door(&mut self) {
        match self.door.repair() {
            Ok(false) => {}
            Ok(true) => {
                log::warn(format_args!("socket had vanished from the runtime dir: made again"));
                if let Err(error) = self.poller.add_readable(&self.door, token::DOOR) {
                    log::warn(format_args!("cannot watch the socket: {error}"));
                }
            }
            Err(text) => log::warn(format_args!("socket cannot be made again: {text}")),
        }
    }

    /// One round: what came in, what the terminals have, what goes out, what is due.
    fn turn(&mut self) {
        self.read_links();
        self.move_bytes();
        self.tick();
        self.flush_links();
        self.close_links();
        self.note_idle();
    }

    fn tick(&mut self) {
        let now = self.now;
        if self.accept_again.is_some_and(|at| at <= now) {
            self.has_visitors = true;
        }
        for session in self.sessions.values_mut() {
            session.tick(now);
        }
        self.end_unused();
        self.tell_exits();
        self.drop_old_sessions();
        self.expire_handshakes();
    }

    fn note_idle(&mut self) {
        let busy = self.peers.values().any(Peer::is_known) || !self.sessions.is_empty();
        self.idle_since = if busy { None } else { self.idle_since.or(Some(self.now)) };
    }

    fn drop_old_sessions(&mut self) {
        let keep_ms = self.settings.keep_ended_ms;
        let old = self.ended.iter().filter(|(_, at)| at.plus_ms(keep_ms) <= self.now);
        for number in old.map(|(number, _)| *number).collect::<Vec<_>>() {
            self.forget(number);
        }
    }

    /// Ends shells without jobs that nobody has been attached to for a day.
    fn end_unused(&mut self) {
        let (now, limit_ms) = (self.now, self.settings.unused_ms);
        for session in self.sessions.values_mut() {
            if session.is_unused(limit_ms, now) {
                log::info(format_args!(
                    "session {} was unused for {limit_ms} ms: ends it",
                    session.id
                ));
                session.end(UNUSED_GRACE_MS, now);
            }
        }
    }

    fn forget(&mut self, number: u32) {
        self.ended.remove(&number);
        let Some(session) = self.sessions.remove(&number) else { return };
        self.budget.give(session.ring.capacity());
        if let Some(stream) = session.reader.stream() {
            self.end_stream(stream, None);
        }
    }

    fn shut_down(&mut self) {
        let now = self.now;
        self.stop_by = Some(now.plus_ms(SHUTDOWN_GRACE_MS + SHUTDOWN_REST_MS));
        for session in self.sessions.values_mut() {
            session.end(SHUTDOWN_GRACE_MS, now);
        }
    }

    fn is_done(&self) -> bool {
        if let Some(by) = self.stop_by {
            return by <= self.now || self.sessions.values().all(Session::is_gone);
        }
        let linger = self.settings.linger_ms;
        self.idle_since.is_some_and(|since| since.plus_ms(linger) <= self.now)
    }

    /// Whether another turn is due before anything happens outside.
    fn has_work(&self) -> bool {
        self.has_visitors
            || self.peers.values().any(links::has_unread)
            || self.sessions.values().any(|session| session.can_read())
    }

    fn time_left(&self) -> Option<Duration> {
        let idle = self.idle_since.map(|since| since.plus_ms(self.settings.linger_ms));
        let hello = self.peers.values().filter_map(|peer| peer.hello_by);
        let old = self.ended.values().map(|at| at.plus_ms(self.settings.keep_ended_ms));
        let unused_ms = self.settings.unused_ms;
        let sessions = self.sessions.values().filter_map(|session| session.deadline(unused_ms));
        let output = self.sessions.values().filter_map(|session| self.output_deadline(session));
        let all = hello.chain(old).chain(sessions).chain(output).chain(idle).chain(self.stop_by);
        let all = all.chain(self.accept_again);
        all.min().map(|at| at.since(self.now))
    }
}
