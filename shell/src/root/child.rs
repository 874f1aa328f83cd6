//! A supervised child of the root: hub or window. It decides when to start again; the owner knows how.
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::clock;
use crate::crash::{self, Crash};
use crate::journal::Journal;
use crate::process::{Process, describe};
use crate::restart::{Next, Restarts, Run};
use crate::setup::Setup;

/// A child that is not ready by then is started again.
const START_MAX: Duration = Duration::from_secs(20);
/// Time the answer to a kill has to pass through the hub that is to be killed.
const ANSWER_TIME: Duration = Duration::from_millis(30);
/// Time until a start that was postponed is tried again.
const POSTPONED: Duration = Duration::from_millis(500);
/// Exit code of the dynamic linker for a missing library, and of a shell for a missing program.
const EXIT_NOT_FOUND: i32 = 127;
/// `EX_CONFIG`: starting again would not help.
const EXIT_PERMANENT: i32 = 78;

/// As in `RootProcess.state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Starting,
    Ready,
    Stopping,
    BackingOff,
    Parked,
    Frozen,
}

impl State {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Stopping => "stopping",
            Self::BackingOff => "backing-off",
            Self::Parked => "parked",
            Self::Frozen => "frozen",
        }
    }
}

/// One child over all its incarnations.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) name: String,
    pub(crate) state: State,
    /// The last end in words, empty if none.
    pub(crate) reason: String,
    /// The last line on stderr of the last one that ended.
    pub(crate) said: String,
    pub(crate) process: Option<Process>,
    pub(crate) epoch: u32,
    pub(crate) retry_at: Option<Instant>,
    /// A person asked for its end, which comes when the answer has had time to travel.
    kill_at: Option<(Instant, Signal)>,
    /// That it is parked was told.
    pub(crate) told_parked: bool,
    restarts: Restarts,
    timed_out: bool,
    /// The watchdog killed it.
    hung: bool,
    /// One of its incarnations worked.
    worked: bool,
    refusals: Refusals,
}

/// What an end means after which, as the process says, starting again would not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusals {
    /// It is parked.
    Last,
    /// The same, unless it has worked before: what was there then, such as a display, may come back.
    LastAtFirst,
}

impl Child {
    pub(crate) fn new(name: &str, refusals: Refusals) -> Self {
        Self {
            name: name.to_owned(),
            state: State::Starting,
            reason: String::new(),
            said: String::new(),
            process: None,
            epoch: 0,
            retry_at: Some(Instant::now()),
            kill_at: None,
            told_parked: false,
            restarts: Restarts::default(),
            timed_out: false,
            hung: false,
            worked: false,
            refusals,
        }
    }

    /// Notes a start, or why there was none: that counts as an end.
    pub(crate) fn started(&mut self, outcome: std::io::Result<Process>, journal: &mut Journal) {
        self.retry_at = None;
        self.kill_at = None;
        self.timed_out = false;
        self.hung = false;
        match outcome {
            Ok(process) => {
                journal.line("root", &format!("{} started, pid {}", self.name, process.pid()));
                self.process = Some(process);
                self.state = State::Starting;
            }
            Err(error) => {
                self.reason = format!("cannot be started: {error}");
                journal.line("root", &format!("{} {}", self.name, self.reason));
                self.plan_next(Run { asked: false, ready_for: None });
            }
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.ready.is_some())
    }

    /// It says that it works.
    pub(crate) fn ready(&mut self) {
        if let Some(process) = self.process.as_mut()
            && process.ready.is_none()
        {
            process.ready = Some(Instant::now());
            self.state = State::Ready;
            self.worked = true;
        }
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    pub(crate) fn restarts(&self) -> u32 {
        self.restarts.total()
    }

    /// When [`Child::tick`] must be called next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let start = self.process.as_ref().filter(|process| process.ready.is_none());
        let next = match start {
            Some(process) if !self.timed_out => Some(process.started + START_MAX),
            _ => self.retry_at,
        };
        self.kill_at.map(|(at, _)| at).into_iter().chain(next).min()
    }

    /// Kills what was asked for and a start that takes too long. True when it is time to start.
    pub(crate) fn tick(&mut self, now: Instant) -> bool {
        if let Some((at, signal)) = self.kill_at
            && now >= at
        {
            self.kill_at = None;
            if let Some(process) = self.process.as_mut() {
                process.asked = true;
                process.signal(signal);
            }
        }
        if let Some(process) = &self.process {
            if process.ready.is_none() && !self.timed_out && now >= process.started + START_MAX {
                self.timed_out = true;
                process.signal_group(Signal::KILL);
            }
            return false;
        }
        self.is_due(now)
    }

