//! Methods of `bus/contracts/runner.ts`, and what the guards report.

use std::time::Duration;

use bulkhead_wire::{Empty, Frame, Header, Kind, WireError, decode, encode};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, waitid};
use serde::Serialize;

use super::caller::Caller;
use super::channel::Report;
use super::messages::{Exited, Programs, SendSignal, Spawn, Spawned};
use super::program::Program;
use super::records::{Recorded, end_words};
use super::walls::confine;
use super::{Runner, token};
use crate::log;
use crate::process_table::{descendants, processes, send};
use crate::program::Program as Executable;
use crate::spawn::{SpawnError, Stage};

/// Programs at once.
const PROGRAMS_MAX: usize = 128;
/// Looks for what a killed guard left; each kills all it sees.
const ADOPTED_LOOKS: usize = 500;
const ADOPTED_LOOK_AFTER: Duration = Duration::from_millis(2);

impl Runner {
    pub(super) fn take_request(&mut self, frame: &Frame) {
        self.send(&reply(Kind::Ack, frame));
        match self.answer(frame) {
            Ok(Some(payload)) => self.send(&reply(Kind::Reply, frame).payload(payload)),
            Ok(None) => {}
            Err(error) => self.send_value(reply(Kind::Error, frame), &error),
        }
    }

    /// The number of the program with this id, if it is the caller's: of others' nobody learns that they are there.
    pub(super) fn find(&self, id: &str, caller: &Caller) -> Result<u32, WireError> {
        let found = self
            .programs
            .iter()
            .find(|(_, program)| program.id == id && caller.may_use(program.owner));
        found.map(|(number, _)| *number).ok_or_else(|| {
            let shown: String = id.chars().take(64).collect();
            WireError::new("runner/no-such-program", format!("no program {shown:?}"))
        })
    }

    pub(super) fn take_reports(&mut self, number: u32) {
        let Some(program) = self.programs.get_mut(&number) else { return };
        for report in program.reports() {
            self.take_report(number, report);
        }
    }

    /// None when the answer comes later.
    fn answer(&mut self, frame: &Frame) -> Result<Option<Vec<u8>>, WireError> {
        match self.subject_of(frame)?.as_str() {
            "runner.spawn" => self.spawn(frame).map(|()| None),
            "runner.list" => {
                let caller = Caller::of(frame)?;
                let is_shown =
                    |program: &&Program| program.pid != 0 && caller.may_use(program.owner);
                let programs = self.programs.values().filter(is_shown);
                output(&Programs { programs: programs.map(Program::row).collect() })
            }
            "runner.signal" => self.signal(&read(frame)?, &Caller::of(frame)?),
            other => Err(WireError::new("bus/no-responder", format!("runner serves no {other}"))),
        }
    }

    fn spawn(&mut self, frame: &Frame) -> Result<(), WireError> {
        let mut request: Spawn = read(frame)?;
        let (profile, principal) = (request.profile.as_deref(), request.principal.as_deref());
        Caller::of(frame)?.check_start(profile, principal)?;
        let guarded = self.programs.values().filter(|program| program.is_guarded()).count();
        let running = guarded + self.waiting_starts();
        if running >= PROGRAMS_MAX {
            let text = format!("{running} programs run, at most {PROGRAMS_MAX} may");
            return Err(WireError::new("runner/limit", text));
        }
        let foreign = confine(&mut request, &self.launcher)?;
        // Checked here so that the guard cannot be asked for nonsense.
        Executable::new(&request.argv, &request.env, &request.cwd)?;
        match foreign {
            None => self.begin(frame.header, request, None),
            Some(foreign) => {
                self.record_start(frame.header, request, foreign);
                Ok(())
            }
        }
    }

    /// Starts a program behind its walls; the call is answered when it runs.
    pub(super) fn begin(
        &mut self,
        asked_by: Header,
        request: Spawn,
        recorded: Option<Recorded>,
    ) -> Result<(), WireError> {
        let number = self.last_program.wrapping_add(1);
        let (argv, cwd) = (request.argv.clone(), request.cwd.clone());
        let id = format!("p{number}");
        let started = Program::start((id, request), &self.guard, self.now);
        let mut program = started.map_err(|error| refused(error, &argv, &cwd))?;
        let key = u64::from(number);
        let full = |error: std::io::Error| WireError::new("runner/limit", error.to_string());
        if let Some(end) = program.guard_end() {
            self.poller.add_readable(end, token::GUARD | key).map_err(full)?;
        }
        if let Some(refusals) = program.refused.descriptor() {
            self.poller.add_readable(refusals, token::REFUSALS | key).map_err(full)?;
        }
        let tokens = [token::CHANNEL, token::STDIN, token::STDOUT, token::STDERR];
        for (descriptor, token) in program.descriptors().zip(tokens) {
            self.poller.add(descriptor, token | key).map_err(full)?;
        }
        program.owner = asked_by.source;
        program.asked_by = Some(asked_by);
        program.recorded = recorded;
        self.last_program = number;
        self.programs.insert(number, program);
        Ok(())
    }

