//! A program of the runner: its guard, its pipes and the streams that use them.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use bulkhead_wire::Header;
use rustix::io::Errno;
use rustix::pipe::PipeFlags;
use rustix::process::Pid;

use super::channel::{RECORD_BYTES, Report};
use super::messages::{Row, Spawn};
use super::records::Recorded;
use super::refused::Refused;
use crate::clock::{Moment, wall_ms};
use crate::program::Program as Executable;
use crate::spawn::{SpawnError, Stage, Standard, spawn};
use crate::wait::Exit;

/// First credit of a stdin stream, bytes.
pub(super) const STDIN_CREDIT: u32 = 64 * 1024;

/// A stream of the hub: who opened it, and under which id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StreamId {
    pub(super) source: u32,
    pub(super) correlation: u32,
    pub(super) epoch: u16,
}

impl StreamId {
    pub(super) const fn of(header: &Header) -> Self {
        Self { source: header.source, correlation: header.correlation, epoch: header.epoch }
    }
}

/// Output of a program and who reads it. Nothing is held here: without credit the pipe fills and the program waits.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) pipe: Option<OwnedFd>,
    pub(super) is_readable: bool,
    pub(super) stream: Option<StreamId>,
    pub(super) credit: u64,
    pub(super) sent: u32,
}

/// Input of a program and who writes it.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) pipe: Option<OwnedFd>,
    pub(super) is_writable: bool,
    pub(super) stream: Option<StreamId>,
    pub(super) credit: i64,
    pub(super) received: u32,
    pub(super) ends: bool,
    queue: VecDeque<Vec<u8>>,
    done: usize,
}

/// What writing to a program gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) bytes: u32,
    /// The program closed its end.
    pub(super) is_broken: bool,
    /// Everything was written and the opener had ended.
    pub(super) is_over: bool,
}

/// A program.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) id: String,
    /// Address of the peer that had it started.
    pub(super) owner: u32,
    pub(super) argv: Vec<String>,
    pub(super) cwd: String,
    /// 0 until it runs.
    pub(super) pid: i32,
    pub(super) exit: Option<Exit>,
    /// The call that started it, until it is answered.
    pub(super) asked_by: Option<Header>,
    /// Its record in the audit log, until its end is told.
    pub(super) recorded: Option<Recorded>,
    pub(super) refused: Refused,
    pub(super) stdin: Input,
    pub(super) outputs: [Output; 2],
    guard_pid: Pid,
    /// Until the guard is reaped: an ended program that is still remembered holds nothing of the kernel.
    guard_end: Option<OwnedFd>,
    channel: Option<UnixStream>,
    record: Vec<u8>,
    started_ms: u64,
    started: Moment,
}

impl Program {
    /// Starts a guard and asks it for the program; how that went comes later as a report.
    pub(super) fn start(
        (id, request): (String, Spawn),
        guard: &Executable,
        now: Moment,
    ) -> Result<Self, SpawnError> {
        let fork = |errno| SpawnError { stage: Stage::Fork, errno };
        let pipe = || rustix::pipe::pipe_with(PipeFlags::CLOEXEC).map_err(fork);
        let ((stdin_end, stdin), (stdout, stdout_end)) = (pipe()?, pipe()?);
        let (stderr, stderr_end) = pipe()?;
        for ours in [&stdin, &stdout, &stderr] {
            rustix::io::ioctl_fionbio(ours, true).map_err(fork)?;
        }
        let failed = |error: io::Error| {
            fork(Errno::from_raw_os_error(error.raw_os_error().unwrap_or(libc::EIO).max(1)))
        };
        // A launcher never waits for us, nor we for it.
        let flags = PipeFlags::CLOEXEC | PipeFlags::NONBLOCK;
        let (refusals, refusals_end) = rustix::pipe::pipe_with(flags).map_err(fork)?;
        let (mut channel, guard_end) = UnixStream::pair().map_err(failed)?;
        let pipes = [stdin_end.as_fd(), stdout_end.as_fd(), stderr_end.as_fd()];
        let standard =
            Standard::Guarded { pipes, channel: guard_end.as_fd(), refusals: refusals_end.as_fd() };
        let guard = spawn(guard, standard)?;
        let bytes = bulkhead_wire::encode(&request).map_err(|_| fork(Errno::INVAL))?;
        let length = u32::try_from(bytes.len()).map_err(|_| fork(Errno::TOOBIG))?;
        // The guard reads before it does anything else, so this waits for it and for nobody else.
        channel.write_all(&length.to_le_bytes()).map_err(failed)?;
        channel.write_all(&bytes).map_err(failed)?;
        channel.set_nonblocking(true).map_err(failed)?;
        Ok(Self {
            id,
            owner: 0,
            argv: request.argv,
            cwd: request.cwd,
            pid: 0,
            exit: None,
            asked_by: None,
            recorded: None,
            refused: Refused::new(refusals),
            stdin: Input::new(stdin),
            outputs: [Output::new(stdout), Output::new(stderr)],
            guard_pid: guard.pid,
            guard_end: Some(guard.pidfd),
            channel: Some(channel),
            record: Vec::new(),
            started_ms: wall_ms(),
            started: now,
        })
    }