    /// Whether it is time to start it.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.process.is_none() && self.retry_at.is_some_and(|at| now >= at)
    }

    /// The process has ended: reports, decides, and gives the status.
    pub(crate) fn ended(&mut self, setup: &Setup, journal: &mut Journal) -> Option<ExitStatus> {
        let status = self.process.as_mut()?.ended()?;
        let mut process = self.process.take()?;
        if let Some(output) = process.output.as_mut() {
            for line in output.read() {
                journal.line(&self.name, &line);
            }
            self.said = output.last().pop().unwrap_or_default();
        }
        // What it left behind in its group must not go on beside the next one.
        process.signal_group(Signal::KILL);
        let class = self.class(&process, status);
        self.reason = format!("{} ({class})", describe(status));
        journal.line("root", &format!("{} ended: {}", self.name, self.reason));
        self.report(setup, journal, &process, class);
        let killed_in_drill = setup.drill && class == "signal";
        let run = Run { asked: process.asked || killed_in_drill, ready_for: process.ready_for() };
        if self.state == State::Stopping || self.state == State::Parked {
            self.state = State::Parked;
        } else if class == "permanent" && !(self.worked && self.refusals == Refusals::LastAtFirst) {
            self.park();
        } else {
            self.plan_next(run);
        }
        Some(status)
    }

    /// It does not answer: killed, reported as such, started again.
    pub(crate) fn kill_as_hung(&mut self) {
        if let Some(process) = &self.process {
            self.hung = true;
            process.signal_group(Signal::KILL);
        }
    }

    /// Does not start again by itself.
    pub(crate) fn park(&mut self) {
        self.state = State::Parked;
        self.retry_at = None;
    }

    /// It is time, but it cannot be started yet. True when that is news.
    pub(crate) fn postpone(&mut self, now: Instant, why: &str) -> bool {
        self.state = State::BackingOff;
        self.retry_at = Some(now + POSTPONED);
        let is_news = self.reason != why;
        why.clone_into(&mut self.reason);
        is_news
    }

    /// A person starts it again.
    pub(crate) fn retry(&mut self) {
        if self.process.is_none() {
            self.restarts.forgive();
            self.told_parked = false;
            self.state = State::BackingOff;
            self.retry_at = Some(Instant::now());
        }
    }

    /// Kills it because somebody asked: not counted, started again at once.
    pub(crate) fn kill_as_asked(&mut self, signal: Signal) {
        if self.process.is_some() {
            self.kill_at = Some((Instant::now() + ANSWER_TIME, signal));
        }
    }

    /// Wall clock of the next start, milliseconds.
    pub(crate) fn retry_at_ms(&self) -> Option<u64> {
        let at = self.retry_at.filter(|_| self.state == State::BackingOff)?;
        let left = at.saturating_duration_since(Instant::now()).as_millis();
        Some(clock::now_ms() + u64::try_from(left).unwrap_or(0))
    }

    fn plan_next(&mut self, run: Run) {
        match self.restarts.decide(Instant::now(), run) {
            Next::After(delay) => {
                self.state = State::BackingOff;
                self.retry_at = Some(Instant::now() + delay);
            }
            Next::Park => self.park(),
        }
    }

    fn class(&self, process: &Process, status: ExitStatus) -> &'static str {
        match status.code() {
            _ if process.asked => "asked",
            _ if self.timed_out => "start-timeout",
            _ if self.hung => "watchdog",
            Some(0) => "normal",
            Some(EXIT_NOT_FOUND | EXIT_PERMANENT) => "permanent",
            Some(_) => "crash",
            None => "signal",
        }
    }

    fn report(&self, setup: &Setup, journal: &mut Journal, process: &Process, class: &str) {
        if class == "normal" || self.state == State::Stopping {
            return;
        }
        let uptime_ms = u64::try_from(process.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let crash = Crash {
            process: &self.name,
            epoch: self.epoch,
            class,
            reason: &self.reason,
            stderr: process.output.as_ref().map(|output| output.last()).unwrap_or_default(),
            uptime_ms,
        };
        if let Err(error) = crash::write(&setup.instance.state_dir, &crash) {
            journal.line("root", &format!("the crash report was not saved: {error}"));
        }
    }
}