    fn signal(
        &mut self,
        request: &SendSignal,
        caller: &Caller,
    ) -> Result<Option<Vec<u8>>, WireError> {
        let number =
            i32::try_from(request.signal).ok().filter(|n| Signal::from_named_raw(*n).is_some());
        let number = number.and_then(|number| u8::try_from(number).ok()).ok_or_else(|| {
            let text = format!("no signal has the number {}, 1 to 31 are allowed", request.signal);
            WireError::new("bus/invalid", text)
        })?;
        let program = self.find(&request.program, caller)?;
        if let Some(program) = self.programs.get(&program) {
            // A program that is gone needs no signal any more.
            program.signal(number);
        }
        output(&Empty {})
    }

    fn take_report(&mut self, number: u32, report: Report) {
        let Some(program) = self.programs.get_mut(&number) else { return };
        let asked_by = program.asked_by.take();
        match report {
            Report::Started { pid } => {
                program.pid = pid;
                let spawned = Spawned { program: program.id.clone(), pid };
                log::info(format_args!("program {} started, pid {pid}", spawned.program));
                if let Some(header) = asked_by {
                    let frame = Frame::new(Kind::Reply).correlation(header.correlation);
                    self.send_value(frame.answering(&header), &spawned);
                }
            }
            Report::Failed(error) => {
                let error = refused(error, &program.argv, &program.cwd);
                if let Some(recorded) = program.recorded.take() {
                    self.record_end(&recorded, &format!("could not be started: {}", error.message));
                }
                if let Some(header) = asked_by {
                    let frame = Frame::new(Kind::Error).correlation(header.correlation);
                    self.send_value(frame.answering(&header), &error);
                }
            }
            Report::Exited { code } => self.exited(number, Some(code), None),
            Report::Killed { signal } => self.exited(number, None, Some(signal)),
        }
    }

    fn exited(&mut self, number: u32, code: Option<i32>, signal: Option<i32>) {
        // Before its end: what comes later belongs to no open record.
        self.take_refusals(number);
        let now = self.now;
        let Some(program) = self.programs.get_mut(&number) else { return };
        let exit = program.note_exit(code, signal, now);
        let recorded = program.recorded.take();
        let exited = Exited { program: program.id.clone(), exit };
        log::info(format_args!("program {} ended: {exit:?}", exited.program));
        self.send_value(Frame::new(Kind::Publish).subject("runner.exited"), &exited);
        if let Some(recorded) = recorded {
            self.record_end(&recorded, &end_words(&exit));
        }
    }

    /// The guard has ended: nothing of the program is left, unless the guard itself was killed.
    pub(super) fn guard_gone(&mut self, number: u32) {
        self.take_reports(number);
        let Some(program) = self.programs.get_mut(&number) else { return };
        if !program.reap_guard() {
            return;
        }
        program.let_go();
        let (was_started, is_told) = (program.pid != 0, program.exit.is_some());
        if was_started && !is_told {
            log::warn(format_args!("the guard of program {} was killed", program.id));
            self.kill_adopted();
            self.exited(number, None, Some(Signal::KILL.as_raw()));
        }
        if !was_started
            && let Some(program) = self.programs.remove(&number)
            && let Some(header) = program.asked_by
        {
            let error = WireError::new("runner/limit", "the guard ended before the program began");
            let frame = Frame::new(Kind::Error).correlation(header.correlation);
            self.send_value(frame.answering(&header), &error);
        }
    }

    /// Kills and reaps what a killed guard left to us.
    fn kill_adopted(&self) {
        let me = rustix::process::getpid().as_raw_nonzero().get();
        let guards: Vec<i32> = self
            .programs
            .values()
            .map(|program| program.guard_pid().as_raw_nonzero().get())
            .collect();
        for _ in 0..ADOPTED_LOOKS {
            let all = processes();
            let ours = all.iter().filter(|row| row.parent == me && !guards.contains(&row.pid));
            let ours: Vec<_> = ours.collect();
            if ours.is_empty() {
                return;
            }
            for process in ours {
                let below = descendants(process.pid);
                for pid in below.iter().map(|row| row.pid).chain([process.pid]) {
                    send(pid, Signal::KILL);
                }
                let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
                if let Some(pid) = Pid::from_raw(process.pid) {
                    let _reaped = waitid(WaitId::Pid(pid), options);
                }
            }
            // The next look comes after those processes had a moment to go.
            std::thread::sleep(ADOPTED_LOOK_AFTER);
        }
    }
}

/// A frame that answers `frame`.
pub(super) fn reply(kind: Kind, frame: &Frame) -> Frame {
    Frame::new(kind).correlation(frame.header.correlation).answering(&frame.header)
}

fn read<T: serde::de::DeserializeOwned>(frame: &Frame) -> Result<T, WireError> {
    decode(&frame.payload).map_err(|error| WireError::new("bus/invalid", error.to_string()))
}

fn output<T: Serialize>(value: &T) -> Result<Option<Vec<u8>>, WireError> {
    encode(value).map(Some).map_err(|error| WireError::new("bus/internal", error.to_string()))
}

fn refused(error: SpawnError, argv: &[String], folder: &str) -> WireError {
    let errno = error.errno;
    let program = argv.first().map_or("", String::as_str);
    let (code, value, what) = match error.stage {
        Stage::Exec => ("runner/not-found", program, "cannot be run"),
        Stage::Folder => ("runner/no-folder", folder, "cannot be entered"),
        Stage::Fork => ("runner/limit", program, "cannot be started"),
        Stage::Setup => ("bus/internal", program, "cannot be set up"),
    };
    WireError::new(code, format!("{value} {what}: {errno}")).with(value, Some(errno.raw_os_error()))
}