    /// Descriptors to watch: channel, stdin, stdout, stderr.
    pub(super) fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let pipes = [&self.stdin.pipe, &self.outputs[0].pipe, &self.outputs[1].pipe];
        let channel = self.channel.as_ref().map(AsFd::as_fd);
        channel.into_iter().chain(pipes.into_iter().flatten().map(AsFd::as_fd))
    }

    /// Readable once the guard has ended; none when it is reaped.
    pub(super) fn guard_end(&self) -> Option<BorrowedFd<'_>> {
        self.guard_end.as_ref().map(AsFd::as_fd)
    }

    pub(super) const fn guard_pid(&self) -> Pid {
        self.guard_pid
    }

    /// What the guard has told since the last call.
    pub(super) fn reports(&mut self) -> Vec<Report> {
        let mut reports = Vec::new();
        let Some(channel) = &self.channel else { return reports };
        loop {
            let mut piece = [0; RECORD_BYTES];
            let missing = RECORD_BYTES - self.record.len();
            match rustix::io::read(channel, &mut piece[..missing]) {
                Ok(0) => return reports,
                Ok(bytes) => self.record.extend_from_slice(&piece[..bytes]),
                Err(Errno::INTR) => {}
                Err(_) => return reports,
            }
            if let Ok(record) = <[u8; RECORD_BYTES]>::try_from(self.record.as_slice()) {
                self.record.clear();
                reports.extend(Report::decode(record));
            }
        }
    }

    /// Closes the channel: the guard kills everything and goes.
    pub(super) fn let_go(&mut self) {
        self.channel = None;
    }

    /// Reaps the guard; true once it is gone. Input nobody writes any more is closed then: no one reads it.
    pub(super) fn reap_guard(&mut self) -> bool {
        if self.guard_end().is_some_and(|end| crate::wait::reap(end).is_some()) {
            self.guard_end = None;
            if self.stdin.stream.is_none() {
                self.stdin.pipe = None;
            }
        }
        self.guard_end.is_none()
    }

    /// Whether anything of it may still run.
    pub(super) const fn is_guarded(&self) -> bool {
        self.channel.is_some()
    }

    /// Passes a signal number to the guard; false when nothing of the program is left.
    pub(super) fn signal(&self, number: u8) -> bool {
        let Some(mut channel) = self.channel.as_ref() else { return false };
        channel.write_all(&[number]).is_ok()
    }

    /// Notes how it ended.
    pub(super) fn note_exit(
        &mut self,
        code: Option<i32>,
        signal: Option<i32>,
        now: Moment,
    ) -> Exit {
        let ran_ms = u64::try_from(now.since(self.started).as_millis()).unwrap_or(u64::MAX);
        let exit = Exit { code, signal, ran_ms };
        self.exit = Some(exit);
        exit
    }

    pub(super) fn row(&self) -> Row {
        Row {
            program: self.id.clone(),
            pid: self.pid,
            argv: self.argv.clone(),
            started_ms: self.started_ms,
            exit: self.exit,
        }
    }
}

impl Output {
    const fn new(pipe: OwnedFd) -> Self {
        Self { pipe: Some(pipe), is_readable: true, stream: None, credit: 0, sent: 0 }
    }

    /// Bytes that came, at most `bytes_max`; none when there is nothing now. The pipe is closed at its end.
    pub(super) fn read(&mut self, bytes_max: usize) -> Vec<u8> {
        let mut out = vec![0; bytes_max];
        let mut filled = 0;
        while let Some(pipe) = self.pipe.as_ref().filter(|_| self.is_readable && filled < bytes_max)
        {
            match rustix::io::read(pipe, &mut out[filled..]) {
                Ok(0) => self.pipe = None,
                Ok(bytes) => filled += bytes,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.is_readable = false,
                Err(_) => self.pipe = None,
            }
        }
        out.truncate(filled);
        out
    }
}

impl Input {
    const fn new(pipe: OwnedFd) -> Self {
        Self {
            pipe: Some(pipe),
            is_writable: true,
            stream: None,
            credit: 0,
            received: 0,
            ends: false,
            queue: VecDeque::new(),
            done: 0,
        }
    }

    /// A stream begins to write.
    pub(super) fn open(&mut self, stream: StreamId) -> Option<StreamId> {
        self.credit = i64::from(STDIN_CREDIT);
        self.received = 0;
        self.ends = false;
        self.stream.replace(stream)
    }

    /// Queues bytes; false beyond the credit or after a hole.
    pub(super) fn push(&mut self, position: u32, bytes: &[u8]) -> bool {
        if self.credit <= 0 || position != self.received {
            return false;
        }
        self.credit -= bytes.len() as i64;
        self.received = self.received.wrapping_add(u32::try_from(bytes.len()).unwrap_or(0));
        if !bytes.is_empty() {
            self.queue.push_back(bytes.to_vec());
        }
        true
    }

    /// Writes what the pipe takes.
    pub(super) fn write(&mut self) -> Written {
        let mut written = Written::default();
        while let Some(pipe) = self.pipe.as_ref().filter(|_| self.is_writable) {
            let Some(chunk) = self.queue.front() else { break };
            match rustix::io::write(pipe, &chunk[self.done..]) {
                Ok(bytes) => {
                    self.done += bytes;
                    self.credit += bytes as i64;
                    written.bytes += u32::try_from(bytes).unwrap_or(0);
                    if self.done == chunk.len() {
                        self.queue.pop_front();
                        self.done = 0;
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => self.is_writable = false,
                Err(_) => {
                    self.pipe = None;
                    self.queue.clear();
                    written.is_broken = true;
                }
            }
        }
        if self.ends && self.queue.is_empty() && self.pipe.take().is_some() {
            written.is_over = true;
        }
        written
    }
}
